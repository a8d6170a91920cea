import type { HttpClient } from '../client/http-client.ts'
import type { ClientMetrics } from '../observe/recorder.ts'
import type { PoolSnapshot } from '../pool/snapshot.ts'
import type { Runtime } from '../runtime.ts'
import type { SimulatedNetwork } from './network.ts'
import type { OpenAt } from './network-server.ts'

/** How a number of durations is spread, in ms; all 0 when there are none. */
export interface Spread {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** What a server saw. */
export interface ServerReport {
  /** Requests that arrived. */
  readonly requests: number
  /** Connections that it accepted, and the most that were open at once. */
  readonly accepted: number
  readonly mostOpen: number
}

/** What came of a simulation. JSON-safe. */
export interface SimulationReport {
  /** Until the last call was over, in ms of the simulation. */
  readonly lasted: number
  readonly calls: {
    readonly total: number
    readonly succeeded: number
    /** The others, by the error's code, or its name where it has none. */
    readonly failed: Readonly<Record<string, number>>
  }
  /** Of all calls, from their beginning to their end. */
  readonly durations: Spread
  /** How long requests waited for their connections. Those that got none are in `refusals`. */
  readonly waits: Spread
  /** Requests that got no connection, by reason. */
  readonly refusals: PoolSnapshot['counters']['refused']
  readonly retries: { readonly total: number; readonly byReason: Readonly<Record<string, number>> }
  readonly connections: {
    /** The most that all servers had open at once; the mean over the time. */
    readonly most: number
    readonly mean: number
    /** Dials that succeeded. */
    readonly opened: number
    /** Each change, as the servers saw it. */
    readonly history: readonly OpenAt[]
  }
  /** By origin. */
  readonly servers: Readonly<Record<string, ServerReport>>
  /** The client's own figures, and its pool's, when the last call was over. */
  readonly metrics: ClientMetrics
  readonly pool: PoolSnapshot
}

/** What became of the calls. */
export class CallTally {
  succeeded = 0
  readonly failed: Record<string, number> = {}
  readonly durations: number[] = []

  /** Makes a call, and notes how it ends; never rejects. */
  async follow(runtime: Runtime, call: () => PromiseLike<unknown>): Promise<void> {
    const began = runtime.now()
    const failure = await failureOf(call)
    this.durations.push(runtime.now() - began)
    if (failure === undefined) this.succeeded++
    else this.failed[nameOf(failure)] = (this.failed[nameOf(failure)] ?? 0) + 1
  }
}

/** What it rejects with or throws; undefined when it succeeds. */
export async function failureOf(call: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await call()
    return undefined
  } catch (error) {
    return error ?? new Error(String(error))
  }
}

/** The error's code, or its name where it has none. */
export function nameOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  return 'code' in failure && typeof failure.code === 'string' ? failure.code : failure.name
}

export function report(
  client: HttpClient,
  network: SimulatedNetwork,
  tally: CallTally,
  lasted: number,
): SimulationReport {
  const metrics = client.getMetrics()
  const pool = client.pool.snapshot()
  const history = [...network.history]
  const servers = network.all.map(({ origin, requests, accepted, mostOpen }) => {
    return [origin, { requests: requests.length, accepted, mostOpen }] as const
  })
  return {
    lasted,
    calls: { total: tally.durations.length, succeeded: tally.succeeded, failed: tally.failed },
    durations: spreadOf(tally.durations),
    waits: spreadOf(network.waits),
    refusals: pool.counters.refused,
    retries: { total: metrics.retries_attempted, byReason: metrics.retries_by_reason },
    connections: {
      most: history.reduce((most, { open }) => Math.max(most, open), 0),
      mean: meanOver(history, lasted),
      opened: pool.counters.opened,
      history,
    },
    servers: Object.fromEntries(servers),
    metrics,
    pool,
  }
}

/** @param durations in any order */
export function spreadOf(durations: readonly number[]): Spread {
  const sorted = durations.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  const sum = sorted.reduce((total, one) => total + one, 0)
  const mean = sorted.length === 0 ? 0 : sum / sorted.length
  const [p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0] = [0.5, 0.9, 0.99, 0.999, 1].map((share) =>
    rounded(at(share)),
  )
  return { count: sorted.length, mean: rounded(mean), p50, p90, p99, p999, max }
}

/** To a thousandth. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}

/** Of a number that changed from time to time, 0 in the beginning. */
export function meanOver(history: readonly OpenAt[], lasted: number): number {
  let area = 0
  for (const [i, { at, open }] of history.entries()) area += open * ((history[i + 1]?.at ?? lasted) - at)
  return lasted === 0 ? 0 : rounded(area / lasted)
}
