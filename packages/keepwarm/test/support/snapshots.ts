/** Snapshots made by hand: a healthy process with one client of one service, and what a test says otherwise. */
import type { OriginSnapshot, PoolCounters, PoolLimitsSnapshot } from '../../src/observe/pool-snapshot.ts'
import type { LoopDelay, ObservedPool, ProcessSnapshot } from '../../src/observe/process-snapshot.ts'
import type { ClientSnapshot, GuardSnapshot, HistogramSnapshot } from '../../src/observe/snapshot.ts'

export const ORIGIN = 'http://search:8055'
const BEGAN = 1_700_000_000_000

type Part<T> = { readonly [Name in keyof T]?: T[Name] }

/** What a client did since it began, in the terms in which a test thinks. */
export interface Deeds {
  readonly calls?: number
  /** Of the calls, those that failed, by how. */
  readonly failed?: Readonly<Record<string, number>>
  readonly attemptsFailed?: Readonly<Record<string, number>>
  readonly retries?: number
  readonly retriedFor?: Readonly<Record<string, number>>
  readonly notRetried?: Readonly<Record<string, number>>
  readonly inFlight?: number
  /** Of each call, in ms. */
  readonly headers?: number
  readonly queued?: number
  /** Attempts before the last one, and pauses. */
  readonly before?: number
  /** Of the calls, those whose answer took so long. */
  readonly slow?: { readonly calls: number; readonly headers: number }
  readonly operations?: Readonly<Record<string, Part<ClientSnapshot['operations'][string]>>>
  readonly guard?: Part<GuardSnapshot>
  readonly health?: ClientSnapshot['health']
  readonly settings?: Part<ClientSnapshot['settings']>
}

export function clientThat(deeds: Deeds = {}, at: number = 0, name = 'search'): ClientSnapshot {
  const { calls = 0, failed = {}, attemptsFailed = failed, retries = 0, inFlight = 0 } = deeds
  const { headers = 20, queued = 0.1, before = 0, slow = { calls: 0, headers: 0 } } = deeds
  const failures = total(failed)
  const attempts = calls + retries
  return {
    version: 1,
    ...{ name, at: BEGAN + at, since: BEGAN, poolId: 1, endpoints: [`${ORIGIN}/`] },
    health: deeds.health ?? { status: 'healthy', reasons: [] },
    calls: {
      started: calls + inFlight,
      inFlight,
      ended: { ...classes, '2xx': calls - failures, ...failed },
      cancelled: failed['aborted'] ?? 0,
    },
    attempts: { initial: calls + inFlight, retry: retries, hedge: 0 },
    attemptsInFlight: inFlight,
    attemptsEnded: { ...classes, '2xx': attempts - total(attemptsFailed), ...attemptsFailed },
    retries: { byReason: deeds.retriedFor ?? {}, suppressed: deeds.notRetried ?? {} },
    hedgesWon: 0,
    phases: {
      ...{ before: calls * before, connect: 0, send: 0, download: calls },
      queued: calls * queued,
      headers: (calls - slow.calls) * headers + slow.calls * slow.headers,
    },
    histograms: {
      call: around(calls, headers + queued),
      attempt: both(around(attempts - slow.calls, headers), around(slow.calls, slow.headers)),
      queue: around(attempts, queued),
    },
    attemptsByOrigin: [],
    guards: [{ ...closed, ...deeds.guard }],
    operations: (deeds.operations ?? {}) as ClientSnapshot['operations'],
    settings: {
      ...{ timeout: 30_000, acquireTimeout: 5_000, attempts: 3, hedged: false, idleTimeout: 15_000 },
      envPrefix: 'SEARCH_SERVICE_HTTP_CLIENT',
      ...deeds.settings,
    },
  }
}

const closed: GuardSnapshot = {
  ...{ origin: ORIGIN, group: null, breaker: 'closed', forced: null, failureRatio: 0, completions: 40 },
  ...{ retryAfter: null, transitions: { opened: 0, halfOpened: 0, closed: 0 }, lastFailure: null },
  budget: { tokens: 50, cap: 100 },
}

const classes = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 }

const bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

function around(count: number, ms: number): HistogramSnapshot {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  const bucket = bounds.findIndex((bound) => ms / 1_000 <= bound)
  counts[bucket === -1 ? bounds.length : bucket] = count
  return { unit: 's', bounds, counts, count, sum: (count * ms) / 1_000 }
}

function both(one: HistogramSnapshot, other: HistogramSnapshot): HistogramSnapshot {
  const counts = one.counts.map((count, bucket) => count + other.counts[bucket]!)
  return { ...one, counts, count: one.count + other.count, sum: one.sum + other.sum }
}

export interface PoolDeeds extends Part<Omit<OriginSnapshot, 'counters' | 'dials'>> {
  readonly counters?: Part<PoolCounters>
  readonly dials?: Part<OriginSnapshot['dials']>
  readonly limits?: Part<PoolLimitsSnapshot>
}

