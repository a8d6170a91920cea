const BUCKETS = 10

/**
 * Completions of the last few seconds, in ten buckets of equal length. Old buckets are emptied by the clock whenever
 * it is looked at, so that an idle gap forgets everything. Allocates nothing after its construction.
 */
export class CompletionWindow {
  private readonly bucketLength: number
  private readonly completed = new Uint32Array(BUCKETS)
  private readonly failed = new Uint32Array(BUCKETS)
  private newest = -Infinity
  private completedInAll = 0
  private failedInAll = 0

  /** @param length milliseconds that the window looks back. */
  constructor(length: number) {
    this.bucketLength = length / BUCKETS
  }

  add(failure: boolean, now: number): void {
    this.advance(now)
    const slot = slotOf(this.newest)
    this.completed[slot] = (this.completed[slot] ?? 0) + 1
    this.completedInAll++
    if (!failure) return
    this.failed[slot] = (this.failed[slot] ?? 0) + 1
    this.failedInAll++
  }

  /** Successes and failures within the window. */
  completions(now: number): number {
    this.advance(now)
    return this.completedInAll
  }

  failures(now: number): number {
    this.advance(now)
    return this.failedInAll
  }

  clear(): void {
    this.completed.fill(0)
    this.failed.fill(0)
    this.completedInAll = 0
    this.failedInAll = 0
  }

  /** A clock that goes back changes nothing: what it says then counts for the newest bucket. */
  private advance(now: number): void {
    const bucket = Math.floor(now / this.bucketLength)
    if (bucket <= this.newest) return
    if (bucket - this.newest >= BUCKETS) this.clear()
    else for (let passed = this.newest + 1; passed <= bucket; passed++) this.empty(slotOf(passed))
    this.newest = bucket
  }

  private empty(slot: number): void {
    this.completedInAll -= this.completed[slot] ?? 0
    this.failedInAll -= this.failed[slot] ?? 0
    this.completed[slot] = 0
    this.failed[slot] = 0
  }
}

/** Clocks may start below zero. */
function slotOf(bucket: number): number {
  return ((bucket % BUCKETS) + BUCKETS) % BUCKETS
}
