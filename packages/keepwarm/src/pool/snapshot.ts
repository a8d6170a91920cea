import type { PoolCore } from './core.ts'
import type { Origin } from './entities.ts'
import type { Lane } from './lanes.ts'
import type { CloseReason, DialReason, Refusal } from './limits.ts'

/** What a pool did since it was made. */
export interface PoolCounters {
  /** Requests that came. */
  requests: number
  /** Requests that went out on a connection which had served another before. */
  reused: number
  /** Requests that lost a dead connection before a byte was written, and were given another. */
  lostUnsent: number
  /** Requests that went out on a connection as the server closed it, and were sent again on a new one. */
  lostRaces: number
  /** Responses that nobody read on in for `leakAfter`. */
  leaks: number
  /** Dials begun, and why; and those that became a connection. */
  dialed: number
  dialedFor: Record<DialReason, number>
  opened: number
  /** Connections (and failed dials) that ended, by reason. */
  closed: Partial<Record<CloseReason, number>>
  /** Requests that got no connection, by reason. */
  refused: Record<Refusal, number>
}

export function newCounters(): PoolCounters {
  return {
    requests: 0,
    reused: 0,
    lostUnsent: 0,
    lostRaces: 0,
    leaks: 0,
    dialed: 0,
    dialedFor: { first: 0, all_busy: 0, lost_race: 0, warm_up: 0, renewal: 0, minimum: 0, ahead: 0 },
    opened: 0,
    closed: {},
    refused: { queue_full: 0, acquire_timeout: 0, dial_failed: 0, closed: 0 },
  }
}

/** The requests of an endpoint group. */
export interface GroupSnapshot {
  readonly group: string
  readonly inFlight: number
  /** As it was set. */
  readonly maxInFlight: number
  /** What its adaptive limit allows at the moment; null without one. */
  readonly limit: number | null
  readonly waiting: number
}

/** The state of one origin's connections, and of those who wait for them. Durations in milliseconds. */
export interface OriginSnapshot {
  readonly origin: string
  readonly connections: number
  readonly idle: number
  readonly dialing: number
  readonly inFlight: number
  readonly waiting: number
  /** How long the one has waited that has waited longest; 0 when nobody waits. */
  readonly oldestWait: number
  /** What the adaptive limit allows at the moment of requests that belong to no endpoint group; null without one. */
  readonly limit: number | null
  /** Those of its endpoint groups that had requests so far. */
  readonly groups: readonly GroupSnapshot[]
}

/** A pool at one moment. Versioned and JSON-safe. */
export interface PoolSnapshot {
  readonly version: 1
  readonly connections: number
  readonly idle: number
  readonly dialing: number
  readonly waiting: number
  readonly inFlight: number
  readonly maxConnections: number
  readonly maxConnectionsPerOrigin: number
  readonly maxIdleConnections: number
  /** Those that have a connection, or requests that wait for one. */
  readonly origins: readonly OriginSnapshot[]
  readonly counters: PoolCounters
}

export function takeSnapshot(core: PoolCore, counters: PoolCounters, now: number): PoolSnapshot {
  const { maxConnections, maxConnectionsPerOrigin, maxIdleConnections } = core.limits
  return {
    version: 1,
    connections: core.open,
    idle: core.idle.count,
    dialing: core.dialing,
    waiting: core.waiting,
    inFlight: core.inFlight,
    maxConnections,
    maxConnectionsPerOrigin,
    maxIdleConnections,
    origins: Array.from(core.present(), (origin) => describe(origin, now)),
    counters: structuredClone(counters),
  }
}

function describe(origin: Origin, now: number): OriginSnapshot {
  const { key, open, idle, dialing, inFlight, waiting, oldest, lanes } = origin
  return {
    origin: key,
    connections: open,
    idle,
    dialing,
    inFlight,
    waiting,
    oldestWait: oldest === null ? 0 : now - oldest.queuedAt,
    limit: limitOf(lanes[0]),
    groups: lanes.slice(1).map((lane) => ({
      group: lane.group!,
      inFlight: lane.inFlight,
      maxInFlight: lane.limits.maxInFlight,
      limit: limitOf(lane),
      waiting: lane.waiting,
    })),
  }
}

function limitOf({ limiter, maxInFlight }: Lane): number | null {
  return limiter === null ? null : maxInFlight
}
