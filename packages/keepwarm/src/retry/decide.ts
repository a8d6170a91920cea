import type { Sent } from '../errors.ts'
import { mayArriveTwice } from '../idempotent-methods.ts'
import { anotherTry } from '../outcome.ts'
import { backoff } from './backoff.ts'
import type { Backoff } from './backoff.ts'
import type { RetryBudget } from './budget.ts'
import { isCertificateFault } from './certificate-faults.ts'
import type { AttemptEnding, ShouldRetry } from './hook.ts'
import type { NotRetried } from './not-retried.ts'
import { retryDefaults } from './options.ts'

export type { AttemptEnding } from './hook.ts'
export { notRetriedText, type NotRetried } from './not-retried.ts'

/** Everything that decides whether an attempt is followed by another. Times in milliseconds. */
export interface RetryQuestion {
  readonly ending: AttemptEnding
  /** `no` only where it is certain that the server did not process any of it. */
  readonly sent: Sent
  /** A part of the response has already reached the caller and cannot be taken back. */
  readonly responseStarted: boolean
  readonly method: string
  /** What the caller said; undefined leaves it to the method. */
  readonly idempotent: boolean | undefined
  readonly hasIdempotencyKey: boolean
  /** The body can be sent again, from its first byte. */
  readonly replayable: boolean
  /** The body is made anew for each attempt, by a function of the caller. */
  readonly bodyFactory?: boolean | undefined
  /** The number of the attempt that has just ended, from 1. Free retries do not count. */
  readonly attempt: number
  readonly maxAttempts: number
  /** To the deadline of the call; may be Infinity. */
  readonly timeLeft: number
  /** What the server asked for. */
  readonly retryAfter?: number | undefined
  /** The longest that is waited for a server that asks; default 60 s. */
  readonly maxRetryAfter?: number | undefined
  readonly backoff: Backoff
  /** In place of its base after a 429 or a 503; default its base. */
  readonly throttledBase?: number | undefined
  /** What an attempt usually takes; undefined when not known. With less time than that left, none is begun. */
  readonly usualDuration?: number | undefined
  readonly shouldRetry?: ShouldRetry | undefined
  /** Whether this call has been tried again for a 425 before. When nobody says, all attempts but the first have. */
  readonly triedTooEarly?: boolean | undefined
  readonly statuses: ReadonlySet<number>
  /** In [0, 1). */
  readonly random: number
  /** Whether the connection had served other requests before; undefined means it had. */
  readonly reusedConnection?: boolean | undefined
  /** The free retries that this call has had. When nobody counts them, only the first attempt may be repeated free. */
  readonly freeRetries?: number | undefined
}

export type RetryDecision = Again | NotAgain

export interface Again {
  readonly again: true
  /** Milliseconds to wait first; 0 means at once. */
  readonly wait: number
  /** What is being made good, for counters: an error code, or `status_503`. */
  readonly reason: string
  /** Counts neither as an attempt nor against the budget; the caller counts it in `freeRetries`. */
  readonly free: boolean
}

export interface NotAgain {
  readonly again: false
  readonly because: NotRetried
  /** What the hook threw, with `hook_threw`. */
  readonly thrown?: unknown
}

/**
 * Whether the call goes again, after which wait, or why not. Nothing is sent twice that may have been processed,
 * unless the method or the caller says that it may. No wait ends earlier than the server asked, and none is begun
 * that the deadline would cut short.
 *
 * The budget is asked afterwards, by {@link chargeRetry}, so that it is charged for retries that will happen.
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const worth = worthOf(question)
  if (worth === 'never' || worth === 'queue' || worth === 'certificate') return no(neverBecause[worth])
  const unsafe = whyUnsafe(question)
  if (worth === 'pointless' && question.shouldRetry === undefined) return no('not_retryable')
  if (unsafe !== undefined) return no(worth === 'pointless' ? 'not_retryable' : unsafe)
  const free = isFree(question)
  if (!free && question.attempt >= question.maxAttempts)
    return no(worth === 'pointless' ? 'not_retryable' : 'attempts_used')
  const refused = free ? undefined : askHook(question, worth === 'worth')
  return refused ?? afterWait(question, free)
}

/**
 * Takes a token for a retry that was decided on. Call it before the wait, and give the token back when the wait is
 * aborted.
 *
 * @returns the same decision, or `budget_empty`.
 */
