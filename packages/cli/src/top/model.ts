/** All that the view knows and what its reader chose; what comes in makes the next one. Pure. */
import {
  cleared,
  Columns,
  headlineOf,
  noLink,
  ordered,
  paused,
  rowOf,
  shown,
  start,
  turnedTo,
  withHistory,
  withTick,
  type Headline,
  type Link,
  type Message,
  type Row,
  type Screen,
  type Seen,
} from '@keepwarm/dashboard/state'
import type { Key } from './keys.ts'
import { sorted, sorts, type SortName } from './sorts.ts'

export interface Model {
  readonly screen: Screen
  readonly link: Link
  readonly sort: SortName
  /** The name of the client that is looked at closely; the first one until somebody chooses. */
  readonly selected: string | undefined
  readonly hasDetails: boolean
  readonly hasHelp: boolean
  /** The order of the rows, so that they do not jump. */
  readonly order: readonly string[]
  /** Why there is nothing new, and when it is tried again (ms, as of the link's clock). */
  readonly trouble: { readonly text: string; readonly until: number } | undefined
}

/** What is shown of it. */
export interface Sight extends Seen {
  readonly rows: readonly Row[]
  readonly headline: Headline
  readonly selected: string | undefined
}

export interface Choice {
  readonly sort: SortName
  readonly client: string | undefined
  /** Seconds between ticks. */
  readonly every: number
  /** The process that is looked at; empty for all. */
  readonly view: string
}

export function firstModel({ sort, client, every, view }: Choice): Model {
  return {
    screen: start,
    link: { ...noLink, every, view },
    sort,
    selected: client,
    hasDetails: true,
    hasHelp: false,
    order: [],
    trouble: undefined,
  }
}

export function withMessage(model: Model, message: Message): Model {
  if (message.kind === 'problem') return { ...model, link: { ...model.link, problem: message.text } }
  const link = { ...model.link, problem: undefined }
  const { screen } = model
  const next =
    message.kind === 'history' ? withHistory(screen, message.slices) : withTick(screen, message.tick)
  return remembered({ ...model, link, screen: next, trouble: undefined })
}

/** Nothing is shown before the first tick. */
export function sightOf(model: Model): Sight | undefined {
  const seen = shown(model.screen)
  if (seen === undefined) return undefined
  const rows = rowsOf(model, seen)
  const selected = rows.some(({ name }) => name === model.selected) ? model.selected : rows[0]?.name
  return { ...seen, rows, headline: headlineOf(seen.tick, rows), selected }
}

/** Of a client that is younger than a second. */
const nothingYet = new Columns(1)

function rowsOf({ screen, sort, order }: Model, { tick, until }: Seen): readonly Row[] {
  const rows = tick.snapshot.clients.map((client) =>
    rowOf(client, tick, screen.columns.get(client.name) ?? nothingYet, until),
  )
  return sort === 'state' ? ordered(rows, order) : sorted(rows, sort)
}

function remembered(model: Model): Model {
  const rows = sightOf(model)?.rows ?? []
  return { ...model, order: rows.map(({ name }) => name) }
}

export function isPaused({ screen }: Model): boolean {
  return screen.frozen !== undefined
}

/** What a key does to what is shown. Keys that do something to the terminal are not for here. */
export function pressed(model: Model, key: Key): Model {
  if (key === 'help') return { ...model, hasHelp: !model.hasHelp }
  if (model.hasHelp) return { ...model, hasHelp: false }
  if (key === 'pause') return { ...model, screen: paused(model.screen, !isPaused(model)) }
  if (key === 'details') return { ...model, hasDetails: !model.hasDetails }
  if (key === 'sort') return resorted(model, 1)
  if (key === 'sort-back') return resorted(model, -1)
  if (key === 'process') return nextProcess(model)
  return moved(model, key)
}

function resorted(model: Model, by: 1 | -1): Model {
  const at = sorts.indexOf(model.sort) + by
  return remembered({ ...model, sort: sorts[(at + sorts.length) % sorts.length]! })
}

function moved(model: Model, key: Key): Model {
  const sight = sightOf(model)
  if (sight === undefined || sight.rows.length === 0) return model
  const at = sight.rows.findIndex(({ name }) => name === sight.selected)
  const last = sight.rows.length - 1
  const places: Partial<Record<Key, number>> = { up: at - 1, down: at + 1, first: 0, last }
  const place = places[key]
  return place === undefined
    ? model
    : { ...model, selected: sight.rows[Math.min(last, Math.max(0, place))]!.name }
}

/** All of them together, then one by one, and all again. */
function nextProcess(model: Model): Model {
  const { processes = [] } = shown(model.screen)?.tick ?? {}
  if (processes.length < 2) return model
  const views = ['', ...processes.map(({ id }) => id)]
  const view = views[(views.indexOf(model.link.view) + 1) % views.length]!
  return { ...model, screen: cleared(model.screen), link: turnedTo(model.link, view), order: [] }
}
