/** How long to wait before a retry. All times in milliseconds. */
export interface Backoff {
  /** The longest possible wait before the first retry. */
  readonly base: number
  /** How much longer each further wait may be; 1 or more. */
  readonly multiplier: number
  /** No wait is longer than this. */
  readonly cap: number
}

/** A Node timer that is asked to wait longer than this fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * The wait before a retry, with full jitter: anything between nothing and the ceiling, so that clients which failed
 * together do not come back together. The ceiling is capped before the draw: at the cap the waits are still spread.
 *
 * @param retryNumber 1 for the first retry.
 * @param random a number in [0, 1).
 * @returns milliseconds, from 0 to `cap`.
 * @example backoff({ base: 100, multiplier: 2, cap: 5_000 }, 3, 0.5) // 200: half of 100 × 2 × 2
 */
export function backoff(options: Backoff, retryNumber: number, random: number): number {
  return random * backoffCeiling(options, retryNumber)
}

/** The longest wait that {@link backoff} can draw before this retry. */
export function backoffCeiling({ base, multiplier, cap }: Backoff, retryNumber: number): number {
  if (base <= 0) return 0 // the power below may be infinite, and 0 × Infinity is not a number
  return Math.min(base * multiplier ** Math.max(0, retryNumber - 1), cap, LONGEST_TIMER)
}
