/** Medians and what may be believed about them. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { Chance } from './chance.ts'

/** A median with its 95 % confidence interval. */
export interface Estimate {
  readonly median: number
  readonly lower: number
  readonly upper: number
}

/** Recent Node versions know the interval of a percentile; the types don't know it yet. */
interface WithIntervals extends RecordableHistogram {
  percentileCI?(percentile: number): { lower: number; upper: number }
}

/** Steps per unit in the histogram, which holds whole numbers with three significant figures. */
const STEPS = 1_000_000

/** The median of positive numbers, with the interval from Node's histogram where it has one, else by bootstrap. */
export function estimate(values: readonly number[]): Estimate {
  const histogram: WithIntervals = createHistogram()
  const middle = median(values)
  if (histogram.percentileCI === undefined || values.some((value) => !(value * STEPS >= 1))) {
    return { median: middle, ...bootstrapInterval(values) }
  }
  for (const value of values) histogram.record(Math.round(value * STEPS))
  const { lower, upper } = histogram.percentileCI(50)
  // The histogram rounds: without the clamps, equal values would have an interval beside them.
  return {
    median: middle,
    lower: Math.min(Math.max(lower / STEPS, Math.min(...values)), middle),
    upper: Math.max(Math.min(upper / STEPS, Math.max(...values)), middle),
  }
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** The middle 95 % of the medians of samples drawn from the sample: with the same chance, the same interval. */
export function bootstrapInterval(
  values: readonly number[],
  chance: Chance = new Chance(1),
): { lower: number; upper: number } {
  const draw = (): number => (values.length === 0 ? NaN : chance.pick(values))
  const medians = Array.from({ length: 2_000 }, () => median(values.map(draw))).toSorted((a, b) => a - b)
  return { lower: medians[50] ?? NaN, upper: medians[1_949] ?? NaN }
}

/**
 * How many times `ours` goes into `theirs`, round by round: both arms of a round met the same machine, so its noise
 * falls out. Above 1, ours is the smaller.
 */
export function ratio(theirs: readonly number[], ours: readonly number[]): Estimate {
  return estimate(theirs.map((value, round) => value / ours[round]!))
}

/** Whether the interval of a ratio leaves room for "the same". */
export function undecided({ lower, upper }: Estimate): boolean {
  return !(lower > 1 || upper < 1)
}
