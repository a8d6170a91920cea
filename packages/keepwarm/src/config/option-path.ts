/** Between the names of the table and the places of a client's options. */
import { isObject } from '../known-options.ts'
import type { OptionRow } from './option-row.ts'
import type { OptionName } from './options-table.ts'
import type { Value } from './read-value.ts'

/** What a client's options say about an option of the table; undefined where they say nothing. */
export function optionIn(options: object, name: OptionName, row: OptionRow): unknown {
  let value: unknown = options
  for (const key of row.option.split('.')) {
    if (!isObject(value)) return undefined
    value = value[key]
  }
  if (row.kind === 'flag' && isObject(value)) return true
  if (name !== 'retries') return value
  const retry: unknown = 'retry' in options ? options.retry : undefined
  return retry === false ? 0 : typeof value === 'number' ? value - 1 : value
}

/** A value of the table as a client takes it; undefined where the client says the same by saying nothing. */
export function asOption(name: OptionName, value: Value | undefined): unknown {
  if (name === 'retries') return Number(value) + 1
  return name === 'proxy' && value === 'none' ? undefined : value
}

/** Puts a value in its place: `put(options, 'retry.cap', 5)` is `options.retry.cap = 5`. */
export function put(options: Record<string, unknown>, path: string, value: unknown): void {
  const [first = '', ...rest] = path.split('.')
  if (rest.length === 0) {
    // `hedge` itself says less than `hedge.after`, which is under it.
    if (!isObject(options[first])) options[first] = value
    return
  }
  const within = isObject(options[first]) ? options[first] : {}
  options[first] = { ...within, [rest.join('.')]: value }
}
