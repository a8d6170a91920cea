import type { OptionRow } from './option-row.ts'
import { optionGroups } from './options-table.ts'

/** The tables of docs/configuration.md, in Markdown, made from the table of options. */
export function renderOptionsTable(): string {
  return Object.entries(optionGroups)
    .map(([title, rows]) => [`### ${title}`, '', ...tableOf(rows)].join('\n'))
    .join('\n\n')
}

function tableOf(rows: Readonly<Record<string, OptionRow>>): string[] {
  const lines = Object.entries(rows).map(([name, row]) =>
    line([`\`${row.env}\``, inCode(name, row), defaultText(row), rangeText(row), row.text + alsoText(row)]),
  )
  return [line(['Variable', 'In code', 'Default', 'Range', 'Meaning']), '|---|---|---|---|---|', ...lines]
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** With its place among a client's options, where that is another. */
function inCode(name: string, { option }: OptionRow): string {
  return option === name ? `\`${name}\`` : `\`${name}\` (\`${option}\`)`
}

function defaultText(row: OptionRow): string {
  return row.defaultText ?? row.default ?? 'none'
}

const kindText: Partial<Record<OptionRow['kind'], string>> = {
  urls: 'http or https, no query',
  path: 'begins with /',
  flag: 'on, off',
  hops: 'on, off, or a number',
  origins: 'origins with commas between',
  text: 'printable ASCII',
  file: 'a path',
  proxy: 'http, https or socks5 URL, environment, none',
  statuses: '400 to 599, with commas between',
  jitter: 'full, or 0 to 1',
  moment: 'from 1ms, or p1 to p99',
}

function rangeText({ min, max, kind, choices, off }: OptionRow): string {
  const orNone = off === true ? ', none' : ''
  if (min === undefined) return choices?.join(', ') ?? kindText[kind] ?? ''
  return (max === undefined ? `from ${min}` : `${min} to ${max}`) + orNone
}

function alsoText({ alsoEnv }: OptionRow): string {
  return alsoEnv === undefined ? '' : ` Without it, \`${alsoEnv}\` sets this, too.`
}
