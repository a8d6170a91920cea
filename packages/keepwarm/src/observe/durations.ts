/** How long calls and attempts took: in buckets for exporters, and natively for percentiles. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { BucketCounts } from './buckets.ts'
import { waitOf, type AttemptMoments } from './moments.ts'
import type { ClientFigures } from './snapshot.ts'

/** Microseconds to an hour in two figures: percentiles are within 1 %, for 26 kB. The usual shape takes 350 kB. */
const shape = { lowest: 1, highest: 3_600_000_000, figures: 2 } as const

export class Durations {
  private readonly native: RecordableHistogram = createHistogram(shape)
  private readonly calls: BucketCounts
  private readonly attempts: BucketCounts
  private readonly waits: BucketCounts

  /** @param bounds in seconds */
  constructor(bounds: readonly number[]) {
    this.calls = new BucketCounts(bounds)
    this.attempts = new BucketCounts(bounds)
    this.waits = new BucketCounts(bounds)
  }

  /** @param duration in ms */
  call(duration: number): void {
    this.calls.add(duration)
    this.native.record(Math.min(shape.highest, Math.max(1, Math.round(duration * 1_000))))
  }

  attempt(attempt: AttemptMoments, sent: boolean): void {
    this.waits.add(waitOf(attempt))
    if (sent && attempt.wiredAt >= 0) this.attempts.add(attempt.endedAt - attempt.wiredAt)
  }

  /** Of calls, in ms. */
  percentile(percent: number): number {
    return this.native.count === 0 ? 0 : this.native.percentile(percent) / 1_000
  }

  histograms(): ClientFigures['histograms'] {
    return {
      call: this.calls.snapshot(),
      attempt: this.attempts.snapshot(),
      queue: this.waits.snapshot(),
    }
  }

  reset(): void {
    this.native.reset()
    this.calls.reset()
    this.attempts.reset()
    this.waits.reset()
  }
}
