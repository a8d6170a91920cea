/** What is known of the chosen client, as far as there is room: the more telling first. */
import {
  clock,
  count,
  duration,
  failures,
  heldConnections,
  kindText,
  outcomes,
  placesText,
  rate,
  share,
  type Columns,
  type Row,
  type SeriesName,
  type WireClient,
} from '@keepwarm/dashboard/state'
import { cells, clipped, fitted, wrapped } from '../terminal/cells.ts'
import type { Paint } from '../terminal/terminal.ts'
import { sparkline } from './bars.ts'
import type { Size } from './draw.ts'
import { inLevel } from './marks.ts'
import type { Model, Sight } from './model.ts'

export function detailLines(model: Model, sight: Sight, { columns, rows }: Size, paint: Paint): string[] {
  const client = sight.tick.snapshot.clients.find(({ name }) => name === sight.selected)
  const row = sight.rows.find(({ name }) => name === sight.selected)
  const history = client === undefined ? undefined : model.screen.columns.get(client.name)
  if (client === undefined || row === undefined || history === undefined || rows < 3) return []
  const scene: Scene = { client, row, history, sight, width: columns, paint }
  const sections = [
    factLines(scene),
    adviceLines(scene),
    chartLines(scene),
    connectionLines(scene),
    eventLines(scene),
  ]
  const lines = ['', titleLine(scene)]
  for (const section of sections) {
    const room = rows - lines.length
    // A heading alone says nothing.
    if (section.length > 0 && room > 1) lines.push(...section.slice(0, room))
  }
  return lines.slice(0, rows)
}

interface Scene {
  readonly client: WireClient
  readonly row: Row
  readonly history: Columns
  readonly sight: Sight
  readonly width: number
  readonly paint: Paint
}

function titleLine({ client, width, paint }: Scene): string {
  const where = client.endpoints.join(' ')
  const text = clipped(` ${client.name}${where === '' ? '' : `  ${where}`} `, Math.max(0, width - 6))
  return (
    paint('dim', '───') + paint('bold', text) + paint('dim', '─'.repeat(Math.max(0, width - 3 - cells(text))))
  )
}

const LABEL = 13

function line(scene: Scene, label: string, text: string): string {
  return ` ${scene.paint('dim', label.padEnd(LABEL))} ${clipped(text, Math.max(0, scene.width - LABEL - 3))}`
}

function factLines(scene: Scene): string[] {
  const { client, row } = scene
  const { places } = row
  const blocked = places.blockedBy === undefined ? '' : `, for ${places.blockedBy}`
  const waiting =
    places.waiting === 0
      ? []
      : [line(scene, 'waiting', `${places.waiting}, the oldest for ${duration(places.oldestWait)}${blocked}`)]
  return [...guardLines(scene, client), line(scene, 'connections', placesText(places)), ...waiting]
}

/** The breakers that let not everything through, or the one there is. */
function guardLines(scene: Scene, { guards }: WireClient): string[] {
  const telling = guards.filter(({ breaker }) => breaker !== 'closed')
  return (telling.length > 0 ? telling : guards.slice(0, 1)).slice(0, 3).map((guard) => {
    const { breaker, forced, failureRatio, retryAfter, budget, group, origin, lastFailure } = guard
    const parts = [
      `${breaker}${forced === null ? '' : ', held by hand'}`,
      `${share(failureRatio)} of the window failed`,
      ...(retryAfter === null ? [] : [`asks again in ${duration(retryAfter)}`]),
      `retry budget ${count(Math.floor(budget.tokens))} of ${count(budget.cap)}`,
      ...(guards.length > 1 ? [`${origin}${group === null ? '' : ` ${group}`}`] : []),
      ...(breaker === 'closed' || lastFailure === null ? [] : [lastFailure]),
    ]
    return line(scene, 'breaker', parts.join(' · '))
  })
}

/** Seconds that a column of a chart stands for. */
const STEP = 2
const CHART = 60

function chartLines(scene: Scene): string[] {
  const width = Math.min(CHART, scene.width - LABEL - 14)
  if (width < 10) return []
  const { all, lost } = scene.row.spark
  const calls = chartOf(scene, outcomes, width)
  const losses = chartOf(scene, failures, width)
  const hasLost = losses.some((value) => (value ?? 0) > 0)
  const highest = highestOf(calls)
  return [
    '',
    chart(scene, 'calls/s', calls, highest, 'cyan', rate(all.at(-1))),
    ...(hasLost ? [chart(scene, 'lost', losses, highest, 'red', rate(lost.at(-1)))] : []),
    ...peakChart(scene, 'p99', width, 'magenta', duration),
    ...peakChart(scene, 'waiting', width, 'yellow', count),
  ]
}

