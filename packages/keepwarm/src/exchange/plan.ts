import type { Readable } from 'node:stream'
import type { RetrySettings } from '../retry/options.ts'
import type { HookLists } from './hooks.ts'

/** How long each part of a call may take, in ms; Infinity for no limit of its own. */
export interface CallTimeouts {
  /** The whole call: waiting, every attempt, every wait between them, and the body. */
  readonly total: number
  /** One attempt, from asking for a connection to the end of the body. */
  readonly attempt: number
  /** Waiting for a connection; undefined for as long as the pool says. */
  readonly acquire: number | undefined
  /** The longest pause while the request is being sent. */
  readonly write: number
  /** From the request's last byte to the response's headers. */
  readonly headers: number
  /** The longest pause between two parts of the response's body. */
  readonly bodyIdle: number
}

/** How one call is made; a client's default plan is shared by all calls that change nothing. */
export interface CallPlan {
  readonly timeouts: CallTimeouts
  readonly retry: RetrySettings
  /** The most bytes of a response's body. */
  readonly maxResponseBytes: number
  /** Whether the breaker is asked and told. A health check is not part of the traffic that it guards. */
  readonly guarded: boolean
  /** Whether a second attempt may go out beside a slow one, where the client hedges. */
  readonly hedged: boolean
  /** Whether a download that breaks off goes on where it stopped. */
  readonly resumed: boolean
  /** With less time left than this, in ms, no attempt is begun. */
  readonly least: number
  /** What it is, for figures: a name of few. */
  readonly operation: string | undefined
  readonly signal: AbortSignal | undefined
  readonly hooks: HookLists | undefined
  /** Makes the body anew for each attempt. */
  readonly makeBody: (() => Readable) | undefined
}
