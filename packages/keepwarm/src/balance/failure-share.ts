/** Two failures in a row happen. From the third on it is hardly chance. */
const BY_CHANCE = 2

/**
 * Which share of an endpoint's requests fails: an average over the last seconds, like that of its latency. A failure now
 * and then costs an endpoint only its share; were each believed at once, as a peak of latency is, one failure in a
 * thousand would keep endpoints without requests for most of the time. A series is believed: after three in a row at
 * least half will fail, after four three quarters, and so on. So is the very first ending: nothing else is known.
 *
 * While nobody asks and nothing ends the share sinks, so that the endpoint is tried again; see PeakEwma.
 */
export class FailureShare {
  private readonly decay: number
  private average = 0
  private inARow = 0
  private heardAt: number = -Infinity
  private touchedAt = 0

  /** @param decay after so many milliseconds a third of what was is left. */
  constructor(decay: number) {
    this.decay = decay
  }

  /** A request goes out. */
  asked(now: number): void {
    this.touchedAt = Math.max(this.touchedAt, now)
  }

  succeeded(now: number): void {
    this.inARow = 0
    this.approach(0, now)
  }

  failed(now: number): void {
    this.inARow++
    this.approach(1, now)
    const series = this.inARow - BY_CHANCE
    if (series > 0) this.average = Math.max(this.average, 1 - 0.5 ** series)
  }

  /** From 0 to 1. */
  share(now: number): number {
    if (this.average === 0) return 0
    const silence = now - this.touchedAt
    return silence > 0 ? this.average * Math.exp(-silence / this.decay) : this.average
  }

  private approach(ending: number, now: number): void {
    const kept = Math.exp(-Math.max(0, now - this.heardAt) / this.decay)
    this.average = this.average * kept + ending * (1 - kept)
    this.heardAt = Math.max(this.heardAt, now)
    this.asked(now)
  }
}
