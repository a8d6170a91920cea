/** A configuration for people and for programs. */
import type { ConfigEntry } from 'keepwarm'
import type { Paint } from '../terminal/terminal.ts'
import type { Variables } from './prefixes.ts'
import type { Subject } from './subjects.ts'

export interface View {
  /** What is as usual is left out. */
  readonly isChanged: boolean
  /** The name stands above, as there are several. */
  readonly isNamed: boolean
}

/** A table of options, their values and where these come from. What is as usual steps back. */
export function settingsText(
  { name, config }: Subject,
  { isChanged, isNamed }: View,
  variables: Variables,
  paint: Paint,
): string {
  const changed = new Set<string>(Object.keys(config.differences))
  const options = Object.entries(config.entries)
    .filter(([option]) => !isChanged || changed.has(option))
    .map(([option, entry]): Row => [option, entry.text, originOf(entry), changed.has(option)])
  const around = config.surroundings(variables).map(({ variable, value, applies, note }): Row => {
    return [variable, value, `${applies ? 'applies' : 'does not apply'}: ${note}`, applies]
  })
  const title = isNamed ? [paint('bold', name)] : []
  if (isChanged && options.length + around.length === 0)
    return [...title, 'everything is as usual'].join('\n')
  return [...title, ...tableOf([...options, ...around], paint)].join('\n')
}

type Row = readonly [what: string, value: string, from: string, isMarked: boolean]

/** A value that is longer than this does not push all others aside. */
const WIDEST = 44

function tableOf(rows: readonly Row[], paint: Paint): string[] {
  const width = (column: 0 | 1): number =>
    Math.max(...rows.map((row) => Math.min(row[column].length, WIDEST)), 6)
  const [first, second] = [width(0), width(1)]
  const head = paint('bold', `${'option'.padEnd(first)}  ${'value'.padEnd(second)}  from`)
  return [
    head,
    ...rows.map(([what, value, from, isMarked]) =>
      isMarked
        ? `${paint('bold', what.padEnd(first))}  ${paint('green', value.padEnd(second))}  ${from}`
        : paint('dim', `${what.padEnd(first)}  ${value.padEnd(second)}  ${from}`),
    ),
  ]
}

function originOf({ source, variable, place, raw, note }: ConfigEntry): string {
  const written = variable ?? place
  const from = written === undefined ? source : `${written}=${raw}`
  return note === undefined ? from : `${from} (${note})`
}

/** One client for a program. */
export function configJson({ name, config }: Subject, variables: Variables): object {
  return {
    name,
    options: config.entries,
    surroundings: config.surroundings(variables),
    warnings: config.warnings,
  }
}

/** Colours for problems that are written already. */
export function paintProblems(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line, index) => {
      if (index === 0) return paint('bold', line)
      if (line.startsWith('  ✗ ')) return `  ${paint('red', '✗')} ${line.slice(4)}`
      return line.startsWith('      fix: ')
        ? `      fix: ${paint('cyan', line.slice(11))}`
        : paint('dim', line)
    })
    .join('\n')
}
