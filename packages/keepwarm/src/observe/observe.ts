/** Everything that is to be seen of a process's clients: for a dashboard, an exporter, a diagnosis. */
import { ConfigError } from '../errors.ts'
import { realRuntime, type Runtime } from '../runtime.ts'
import { diagnose } from './diagnosis/diagnose.ts'
import type { Verdict } from './diagnosis/verdict.ts'
import type { HistorySlice } from './history.ts'
import { idOf } from './identity.ts'
import { PastSnapshots } from './past-snapshots.ts'
import type { ConnectionSnapshot, PoolSnapshot, PoolSnapshotOptions } from './pool-snapshot.ts'
import { ProcessFigures } from './process-figures.ts'
import type { ObservedPool, ProcessSnapshot } from './process-snapshot.ts'
import { prometheusText, type PrometheusOptions } from './prometheus/prometheus-text.ts'
import type { ClientSnapshot, RecentEvent } from './snapshot.ts'

/** What is seen of a client; an `HttpClient` is one. */
export interface ObservableClient {
  readonly closed: boolean
  readonly pool: ObservablePool
  snapshot(): ClientSnapshot
  history(since?: number): HistorySlice
  recentEvents(after?: number): readonly RecentEvent[]
}

export interface ObservablePool {
  snapshot(how?: PoolSnapshotOptions): PoolSnapshot
  /** `most`: of all, busy ones first and the oldest first among these. */
  connections(most?: number): readonly ConnectionSnapshot[]
}

/** What `createClients()` returns: clients by name, and what they can do together. */
export interface ClientsByName {
  snapshot(): Readonly<Record<string, ClientSnapshot>>
  explain(): string
}

type SeveralClients = Iterable<ObservableClient> | Readonly<Record<string, ObservableClient>> | ClientsByName

/** A client, several, those of `createClients()`, or a function that lists those there are. */
export type ObservedClients = ObservableClient | SeveralClients | (() => SeveralClients)

export interface ObserveOptions {
  /** Of the service, as it is shown. Default: `OTEL_SERVICE_NAME`, or the title of the process. */
  readonly name?: string
  readonly runtime?: Runtime
}

export interface Observed extends Disposable {
  /**
   * All clients that are not closed, and their pools. With `connections` each pool has its connections, too: at most 200,
   * busy ones first and the oldest first among these. A number: about so many of all pools together, at least 20 of each.
   * The delay of the event loop and the processor time are of the time since the snapshot before, which half a second at
   * least lies between.
   */
  snapshot(how?: { readonly connections?: boolean | number }): ProcessSnapshot
  /** What each client did in the seconds that are over, from the unix second `since` on. Default: in the last 15 minutes. */
  history(since?: number): readonly HistorySlice[]
  /**
   * What is wrong, and what to do about it: by what happened since snapshots of the last minute. `now`: a snapshot with
   * connections that was just taken of this, for those who show both, as a snapshot is most of what a diagnosis costs.
   */
  diagnose(now?: ProcessSnapshot): readonly Verdict[]
  /** The metrics as text, for a `/metrics`. */
  prometheus(options?: PrometheusOptions): string
}

/** Events that a snapshot shows. */
const MOST_EVENTS = 200
/** Connections that a snapshot shows of a pool: at most, and of many pools. */
const MOST_CONNECTIONS = 200
const LEAST_CONNECTIONS = 20

/**
 * Sees clients of this process. Nothing is done before somebody looks: no timer runs, but for the one that watches the event
 * loop, from the first snapshot until this is disposed of, or two minutes after the last. Clients that are closed vanish.
 *
 * @throws ConfigError when it is given something else than clients.
 * @example
 * using observed = observe(clients, { name: 'orders' })
 * const { clients: all, pools } = observed.snapshot()
 */
export function observe(clients: ObservedClients, options: ObserveOptions = {}): Observed {
  const { name = process.env['OTEL_SERVICE_NAME'] ?? process.title, runtime = realRuntime } = options
  const list = lister(clients)
  const figures = new ProcessFigures(name, runtime)
  const past = new PastSnapshots()
  const snapshot = (connections: number): ProcessSnapshot => {
    const open = list()
    const taken = {
      version: 1,
      at: runtime.wallClock(),
      process: figures.read(),
      clients: open.map((client) => client.snapshot()),
      pools: poolsOf(open, connections),
      events: eventsOf(open),
    } as const
    past.add(taken)
    return taken
  }
  // The same each time: it is by this that the origins that are told apart stay so.
  const metrics = { snapshot: () => snapshot(0) }
  return {
    snapshot: ({ connections = 0 } = {}) => snapshot(connections === true ? Infinity : Number(connections)),
    history: (since = 0) => list().map((client) => client.history(since)),
    diagnose: (now = snapshot(Infinity)) => diagnose(past.before(now), now),
    prometheus: (how) => prometheusText(metrics, how),
    [Symbol.dispose]: () => figures[Symbol.dispose](),
  }
}

/** Those that are open, whenever it is asked; those that were given once are let go when they are closed. */
function lister(clients: ObservedClients): () => readonly ObservableClient[] {
  if (typeof clients === 'function') return () => listOf(clients()).filter(({ closed }) => !closed)
  let open = listOf(isClient(clients) ? [clients] : clients)
  return () => (open = open.filter(({ closed }) => !closed))
}

function listOf(clients: Exclude<ObservedClients, () => unknown>): ObservableClient[] {
  const isObject = typeof clients === 'object' && clients !== null
  const list = isObject ? [...(Symbol.iterator in clients ? clients : Object.values(clients))] : [clients]
  const wrong = list.find((one) => !isClient(one))
  if (wrong === undefined && isObject) return list as ObservableClient[]
  const received = wrong === null ? 'null' : `something that is a ${typeof wrong}`
  const expected = 'clients: a list of them, what createClients() returned, or a function that returns either'
  throw new ConfigError([{ variable: 'clients', received, expected }])
}

function isClient(value: unknown): value is ObservableClient {
  if (typeof value !== 'object' || value === null) return false
  const { snapshot, history, recentEvents, pool } = value as Readonly<Record<string, unknown>>
  const functions = [snapshot, history, recentEvents].every((each) => typeof each === 'function')
  return functions && typeof pool === 'object' && pool !== null && 'connections' in pool
}

function poolsOf(clients: readonly ObservableClient[], connections: number): ObservedPool[] {
  const pools = Array.from(new Set(clients.map(({ pool }) => pool)), (pool) => ({
    pool,
    snapshot: pool.snapshot({ holders: connections > 0 }),
  }))
  const open = pools.filter(({ snapshot }) => snapshot.connections > 0).length
  const each = Math.min(
    MOST_CONNECTIONS,
    Math.max(LEAST_CONNECTIONS, Math.floor(connections / Math.max(1, open))),
  )
  return pools.map(({ pool, snapshot }) => ({
    ...snapshot,
    id: idOf(pool),
    ...(connections > 0 && { connectionList: pool.connections(each) }),
  }))
}

function eventsOf(clients: readonly ObservableClient[]): RecentEvent[] {
  return clients
    .flatMap((client) => client.recentEvents())
    .sort((a, b) => a.at - b.at)
    .slice(-MOST_EVENTS)
}
