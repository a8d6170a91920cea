/** Four classes for each doubling: a class is 19 % wide. The last one holds everything above a minute. */
const CLASSES_PER_DOUBLING = 4
const CLASSES = 66

/** Below this many the slowest hundredth is anybody's guess. */
const LEAST = 20

/** When there are so many, each class is halved: what was long ago fades. */
const MOST = 1_000

/**
 * About how long the slowest hundredth of the last thousand or so answers took. Counts in classes that grow by the
 * same factor, so that it needs no samples and no allocation.
 */
export class RecentLatency {
  private readonly counts = new Uint32Array(CLASSES)
  private total = 0

  /** @param latency in ms. */
  add(latency: number): void {
    const slot = classOf(latency)
    this.counts[slot] = (this.counts[slot] ?? 0) + 1
    if (++this.total >= MOST) this.fade()
  }

  /** The upper end of the class, in ms; undefined while too few are known. */
  p99(): number | undefined {
    if (this.total < LEAST) return undefined
    let above = Math.floor(this.total / 100)
    let slot = CLASSES - 1
    for (; slot > 0; slot--) {
      above -= this.counts[slot] ?? 0
      if (above < 0) break
    }
    return 2 ** (slot / CLASSES_PER_DOUBLING)
  }

  /** As if so many had taken as long as an earlier {@link p99} said; forgets everything else. */
  restore(p99: number | undefined): void {
    this.counts.fill(0)
    this.total = 0
    if (p99 === undefined) return
    this.counts[classOf(p99)] = this.total = LEAST
  }

  private fade(): void {
    this.total = 0
    for (let slot = 0; slot < CLASSES; slot++) {
      const kept = (this.counts[slot] ?? 0) >> 1
      this.counts[slot] = kept
      this.total += kept
    }
  }
}

/** The class whose upper end is the first that is not below. */
function classOf(latency: number): number {
  if (!(latency > 1)) return 0
  return Math.min(CLASSES - 1, Math.ceil(Math.log2(latency) * CLASSES_PER_DOUBLING - 1e-9))
}
