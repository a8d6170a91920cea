/**
 * One client's history: a ring of seconds for each series, so that a page that is open for weeks holds an hour, in
 * memory that never grows. What is not known is NaN.
 */
import type { WireSlice } from '../wire.ts'
import { isPeak, seriesNames, type SeriesName } from './series.ts'

export const HOUR = 3_600
/** Rows that are older than the newest by more seconds than these are of a clock that was set back. */
const SET_BACK = 5

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
    if (last < this.newest - SET_BACK) this.beginAnew()
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

  /** `rows` values for `step` seconds each, from the second `from` on; null where none of them is known. */
  merged(name: SeriesName, from: number, step: number, rows: number): (number | null)[] {
    const isHighest = isPeak(name)
    const values = new Array<number | null>(rows).fill(null)
    // Row by row through the ring: with an hour on four charts this is most of what a tick costs.
    const first = Math.max(from, this.newest - this.capacity + 1)
    for (let row = Math.max(0, Math.floor((first - from) / step)); row < rows; row++) {
      const begin = Math.max(first, from + row * step)
      const end = Math.min(this.newest, from + row * step + step - 1)
      if (begin > this.newest) break
      values[row] = this.one(this.rings[name], begin, end, isHighest)
    }
    return values
  }

  private one(ring: Float64Array, begin: number, end: number, isHighest: boolean): number | null {
    let [sum, known, highest] = [0, 0, -Infinity]
    let at = begin % this.capacity
    for (let second = begin; second <= end; second++) {
      const value = ring[at]!
      at = at + 1 === this.capacity ? 0 : at + 1
      if (Number.isNaN(value)) continue
      sum += value
      known++
      if (value > highest) highest = value
    }
    if (known === 0) return null
    return isHighest ? highest : sum / known
  }

  private beginAnew(): void {
    this.newest = 0
    for (const name of seriesNames) this.rings[name].fill(NaN)
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
