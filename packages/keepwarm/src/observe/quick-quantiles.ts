/**
 * Quantiles of durations in two kilobytes: an array of counts on a logarithmic scale. Sixteen steps for each doubling, from
 * a microsecond to 71 minutes, so that what it says is within 3.5 % of the truth.
 */

const STEPS_BITS = 4
const STEPS = 1 << STEPS_BITS
/** 2³² µs is the longest that is told apart. */
const LONGEST = 2 ** 32 - 1
const SIZE = (32 - STEPS_BITS + 1) * STEPS

export class QuickQuantiles {
  private readonly counts = new Uint32Array(SIZE)
  private total = 0
  /** So that a quiet second need not look through all. */
  private least = SIZE
  private most = -1

  /** @param duration in ms */
  add(duration: number): void {
    const place = placeOf(duration)
    this.counts[place]!++
    this.total++
    if (place < this.least) this.least = place
    if (place > this.most) this.most = place
  }

  /** The duration in ms that a share of all did not exceed; NaN when there was none. */
  at(share: number): number {
    if (this.total === 0) return NaN
    let left = Math.max(1, Math.ceil(share * this.total))
    for (let place = this.least; place <= this.most; place++) {
      left -= this.counts[place]!
      if (left <= 0) return middleOf(place)
    }
    return middleOf(this.most)
  }

  /** The same in per cent; 0 when there was none. */
  percentile(percent: number): number {
    return this.total === 0 ? 0 : this.at(percent / 100)
  }

  clear(): void {
    if (this.total > 0) this.counts.fill(0, this.least, this.most + 1)
    this.total = 0
    this.least = SIZE
    this.most = -1
  }
}

function placeOf(duration: number): number {
  const micros = Math.min(LONGEST, Math.max(0, Math.round(duration * 1_000)))
  if (micros < STEPS) return micros
  const doubling = 31 - Math.clz32(micros) - STEPS_BITS
  return (doubling + 1) * STEPS + ((micros >>> doubling) & (STEPS - 1))
}

function middleOf(place: number): number {
  if (place < STEPS) return place / 1_000
  const doubling = Math.floor(place / STEPS) - 1
  const first = (STEPS + (place % STEPS)) * 2 ** doubling
  return (first + (2 ** doubling - 1) / 2) / 1_000
}
