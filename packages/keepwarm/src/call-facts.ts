/** What is known of a call besides its answer: where its time went, and on which connection. Both are plain JSON. */

/**
 * Where the time of a call went, in ms. All but `before` and `total` are of one attempt: the one that gave the response,
 * or the last one of a call that failed. What was not reached is absent; where the call ended, or is now, has the time
 * until then. `before + queued + send + headers + download` is `total` when the response is complete.
 */
export interface CallTimings {
  /** From the start of the call to that of this attempt: attempts before it, the pauses between them, `beforeRequest`. */
  readonly before: number
  /** From the start of the attempt until the request went out on a connection: in line, and for the dial if need be. */
  readonly queued: number
  /** The part of `queued` that was a dial; only where the attempt's connection was dialed while it waited. */
  readonly connect?: ConnectTimings
  /** From there until its last byte was written. */
  readonly send?: number
  /** From there to the head of the response. */
  readonly headers?: number
  /** From there to the end of the body, or until it was read so far. */
  readonly download?: number
  /** From the start of the call to its end, or until now. */
  readonly total: number
}

/** A dial, in ms; its parts are absent where there was none, or nobody saw it. */
export interface ConnectTimings {
  /** From its beginning until the connection was ready. */
  readonly total: number
  /** Until the name was looked up. */
  readonly dns?: number
  /** From there until TCP was connected: to the proxy, where there is one. */
  readonly tcp?: number
  /** From there until TLS was done; absent behind a proxy. */
  readonly tls?: number
}

/** The connection of an attempt, as it was when the request went out on it. */
export interface ConnectionFacts {
  /** Its number in the pool: that of `pool.connections()`. */
  readonly id: number
  readonly protocol?: 'http/1.1' | 'h2'
  /** It had carried another request before. */
  readonly reused: boolean
  /** Since it was opened, in ms. */
  readonly age: number
  /** For how long nothing had run on it when the request went out, in ms. */
  readonly idle: number
  /** Requests that it had been given, this one included. */
  readonly requestsServed: number
  /** `address:port` of the other side: of the proxy, where there is one. */
  readonly address?: string
  /** `address:port` of this side. */
  readonly local?: string
  /** The proxy that it leads through. */
  readonly proxy?: string
}
