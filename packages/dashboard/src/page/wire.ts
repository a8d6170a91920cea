/**
 * What the page is told, as it reads it. The library makes it (its types say more); the page asks for no more than this,
 * and does without what is marked optional, so that a page and a library of different ages understand each other.
 * All durations are milliseconds, all moments milliseconds since 1970, but where "second" is said.
 */

export type Breaker = 'closed' | 'half-open' | 'open'
export type Level = 'ok' | 'info' | 'warn' | 'critical'

export interface WireHistogram {
  readonly unit: string
  readonly bounds: readonly number[]
  /** One more than there are bounds. */
  readonly counts: readonly number[]
}

export interface WireGuard {
  readonly origin: string
  readonly group: string | null
  readonly breaker: Breaker
  readonly forced: 'open' | 'closed' | null
  readonly failureRatio: number
  readonly retryAfter: number | null
  readonly lastFailure: string | null
  readonly budget: { readonly tokens: number; readonly cap: number }
}

export interface WireClient {
  readonly name: string
  readonly poolId: number
  readonly endpoints: readonly string[]
  readonly health: { readonly status: string; readonly reasons: readonly string[] }
  readonly guards: readonly WireGuard[]
  readonly calls: {
    readonly inFlight: number
    readonly ended: Readonly<Record<string, number>>
    readonly cancelled: number
  }
  readonly attempts: { readonly initial: number; readonly retry: number; readonly hedge: number }
  readonly attemptsEnded: Readonly<Record<string, number>>
  readonly histograms: { readonly call: WireHistogram }
  readonly settings?: Readonly<Record<string, number | boolean | string | null>>
}

export interface WireConnection {
  readonly id: number
  readonly origin: string
  readonly state: 'dialing' | 'idle' | 'busy' | 'retiring'
  readonly protocol?: 'h1' | 'h2'
  readonly address?: string
  readonly openedFor: string
  readonly age: number
  readonly idle: number
  readonly inFlight: number
  readonly requests: number
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** A request that has a connection. */
export interface WireHolder {
  readonly method: string
  readonly path: string
  readonly operation?: string | null
  readonly connection: number
  readonly heldFor: number
  readonly phase: string
  /** For how long its reader has wanted nothing. */
  readonly stalledFor: number
}

export interface WireOrigin {
  readonly origin: string
  readonly connections: number
  readonly idle: number
  readonly dialing: number
  readonly inFlight: number
  readonly waiting: number
  readonly oldestWait: number
  readonly limit: number | null
  readonly protocol?: 'h1' | 'h2' | null
  /** Requests that the connections which are ready take at once: for HTTP/2 its streams. */
  readonly maxInFlight?: number
  /** The limit, in the name of its option, that keeps the first of those who wait. */
  readonly blockedBy?: string | null
  /** After how long the server closes idle connections, as far as it showed. */
  readonly serverIdle?: number | null
  /** The requests that hold a connection longest. */
  readonly holders?: readonly WireHolder[]
}

export interface WirePool {
  readonly id: number
  readonly maxConnections: number
  readonly maxConnectionsPerOrigin: number
  readonly maxIdleConnections: number
  readonly origins: readonly WireOrigin[]
  /** Those that are told of one by one. */
  readonly connectionList?: readonly WireConnection[]
}

export interface WireEvent {
  readonly at: number
  readonly number: number
  readonly level: string
  readonly kind: string
  readonly origin: string
  readonly text: string
  /** The client that it happened to, where it was one's alone. */
  readonly client?: string | null
  /** How often, in a burst that is told as one event. */
  readonly count?: number
}

export interface WireProcess {
  readonly pid: number
  readonly node: string
  /** Seconds. */
  readonly uptime: number
  readonly name: string
  readonly loop: { readonly p50: number; readonly p99: number; readonly max: number } | null
  readonly cpu: number | null
  /** Bytes. */
  readonly rss: number
}

export interface WireSnapshot {
  readonly version: number
  readonly at: number
  readonly process: WireProcess
  readonly clients: readonly WireClient[]
  readonly pools: readonly WirePool[]
  readonly events: readonly WireEvent[]
}

export interface WireVerdict {
  readonly kind: string
  readonly level: Level
  readonly client: string | null
  readonly origin: string | null
  readonly group?: string | null
  readonly text: string
  readonly cause?: string
  readonly evidence: readonly { readonly name: string; readonly value: string }[]
  /** Kinds of what else was found, and comes of the same. */
  readonly includes?: readonly string[]
  readonly suggestion: { readonly text: string; readonly env?: string; readonly code?: string } | null
}

/** Columns by second: each series has `seconds` values, the first of second `from`; null is "not known". */
export interface WireSlice {
  readonly version: number
  readonly client: string
  /** Unix second of the first row. */
  readonly from: number
  readonly seconds: number
  readonly series: Readonly<Record<string, readonly (number | null)[]>>
}

/** A process that can be looked at. */
export interface WireShownProcess {
  readonly id: string
  readonly name: string
  /** It did not answer when it was last asked. */
  readonly silent?: boolean
}

export interface WireTick {
  readonly snapshot: WireSnapshot
  readonly rows: readonly WireSlice[]
  readonly verdicts: readonly WireVerdict[]
  /** All processes that can be looked at; more than one where a service is several. */
  readonly processes?: readonly WireShownProcess[]
  /** What of them this is: one, by its id, or `sum`. */
  readonly view?: string
  /** Whether the reader may change things. */
  readonly admin?: boolean
}
