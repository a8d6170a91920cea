const BUCKETS = 10

/**
 * Completions of the last few seconds, in ten buckets of equal length. Old buckets are emptied by the clock whenever
 * it is looked at, so that an idle gap forgets everything. Allocates nothing after its construction.
 */
export class CompletionWindow {
  private readonly length: number
  private readonly bucketLength: number
  private readonly completed = new Uint32Array(BUCKETS)
  private readonly failed = new Uint32Array(BUCKETS)
  private newest = -Infinity
  private completedInAll = 0
  private failedInAll = 0

  /** @param length milliseconds that the window looks back. */
  constructor(length: number) {
    this.length = length
    this.bucketLength = length / BUCKETS
  }

  add(failure: boolean, now: number): void {
    this.advance(now)
    this.addTo(slotOf(this.newest), 1, failure ? 1 : 0)
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

  /** As plain JSON: the buckets' ages are their places, the newest first. */
  save(now: number): { length: number; buckets: [number, number][] } {
    this.advance(now)
    const buckets = Array.from({ length: BUCKETS }, (_, age): [number, number] => {
      const slot = slotOf(this.newest - age)
      return [this.completed[slot] ?? 0, this.failed[slot] ?? 0]
    })
    return { length: this.length, buckets }
  }

  /** Forgets what it knows for what {@link save} told; what was counted in buckets of another length says nothing here. */
  restore(
    { length, buckets }: { length: number; buckets: readonly (readonly [number, number])[] },
    now: number,
  ): void {
    this.clear()
    this.advance(now)
    if (length !== this.length) return
    for (const [age, [completed, failed]] of buckets.slice(0, BUCKETS).entries())
      this.addTo(slotOf(this.newest - age), completed, failed)
  }

  private addTo(slot: number, completed: number, failed: number): void {
    this.completed[slot] = (this.completed[slot] ?? 0) + completed
    this.failed[slot] = (this.failed[slot] ?? 0) + failed
    this.completedInAll += completed
    this.failedInAll += failed
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
