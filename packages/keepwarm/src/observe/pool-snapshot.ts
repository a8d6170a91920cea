/**
 * A pool as it is shown. The types stand here, and not in pool/, because the diagnosis, the exporters and the dashboard
 * speak of them and the pool itself publishes to this room: imports run one way. What fills them is pool/snapshot.ts.
 */
import type { CloseReason, DialReason, Refusal } from './pool-words.ts'

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

/** One connection at one moment, JSON-safe. Durations in milliseconds. */
export interface ConnectionSnapshot {
  readonly id: number
  readonly origin: string
  /** `idle` and `busy` are both ready; a retiring one finishes what runs and takes nothing new. */
  readonly state: 'dialing' | 'idle' | 'busy' | 'retiring'
  /** Absent while it is dialed, like the address. */
  readonly protocol?: 'h1' | 'h2'
  /** `address:port` of the other side. */
  readonly address?: string
  /** Why it was dialed. */
  readonly openedFor: DialReason
  /** Since it was opened; while dialing, since the dial began. */
  readonly age: number
  /** For how long it has been idle; 0 when it is not. */
  readonly idle: number
  readonly inFlight: number
  /** Requests that it was given so far, those in flight included. */
  readonly requests: number
  readonly bytesRead: number
  readonly bytesWritten: number
}
