/**
 * A pool as it is shown. The types stand here, and not in pool/, because the diagnosis, the exporters and the dashboard
 * speak of them and the pool itself publishes to this room: imports run one way. What fills them is pool/snapshot.ts.
 */
import type { CloseReason, DialReason, Refusal } from './pool-words.ts'
import type { HistogramSnapshot } from './snapshot.ts'

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

/**
 * What keeps the first of those who wait from going out now: a limit, in the name of its option; a `limiter`, or the
 * `group`'s own `maxInFlight`; a dial that is under way for all of them; the pause after a dial that failed; or that the
 * server allows its sessions no more streams.
 */
export type BlockedBy =
  | 'maxConnections'
  | 'maxConnectionsPerOrigin'
  | 'maxConnectionsPerAddress'
  | 'maxDials'
  | 'limiter'
  | 'group'
  | 'dialing'
  | 'dial_backoff'
  | 'server_streams'

/** A line of those who wait. */
export interface LineSnapshot {
  readonly waiting: number
  /** Null when nobody waits, or the first has to wait for a moment only. */
  readonly blockedBy: BlockedBy | null
  /** Since when there has always been somebody in line, in ms; 0 when nobody waits. */
  readonly waitingFor: number
  /** Requests that were turned away so far. */
  readonly refused: { readonly queue_full: number; readonly acquire_timeout: number }
}

/** The requests of an endpoint group. */
export interface GroupSnapshot extends LineSnapshot {
  readonly group: string
  readonly inFlight: number
  /** As it was set. */
  readonly maxInFlight: number
  /** What its adaptive limit allows at the moment; null without one. */
  readonly limit: number | null
}

/** What happened at an origin since the pool knows it. Durations in ms. */
export interface OriginHistory {
  /** As those of the pool. */
  readonly counters: PoolCounters
  readonly dials: {
    /** Those that opened, and the sums of how long they and their parts took. */
    readonly count: number
    readonly total: number
    readonly dns: number
    readonly tcp: number
    readonly tls: number
    /** The others, by the platform's word: `ECONNREFUSED`, `ENOTFOUND` … At most 20 words, and `other`. */
    readonly failed: Readonly<Record<string, number>>
    readonly failedInARow: number
  }
  /** Requests that gave their connection back, and the sum of how long they had it. */
  readonly use: { readonly count: number; readonly total: number }
  /** Connections that came to their end, and the sum of the requests that they had been given. */
  readonly ended: { readonly connections: number; readonly requests: number }
  /** After how long the server closes idle connections, as far as it showed: learned, without a margin. */
  readonly serverIdle: number | null
  /** Idle connections that it closed, how long they had rested in all, and at how many moments: a restart is one. */
  readonly serverCloses: { readonly count: number; readonly restTotal: number; readonly moments: number }
}

/** A request that has a connection. */
export interface HolderSnapshot {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly operation?: string
  readonly group?: string
  /** Which connection it holds, and for how long, in ms. */
  readonly connection: number
  readonly heldFor: number
  /** It is written, waits for its answer, or reads it. */
  readonly phase: 'send' | 'headers' | 'body'
  /** For how long its reader has wanted nothing, in ms; 0 while it reads, and where `leakAfter` is Infinity. */
  readonly stalledFor: number
  /** Where it was asked for, with `leakStacks`. */
  readonly stack?: string
}

/** The state of one origin's connections, and of those who wait for them. Durations in milliseconds. */
export interface OriginSnapshot extends LineSnapshot, OriginHistory {
  readonly origin: string
  readonly connections: number
  readonly idle: number
  readonly dialing: number
  readonly inFlight: number
  /** How long the one has waited that has waited longest; 0 when nobody waits. */
  readonly oldestWait: number
  /** What the adaptive limit allows at the moment of requests that belong to no endpoint group; null without one. */
  readonly limit: number | null
  /** Those of its endpoint groups that had requests so far. */
  readonly groups: readonly GroupSnapshot[]
  /** Of connections that are ready; null while there is none. */
  readonly protocol: 'h1' | 'h2' | null
  /** Requests that those take at once: for HTTP/2 its streams. */
  readonly maxInFlight: number
  /** Responses that hold a connection while nobody reads on: how many, the longest in ms, and how many for `leakAfter`. */
  readonly stalled: { readonly count: number; readonly oldest: number; readonly leaked: number }
  /** The five requests that hold a connection longest; only where they were asked for. */
  readonly holders?: readonly HolderSnapshot[]
}

/** The limits of a pool as they are now; null for one that is Infinity. Durations in ms. */
export interface PoolLimitsSnapshot {
  readonly maxQueue: number | null
  readonly maxDials: number | null
  readonly maxConnectionsPerAddress: number | null
  readonly idleTimeout: number | null
  readonly maxIdleTimeout: number | null
  readonly maxConnectionAge: number | null
  readonly maxRequestsPerConnection: number | null
  readonly leakAfter: number | null
}

/** How dials, requests and connections of a pool were, since it was made. */
export interface PoolHistograms {
  /** Dials that opened. */
  readonly dial: HistogramSnapshot
  /** From when a request came, or came back, until it got a connection. */
  readonly wait: HistogramSnapshot
  /** From there until it gave it back. */
  readonly use: HistogramSnapshot
  /** Of connections, from when they opened to their end. */
  readonly lifetime: HistogramSnapshot
  /** How many each of those had been given. */
  readonly requests: Omit<HistogramSnapshot, 'unit'> & { readonly unit: 'requests' }
}

/** What a snapshot has besides. */
export interface PoolSnapshotOptions {
  /** Which requests hold connections longest: all that have one are looked at for that. Default false. */
  readonly holders?: boolean
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
  /**
   * Those that have a connection, or requests that wait for one; besides, the 50 at which something happened last, if it
   * was in the last ten minutes. One that comes back has its old figures.
   */
  readonly origins: readonly OriginSnapshot[]
  readonly counters: PoolCounters
  readonly histograms: PoolHistograms
  readonly limits: PoolLimitsSnapshot
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
