import type { ErrorCode, Sent } from '../errors.ts'
import { mayArriveTwice } from '../idempotent-methods.ts'
import { backoff } from './backoff.ts'
import type { Backoff } from './backoff.ts'
import type { RetryBudget } from './budget.ts'
import { isCertificateFault } from './certificate-faults.ts'
import { retryDefaults } from './options.ts'

/** How an attempt ended: with an error of ours (`cause` is the platform's code), or with a status. */
export type AttemptEnding =
  { readonly code: ErrorCode; readonly cause?: string | undefined } | { readonly status: number }

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
  readonly statuses: ReadonlySet<number>
  /** In [0, 1). */
  readonly random: number
  /** Whether the connection had served other requests before; undefined means it had. */
  readonly reusedConnection?: boolean | undefined
  /** The free retries that this call has had. When nobody counts them, only the first attempt may be repeated free. */
  readonly freeRetries?: number | undefined
}

/** Why a call is not tried again; {@link notRetriedText} says it in words. */
export type NotRetried =
  | 'not_retryable'
  | 'certificate'
  | 'response_started'
  | 'not_idempotent'
  | 'body_not_replayable'
  | 'attempts_used'
  | 'retry_after_too_long'
  | 'no_time_left'
  | 'budget_empty'

export type RetryDecision =
  | {
      readonly again: true
      /** Milliseconds to wait first; 0 means at once. */
      readonly wait: number
      /** What is being made good, for counters: an error code, or `status_503`. */
      readonly reason: string
      /** Counts neither as an attempt nor against the budget; the caller counts it in `freeRetries`. */
      readonly free: boolean
    }
  | { readonly again: false; readonly because: NotRetried }

/**
 * Whether the call goes again, after which wait, or why not. Nothing is sent twice that may have been processed,
 * unless the method or the caller says that it may. No wait ends earlier than the server asked, and none is begun
 * that the deadline would cut short.
 *
 * The budget is asked afterwards, by {@link chargeRetry}, so that it is charged for retries that will happen.
 */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const forbidden = whyNever(question)
  if (forbidden !== undefined) return { again: false, because: forbidden }
  const free = isFree(question)
  if (!free && question.attempt >= question.maxAttempts) return { again: false, because: 'attempts_used' }
  return afterWait(question, free)
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

/** {@link NotRetried} in words that end the sentence "not tried again: …". */
export const notRetriedText: Readonly<Record<NotRetried, string>> = {
  not_retryable: 'another try would end the same way',
  certificate: 'a certificate was refused, and another try would meet the same one',
  response_started: 'the caller already has a part of the response',
  not_idempotent:
    'the server may have processed it, and nothing says that it may be sent twice (an idempotent method, ' +
    '`idempotent: true` or an Idempotency-Key)',
  body_not_replayable: 'its body is a stream that is spent; text and bytes can be sent again',
  attempts_used: 'all attempts are used',
  retry_after_too_long: 'the server asked for a longer wait than there is time for',
  no_time_left: 'the wait before the next attempt does not fit before the deadline',
  budget_empty: 'too few calls succeed to pay for retries',
}

/** Whether another try can end differently. Where we ourselves are the bottleneck, it would only add to the load. */
const worthAnother: Readonly<Record<ErrorCode, boolean>> = {
  connect: true,
  reset: true,
  protocol: true,
  attempt_timeout: true,
  queue_full: false,
  acquire_timeout: false,
  breaker_open: false,
  deadline: false,
  aborted: false,
  body_too_large: false,
  decode: false,
  validation: false,
  status: false,
  closed: false,
  invalid_request: false,
  config: false,
}

function whyNever(question: RetryQuestion): NotRetried | undefined {
  const { ending } = question
  if ('code' in ending && isCertificateFault(ending.cause)) return 'certificate'
  if (!mayEndDifferently(ending, question.statuses)) return 'not_retryable'
  if (question.responseStarted) return 'response_started'
  if (
    question.sent === 'maybe' &&
    !mayArriveTwice(question.method, question.idempotent, question.hasIdempotencyKey)
  )
    return 'not_idempotent'
  if (!question.replayable) return 'body_not_replayable'
  return undefined
}

function mayEndDifferently(ending: AttemptEnding, statuses: ReadonlySet<number>): boolean {
  if ('code' in ending) return worthAnother[ending.code]
  return ending.status !== 501 && ending.status !== 505 && statuses.has(ending.status)
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
    return { again: false, because: 'retry_after_too_long' }
  const wait = lostTheRace(question) ? 0 : waitBefore(question, retryAfter ?? 0)
  if (wait >= timeLeft) return { again: false, because: 'no_time_left' }
  return { again: true, wait, reason: 'code' in ending ? ending.code : `status_${ending.status}`, free }
}

/** Every client is told the same moment to come back, so a little chance is added to what the server asks for. */
function waitBefore({ backoff: options, attempt, random }: RetryQuestion, retryAfter: number): number {
  const asked = retryAfter + random * Math.min(1_000, retryAfter / 10)
  return Math.max(backoff(options, attempt, random), asked)
}