function peakChart(
  scene: Scene,
  name: SeriesName,
  width: number,
  colour: 'magenta' | 'yellow',
  format: (value: number) => string,
): string[] {
  const values = chartOf(scene, [name], width)
  const highest = highestOf(values)
  return highest === 0 ? [] : [chart(scene, name, values, highest, colour, `max ${format(highest)}`)]
}

function highestOf(values: readonly (number | null)[]): number {
  return Math.max(0, ...values.map((value) => value ?? 0))
}

/** The sum of some series in columns of {@link STEP} seconds that end now. */
function chartOf({ history, sight }: Scene, names: readonly SeriesName[], width: number): (number | null)[] {
  // Columns lie at the same moments whenever they are drawn: otherwise they would flicker.
  const end = Math.floor((sight.until + 1) / STEP) * STEP
  const series = names.map((name) => history.merged(name, end - width * STEP, STEP, width))
  return Array.from({ length: width }, (_, at) => {
    const known = series.map((values) => values[at] ?? null).filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  })
}

function chart(
  { paint }: Scene,
  label: string,
  values: readonly (number | null)[],
  highest: number,
  colour: 'cyan' | 'red' | 'magenta' | 'yellow',
  text: string,
): string {
  return ` ${paint('dim', label.padEnd(LABEL))} ${paint(colour, sparkline(values, highest))} ${text}`
}

/** What the diagnosis says of this client, with the numbers and what to do. */
function adviceLines({ client, sight, width, paint }: Scene): string[] {
  const verdict = sight.headline.verdicts.find((each) => each.client === client.name)
  if (verdict === undefined) return []
  const { kind, level, text, evidence, suggestion } = verdict
  const said = wrapped(text, width - 4)
  // The worst one stands on top of the screen already, with two lines.
  const isAbove = verdict === sight.headline.verdicts[0] && said.length <= 2
  const column = Math.min(34, Math.max(0, ...evidence.map(({ name }) => cells(name))))
  const proof = evidence.slice(0, 5).map(({ name, value }) => {
    return `   ${paint('dim', fitted(name, column))}  ${clipped(value, Math.max(0, width - column - 6))}`
  })
  const advice = suggestion === null ? [] : indented(wrapped(suggestion.text, width - 6), ' → ', '   ')
  const lines = (suggestion?.env ?? suggestion?.code)?.split('\n') ?? []
  return [
    '',
    ` ${inLevel(level, kindText(kind), paint)}`,
    ...(isAbove ? [] : said.map((part) => `   ${part}`)),
    ...proof,
    ...advice,
    ...lines.map((part) => `     ${paint('cyan', clipped(part, width - 6))}`),
  ]
}

function indented(lines: readonly string[], first: string, others: string): string[] {
  return lines.map((text, index) => `${index === 0 ? first : others}${text}`)
}

const MOST_CONNECTIONS = 6
type Held = ReturnType<typeof heldConnections>[number]

function connectionLines({ client, sight, width, paint }: Scene): string[] {
  const held = heldConnections(sight.tick.snapshot, client)
  if (held.length === 0) return []
  const head = heldLine('connection', '', '', 'age', 'requests', 'who has it')
  const rows = held.slice(0, MOST_CONNECTIONS).map((each) => {
    const { id, state, protocol = '', age, requests } = each.connection
    const text = clipped(
      heldLine(`#${id}`, state, protocol, duration(age), count(requests), holderText(each)),
      width - 3,
    )
    return `   ${each.oddity === undefined ? text : paint('yellow', text)}`
  })
  return ['', paint('dim', `   ${clipped(head, width - 3)}`), ...rows]
}

function heldLine(
  id: string,
  state: string,
  protocol: string,
  age: string,
  requests: string,
  who: string,
): string {
  const cellsOfLine = [fitted(id, 10), fitted(state, 8), fitted(protocol, 2), fitted(age, 10, 'right')]
  return [...cellsOfLine, fitted(requests, 8, 'right'), ` ${who}`].join(' ')
}

function holderText({ connection, holder, oddity }: Held): string {
  const { state, idle } = connection
  const who =
    holder === undefined
      ? state === 'idle'
        ? `idle for ${duration(idle)}`
        : ''
      : `${holder.method} ${holder.path} for ${duration(holder.heldFor)} (${holder.phase})`
  return oddity === undefined ? who : `${who}  ${oddity}`
}

function eventLines({ client, sight, width, paint }: Scene): string[] {
  const own = sight.events.filter((event) => (event.client ?? client.name) === client.name)
  if (own.length === 0) return []
  const lines = own.slice(0, 20).map(({ at, level, text, count: times = 1 }) => {
    const repeated = times > 1 ? ` (${times} times)` : ''
    const said = clipped(`${text}${repeated}`, Math.max(0, width - 13))
    const isBad = level === 'warn' || level === 'error'
    return `   ${paint('dim', clock(at))} ${isBad ? paint('yellow', said) : said}`
  })
  return ['', paint('dim', '   events, newest first'), ...lines]
}
