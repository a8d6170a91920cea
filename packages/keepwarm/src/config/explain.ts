import { optionRows } from './options-table.ts'
import type { OptionName } from './options-table.ts'
import { valueText } from './read-value.ts'
import type { ConfigEntry } from './resolve.ts'

/** A table for people: every option, its value with a unit, and where it came from. Credentials are masked. */
export function explainEntries(entries: Readonly<Record<OptionName, ConfigEntry>>): string {
  const lines = optionRows.map(([name, row]) => [
    name,
    valueText(row, entries[name].value),
    origin(entries[name]),
  ])
  const table = [['option', 'value', 'from'], ...lines]
  const width = (column: number): number => Math.max(...table.map((line) => line[column]?.length ?? 0))
  const widths = [width(0), width(1)]
  return table
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n')
}

function origin({ source, variable, raw, note }: ConfigEntry): string {
  const from = source === 'environment' ? `${variable}=${raw}` : source
  return note === undefined ? from : `${from} (${note})`
}
