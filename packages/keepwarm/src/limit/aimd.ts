import type { DelayRule } from './windowed.ts'

/** So many times the least mean there was is slow. */
const SLOW = 2
const BACKOFF = 0.9
/** So much of the least mean is forgotten in each window: it doubles in a quarter of an hour. */
const FORGETTING = 1.0008
/** The mean of fewer is too small too often. */
const MANY = 50
/** After so many slow windows in a row the limit is a third, and the line was not ours. */
const NOT_OURS = 10

/**
 * Additive increase, multiplicative decrease: one more in each good window, a tenth less in each slow one.
 *
 * Simple. But the least mean of many windows is less than the mean of an idle server by chance, so it
 * shrinks for nothing now and then. When ten windows in a row are slow, the last of them is the
 * new least mean: a server that became slower costs ten seconds at a third, and several clients drift apart.
 */
export class AimdRule implements DelayRule {
  slow = false
  private least = 0
  private inARow = 0

  learn(mean: number, successes: number): void {
    const before = this.least * FORGETTING
    if (before === 0 || this.inARow >= NOT_OURS) this.least = mean
    else this.least = successes < MANY ? before : Math.min(mean, before)
    this.slow = mean > SLOW * this.least
    this.inARow = this.slow ? this.inARow + 1 : 0
  }

  next(limit: number): number {
    return this.slow ? limit * BACKOFF : limit + 1
  }
}
