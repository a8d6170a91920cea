/** How long to wait before a retry. All times in milliseconds. */
export interface Backoff {
  /** The longest possible wait before the first retry. */
  readonly base: number
  /** How much longer each further wait may be; 1 or more. */
  readonly multiplier: number
  /** No wait is longer than this. */
  readonly cap: number
  /** How the waits grow: by `multiplier`, by one `base` each, or not at all. Default `exponential`. */
  readonly growth?: Growth
  /** How they are spread. Default `full`. */
  readonly jitter?: Jitter
}

export type Growth = 'exponential' | 'linear' | 'constant'

/** `full`: from nothing to the whole wait. A number from 0 to 1: up to that share more or less; 0 for no spread at all. */
export type Jitter = 'full' | number

/** A Node timer that is asked to wait longer than this fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * The wait before a retry. By default with full jitter: anything between nothing and the ceiling, so that clients which
 * failed together do not come back together. The ceiling is capped before the draw: at the cap the waits are still
 * spread, and no jitter leads above it.
 *
 * @param retryNumber 1 for the first retry.
 * @param random a number in [0, 1).
 * @returns milliseconds, from 0 to `cap`.
 * @example backoff({ base: 100, multiplier: 2, cap: 5_000 }, 3, 0.5) // 200: half of 100 × 2 × 2
 */
export function backoff(options: Backoff, retryNumber: number, random: number): number {
  const { jitter = 'full', cap } = options
  const ceiling = backoffCeiling(options, retryNumber)
  if (jitter === 'full') return random * ceiling
  const least = ceiling * (1 - jitter)
  const most = Math.min(ceiling * (1 + jitter), cap, LONGEST_TIMER)
  return least + random * (most - least)
}

/** The wait before this retry without jitter; with full jitter no draw is longer. */
export function backoffCeiling(options: Backoff, retryNumber: number): number {
  const { base, multiplier, cap, growth = 'exponential' } = options
  if (base <= 0) return 0 // the power below may be infinite, and 0 × Infinity is not a number
  const before = Math.max(0, retryNumber - 1)
  const factor = growth === 'constant' ? 1 : growth === 'linear' ? before + 1 : multiplier ** before
  return Math.min(base * factor, cap, LONGEST_TIMER)
}
