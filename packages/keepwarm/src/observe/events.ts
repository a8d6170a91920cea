/**
 * The outline of all that is published on `diagnostics_channel`: for each name, such as `call:start`, what its messages
 * say. The channel's own name is `keepwarm:call:start`. Drawn in docs/events.md.
 *
 * Ids lead from one to the other: a wait names its call and attempt, and the connection that ended it; a connection was
 * dialed under its own number. Paths have no query, and no message has headers. `at` is in ms on the clock of the
 * runtime, that of `performance.now()`; durations are in ms.
 */
import type { CallTimings, ConnectionFacts } from '../call-facts.ts'
import type { ErrorCode, KeepwarmError, Phase, Sent } from '../errors.ts'
import type {
  ConnectionClose,
  ConnectionOpen,
  DialEnd,
  DialStart,
  LeakEvent,
  LimitEvent,
  RaceEvent,
  WaitEnd,
  WaitStart,
} from './pool-events.ts'
import type { BreakerState } from './words.ts'

/** A call begins: told at once, in its caller's turn. */
export interface CallStart {
  /** Its number among the calls of this process. */
  readonly call: number
  /** The name of the client. */
  readonly client: string
  readonly method: string
  readonly origin: string
  readonly path: string
  /** As the call, or the service, names it. */
  readonly operation: string | undefined
  /** A health check, which is no part of the traffic. */
  readonly isCheck: boolean
  /** The call whose answer led here. */
  readonly redirectedFrom: number | undefined
  readonly at: number
  /** With its query, which may hold secrets: not among what is listed or written as JSON. */
  readonly url: string
}

/** A call is over, before its caller hears of it. There is a `status`, or an `error`. */
export interface CallEnd extends CallStart {
  readonly duration: number
  readonly status: number | undefined
  readonly error: KeepwarmError | undefined
  /** Attempts that were sent on their way. */
  readonly attempts: number
  readonly timings: CallTimings
  /** What the attempt that counted went out on. */
  readonly connection: ConnectionFacts | undefined
}

/** An attempt begins, before it waits for a connection. Two of one call may be under way: a hedge beside another. */
export interface AttemptStart {
  readonly call: number
  readonly client: string
  /** Its number within the call, from 1. */
  readonly attempt: number
  readonly why: 'initial' | 'retry' | 'hedge'
  /** What a retry makes good: `status_503`, `reset` … */
  readonly reason: string | undefined
  readonly method: string
  readonly origin: string
  readonly path: string
  /** The endpoint group that it belongs to, where those are guarded apart. */
  readonly group: string | undefined
  readonly at: number
  /** With its query: not among what is listed or written as JSON. */
  readonly url: string
  /**
   * Adds a header to this attempt, in place of one of that name that the caller gave: for the context of a trace. Only
   * while the event is told; afterwards the request has gone.
   */
  setHeader(name: string, value: string): void
}

/** Where the time of an attempt went, in ms; what was not reached is absent. */
export type AttemptTimings = Pick<CallTimings, 'queued' | 'connect' | 'send' | 'headers' | 'download'>

/** There is a `status`, or a `code`. */
export interface AttemptEnd extends Omit<AttemptStart, 'setHeader'> {
  readonly duration: number
  /** Of its answer; also where the answer was not wanted any more. */
  readonly status: number | undefined
  readonly code: ErrorCode | undefined
  /** The platform's words, or ours, about what ended it. */
  readonly message: string | undefined
  /** Nobody's failure: its caller left, or another attempt was faster. */
  readonly cancelled: boolean
  /** In which it ended. */
  readonly phase: Phase
  readonly sent: Sent
  readonly timings: AttemptTimings
  readonly connection: ConnectionFacts | undefined
  /** Bytes of bodies that went over the wire until then: of the request, and of its answer, packed as they were. */
  readonly requestBytes: number
  readonly responseBytes: number
}

/** An attempt came to nothing: another follows in `wait` ms, or none does, `because` of something. */
export interface RetryEvent {
  readonly call: number
  readonly client: string
  /** The one that came to nothing. */
  readonly attempt: number
  readonly again: boolean
  readonly reason: string | undefined
  readonly because: string | undefined
  readonly wait: number | undefined
  readonly method: string
  readonly origin: string
  readonly path: string
  readonly at: number
}

export interface BreakerEvent {
  readonly client: string
  readonly origin: string
  /** It guards this endpoint group alone. */
  readonly group: string | undefined
  readonly from: BreakerState
  readonly to: BreakerState
  /** Somebody holds it there, or let it go. */
  readonly forced: boolean
  /** The last failure that counted. */
  readonly failure: string | undefined
  /** Until it lets probes through, where it is open by its own mind. */
  readonly retryAfter: number | undefined
  /** Whose ending was the last drop. */
  readonly call: number | undefined
  readonly at: number
}

/** Every event by its name. */
export interface Events {
  'call:start': CallStart
  'call:end': CallEnd
  'attempt:start': AttemptStart
  'attempt:end': AttemptEnd
  retry: RetryEvent
  'wait:start': WaitStart
  'wait:end': WaitEnd
  'dial:start': DialStart
  'dial:end': DialEnd
  'connection:open': ConnectionOpen
  'connection:close': ConnectionClose
  breaker: BreakerEvent
  limit: LimitEvent
  leak: LeakEvent
  race: RaceEvent
}

export type EventName = keyof Events
