/** Which seconds a chart shows: rows of whole steps, which lie at the same moments whenever they are asked for. */
import type { Columns } from './columns.ts'
import type { SeriesName } from './series.ts'

export type Range = 300 | 900 | 3600
export const ranges: readonly Range[] = [300, 900, 3600]

/** How many seconds one row stands for: more rows than these are finer than a screen. */
const MOST_ROWS = 450

export interface Window {
  /** Unix seconds: the first row's, and the first one after the last row. */
  readonly from: number
  readonly to: number
  readonly step: number
  readonly rows: number
}

export function windowOf(until: number, range: Range): Window {
  const step = Math.ceil(range / MOST_ROWS)
  const rows = Math.ceil(range / step)
  // The step that is under way is shown as far as it is known.
  const to = Math.floor(until / step) * step + step
  return { from: to - rows * step, to, step, rows }
}

export function timesOf({ from, step, rows }: Window): number[] {
  return Array.from({ length: rows }, (_, row) => from + row * step)
}

export function valuesOf(
  columns: Columns | undefined,
  name: SeriesName,
  { from, step, rows }: Window,
): (number | null)[] {
  if (columns === undefined) return new Array<null>(rows).fill(null)
  return columns.merged(name, from, step, rows)
}
