/**
 * What the ending of an attempt means, told in one place for everybody who asks: retries, breaker, budget, limit,
 * balance and figures. One row for each error code, a few rules for statuses.
 */
import type { ErrorCode, Phase, Sent } from './errors.ts'

/**
 * - `success`: the server answered, and is well. Whoever answers 404 is alive.
 * - `failure`: it is not well, or not to be reached.
 * - `overload`: it is well, and asks for less.
 * - `slow`: the caller left, but only after it had waited for longer than anybody should.
 * - `ignored`: it was not the server's doing. That is not the same as a success: it must not close a half-open breaker.
 */
export type OutcomeKind = 'success' | 'failure' | 'overload' | 'slow' | 'ignored'

/**
 * Whether another try can end differently: `worth` it; `pointless`, unless a hook knows better; `never`; or not from
 * us, whose own `queue` is where it stuck: it would only add to that.
 */
export type AnotherTry = 'worth' | 'pointless' | 'never' | 'queue'

/** An error of ours (a `KeepwarmError` fits), or the status of a response. */
export type Ending = FailedEnding | AnsweredEnding

export interface FailedEnding {
  readonly code: ErrorCode
  readonly sent?: Sent | undefined
  readonly phase?: Phase | undefined
  /** The reader had paused it: the time that went by was not the server's. */
  readonly paused?: boolean | undefined
  /** It was ended because another attempt of the same call was faster. */
  readonly lost?: boolean | undefined
  /** How long the attempt had run, in ms. */
  readonly elapsed?: number | undefined
}

export interface AnsweredEnding {
  readonly status: number
  /** The wait that the response asks for, in ms. */
  readonly retryAfter?: number | undefined
}

interface Row {
  readonly outcome: OutcomeKind
  readonly again: AnotherTry
}

/** The code alone; the functions below know what depends on where and when it struck. */
const byCode: Readonly<Record<ErrorCode, Row>> = {
  connect: { outcome: 'failure', again: 'worth' },
  reset: { outcome: 'failure', again: 'worth' },
  protocol: { outcome: 'failure', again: 'worth' },
  attempt_timeout: { outcome: 'failure', again: 'worth' },
  deadline: { outcome: 'failure', again: 'never' },
  queue_full: { outcome: 'ignored', again: 'queue' },
  acquire_timeout: { outcome: 'ignored', again: 'queue' },
  breaker_open: { outcome: 'ignored', again: 'never' },
  aborted: { outcome: 'ignored', again: 'never' },
  closed: { outcome: 'ignored', again: 'never' },
  invalid_request: { outcome: 'ignored', again: 'never' },
  hook: { outcome: 'ignored', again: 'never' },
  config: { outcome: 'ignored', again: 'never' },
  body_too_large: { outcome: 'ignored', again: 'pointless' },
  decode: { outcome: 'ignored', again: 'pointless' },
  validation: { outcome: 'ignored', again: 'pointless' },
  status: { outcome: 'ignored', again: 'pointless' },
}

/**
 * What the ending of an attempt tells about the server. Allocates nothing.
 *
 * - 429 is overload, and so is a 503 that says when to come back; see {@link breakerOutcome} for the latter.
 * - A timeout that struck in our own queue, or while the reader had paused the response, is ignored.
 * - A caller who leaves is ignored; after `slowAfter` ms, with the request at the server, the attempt was `slow`.
 *
 * @param slowAfter ms after which an attempt that is given up counts as slow. Default Infinity: never.
 * @example outcomeOf({ status: 429 }) // 'overload'
 * @example outcomeOf({ code: 'attempt_timeout', phase: 'wait' }) // 'ignored'
 */
export function outcomeOf(ending: Ending, slowAfter: number = Infinity): OutcomeKind {
  return 'status' in ending ? outcomeOfStatus(ending) : outcomeOfError(ending, slowAfter)
}

/**
 * The same, as a breaker counts it: a 503 is a failure, whether or not it says when to come back.
 *
 * @example breakerOutcome({ status: 503, retryAfter: 1_000 }) // 'failure'; outcomeOf() says 'overload'
 */
export function breakerOutcome(ending: Ending, slowAfter?: number): OutcomeKind {
  return 'status' in ending && ending.status === 503 ? 'failure' : outcomeOf(ending, slowAfter)
}

/** Whether the attempt ended without a connection: five of these in a row trip a breaker by themselves. */
export function isConnectFailure(ending: Ending): boolean {
  if ('status' in ending || ending.lost === true) return false
  return ending.code === 'connect' || (ending.code === 'attempt_timeout' && ending.phase === 'connect')
}

/**
 * Whether another try can end differently. Whether it may be made is another question: see `retry/decide.ts`.
 *
 * @param statuses that are worth another try. 501 and 505 never are: the server has said that it cannot do this at all.
 * @example anotherTry({ code: 'queue_full' }, statuses) // 'queue'
 */
export function anotherTry(ending: Ending, statuses: ReadonlySet<number>): AnotherTry {
  if ('code' in ending) return struckInQueue(ending) ? 'queue' : byCode[ending.code].again
  if (ending.status === 501 || ending.status === 505) return 'never'
  return statuses.has(ending.status) ? 'worth' : 'pointless'
}

function outcomeOfStatus({ status, retryAfter }: AnsweredEnding): OutcomeKind {
  if (status === 429 || (status === 503 && retryAfter !== undefined)) return 'overload'
  return status >= 500 || status === 408 || status === 425 ? 'failure' : 'success'
}

function outcomeOfError(ending: FailedEnding, slowAfter: number): OutcomeKind {
  const { code, sent, lost, elapsed = 0 } = ending
  if (lost === true || struckInQueue(ending)) return 'ignored'
  if (isTimeout(code) && ending.paused === true) return 'ignored'
  // Before it was sent, the time was spent in our own queue or between two attempts.
  if (code === 'deadline' && sent !== 'maybe') return 'ignored'
  if (code === 'aborted' && sent === 'maybe' && elapsed >= slowAfter) return 'slow'
  return byCode[code].outcome
}

function isTimeout(code: ErrorCode): boolean {
  return code === 'deadline' || code === 'attempt_timeout'
}

/** The attempt's time went by while it waited for a connection: we ourselves are the bottleneck. */
function struckInQueue({ code, phase }: FailedEnding): boolean {
  return code === 'attempt_timeout' && phase === 'wait'
}