export function chargeRetry(decision: RetryDecision, budget: RetryBudget, now: number): RetryDecision {
  if (!decision.again || decision.free || budget.withdraw(now)) return decision
  return { again: false, because: 'budget_empty' }
}

const neverBecause = { never: 'not_retryable', queue: 'queue', certificate: 'certificate' } as const

type Worth = ReturnType<typeof anotherTry> | 'certificate'

function worthOf(question: RetryQuestion): Worth {
  const { ending, statuses, attempt, triedTooEarly = attempt > 1 } = question
  if ('code' in ending && isCertificateFault(ending.cause)) return 'certificate'
  // "Too early" was told before anything was processed, and will not be told twice of a request that is sent whole.
  if ('status' in ending && ending.status === 425 && !triedTooEarly) return 'worth'
  return anotherTry(ending, statuses)
}

/** What nobody but the caller's own word on idempotence can allow. */
function whyUnsafe(question: RetryQuestion): NotRetried | undefined {
  const { sent, method, idempotent, hasIdempotencyKey } = question
  if (question.responseStarted) return 'response_started'
  if (sent === 'maybe' && !mayArriveTwice(method, idempotent, hasIdempotencyKey)) return 'not_idempotent'
  return question.replayable || question.bodyFactory === true ? undefined : 'body_not_replayable'
}

/** What speaks against another try after the hook was asked; undefined when nothing does. */
function askHook(question: RetryQuestion, worth: boolean): NotAgain | undefined {
  const { shouldRetry, ending, method, sent, attempt, maxAttempts, timeLeft, retryAfter } = question
  if (shouldRetry === undefined) return undefined
  try {
    const facts = { ending, method, sent, attempt, maxAttempts, timeLeft, retryAfter, worth }
    const said: unknown = shouldRetry(facts) ?? worth
    if (typeof said !== 'boolean')
      throw new TypeError(`shouldRetry returned ${typeof said}, not true, false or undefined`)
    if (said) return undefined
    return no(worth ? 'hook' : 'not_retryable')
  } catch (thrown) {
    return { again: false, because: 'hook_threw', thrown }
  }
}

function no(because: NotRetried): NotAgain {
  return { again: false, because }
}

/**
 * The keep-alive race: the server closed an idle connection while the request was on its way out, and processed
 * nothing. That is nobody's failure, so the next attempt goes at once.
 */
function lostTheRace({ ending, sent, reusedConnection }: RetryQuestion): boolean {
  return 'code' in ending && ending.code === 'reset' && sent === 'no' && reusedConnection !== false
}

/** One lost race costs nothing. A second in a row is no coincidence, and counts. */
function isFree(question: RetryQuestion): boolean {
  return lostTheRace(question) && (question.freeRetries ?? question.attempt - 1) === 0
}

function afterWait(question: RetryQuestion, free: boolean): RetryDecision {
  const { ending, timeLeft, retryAfter, maxRetryAfter = retryDefaults.maxRetryAfter } = question
  if (retryAfter !== undefined && (retryAfter > maxRetryAfter || retryAfter >= timeLeft))
    return no('retry_after_too_long')
  const wait = lostTheRace(question) ? 0 : waitBefore(question, retryAfter ?? 0)
  if (wait >= timeLeft) return no('no_time_left')
  if (!free && timeLeft - wait < (question.usualDuration ?? 0)) return no('too_short')
  return { again: true, wait, reason: 'code' in ending ? ending.code : `status_${ending.status}`, free }
}

/** Every client is told the same moment to come back, so a little chance is added to what the server asks for. */
function waitBefore(question: RetryQuestion, retryAfter: number): number {
  const { attempt, random } = question
  const asked = retryAfter + random * Math.min(1_000, retryAfter / 10)
  return Math.max(backoff(backoffFor(question), attempt, random), asked)
}

/** A server that asks for less is left alone for longer. */
function backoffFor({ ending, backoff: usual, throttledBase }: RetryQuestion): Backoff {
  const throttled = 'status' in ending && (ending.status === 429 || ending.status === 503)
  return throttled && throttledBase !== undefined ? { ...usual, base: throttledBase } : usual
}
