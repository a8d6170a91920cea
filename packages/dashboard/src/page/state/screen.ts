/**
 * All that the page knows and what the reader chose, and what each event makes of it. Nothing here knows a clock, a
 * network or a document. The history is kept in rings that are written in place: what is shown is asked for anew with
 * each tick.
 */
import type { WireEvent, WireSlice, WireTick } from '../wire.ts'
import { Columns } from './columns.ts'
import { mergeEvents } from './events.ts'
import { gaugesOf } from './places.ts'
import { breakerGauge } from './rows.ts'
import type { Range } from './window.ts'

/** What the page knew at one moment. */
export interface Seen {
  readonly tick: WireTick
  /** The unix second that it reaches to. */
  readonly until: number
  readonly events: readonly WireEvent[]
}

export interface Screen {
  readonly columns: ReadonlyMap<string, Columns>
  /** What came last; undefined before the first tick. */
  readonly latest: Seen | undefined
  /** What is looked at while time stands still. */
  readonly frozen: Seen | undefined
  readonly range: Range
  readonly selected: string | undefined
}

export const start: Screen = {
  columns: new Map(),
  latest: undefined,
  frozen: undefined,
  range: 300,
  selected: undefined,
}

/** Another process is looked at: nothing of the one before is true of it, but what the reader chose. */
export function cleared({ range, selected }: Screen): Screen {
  return { ...start, range, selected }
}

export function withHistory(screen: Screen, slices: readonly WireSlice[]): Screen {
  return { ...screen, columns: appended(screen.columns, slices) }
}

export function withTick(screen: Screen, tick: WireTick): Screen {
  const names = new Set(tick.snapshot.clients.map(({ name }) => name))
  const grown = appended(screen.columns, tick.rows)
  // The history of a client that was closed goes with it, unless somebody is looking at it.
  const kept = [...grown].filter(([name]) => names.has(name) || screen.frozen !== undefined)
  const columns = new Map(kept)
  completeGauges(columns, tick)
  const events = mergeEvents(screen.latest?.events ?? [], tick.snapshot.events)
  const latest = { tick, until: reach(columns, tick), events }
  return { ...screen, columns, latest }
}

/** What is on the screen: the latest, or what it was when time was stopped. */
export function shown({ frozen, latest }: Screen): Seen | undefined {
  return frozen ?? latest
}

export function paused(screen: Screen, stop: boolean): Screen {
  return { ...screen, frozen: stop ? screen.latest : undefined }
}

export function ranged(screen: Screen, range: Range): Screen {
  return { ...screen, range }
}

export function choosing(screen: Screen, selected: string): Screen {
  return { ...screen, selected }
}

function appended(
  columns: ReadonlyMap<string, Columns>,
  slices: readonly WireSlice[],
): ReadonlyMap<string, Columns> {
  const next = new Map(columns)
  for (const slice of slices) {
    const of = next.get(slice.client) ?? new Columns()
    of.append(slice)
    next.set(slice.client, of)
  }
  return next
}

/** Where nothing happens, the history knows no gauges: they are those of the snapshot. */
function completeGauges(columns: ReadonlyMap<string, Columns>, { snapshot }: WireTick): void {
  for (const client of snapshot.clients) {
    columns.get(client.name)?.complete({ ...gaugesOf(snapshot, client), breaker: breakerGauge(client) })
  }
}

/** The newest second that any client has; the snapshot's own where there is no history. */
function reach(columns: ReadonlyMap<string, Columns>, { snapshot }: WireTick): number {
  const newest = Math.max(0, ...Array.from(columns.values(), ({ newest }) => newest))
  return newest === 0 ? Math.floor(snapshot.at / 1_000) : newest
}
