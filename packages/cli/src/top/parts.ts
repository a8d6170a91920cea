/** Lines that the live view and the plain one have in common. */
import { kindText, levelText, rankOf, type Row, type WireVerdict } from '@keepwarm/dashboard/state'
import { cells, clipped, fitted, wrapped } from '../terminal/cells.ts'
import type { Paint } from '../terminal/terminal.ts'
import { GAP, type Layout } from './columns.ts'
import { inLevel, levelSign } from './marks.ts'
import type { Sight } from './model.ts'
import type { SortName } from './sorts.ts'

/** What is wrong, worst first, in at most so many entries; or that nothing is. */
export function verdictLines({ headline }: Sight, most: number, width: number, paint: Paint): string[] {
  const { verdicts, summary, level } = headline
  if (verdicts.length === 0) return [` ${levelSign(level, paint)} ${clipped(summary, width - 4)}`]
  const shown = verdicts.slice(0, verdicts.length > most ? most - 1 : most)
  const left = verdicts.length - shown.length
  const lines = shown.flatMap((verdict, index) =>
    verdictLine(verdict, index === 0 && most > 2 ? 2 : 1, width, paint),
  )
  const more = left > 0 ? [`   ${paint('dim', `and ${left} more: keepwarm diagnose tells all`)}`] : []
  return [...lines, ...more]
}

/** What is wrong and why; the worst one gets a second line. */
function verdictLine(verdict: WireVerdict, most: number, width: number, paint: Paint): string[] {
  const { level, client, kind, text } = verdict
  const head = `${(levelText[level] ?? level).toUpperCase()}  ${client ?? 'process'}: ${kindText(kind)}`
  const shortHead = clipped(head, width - 4)
  const room = width - 4 - cells(shortHead) - 3
  const first = ` ${levelSign(level, paint)} ${inLevel(level, shortHead, paint)}`
  if (cells(text) <= room) return [`${first}   ${clipped(text, room)}`]
  if (most < 2) return [room < 12 ? first : `${first}   ${clipped(text, room)}`]
  return [
    first,
    ...wrapped(text, width - 4)
      .slice(0, most)
      .map((line) => `   ${line}`),
  ]
}

export function headLine({ name, columns }: Layout, sort: SortName): string {
  const title = (text: string, by: string | undefined): string => (by === sort ? `${text}▾` : text)
  const titles = columns.map(({ title: text, width, side, sort: by }) => fitted(title(text, by), width, side))
  return ['    ' + fitted(title('CLIENT', 'name'), name), ...titles].join(' '.repeat(GAP)).trimEnd()
}

export function rowLine(row: Row, isSelected: boolean, { name, columns }: Layout, paint: Paint): string {
  const fit = fitted(row.name, name)
  const isIll = rankOf(row.level) > 1
  const label = isSelected
    ? paint(['bold', 'underline'], fit.trimEnd()) + ' '.repeat(fit.length - fit.trimEnd().length)
    : fit
  const marked = isIll && !isSelected ? inLevel(row.level, fit, paint) : label
  const cellsOfRow = columns.map(({ cell }) => cell(row, paint))
  return ` ${isSelected ? paint('bold', '›') : ' '}${levelSign(row.level, paint)} ${[marked, ...cellsOfRow].join(' '.repeat(GAP))}`
}
