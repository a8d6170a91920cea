/** Histograms for people who add up those of many processes: counts in buckets whose bounds all of them share. */
import type { HistogramSnapshot } from './snapshot.ts'

/** Seconds. */
const presets = {
  /** Those that OpenTelemetry advises for `http.client.request.duration`. */
  default: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  /** For servers of language models, whose answers take from moments to minutes. */
  generations: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 600],
} as const

export type BucketPreset = keyof typeof presets

/** How a client's histograms are divided: a preset, or upper bounds in seconds, growing. */
export type Buckets = BucketPreset | readonly number[]

export const bucketPresets: readonly BucketPreset[] = Object.keys(presets) as BucketPreset[]

/** Many more would cost more than they tell: each is a time series of each client. */
export const MOST_BUCKETS = 100

export function bucketBounds(buckets: Buckets = 'default'): readonly number[] {
  return typeof buckets === 'string' ? presets[buckets] : buckets
}

/** Counts of durations by bucket. Adding one searches its bucket and allocates nothing. */
export class BucketCounts {
  private readonly bounds: Float64Array
  private readonly counts: Float64Array
  private sum = 0
  /** The bucket that was counted in last, and its bounds: the next duration is often as long. */
  private last = 0
  private above: number = Infinity
  private upTo: number = -Infinity

  constructor(bounds: readonly number[]) {
    this.bounds = Float64Array.from(bounds)
    this.counts = new Float64Array(bounds.length + 1)
  }

  /** @param duration in ms */
  add(duration: number): void {
    const seconds = duration / 1_000
    this.sum += seconds
    if (!(seconds > this.above && seconds <= this.upTo)) this.find(seconds)
    this.counts[this.last]!++
  }

  private find(seconds: number): void {
    const { bounds } = this
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (bounds[middle]! < seconds) low = middle + 1
      else high = middle
    }
    this.last = low
    this.above = bounds[low - 1] ?? -Infinity
    this.upTo = bounds[low] ?? Infinity
  }

  snapshot(): HistogramSnapshot {
    return sumOf([...this.bounds], [this])
  }

  /** Adds what was counted here to `counts`, and returns the sum of it in seconds. */
  addTo(counts: number[]): number {
    for (let i = 0; i < counts.length; i++) counts[i]! += this.counts[i]!
    return this.sum
  }

  reset(): void {
    this.counts.fill(0)
    this.sum = 0
  }
}

/** Several of the same bounds as one. */
export function sumOf(bounds: readonly number[], all: readonly BucketCounts[]): HistogramSnapshot {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  const sum = all.reduce((sums, one) => sums + one.addTo(counts), 0)
  const count = counts.reduce((total, one) => total + one, 0)
  return { unit: 's', bounds: [...bounds], counts, count, sum }
}
