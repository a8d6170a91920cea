import type { Given, Source } from './given.ts'
import type { OptionRow } from './option-row.ts'
import { optionRows } from './options-table.ts'
import type { OptionName } from './options-table.ts'
import { defaultOf, valueText, type Value } from './read-value.ts'
import type { Settled, Settling } from './settled.ts'

/** One option as it was settled, for people to read: nothing in it is secret. */
export interface ConfigEntry {
  /** The value in effect; a URL without its credentials; `none` for a limit that is switched off. */
  readonly value: Value | undefined
  /** The value with its unit, as the environment would say it. */
  readonly text: string
  readonly source: Source
  /** The variable it came from. */
  readonly variable?: string
  /** The place in a file that it came from. */
  readonly place?: string
  /** What was written, where something was. */
  readonly raw?: string
  /** Why the value in effect is not the one that was written, or not the usual default. */
  readonly note?: string
}

/** What people may see of every option. */
export function entriesOf(
  given: ReadonlyMap<OptionName, Given>,
  settled: Settled,
): Readonly<Record<OptionName, ConfigEntry>> {
  const entries = optionRows.map(([name, row]) => [name, entryOf(row, given.get(name), settled.get(name))])
  return Object.fromEntries(entries) as Record<OptionName, ConfigEntry>
}

function entryOf(row: OptionRow, from: Given | undefined, now: Settling | undefined): ConfigEntry {
  const value = now?.value
  // What no variable can say, such as a function, is there as it was written.
  const said = value === undefined ? from?.raw : undefined
  return {
    value: said ?? shownValue(row, value),
    text: said ?? textOf(row, value),
    source: from?.source ?? 'default',
    ...(from !== undefined && { raw: from.raw }),
    ...(from?.source === 'environment' && { variable: from.label }),
    ...(from?.source === 'file' && { place: from.label }),
    ...(now?.note !== undefined && { note: now.note }),
  }
}

function textOf(row: OptionRow, value: Value | undefined): string {
  return value === undefined ? (row.defaultText ?? 'none') : valueText(row, value)
}

function shownValue(row: OptionRow, value: Value | undefined): Value | undefined {
  if (value === Infinity) return 'none'
  if (row.secret === undefined || value === undefined) return value
  return Array.isArray(value) ? valueText(row, value).split(',') : valueText(row, value)
}

/** Whether the value in effect is another than the table's default. */
export function isDifferent(row: OptionRow, { text }: ConfigEntry): boolean {
  return text !== textOf(row, defaultOf(row))
}
