import type { LimiterSettings } from '../limit/options.ts'
import type { SizingOptions } from './sizing.ts'

/** What a lane may have: the requests of an endpoint group, or those of an origin that belong to none. */
export interface LaneLimits {
  /** Requests in flight at once. */
  readonly maxInFlight: number
  /** Requests that may wait. */
  readonly maxQueue: number
  /** How the limit follows what the server can do, within `maxInFlight`; null where it does not. */
  readonly limiter: LimiterSettings | null
}

/**
 * What is done about a line that has not been empty for `overloadAfter`. `fifo`: nothing. `lifo`: the newest is served
 * first, because the oldest will not be served in time anyway. `codel`: whoever comes then waits for `overloadWait` at
 * most.
 */
export type QueueDiscipline = 'fifo' | 'lifo' | 'codel'

/** The numbers the pool's core decides by. Durations in milliseconds; all are resolved, none is optional. */
export interface PoolLimits {
  /** Connections in all: dialing, idle, busy and retiring ones. */
  readonly maxConnections: number
  /** Connections to one origin, counted the same way. */
  readonly maxConnectionsPerOrigin: number
  /** Connections to one IP address, of all origins that lead there; dials count. Infinity: addresses are not looked at. */
  readonly maxConnectionsPerAddress: number
  /** Dials under way at once. */
  readonly maxDials: number
  /** Idle connections in all; more than this many are closed after {@link idleGrace}. */
  readonly maxIdleConnections: number
  /** Requests that may wait for one origin; those of endpoint groups apart. */
  readonly maxQueue: number
  /** The limits of each endpoint group, for each origin that has it. */
  readonly groups: ReadonlyMap<string, LaneLimits>
  /** How the limit of what belongs to no endpoint group follows what the server can do; null where there is none. */
  readonly limiter: LimiterSettings | null
  readonly discipline: QueueDiscipline
  readonly overloadAfter: number
  readonly overloadWait: number
  /** How long a surplus idle connection is kept because it may be needed again at once. */
  readonly idleGrace: number
  /** How long an idle connection is kept when the server names no keep-alive time. */
  readonly idleTimeout: number
  /** How long an idle connection is kept at most, whatever the server's hint says. */
  readonly maxIdleTimeout: number
  /** How long before the server's hint an idle connection is closed. */
  readonly idleMargin: number
  /** Age from which a connection takes no new request. */
  readonly maxConnectionAge: number
  /** Share of the age that chance takes off, so that connections opened together don't end together. */
  readonly ageJitter: number
  /** Requests one connection serves; Infinity for no limit. */
  readonly maxRequestsPerConnection: number
  /** How the number of an origin's connections follows what it needs; null for connections as they are asked for. */
  readonly adaptive: SizingOptions | null
}

export type { CloseOrder, CloseReason, DialReason, Refusal } from '../observe/pool-words.ts'

export const defaultLimits: PoolLimits = {
  maxConnections: 100,
  maxConnectionsPerOrigin: 20,
  maxConnectionsPerAddress: Infinity,
  maxDials: 32,
  maxIdleConnections: 20,
  maxQueue: 256,
  groups: new Map(),
  limiter: null,
  discipline: 'fifo',
  overloadAfter: 1_000,
  overloadWait: 100,
  idleGrace: 1_000,
  idleTimeout: 15_000,
  maxIdleTimeout: 60_000,
  idleMargin: 1_000,
  maxConnectionAge: 300_000,
  ageJitter: 0.1,
  maxRequestsPerConnection: Infinity,
  adaptive: null,
}
