import type { SampleWindow } from './window.ts'

/** Up to this share of bad endings a limit may grow as if there were none. */
const HARMLESS = 0.01
/** Above this share it shrinks. */
const TOO_MUCH = 0.05
/** The same for those in which the server itself says so: it has no other reason to. */
const TOO_MUCH_OVERLOAD = 0.02
/** By what it shrinks then. */
const SHRINK = 0.7
/** From this share on nearly nothing comes back: the limit collapses. */
const COLLAPSE = 0.5
/** Samples that make a window: enough for a mean that can be trusted, and never so many that none ever closes. */
const [FEWEST, MOST] = [10, 50]

export interface LimitBounds {
  readonly min: number
  readonly max: number
  readonly initial: number
}

/**
 * The number itself, with what all algorithms share: bounds, what bad endings do to it, and the way back.
 *
 *     share of bad endings   up to 1 %   goes by the delays
 *                            up to 5 %   may not grow; from 2 % of `overload` on: × 0.7
 *                            above       × 0.7; but where the server says nothing of overload, and those that come
 *                                        back come as fast as ever, not below half of what it was: lost requests that
 *                                        have another cause would strangle a healthy server
 *                            from 50 %   × 0.5 for each such window, and remembers half of what it was; but × 0.7 where
 *                                        the server says that it is too much, and still serves some
 *
 * That last share says little: what is turned away at once lets the next go at once, which is turned away as well. So in
 * the moment in which a server's line is full, one place hears of that more often than of successes in a second. It is one
 * word all the same, and all clients that hear it shrink by one factor, or their limits would never become equal.
 *
 * It doubles in each good window, from the start or after a collapse, until it is at what it remembers or delays say that
 * it is enough. From one request at a time, growing by a few in a second, a server that is well again would be used
 * fully after a minute only.
 */
export class LimitValue {
  readonly bounds: LimitBounds
  /** Whether it doubles. */
  doubling = true
  private exact: number
  private target: number
  /** What it was before bad windows began; 0 when there are none. */
  private before = 0

  constructor(bounds: LimitBounds) {
    this.bounds = bounds
    this.exact = bounds.initial
    this.target = bounds.max
  }

  get whole(): number {
    return Math.floor(this.exact)
  }

  /** With its fraction: growing by less than one in a window is growing. */
  get value(): number {
    return this.exact
  }

  set(value: number): void {
    this.exact = Math.min(this.bounds.max, Math.max(this.bounds.min, value))
  }

  /**
   * Whether the window has enough samples: with a small limit they come slowly, and waiting would cost more than an error.
   * When a whole limit of requests got nothing but bad endings, that is enough.
   */
  satisfiedBy(window: SampleWindow): boolean {
    const { samples, successes } = window
    if (samples >= Math.min(MOST, Math.max(FEWEST, 4 * this.whole))) return true
    return successes === 0 && samples >= this.whole
  }

  /** Whether the requests in flight reached the limit, so that another may tell something new. */
  reached(window: SampleWindow): boolean {
    return window.peak >= 0.9 * this.whole
  }

  /** Whether so few requests were in flight that the window says nothing about the limit. */
  unused(window: SampleWindow): boolean {
    return window.peak < this.whole / 2
  }

  /**
   * Does what bad endings demand. @param slow whether the successes of the window took longer than they should.
   * @returns whether the window is dealt with.
   */
  punish(window: SampleWindow, slow: boolean): boolean {
    const { badShare, overloadShare } = window
    if (badShare <= TOO_MUCH && overloadShare <= TOO_MUCH_OVERLOAD) {
      this.before = 0
      if (badShare <= HARMLESS) return false
      this.doubling = false
      return !slow
    }
    if (this.before === 0) this.before = this.exact
    const isTold = window.overloads > 0
    if (isTold ? window.successes === 0 : badShare >= COLLAPSE) this.collapse()
    else this.shrink(!isTold && !slow)
    return true
  }

  private shrink(otherCause: boolean): void {
    this.doubling = false
    const least = otherCause ? Math.min(this.exact, this.before / 2) : 0
    this.set(Math.max(this.exact * SHRINK, least))
  }

  /** While it still grows back from a collapse, what it remembers is from before that one. */
  private collapse(): void {
    if (!this.doubling || this.exact > this.target) this.target = Math.max(this.before / 2, this.bounds.min)
    this.doubling = true
    this.set(this.exact / 2)
  }

  /** Doubles, as far as it may and where that is of use. @returns whether it is still on its way. */
  double(window: SampleWindow): boolean {
    if (!this.doubling) return false
    if (this.exact >= this.target) this.doubling = false
    else if (this.reached(window)) this.set(Math.min(this.exact * 2, this.target))
    return this.doubling
  }

  /** Delays say that it is enough. */
  enough(): void {
    this.doubling = false
  }
}
