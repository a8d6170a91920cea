/** Processes made of what happened in them, so that what happened in all can be laid beside the sum of what each shows. */
import fc from 'fast-check'
import type {
  ClientSnapshot,
  GuardSnapshot,
  HistogramSnapshot,
  ObservedPool,
  ProcessSnapshot,
} from 'keepwarm'

/** A call that ended, or is under way, in one client. */
export interface Happening {
  readonly client: 'search' | 'ollama'
  readonly origin: 'http://a' | 'http://b'
  readonly outcome: '2xx' | '5xx' | 'status' | 'limit' | 'waiting'
  readonly bucket: number
  readonly attempts: number
  readonly breaker: GuardSnapshot['breaker']
  readonly operation: string
}

const bounds = [0.1, 1]

export const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({
    client: fc.constantFrom('search' as const, 'ollama' as const),
    origin: fc.constantFrom('http://a' as const, 'http://b' as const),
    outcome: fc.constantFrom(
      '2xx' as const,
      '5xx' as const,
      'status' as const,
      'limit' as const,
      'waiting' as const,
    ),
    bucket: fc.nat(2),
    attempts: fc.integer({ min: 1, max: 4 }),
    breaker: fc.constantFrom('closed' as const, 'half-open' as const, 'open' as const),
    // Names of operations are the caller's: these are those of fields.
    operation: fc.constantFrom('status', 'use', 'limit', 'id', '__proto__'),
  }),
  { maxLength: 40 },
)

/** A process in which just this happened. */
export function processOf(all: readonly Happening[], pid = 1, at = 1_000): ProcessSnapshot {
  const clients = [...Map.groupBy(all, ({ client }) => client)]
  return {
    version: 1,
    at,
    process: {
      pid,
      node: '26.10.0',
      uptime: pid,
      name: 'shop',
      loop: { p50: 1, p99: pid, max: pid },
      cpu: 0.25,
      rss: 100,
    },
    clients: clients.map(([name, own], index) => clientOf(name, own, index + 10 * pid)),
    pools: clients.map(([, own], index) => poolOf(own, index + 10 * pid)),
    events: [],
  }
}

function clientOf(name: string, all: readonly Happening[], poolId: number): ClientSnapshot {
  const done = all.filter(({ outcome }) => outcome !== 'waiting')
  const attempts = sum(all.map((one) => one.attempts))
  const histogram = histogramOf(done.map(({ bucket }) => bucket))
  return {
    version: 1,
    ...{ name, at: 1_000, since: 10, poolId, endpoints: ['http://a'] },
    calls: {
      started: all.length,
      inFlight: all.length - done.length,
      ended: tally(done.map(({ outcome }) => outcome)),
      cancelled: 0,
    },
    attempts: { initial: all.length, retry: attempts - all.length, hedge: 0 },
    attemptsInFlight: all.length - done.length,
    attemptsEnded: tally(done.map(({ outcome }) => outcome)),
    retries: { byReason: tally(done.map(({ outcome }) => outcome)), suppressed: {} },
    hedgesWon: 0,
    phases: { before: 0, queued: done.length, connect: 0, send: 1 * done.length, headers: 0, download: 0 },
    histograms: { call: histogram, attempt: histogram, queue: histogram },
    attemptsByOrigin: [...Map.groupBy(done, ({ origin }) => origin)].map(([origin, own]) => {
      const ofOrigin = histogramOf(own.map(({ bucket }) => bucket))
      return { origin, ended: tally(own.map(({ outcome }) => outcome)), attempt: ofOrigin, queue: ofOrigin }
    }),
    operations: Object.fromEntries([...Map.groupBy(done, ({ operation }) => operation)].map(operationOf)),
    health: { status: 'healthy', reasons: [] },
    guards: [...Map.groupBy(all, ({ origin }) => origin)].map(([origin, own]) => guardOf(origin, own)),
    settings: { timeout: 5, acquireTimeout: 5, attempts: 3, hedged: false, idleTimeout: 15, envPrefix: null },
  }
}

function operationOf([name, all]: [string, Happening[]]): [string, ClientSnapshot['operations'][string]] {
  const failed = all.filter(({ outcome }) => outcome === '5xx').length
  const figures = {
    total_requests: all.length,
    successful_requests: all.length - failed,
    failed_requests: failed,
    cancelled_requests: 0,
    total_attempts: sum(all.map(({ attempts }) => attempts)),
    avg_duration_ms: sum(all.map(({ bucket }) => bucket)) / all.length,
    p50_duration_ms: 1,
    p99_duration_ms: 1,
    success_rate: (all.length - failed) / all.length,
  }
  return [name, figures]
}

function guardOf(origin: string, all: readonly Happening[]): GuardSnapshot {
  const states = all.map(({ breaker }) => breaker)
  return {
    ...{ origin, group: null, forced: null, retryAfter: null, lastFailure: null },
    breaker: states.includes('open') ? 'open' : states.includes('half-open') ? 'half-open' : 'closed',
    failureRatio: all.filter(({ outcome }) => outcome === '5xx').length / all.length,
    completions: all.length,
    transitions: { opened: states.filter((state) => state === 'open').length, halfOpened: 0, closed: 0 },
    budget: { tokens: all.length, cap: 2 * all.length },
  }
}

function poolOf(all: readonly Happening[], id: number): ObservedPool {
  const waiting = all.filter(({ outcome }) => outcome === 'waiting').length
  const counters = {
    ...{
      requests: all.length,
      reused: 0,
      lostUnsent: 0,
      lostRaces: 0,
      leaks: 0,
      dialed: all.length,
      opened: 0,
    },
    dialedFor: { first: all.length, all_busy: 0, lost_race: 0, warm_up: 0, renewal: 0, minimum: 0, ahead: 0 },
    closed: { requests: all.length },
    refused: { queue_full: waiting, acquire_timeout: 0, dial_failed: 0, closed: 0 },
  }
  const histogram = histogramOf(all.map(({ bucket }) => bucket))
  const limits = {
    idleTimeout: 1,
    maxIdleTimeout: 1,
    maxConnectionAge: 1,
    maxRequestsPerConnection: null,
    leakAfter: 1,
  }
  return {
    ...{ version: 1, id, connections: all.length, idle: 0, dialing: 0, waiting, inFlight: all.length },
    ...{ maxConnections: all.length, maxConnectionsPerOrigin: all.length, maxIdleConnections: all.length },
    origins: [],
    counters,
    histograms: {
      ...{ dial: histogram, wait: histogram, use: histogram, lifetime: histogram },
      requests: { ...histogram, unit: 'requests' },
    },
    limits: { maxQueue: all.length, maxDials: all.length, maxConnectionsPerAddress: null, ...limits },
  }
}

function histogramOf(buckets: readonly number[]): HistogramSnapshot {
  const counts = [0, 1, 2].map((bucket) => buckets.filter((one) => one === bucket).length)
  return { unit: 's', bounds, counts, count: buckets.length, sum: sum(buckets) }
}

function tally(names: readonly string[]): ClientSnapshot['attemptsEnded'] {
  const counts = [...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length] as const)
  return Object.fromEntries(counts) as ClientSnapshot['attemptsEnded']
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
