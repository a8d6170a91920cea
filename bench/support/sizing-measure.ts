/** What came of a day, for each pool: in words that the simulation and the loopback share. */
import type { SizingArm } from './sizing-arms.ts'

/** Of one pool under one day's load. Times in ms. */
export interface SizingSample {
  readonly requests: number
  /** Connections that the server had open, on average and at most. */
  readonly held: number
  readonly most: number
  readonly mean_wait: number
  readonly p99: number
  readonly p999: number
  /** Share of the requests that waited longer than `shortest`. */
  readonly waited: number
  /** Requests that got no connection. */
  readonly refused: number
  readonly dials: number
}

export interface SizingResult extends SizingSample {
  readonly experiment: 'simulation' | 'loopback'
  readonly pool: SizingArm['name']
  /** 0 where the number of connections changes. */
  readonly fixed: number
  /** How long a dial takes, in ms. */
  readonly dial_ms: number
}

/** @param shortest what is no longer counts as no wait, in ms */
export function waitsOf(
  each: readonly number[],
  shortest = 0,
): Pick<SizingSample, 'requests' | 'mean_wait' | 'p99' | 'p999' | 'waited'> {
  const sorted = Float64Array.from(each).sort()
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0
  return {
    requests: sorted.length,
    mean_wait: sorted.reduce((sum, wait) => sum + wait, 0) / sorted.length,
    p99: at(0.99),
    p999: at(0.999),
    waited: sorted.filter((wait) => wait > shortest).length / sorted.length,
  }
}

/** How many were open from `at` on. */
export interface Change {
  readonly at: number
  readonly open: number
}

/** Of a number that changes from time to time, 0 in the beginning. */
export function heldOver(
  history: readonly Change[],
  from: number,
  to: number,
): { held: number; most: number } {
  let area = 0
  let most = 0
  for (const [index, { at, open }] of history.entries()) {
    const until = Math.min(history[index + 1]?.at ?? to, to)
    if (until < from) continue
    area += open * Math.max(0, until - Math.max(at, from))
    most = Math.max(most, open)
  }
  return { held: area / (to - from), most }
}
