import type { ErrorCode, Phase, Sent } from '../errors.ts'

/** How an attempt ended: with an error of ours (`cause` is the platform's code), or with a status. */
export type AttemptEnding =
  | {
      readonly code: ErrorCode
      readonly cause?: string | undefined
      /** Where it was then. */
      readonly phase?: Phase | undefined
    }
  | { readonly status: number }

/** What {@link ShouldRetry} is told of the attempt that has just ended. */
export interface RetryFacts {
  readonly ending: AttemptEnding
  readonly method: string
  /** Whether the server may have seen it. */
  readonly sent: Sent
  /** The number of the attempt, from 1. */
  readonly attempt: number
  readonly maxAttempts: number
  /** Milliseconds to the deadline of the call. */
  readonly timeLeft: number
  /** Milliseconds that the server asked for. */
  readonly retryAfter: number | undefined
  /** What the rules say: whether it would go again. */
  readonly worth: boolean
}

/** The user's word on a retry: true, false, or undefined to leave it to the rules. Must not be async. */
export type ShouldRetry = (facts: RetryFacts) => boolean | undefined
