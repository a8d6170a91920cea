/** Nothing was heard yet. */
const UNKNOWN = -1

/** In ms. Whoever took no time at all would draw everybody, however much is under way to it. */
const LEAST = 0.001

/**
 * How long one endpoint takes to answer: an average that rises at once and falls slowly. A slower answer than all before
 * is believed immediately, because the next request would be just as slow; a faster one only little by little.
 *
 * While nobody asks and nobody answers the estimate sinks, so that a slow endpoint is tried again. From the moment it is
 * tried the whole estimate counts again: one request finds out, and not all that come until it answers.
 *
 * Times are milliseconds on a clock that never jumps. Allocates nothing.
 *
 * @example
 * const latency = new PeakEwma(10_000)
 * latency.answered(200, now)
 * latency.estimate(now + 10_000) // 73.6
 */
export class PeakEwma {
  private readonly decay: number
  private estimated = UNKNOWN
  private heardAt = 0
  /** When it was last asked or heard of. */
  private touchedAt = 0

  /** @param decay after so many milliseconds a third of a peak is left. */
  constructor(decay: number) {
    this.decay = decay
  }

  /** A request goes out. */
  asked(now: number): void {
    this.touchedAt = Math.max(this.touchedAt, now)
  }

  /** One was answered after `rtt` ms. The longer ago the last answer, the more this one counts. */
  answered(rtt: number, now: number): void {
    this.rise(rtt)
    const kept = Math.exp(-Math.max(0, now - this.heardAt) / this.decay)
    this.estimated = this.estimated * kept + atLeast(LEAST, rtt) * (1 - kept)
    this.hear(now)
  }

  /** One was given up, or failed, after `rtt` ms: an answer would have taken longer. Shorter than expected, it says nothing. */
  tookAtLeast(rtt: number, now: number): void {
    if (this.rise(rtt)) this.hear(now)
  }

  /** Whether anything was ever heard of it. */
  get known(): boolean {
    return this.estimated !== UNKNOWN
  }

  /** How long it takes, in ms; 0 when nothing is known. */
  estimate(now: number): number {
    if (this.estimated === UNKNOWN) return 0
    const silence = now - this.touchedAt
    return silence > 0 ? this.estimated * Math.exp(-silence / this.decay) : this.estimated
  }

  private rise(rtt: number): boolean {
    const time = atLeast(LEAST, rtt)
    if (time <= this.estimated) return false
    this.estimated = time
    return true
  }

  private hear(now: number): void {
    this.heardAt = Math.max(this.heardAt, now)
    this.asked(now)
  }
}

/** What is no number counts as the least. */
function atLeast(least: number, rtt: number): number {
  return rtt > least ? rtt : least
}
