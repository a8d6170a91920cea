import { optionRows } from './options-table.ts'
import type { OptionRow } from './options-table.ts'

/** The table of docs/configuration.md, in Markdown, made from the table of options. */
export function renderOptionsTable(): string {
  const lines = optionRows.map(([name, row]) =>
    line([`\`${row.env}\``, `\`${name}\``, defaultText(row), rangeText(row), row.text + alsoText(row)]),
  )
  return [
    line(['Variable', 'In code', 'Default', 'Range', 'Meaning']),
    '|---|---|---|---|---|',
    ...lines,
  ].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function defaultText(row: OptionRow): string {
  return row.defaultText ?? row.default ?? 'none'
}

function rangeText({ min, max, kind }: OptionRow): string {
  if (min === undefined) return kind === 'url' ? 'http or https, no query' : 'begins with /'
  return max === undefined ? `from ${min}` : `${min} to ${max}`
}

function alsoText({ alsoEnv }: OptionRow): string {
  return alsoEnv === undefined ? '' : ` Without it, \`${alsoEnv}\` sets this, too.`
}
