/** The whole screen as lines. Pure: what is known, the moment and the size in, text out. */
import { ageOf, bytes, clock, duration, isStale } from '@keepwarm/dashboard/state'
import { cells, clipped, fitted } from '../terminal/cells.ts'
import type { Paint } from '../terminal/terminal.ts'
import { layoutFor } from './columns.ts'
import { detailLines } from './detail.ts'
import { helpLines } from './help-page.ts'
import { isPaused, sightOf, type Model, type Sight } from './model.ts'
import { headLine, rowLine, verdictLines } from './parts.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface Moment {
  /** Of the link's clock, in ms. */
  readonly now: number
}

/** Exactly `rows` lines, none of them wider than `columns`. */
export function drawScreen(model: Model, { now }: Moment, { columns, rows }: Size, paint: Paint): string[] {
  const sight = sightOf(model)
  const top = [headerLine(model, sight, now, columns, paint)]
  const foot = [footerLine(model, columns, paint)]
  const room = Math.max(0, rows - top.length - foot.length)
  const middle = middleLines(model, sight, { columns, rows: room }, paint)
  const filled = [...middle, ...new Array<string>(Math.max(0, room - middle.length)).fill('')]
  return [...top, ...filled, ...foot].slice(0, Math.max(0, rows))
}

function middleLines(model: Model, sight: Sight | undefined, size: Size, paint: Paint): string[] {
  if (model.hasHelp) return helpLines(size, paint).slice(0, size.rows)
  if (sight === undefined) return ['', `  ${clipped(waitingText(model), size.columns - 2)}`]
  const verdicts = verdictLines(
    sight,
    Math.max(1, Math.min(6, Math.floor(size.rows / 5))),
    size.columns,
    paint,
  )
  const room = size.rows - verdicts.length - 2
  const wanted = sight.rows.length + 1
  // Details get a part of the screen, even where there are many clients.
  const forTable = model.hasDetails ? Math.min(wanted, Math.max(3, Math.floor(room * 0.5))) : room
  const table = tableLines(model, sight, { columns: size.columns, rows: Math.min(wanted, forTable) }, paint)
  const left = room - table.length
  const details = model.hasDetails
    ? detailLines(model, sight, { columns: size.columns, rows: left }, paint)
    : []
  return ['', ...verdicts, '', ...table, ...details].slice(0, size.rows)
}

function waitingText({ link, trouble }: Model): string {
  return trouble?.text ?? link.problem ?? 'Waiting for the first figures …'
}

function headerLine(
  model: Model,
  sight: Sight | undefined,
  now: number,
  width: number,
  paint: Paint,
): string {
  const facts = sight === undefined ? '' : factsText(sight, model)
  const [stateText, state] = linkText(model, sight, now, paint)
  const room = width - cells(stateText) - 4
  const name = sight?.tick.snapshot.process.name ?? ''
  const title = clipped(name === '' ? 'keepwarm' : `keepwarm  ${name}`, room)
  const rest = fitted(facts === '' ? '' : `   ${facts}`, Math.max(0, room - cells(title)))
  return ` ${paint('bold', title)}${paint('dim', rest)}  ${state} `
}

function factsText({ tick }: Sight, { link }: Model): string {
  const { pid, node, uptime, cpu, rss, loop } = tick.snapshot.process
  const processes = tick.processes?.length ?? 1
  const which =
    processes < 2 ? `pid ${pid}` : link.view === '' ? `sum of ${processes} processes` : `process ${link.view}`
  return [
    which,
    `node ${node}`,
    `up ${duration(uptime * 1_000)}`,
    ...(cpu === null ? [] : [`cpu ${Math.round(cpu * 100)} %`]),
    bytes(rss),
    ...(loop === null ? [] : [`loop p99 ${duration(loop.p99)}`]),
  ].join(' · ')
}

function linkText(model: Model, sight: Sight | undefined, now: number, paint: Paint): [string, string] {
  const { link, trouble } = model
  const age = ageOf(link, now)
  const isOld = trouble !== undefined || isStale(link, now)
  if (isPaused(model)) return painted('‖ paused', 'yellow', paint)
  if (isOld && age !== undefined) {
    const again =
      trouble === undefined ? '' : `, again in ${Math.max(0, Math.ceil((trouble.until - now) / 1_000))} s`
    return painted(`✗ nothing for ${duration(age)}${again}`, 'red', paint)
  }
  if (sight === undefined) return painted('… connecting', 'yellow', paint)
  const [text, colour] = painted('● live', 'green', paint)
  const time = clock(sight.tick.snapshot.at)
  return [`${text} ${time}`, `${colour} ${paint('dim', time)}`]
}

function painted(text: string, colour: 'green' | 'yellow' | 'red', paint: Paint): [string, string] {
  return [text, paint(colour, text)]
}

function tableLines(model: Model, sight: Sight, { columns, rows }: Size, paint: Paint): string[] {
  const layout = layoutFor(columns, sight.rows)
  const head = paint('dim', headLine(layout, model.sort))
  const at = sight.rows.findIndex(({ name }) => name === sight.selected)
  const most = Math.max(0, rows - 1)
  const from = Math.max(0, Math.min(at - Math.floor(most / 2), sight.rows.length - most))
  return [
    head,
    ...sight.rows
      .slice(from, from + most)
      .map((row) => rowLine(row, row.name === sight.selected, layout, paint)),
  ]
}

function footerLine(model: Model, width: number, paint: Paint): string {
  const hints = [
    ['↑↓', 'choose'],
    ['s', `sort: ${model.sort}`],
    ['p', isPaused(model) ? 'go on' : 'pause'],
    ['d', model.hasDetails ? 'no details' : 'details'],
    ['?', 'help'],
    ['q', 'quit'],
  ] as const
  const { problem } = model.link
  const trouble = model.trouble?.text ?? problem
  if (trouble !== undefined && sightOf(model) !== undefined)
    return ` ${paint('red', clipped(trouble, width - 2))}`
  let line = ''
  let room = width - 1
  for (const [key, says] of hints) {
    const takes = cells(key) + cells(says) + 4
    if (takes > room) break
    room -= takes
    line += ` ${paint('bold', key)} ${paint('dim', says)}  `
  }
  return line.trimEnd()
}
