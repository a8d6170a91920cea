/** What a client says and does about its health: checks that are asked for, checks in the background, what it knows. */
import type { OriginGuard } from '../../exchange/host.ts'
import {
  checkDefaults,
  resolveVerdict,
  type CheckOptions,
  type VerdictOptions,
} from '../../health/options.ts'
import type { ConnectionPool } from '../../pool/pool.ts'
import type { OriginSnapshot, PoolCounters, PoolSnapshot } from '../../pool/snapshot.ts'
import { askHealth, type AskHost, type Asked } from './ask.ts'
import { BackgroundChecks, type LastCheck } from './background.ts'
import { ReadyConnections } from './connections.ts'
import { reportOf, type HealthReport, type OriginFacts } from './report.ts'
import type { EndpointHealth, Health } from './health.ts'

/** A check that somebody asked for is over after so long, in ms. */
const ASKED_TIMEOUT = 2_000

/** What `checkHealth()` found says something for so long, in ms. */
const ASKED_COUNTS = checkDefaults.idleInterval

export interface ClientHealthOptions extends AskHost {
  readonly pool: ConnectionPool
  /** None for a client without a base URL. */
  readonly endpoints: readonly string[]
  /** Of the breakers, in ms. */
  readonly window: number
  readonly healthChecks?: CheckOptions | boolean | undefined
  readonly warmUp?: number | undefined
  readonly minConnections?: number | undefined
}

export class ClientHealth {
  private readonly options: ClientHealthOptions
  private readonly background: BackgroundChecks | undefined
  private readonly ready: ReadyConnections
  private readonly refusals: Recently
  private readonly asked = new Map<string, { readonly found: Asked; readonly at: number }>()
  private lastHealth: Health | undefined
  private stopped = false

  constructor(options: ClientHealthOptions) {
    const { pool, runtime, endpoints, healthChecks = false, warmUp = 0, minConnections = 0 } = options
    this.options = options
    this.refusals = new Recently(options.window, refusedBy(pool.counters))
    this.ready = new ReadyConnections(pool, runtime, endpoints, { warmUp, minConnections })
    if (healthChecks !== false) {
      this.background = new BackgroundChecks(
        {
          runtime,
          endpoints,
          ask: (origin, within, signal) => askHealth(options, origin, within, signal),
          checked: (origin, up, now) => options.calls.balancer?.healthChecked(origin, up, now),
          traffic: () => options.calls.recorder.total,
        },
        healthChecks === true ? undefined : healthChecks,
      )
    }
  }

  /** What the last `check()` found. */
  get last(): Health | undefined {
    return this.lastHealth
  }

  /** Asks all endpoints at once. Never rejects. */
  async check(): Promise<Health> {
    const { endpoints, runtime } = this.options
    const asked = endpoints.length === 0 ? [undefined] : endpoints
    const found = await Promise.all(asked.map((origin) => askHealth(this.options, origin, ASKED_TIMEOUT)))
    const at = runtime.now()
    endpoints.forEach((origin, index) => this.asked.set(origin, { found: found[index]!, at }))
    const all = found.map(({ health }) => health)
    const speaker = all.find(({ healthy }) => healthy) ?? all[0]!
    this.lastHealth = endpoints.length < 2 ? speaker : { ...speaker, endpoints: byName(endpoints, all) }
    return this.lastHealth
  }

  /** @throws ConfigError when a threshold cannot be used */
  report(thresholds?: VerdictOptions): HealthReport {
    const settings = resolveVerdict(thresholds)
    const { pool, runtime, calls, endpoints, window } = this.options
    const now = runtime.now()
    const snapshot = pool.snapshot()
    const balance = calls.balancer?.snapshot(now)
    const { connections, idle, maxConnections, counters } = snapshot
    const refused = this.refusals.count(refusedBy(counters), now)
    const guards = [...calls.origins.all()]
    const names = new Set([...endpoints, ...guards.map(([, { origin }]) => origin)])
    return reportOf(
      {
        now,
        closed: this.stopped,
        window,
        pool: { inUse: connections - idle, limit: maxConnections, waiting: 0, oldestWait: 0, refused },
        endpoints: balance && { ...balance, total: endpoints.length },
        origins: Array.from(names, (origin) => ({
          ...this.factsOf(origin, guards, snapshot, now),
          endpoint: balance?.endpoints.find((each) => each.endpoint === origin),
        })),
      },
      settings,
    )
  }

