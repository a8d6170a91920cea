/** Adds histograms up. Buckets add; where they are not the same, each goes into the one that holds its upper bound. */

export interface Histogram {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly count: number
  readonly sum: number
}

export function addHistograms<Kind extends Histogram>(histograms: readonly Kind[]): Kind {
  const [first, ...others] = histograms as readonly [Kind, ...Kind[]]
  const counts = [...first.counts]
  let { count, sum } = first
  for (const other of others) {
    count += other.count
    sum += other.sum
    other.counts.forEach((more, index) => {
      counts[bucketOf(first.bounds, other.bounds[index] ?? Infinity)]! += more
    })
  }
  return { ...first, counts, count, sum }
}

/** The first whose bound is at or above; the last, above all bounds, where there is none. */
function bucketOf(bounds: readonly number[], upper: number): number {
  const index = bounds.findIndex((bound) => bound >= upper)
  return index < 0 ? bounds.length : index
}
