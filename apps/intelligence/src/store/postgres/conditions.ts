import { nameKey } from '../identity.ts'
import type { SearchFilters } from '../search-records.ts'

/** Filters as a piece of SQL on `d`, the document, with the values that follow those of the rest. */
export class Conditions {
  /** Empty, or beginning with AND. */
  readonly and: string
  readonly values: readonly unknown[]

  constructor(
    schema: string,
    before: readonly unknown[],
    filters: SearchFilters & { readonly exceptDocument?: string },
  ) {
    const values = [...before]
    const put = (value: string): string => `$${values.push(value)}::text`
    const { source, type, entity, exceptDocument } = filters
    const tests: string[] = []
    if (source !== undefined) {
      const below = source.endsWith('/') ? source : `${source}/`
      tests.push(`(d.source = ${put(source)} OR d.source ^@ ${put(below)})`)
    }
    if (type !== undefined) tests.push(`d.type = ${put(type)}`)
    if (entity !== undefined) {
      const same = `name_key = ${put(nameKey(entity))} OR entity_id = ${put(entity)}`
      tests.push(`d.id IN (SELECT document_id FROM ${schema}.entities WHERE ${same})`)
    }
    if (exceptDocument !== undefined) tests.push(`d.id <> ${put(exceptDocument)}`)
    this.and = tests.map((test) => `AND ${test}`).join(' ')
    this.values = values
  }
}