export function poolThat(deeds: PoolDeeds = {}): ObservedPool {
  const { counters, dials, limits, ...said } = deeds
  const origin: OriginSnapshot = {
    ...{ origin: ORIGIN, connections: 4, idle: 4, dialing: 0, inFlight: 0, waiting: 0, oldestWait: 0 },
    ...{ limit: null, groups: [], blockedBy: null, waitingFor: 0, protocol: 'h1', maxInFlight: 4 },
    ...{ refused: { queue_full: 0, acquire_timeout: 0 }, stalled: { count: 0, oldest: 0, leaked: 0 } },
    ...{ use: { count: 0, total: 0 }, ended: { connections: 0, requests: 0 }, serverIdle: null },
    serverCloses: { count: 0, restTotal: 0, moments: 0 },
    ...said,
    dials: { ...{ failed: {}, failedInARow: 0, count: 0, total: 0, dns: 0, tcp: 0, tls: 0 }, ...dials },
    counters: { ...noCounters, ...counters },
  }
  const { connections, idle, dialing, waiting, inFlight } = origin
  const none = around(0, 0)
  return {
    ...{ version: 1, id: 1, connections, idle, dialing, waiting, inFlight },
    ...{ maxConnections: 100, maxConnectionsPerOrigin: 20, maxIdleConnections: 20 },
    origins: [origin],
    counters: origin.counters,
    histograms: {
      dial: none,
      wait: none,
      use: none,
      lifetime: none,
      requests: { ...none, unit: 'requests' },
    },
    limits: {
      ...{ maxQueue: 256, maxDials: 32, maxConnectionsPerAddress: null, maxRequestsPerConnection: null },
      ...{ idleTimeout: 15_000, maxIdleTimeout: 60_000, maxConnectionAge: 300_000, leakAfter: 60_000 },
      ...limits,
    },
  }
}

const noCounters: PoolCounters = {
  ...{ requests: 0, reused: 0, lostUnsent: 0, lostRaces: 0, leaks: 0, dialed: 0, opened: 0 },
  dialedFor: { first: 0, all_busy: 0, lost_race: 0, warm_up: 0, renewal: 0, minimum: 0, ahead: 0 },
  closed: {},
  refused: { queue_full: 0, acquire_timeout: 0, dial_failed: 0, closed: 0 },
}

export function processAt(
  at: number,
  clients: readonly ClientSnapshot[],
  pools: readonly ObservedPool[],
  loop: LoopDelay | null = { p50: 1, p99: 5, max: 12 },
): ProcessSnapshot {
  return {
    ...{ version: 1, at: BEGAN + at, clients, pools, events: [] },
    process: {
      ...{ pid: 1, node: '26.0.0', uptime: 60 + at / 1_000, name: 'test', cpu: 0.2, rss: 1e8 },
      loop,
    },
  }
}

/** Ten minutes of which nothing is known but that 20 calls a second were well, then ten seconds as they are told. */
export interface Scene {
  readonly deeds?: Deeds
  readonly pool?: PoolDeeds
  /** How the pool was before. */
  readonly poolBefore?: PoolDeeds
  readonly loop?: LoopDelay
  /** Of the window, in ms. Default 10,000. */
  readonly window?: number
}

const EARLIER = 600_000
const USUAL: Deeds = { calls: 12_000 }

export function beforeAndNow(scene: Scene): [before: ProcessSnapshot, now: ProcessSnapshot] {
  const { deeds = {}, pool = {}, poolBefore = {}, window = 10_000 } = scene
  const usual = clientThat(USUAL, EARLIER)
  const wasPool = poolThat(poolBefore)
  return [
    processAt(EARLIER, [usual], [wasPool]),
    processAt(
      EARLIER + window,
      [added(usual, clientThat(deeds, EARLIER + window))],
      [poolThat(pool)],
      scene.loop,
    ),
  ]
}

/** Counts of `usual` and of what came since; all else is as it is now. */
function added(usual: ClientSnapshot, now: ClientSnapshot): ClientSnapshot {
  const figures = ['calls', 'attempts', 'attemptsEnded', 'retries', 'phases', 'histograms'] as const
  const sums = figures.map((name) => [name, plus(usual[name], now[name])])
  return { ...now, ...(Object.fromEntries(sums) as object) }
}

function plus(one: unknown, other: unknown, name = ''): unknown {
  if (name === 'bounds' || name === 'inFlight' || typeof other === 'string') return other
  if (typeof other === 'number') return other + Number(one ?? 0)
  if (Array.isArray(other)) return other.map((each, i) => plus((one as unknown[] | undefined)?.[i], each))
  const keys = new Set([
    ...Object.keys((one as object | undefined) ?? {}),
    ...Object.keys((other as object | undefined) ?? {}),
  ])
  return Object.fromEntries(
    [...keys].map((key) => {
      const [a, b] = [one, other].map((each) => (each as Record<string, unknown> | undefined)?.[key])
      return [key, plus(a, b ?? 0, key)]
    }),
  )
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0)
}
