/**
 * One client's history: a ring of seconds for each series, so that a page that is open for weeks holds an hour, in
 * memory that never grows. What is not known is NaN.
 */
import type { WireSlice } from '../wire.ts'
import { isPeak, seriesNames, type SeriesName } from './series.ts'

export const HOUR = 3_600

export class Columns {
  /** The unix second of the newest row; 0 while there is none. */
  newest = 0
  private readonly capacity: number
  private readonly rings: Record<SeriesName, Float64Array>

  constructor(capacity: number = HOUR) {
    this.capacity = capacity
    this.rings = Object.fromEntries(
      seriesNames.map((name) => [name, new Float64Array(capacity).fill(NaN)]),
    ) as Record<SeriesName, Float64Array>
  }

  /** Puts in what came; seconds that came before are overwritten, those in between stay unknown. */
  append(slice: WireSlice): void {
    const { from, seconds } = slice
    const last = from + seconds - 1
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seconds) || seconds <= 0) return
    this.forget(last)
    const first = Math.max(from, this.newest - this.capacity + 1)
    for (const name of seriesNames) {
      const values = slice.series[name]
      if (values === undefined) continue
      const ring = this.rings[name]
      for (let second = first; second <= last; second++) {
        ring[second % this.capacity] = values[second - from] ?? NaN
      }
    }
  }

  /** Says what is still unknown of the newest second. */
  complete(values: Readonly<Partial<Record<SeriesName, number>>>): void {
    for (const [name, value] of Object.entries(values) as [SeriesName, number][]) {
      const ring = this.rings[name]
      const at = this.newest % this.capacity
      if (Number.isNaN(ring[at])) ring[at] = value
    }
  }

  at(name: SeriesName, second: number): number {
    if (second > this.newest || second <= this.newest - this.capacity) return NaN
    return this.rings[name][second % this.capacity]!
  }

  /** The sum of what is known in the `seconds` that end with `until`, and of how many it is. */
  sum(name: SeriesName, until: number, seconds: number): { sum: number; known: number } {
    let sum = 0
    let known = 0
    for (let second = until - seconds + 1; second <= until; second++) {
      const value = this.at(name, second)
      if (Number.isNaN(value)) continue
      sum += value
      known++
    }
    return { sum, known }
  }

  /** One value for the `step` seconds that begin with `second`; null when none of them is known. */
  merged(name: SeriesName, second: number, step: number): number | null {
    if (step === 1) return orNull(this.at(name, second))
    const { sum, known } = this.sum(name, second + step - 1, step)
    if (known === 0) return null
    if (!isPeak(name)) return sum / known
    let highest = -Infinity
    for (let at = second; at < second + step; at++) {
      const value = this.at(name, at)
      if (value > highest) highest = value
    }
    return highest
  }

  /** Makes room up to a newer second: what stood there an hour ago is gone. */
  private forget(last: number): void {
    if (last <= this.newest) return
    const gap = this.newest === 0 ? this.capacity : Math.min(this.capacity, last - this.newest)
    for (const name of seriesNames) {
      const ring = this.rings[name]
      for (let second = last - gap + 1; second <= last; second++) ring[second % this.capacity] = NaN
    }
    this.newest = last
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
