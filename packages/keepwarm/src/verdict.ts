/** What a diagnosis says, as plain JSON. */

/** From harmless to what somebody has to look at now. */
export type VerdictLevel = 'ok' | 'info' | 'warn' | 'critical'

export type VerdictKind =
  /** Our own event loop did not run: what clients measured is not the services' time. */
  | 'loop_blocked'
  /** No connection comes about: refused, timed out, no route. */
  | 'unreachable'
  /** A name cannot be looked up or a certificate is refused, or dialing has become slow. */
  | 'dns_tls'
  /** A breaker is open and stays so. */
  | 'breaker_open'
  /** A breaker opens and closes again and again. */
  | 'breaker_flapping'
  /** All connections are taken and calls wait. */
  | 'pool_exhausted'
  /** Responses that nobody reads hold connections. */
  | 'body_leak'
  /** Calls were turned away because too many wait. */
  | 'queue_full'
  /** Calls wait for, or are turned away by, a limit that is not that of connections. */
  | 'overloaded'
  | 'slow_dependency'
  /** Calls fail, for none of the other reasons. */
  | 'failing'
  | 'retry_storm'
  /** The server closes idle connections earlier than the client expects. */
  | 'stale_connections'
  /** All connections ended at one moment. */
  | 'server_restart'
  /** Connections are opened and closed again for a request or two. */
  | 'churn'
  /** A client's health is not good, for none of the other reasons. */
  | 'degraded'
  | 'healthy'

export interface Evidence {
  /** Such as `waiting`; no two of a verdict are equal. */
  readonly name: string
  /** With its unit: `14`, `6.2 s`, `4.8 s (usually 1.1 s)`. */
  readonly value: string
}

export interface Suggestion {
  /** What to do, a sentence or two. */
  readonly text: string
  /** Lines for the environment, such as `SEARCH_HTTP_CLIENT_MAX_CONNECTIONS=40`. */
  readonly env?: string
  /** The same, or what else helps, in code. */
  readonly code?: string
}

/** Something that is wrong, why, and what to do; or that nothing is. */
export interface Verdict {
  readonly kind: VerdictKind
  readonly level: VerdictLevel
  /** The client that is concerned; null when several are, or none. */
  readonly client: string | null
  /** Null where it is not about one origin. */
  readonly origin: string | null
  /** The endpoint group of the origin, where it is about one. */
  readonly group?: string | null
  /** One line: what, for how long, why. */
  readonly text: string
  /** Why, in one word that programs can compare; such as `slow_dependency`, `leak` or `load`. */
  readonly cause?: string
  readonly evidence: readonly Evidence[]
  readonly suggestion: Suggestion | null
  /** The part of `text` that says why, where the rest says what: an error that says what by itself needs no more. */
  readonly why?: string
  /** What else was found and comes of the same: the symptoms that need no verdict of their own. */
  readonly includes?: readonly VerdictKind[]
}
