/** What is published of pools, whether or not a call is above them: the other half of {@link file://./events.ts}. */
import type { CloseReason, DialReason, Refusal } from './pool-words.ts'

/**
 * A request got no connection at once. One that is turned away without waiting, because the line is full or the pool
 * closed, has a start and an end in the same moment.
 */
export interface WaitStart {
  /** Its number among the waits of this process. A request that lost its connection unused waits once more. */
  readonly wait: number
  readonly pool: number
  readonly origin: string
  /** Its endpoint group. */
  readonly group: string | undefined
  readonly method: string
  readonly path: string
  /** What it waits for; undefined for requests to the pool itself, and for calls that nobody watched from their start. */
  readonly call: number | undefined
  readonly attempt: number | undefined
  /** In its line, this one included. */
  readonly waiting: number
  readonly at: number
}

export interface WaitEnd extends WaitStart {
  readonly duration: number
  /** It got a connection, its caller left, or why it was turned away. */
  readonly outcome: 'leased' | 'left' | Refusal
  readonly connection: number | undefined
}

export interface DialStart {
  readonly pool: number
  /** What the connection will be called: its number in its pool. */
  readonly connection: number
  readonly origin: string
  /** Why it is dialed. */
  readonly reason: DialReason
  readonly at: number
}

export interface DialEnd extends DialStart {
  readonly duration: number
  /** `called_off`: nobody needed it any more. `postponed`: no address of the origin had room, so that none was dialed. */
  readonly outcome: 'opened' | 'failed' | 'called_off' | 'postponed'
  /** The platform's word where it failed: `ECONNREFUSED`, `ENOTFOUND`, `UND_ERR_CONNECT_TIMEOUT` … */
  readonly code: string | undefined
  readonly message: string | undefined
  readonly dns: number | undefined
  readonly tcp: number | undefined
  readonly tls: number | undefined
}

export interface ConnectionOpen {
  readonly pool: number
  readonly connection: number
  readonly origin: string
  /** Why it was dialed. */
  readonly reason: DialReason
  readonly protocol: 'http/1.1' | 'h2'
  /** `address:port` of the other side: of the proxy, where there is one. */
  readonly address: string | undefined
  readonly proxy: string | undefined
  readonly at: number
}

export interface ConnectionClose extends ConnectionOpen {
  /** Why it was closed. */
  readonly closed: CloseReason
  /** Since it was opened. */
  readonly age: number
  /** Requests that it was given. */
  readonly requests: number
  /** For how long it had rested; 0 when it had not. */
  readonly idle: number
}

/** A limit that follows its server is another now. */
export interface LimitEvent {
  readonly pool: number
  readonly origin: string
  readonly group: string | undefined
  readonly before: number
  readonly limit: number
  readonly inFlight: number
  readonly at: number
}

/** A request on a connection, of which the pool tells something. */
interface OnConnection {
  readonly pool: number
  readonly connection: number
  readonly origin: string
  readonly method: string
  readonly path: string
  readonly call: number | undefined
  readonly attempt: number | undefined
  readonly at: number
}

/** Nobody has read on in a response for `leakAfter`, and it holds its connection. */
export interface LeakEvent extends OnConnection {
  readonly stalledFor: number
  /** Where it was asked for, with `leakStacks`. */
  readonly stack: string | undefined
}

/**
 * A request found its connection closed and goes out on another, unseen by its caller: the server closed it as the
 * request went out (`race`), or before a byte of it was written (`unsent`).
 */
export interface RaceEvent extends OnConnection {
  readonly kind: 'race' | 'unsent'
  /** How long the connection had rested before. */
  readonly rested: number
  /** Requests that it was given, this one included. */
  readonly requests: number
}
