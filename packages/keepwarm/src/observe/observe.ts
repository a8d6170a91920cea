/** Everything that is to be seen of a process's clients: for a dashboard, an exporter, a diagnosis. */
import { realRuntime, type Runtime } from '../runtime.ts'
import { diagnose } from './diagnosis/diagnose.ts'
import type { Verdict } from './diagnosis/verdict.ts'
import type { HistorySlice } from './history.ts'
import { idOf } from './identity.ts'
import { PastSnapshots } from './past-snapshots.ts'
import { lister, type ObservableClient, type ObservablePool, type ObservedClients } from './observed-list.ts'
import { ProcessFigures } from './process-figures.ts'
import type { ObservedPool, ProcessSnapshot } from './process-snapshot.ts'
import { prometheusText, type PrometheusOptions } from './prometheus/prometheus-text.ts'
import type { RecentEvent } from './snapshot.ts'

export type { ClientsByName, ObservableClient, ObservablePool, ObservedClients } from './observed-list.ts'

export interface ObserveOptions {
  /** Of the service, as it is shown. Default: `OTEL_SERVICE_NAME`, or the title of the process. */
  readonly name?: string
  readonly runtime?: Runtime
}

export interface Observed extends Disposable {
  /**
   * All clients that are not closed, their pools, and those that were given by themselves. With `connections` each pool has its connections, too: at most 200,
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
 * Sees clients of this process, and pools that are used without one (under `fetch` or undici). Nothing is done before somebody looks: no timer runs, but for the one that watches the event
 * loop, from the first snapshot until this is disposed of, or two minutes after the last. Clients that are closed vanish.
 *
 * @throws ConfigError when it is given something else than clients and pools.
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
    const { clients: open, pools } = list()
    const taken = {
      version: 1,
      at: runtime.wallClock(),
      process: figures.read(),
      clients: open.map((client) => client.snapshot()),
      pools: poolsOf(pools, connections),
      events: eventsOf(open),
    } as const
    past.add(taken)
    return taken
  }
  // The same each time: it is by this that the origins that are told apart stay so.
  const metrics = { snapshot: () => snapshot(0) }
  return {
    snapshot: ({ connections = 0 } = {}) => snapshot(connections === true ? Infinity : Number(connections)),
    history: (since = 0) => list().clients.map((client) => client.history(since)),
    diagnose: (now = snapshot(Infinity)) => diagnose(past.before(now), now),
    prometheus: (how) => prometheusText(metrics, how),
    [Symbol.dispose]: () => figures[Symbol.dispose](),
  }
}

function poolsOf(observed: readonly ObservablePool[], connections: number): ObservedPool[] {
  const pools = observed.map((pool) => ({ pool, snapshot: pool.snapshot({ holders: connections > 0 }) }))
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
