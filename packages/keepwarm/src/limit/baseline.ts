/**
 * How long a request takes when nobody stands in line, as far as one client can know.
 *
 * When requests take longer than that, either they stand in line, or the server has become slower. The first is a reason
 * to shrink; the second is a new normal, and shrinking for it would starve a healthy server's clients. From one seat they
 * look alike, but not entirely:
 *
 *     the answer   with half of our requests in flight (a probe): a line of our own making becomes shorter, a slower
 *                  server stays as slow, and so does a line that is mostly others'
 *     the shape    a server twice as slow makes every request take twice as long: the spread of the logarithms stays.
 *                  A line adds the same wait to all of them: it falls
 *
 * The trade-off that remains, between a new normal and many clients that take each other's line for one, whereupon all
 * grow for ever: what neither answers a probe nor kept its shape is believed to be others' line, until {@link STRIKES}
 * probes in a row (some minutes) on average found nothing to answer; then it is the new normal. So a server that becomes
 * slower in another shape is used less than it could be for some minutes. And clients who each have a small part in the
 * line, more than about five, grow slowly, until losses or the server's own word (429, 503) end it. Where a server
 * shares itself among all requests instead of letting them stand in line, a line keeps the shape; there, too, several
 * clients are held by losses and the server's word alone.
 */
import type { SampleWindow } from './window.ts'

/** What is not longer than so many times what is known is the same, give or take chance. */
const NEAR = 1.15
/** What is shorter than that share of it shows that too much was believed. */
const FAR_BELOW = 0.6
/** A mean of so many samples; older ones are forgotten bit by bit. */
const MEMORY = 600
/** With fewer samples nothing is believed at once. */
const MANY = 50
/** The spreads between which a shape is the same, as shares of what is known. */
const [NARROWER, WIDER] = [0.85, 1.25]
/** Probes without a clear result, until what they found is believed. */
const STRIKES = 12
/** Above this share of the time before, a probe was not answered by any line of ours. */
const UNANSWERED = 0.93
/** One probe alone says so only roughly. */
const ROUGHLY_UNANSWERED = 0.8

export class Baseline {
  /** In ms; 0 until something is known. */
  mean = 0
  private spread = 0
  private samples = 0
  /** Probes in a row without a clear result, and the sum of their answers. */
  private strikes = 0
  private answers = 0

  get known(): boolean {
    return this.samples > 0
  }

  /** Whether the last probe left it open what is the matter. */
  get doubtful(): boolean {
    return this.strikes > 0
  }

  /** How many times longer than that `mean` is; 1 where either is not known. */
  ratio(mean: number): number {
    return this.known && mean > 0 ? mean / this.mean : 1
  }

  /** Whether there is no line to be seen: then a probe would turn requests away for nothing. */
  resembles(window: SampleWindow): boolean {
    const ratio = this.ratio(window.mean)
    return ratio <= 1 || (ratio <= NEAR && this.hasSameShape(window))
  }

  /** Takes the times of requests that did not stand in a line of ours; unless they look as if in that of others. */
  observe(window: SampleWindow): boolean {
    const ratio = this.ratio(window.mean)
    const same = this.hasSameShape(window)
    if (ratio > NEAR && !same && this.known) return false
    if (ratio > NEAR && window.successes >= MANY) this.samples = 0
    if (ratio < FAR_BELOW) this.samples = Math.min(this.samples, window.successes)
    this.learn(window, same || ratio <= 1)
    return true
  }

  /**
   * Takes the times of a probe.
   *
   * @param before mean before the probe, in ms
   * @returns whether it told how long a request takes
   */
  judge(window: SampleWindow, before: number): boolean {
    const answer = window.mean / before
    const known = answer > ROUGHLY_UNANSWERED || this.ratio(window.mean) <= NEAR
    if (known && this.observe(window)) return true
    if (this.hasSameShape(window)) {
      this.learn(window, true) // what was known is too short; by how much, this alone does not say
      return true
    }
    this.strikes++
    this.answers += answer
    if (this.strikes >= STRIKES) this.giveIn(window)
    return false
  }

  private giveIn(window: SampleWindow): void {
    if (this.answers / this.strikes > UNANSWERED) {
      this.samples = 0
      this.learn(window, false)
    }
    this.forgive()
  }

  private learn(window: SampleWindow, shape: boolean): void {
    this.samples = Math.min(MEMORY, this.samples + window.successes)
    const weight = window.successes / this.samples
    this.mean += (window.mean - this.mean) * weight
    if (shape) this.spread += (window.spread - this.spread) * weight
    this.forgive()
  }

  private forgive(): void {
    this.strikes = 0
    this.answers = 0
  }

  private hasSameShape({ spread }: SampleWindow): boolean {
    return spread >= NARROWER * this.spread && spread <= WIDER * this.spread
  }
}
