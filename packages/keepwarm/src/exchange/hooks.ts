/** What a user may do on the way of a call. When each runs is drawn in docs/hooks.md. */
import type { CallTimings, ConnectionFacts } from '../call-facts.ts'
import type { AttemptRecord, KeepwarmError } from '../errors.ts'
import type { RequestHeaders } from './request-headers.ts'

/** What every hook is told. */
export interface HookFacts {
  /** The name of the client. */
  readonly client: string
  readonly method: string
  readonly origin: string
  /** Without its query, which may hold secrets. */
  readonly path: string
  /** The number of the attempt, from 1: the one that is about to begin, or that was last. 0 when none began. */
  readonly attempt: number
  /** How many attempts there may be in all (`retry.attempts`). */
  readonly maxAttempts: number
  /** Since the call began, in ms. */
  readonly elapsed: number
  /** Until its deadline, in ms. */
  readonly timeLeft: number
  /** What carries the attempt; undefined before it has a connection, and where nobody says. */
  readonly connection: ConnectionFacts | undefined
  /** Aborted when the call ends otherwise than with a response: for what a hook does meanwhile. */
  readonly signal: AbortSignal
}

/** An attempt that is about to begin. */
export interface RequestToSend extends HookFacts {
  /** Of this attempt alone: what is changed here is sent, and nothing of it is kept for the next. */
  readonly headers: RequestHeaders
  /** Whole, with its query: to be signed, not to be logged. */
  readonly url: string
  /** What is sent; undefined where there is nothing, or a stream. */
  readonly body: string | Uint8Array | undefined
}

/** A response of which nobody but the hook has heard. */
export interface ResponseHead extends HookFacts {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly timings: CallTimings
}

/** A call that is over: with a status and the whole body, or with an error. */
export interface EndedCall extends HookFacts {
  readonly status: number | undefined
  readonly error: KeepwarmError | undefined
  readonly timings: CallTimings
  /** What came of the attempts besides the one that gave the response. */
  readonly attempts: readonly AttemptRecord[]
}

/**
 * Before each attempt, retries and hedges among them. May take its time: that counts for the deadline of the call, not
 * for the attempt. What it throws ends the call with `hook`.
 */
export type BeforeRequest = (request: RequestToSend) => void | PromiseLike<void>

/**
 * When the head of a response is there, before it is decided whether another attempt is made. `again` asks for one more,
 * once a call, if the body can be sent again. Must not be async. What it throws ends the call with `hook`.
 */
export type AfterResponse = (response: ResponseHead) => 'again' | undefined | void

/** When a call is over, before its caller hears of it. What it throws becomes a warning of the process. */
export type AfterCall = (call: EndedCall) => void | PromiseLike<void>

/** One function of each, or several that run in their order. */
export interface Hooks {
  /** Before each attempt: adds headers, signs, gets a token. May be async. */
  readonly beforeRequest?: BeforeRequest | readonly BeforeRequest[]
  /** With the head of each response: looks at it, or asks for another try. */
  readonly afterResponse?: AfterResponse | readonly AfterResponse[]
  /** At the end of the call: logs it. */
  readonly afterCall?: AfterCall | readonly AfterCall[]
}

/** In their order; a call of its own hooks has those of the client before them. */
export interface HookLists {
  readonly beforeRequest: readonly BeforeRequest[]
  readonly afterResponse: readonly AfterResponse[]
  readonly afterCall: readonly AfterCall[]
}
