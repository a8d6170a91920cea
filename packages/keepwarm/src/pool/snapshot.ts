import type { PoolCore } from './core.ts'
import type { Slot } from './entities.ts'
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
    dialedFor: { first: 0, all_busy: 0, lost_race: 0, warm_up: 0 },
    opened: 0,
    closed: {},
    refused: { queue_full: 0, acquire_timeout: 0, dial_failed: 0, closed: 0 },
  }
}

/** The state of one origin's connections. */
export interface OriginSnapshot {
  readonly origin: string
  readonly connections: number
  readonly idle: number
  readonly dialing: number
  readonly inFlight: number
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
  readonly origins: readonly OriginSnapshot[]
  readonly counters: PoolCounters
}

export function takeSnapshot(core: PoolCore, slots: ReadonlySet<Slot>, counters: PoolCounters): PoolSnapshot {
  const origins = new Map<
    string,
    { origin: string; connections: number; idle: number; dialing: number; inFlight: number }
  >()
  let inFlight = 0
  for (const slot of slots) {
    const { key } = slot.origin
    let row = origins.get(key)
    if (row === undefined)
      origins.set(key, (row = { origin: key, connections: 0, idle: 0, dialing: 0, inFlight: 0 }))
    row.connections++
    row.inFlight += slot.streams
    inFlight += slot.streams
    if (slot.idle) row.idle++
    if (slot.state === 'dialing') row.dialing++
  }
  const { maxConnections, maxConnectionsPerOrigin, maxIdleConnections } = core.limits
  return {
    version: 1,
    connections: core.open,
    idle: core.idle.count,
    dialing: core.dialing,
    waiting: core.waiting,
    inFlight,
    maxConnections,
    maxConnectionsPerOrigin,
    maxIdleConnections,
    origins: [...origins.values()],
    counters: structuredClone(counters),
  }
}