  /** No check goes out from now on, and no connection is kept. */
  stop(): void {
    if (this.stopped) return
    this.stopped = true
    this.background?.stop()
    this.ready.stop()
  }

  private factsOf(
    origin: string,
    guards: readonly (readonly [string, OriginGuard])[],
    snapshot: PoolSnapshot,
    now: number,
  ): Omit<OriginFacts, 'endpoint'> {
    const { endpoints } = this.options
    const mine = guards.filter(([, guard]) => guard.origin === origin)
    const pools = snapshot.origins.filter(
      (one) => one.origin === origin || one.origin.startsWith(`${origin}#`),
    )
    return {
      origin,
      own: endpoints.length === 0 || endpoints.includes(origin),
      breakers: mine.map(([key, { breaker }]) => ({
        group: key === origin ? undefined : key.slice(origin.length + 1),
        breaker: breaker.snapshot(now),
      })),
      connections: sum(pools, (one) => one.connections),
      pool: pools.length === 0 ? undefined : poolFacts(pools, snapshot),
      check: this.lastCheck(origin, now),
      warmUp: this.ready.failure(origin),
    }
  }

  /** Of the background checks; where there are none, what somebody asked for lately. */
  private lastCheck(origin: string, now: number): LastCheck | undefined {
    if (this.background !== undefined) return this.background.last(origin, now)
    const asked = this.asked.get(origin)
    if (asked === undefined || asked.found.finding === 'unknown') return undefined
    const { found, at } = asked
    const ago = now - at
    if (ago > ASKED_COUNTS) return undefined
    const { healthy, error = null } = found.health
    return { up: healthy, finding: asked.found.finding, inARow: 1, ago, error, missed: 0 }
  }
}

function poolFacts(
  pools: readonly OriginSnapshot[],
  { maxConnections, maxConnectionsPerOrigin }: PoolSnapshot,
): NonNullable<OriginFacts['pool']> {
  const adaptive = pools.map(({ limit }) => limit ?? Infinity)
  return {
    inUse: sum(pools, ({ connections, idle }) => connections - idle),
    limit: Math.min(maxConnections, maxConnectionsPerOrigin, ...adaptive),
    waiting: sum(pools, ({ waiting }) => waiting),
    oldestWait: Math.max(...pools.map(({ oldestWait }) => oldestWait)),
    refused: 0, // the pool counts those of all origins together
  }
}

/** Requests that found no connection because all were in use. */
function refusedBy({ refused: { queue_full, acquire_timeout } }: PoolCounters): number {
  return queue_full + acquire_timeout
}

function byName(
  endpoints: readonly string[],
  all: readonly EndpointHealth[],
): Record<string, EndpointHealth> {
  return Object.fromEntries(endpoints.map((origin, index) => [origin, all[index]!]))
}

function sum<T>(list: readonly T[], amount: (one: T) => number): number {
  return list.reduce((total, one) => total + amount(one), 0)
}

/** How much a count that only grows has grown lately: within the window, or since the look before when that is longer ago. */
class Recently {
  private readonly window: number
  private before: number
  private latest: { readonly at: number; readonly count: number }

  constructor(window: number, count: number) {
    this.window = window
    this.before = count
    this.latest = { at: -Infinity, count }
  }

  count(total: number, now: number): number {
    if (now - this.latest.at >= this.window) {
      this.before = this.latest.count
      this.latest = { at: now, count: total }
    }
    return total - this.before
  }
}
