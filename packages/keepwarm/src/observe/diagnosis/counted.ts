/** Arithmetic with what was counted: how much came to it between two snapshots. */
import type { HistogramSnapshot } from '../snapshot.ts'

export type Counts = Readonly<Record<string, number>>

/** Figures that went back were reset: all that they have now is new. */
export function gained(before: number | undefined, now: number): number {
  return before === undefined || now < before ? now : now - before
}

/** The same for each name. */
export function gainedEach(
  before: Readonly<Record<string, number | undefined>> | undefined,
  now: Readonly<Record<string, number | undefined>>,
): Counts {
  return Object.fromEntries(
    Object.entries(now).map(([name, number]) => [name, gained(before?.[name], number ?? 0)]),
  )
}

export function sum(counts: Readonly<Record<string, number | undefined>>, names?: Iterable<string>): number {
  let total = 0
  for (const name of names ?? Object.keys(counts)) total += counts[name] ?? 0
  return total
}

export function mean(total: number, samples: number): number {
  return samples === 0 ? 0 : total / samples
}

export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

/** What came to a histogram since; undefined where the buckets are not the same. */
export function gainedIn(before: HistogramSnapshot | undefined, now: HistogramSnapshot): HistogramSnapshot {
  if (before === undefined || before.count > now.count || before.counts.length !== now.counts.length)
    return now
  return {
    ...now,
    counts: now.counts.map((count, bucket) => gained(before.counts[bucket], count)),
    count: now.count - before.count,
    sum: now.sum - before.sum,
  }
}

/**
 * A quantile in ms, within the bucket in which it lies; 0 when nothing was counted. Above the last bound it is that bound.
 */
export function quantile({ bounds, counts, count }: HistogramSnapshot, q: number): number {
  let left = q * count
  if (count === 0) return 0
  for (const [bucket, inIt] of counts.entries()) {
    if (inIt >= left && inIt > 0) {
      const low = bounds[bucket - 1] ?? 0
      const high = bounds[bucket] ?? low
      return (low + (high - low) * (left / inIt)) * 1_000
    }
    left -= inIt
  }
  return (bounds.at(-1) ?? 0) * 1_000
}
