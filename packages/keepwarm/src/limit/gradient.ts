import type { DelayRule } from './windowed.ts'

/** How much longer than the long mean a window may take without being slow. */
const TOLERANCE = 1.5
/** Requests that may stand in line. */
const QUEUE = 4
/** How much of a new limit is taken over at once. */
const SMOOTHING = 0.2
/** Windows in the long mean, and how many of them are its beginning, averaged plainly. */
const [LONG, WARM_UP] = [600, 10]
/** The long mean is far too long when it is more than so many times a window's; then it is shortened. */
const [FAR, SHORTENED] = [2, 0.95]

/**
 * Goes by the gradient of the delays: the mean of a window beside the mean of some minutes. It needs no idle server, and
 * follows a new normal by itself.
 *
 * For the same reason it drifts: under an overload that lasts, the long mean learns the line, which then is no reason to
 * shrink any more, and the limit climbs until requests are lost.
 */
export class GradientRule implements DelayRule {
  private long = 0
  private windows = 0
  private gradient = 1

  get slow(): boolean {
    return this.gradient < 1
  }

  learn(mean: number): void {
    this.windows = Math.min(WARM_UP, this.windows + 1)
    const weight = this.windows < WARM_UP ? 1 / this.windows : 2 / (LONG + 1)
    this.long += (mean - this.long) * weight
    if (this.long > FAR * mean) this.long *= SHORTENED
    this.gradient = Math.max(0.5, Math.min(1, (TOLERANCE * this.long) / mean))
  }

  next(limit: number): number {
    return limit + SMOOTHING * (limit * this.gradient + QUEUE - limit)
  }
}
