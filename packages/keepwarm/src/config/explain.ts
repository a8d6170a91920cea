import { isDifferent, type ConfigEntry } from './entries.ts'
import { commonPrefix } from './given.ts'
import { optionRows } from './options-table.ts'
import type { OptionName } from './options-table.ts'

type Entries = Readonly<Record<OptionName, ConfigEntry>>
type Line = readonly [what: string, value: string, from: string]

/**
 * A table for people: every option, its value with a unit, and where it came from. Credentials are masked.
 * @param around what else applies: lines of a name, a value and an explanation.
 */
export function explainEntries(entries: Entries, around: readonly Line[]): string {
  const lines = optionRows.map(([name]): Line => [name, entries[name].text, origin(entries[name])])
  const table: Line[] = [['option', 'value', 'from'], ...lines, ...around]
  const width = (column: 0 | 1): number => Math.max(...table.map((line) => Math.min(line[column].length, 48)))
  const [first, second] = [width(0), width(1)]
  return table
    .map(([what, value, from]) => `${what.padEnd(first)}  ${value.padEnd(second)}  ${from}`.trimEnd())
    .join('\n')
}

function origin({ source, variable, place, raw, note }: ConfigEntry): string {
  const written = variable ?? place
  const from = written === undefined ? source : `${written}=${raw}`
  return note === undefined ? from : `${from} (${note})`
}

/**
 * What is not the default, as a block of variables that sets it anew. What holds credentials, or came from code in
 * a way that no variable can say, is there as a comment.
 */
export function envBlock(entries: Entries, prefix: string = commonPrefix): string {
  return optionRows
    .filter(([name, row]) => entries[name].source !== 'default' || isDifferent(row, entries[name]))
    .filter(([name]) => entries[name].source !== 'default' || entries[name].note === undefined)
    .map(([name, row]) => {
      const { text } = entries[name]
      const line = `${prefix}_${row.env}=${quoted(text)}`
      return /\*\*\*|^\(not shown\)$/.test(text) ? `# ${line} (not shown in full)` : line
    })
    .join('\n')
}

function quoted(text: string): string {
  return /^[\w./:,@%+-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
