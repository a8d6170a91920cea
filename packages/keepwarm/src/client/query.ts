/** Names and values as URLs and forms write them: `a=1&b=2`. */
import { described } from './described.ts'
import { invalid } from './invalid.ts'

/** One value; a Date is written as ISO 8601. Undefined and null leave the name out. */
export type QueryValue = string | number | boolean | bigint | Date | URL | null | undefined

/** Names and values; several values repeat the name. Or pairs, such as those of a Map. */
export type Query =
  | URLSearchParams
  | Iterable<readonly [string, QueryValue | readonly QueryValue[]]>
  | Readonly<Record<string, QueryValue | readonly QueryValue[]>>

/**
 * @param what how messages call it: `query`, `form`.
 * @throws KeepwarmError `invalid_request`, naming what has no clear text
 */
export function encodeQuery(query: Query, what: string = 'query'): string {
  if (query instanceof URLSearchParams) return query.toString()
  if (typeof query !== 'object' || query === null || ArrayBuffer.isView(query))
    throw invalid(`its \`${what}\` is ${described(query)}; ${shapes}`)
  const params = new URLSearchParams()
  for (const [name, value] of Symbol.iterator in query ? pairsOf(query, what) : Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as readonly QueryValue[]) : [value as QueryValue]) {
      if (one !== undefined && one !== null) params.append(name, textOf(one, name, what))
    }
  }
  return params.toString()
}

const shapes = 'give an object of names and values, or URLSearchParams'
const values = 'give a string, a finite number, a boolean, a bigint, a Date, a URL, or a list of these'

function* pairsOf(pairs: Iterable<unknown>, what: string): Generator<[string, unknown]> {
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string')
      throw invalid(`its \`${what}\` is a list of something else than pairs of a name and a value; ${shapes}`)
    yield pair as [string, unknown]
  }
}

/** An object would be sent as "[object Object]", which nobody means. */
function textOf(value: unknown, name: string, what: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || typeof value === 'bigint' || Number.isFinite(value)) return String(value)
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
  if (value instanceof URL) return value.href
  const is = value instanceof Date ? 'an invalid Date' : described(value)
  throw invalid(`"${shown(name)}" of its \`${what}\` is ${is}, which has no clear text; ${values}`)
}

function shown(name: string): string {
  return name.slice(0, 64).replace(/[^\x20-\x7e]/g, '·')
}
