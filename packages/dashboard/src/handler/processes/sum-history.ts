/** The histories of several processes as one. Pure. */
import type { HistorySlice, SeriesName } from 'keepwarm'
import { outcomes, phases } from '../../page/state/series.ts'

type Series = HistorySlice['series']
type Value = number | null

/** Cannot be added: the worst process stands for all. */
const worst: ReadonlySet<string> = new Set<SeriesName>(['p50', 'p95', 'p99', 'oldestWait', 'breaker'])
/** Means of the calls that ended in that second. */
const means: ReadonlySet<string> = new Set<SeriesName>(phases)
const ends: readonly SeriesName[] = outcomes

/** One slice for each client. Counts and gauges add; a second that one process does not know is that of the others. */
export function sumHistories(histories: readonly (readonly HistorySlice[])[]): HistorySlice[] {
  const byClient = Map.groupBy(
    histories.flat().filter(({ seconds }) => seconds > 0),
    ({ client }) => client,
  )
  return Array.from(byClient.values(), sumSlices)
}

function sumSlices(slices: readonly HistorySlice[]): HistorySlice {
  const [first] = slices
  if (first === undefined || slices.length === 1) return first!
  const from = Math.min(...slices.map((slice) => slice.from))
  const seconds = Math.max(...slices.map((slice) => slice.from + slice.seconds)) - from
  const names = new Set(slices.flatMap(({ series }) => Object.keys(series) as SeriesName[]))
  const columns = Array.from(names, (name) => [name, column(slices, name, from, seconds)] as const)
  const series = Object.fromEntries(columns) as unknown as Series
  return { version: 1, client: first.client, from, seconds, series }
}

function column(slices: readonly HistorySlice[], name: SeriesName, from: number, seconds: number): Value[] {
  return Array.from({ length: seconds }, (_, row) => {
    const second = from + row
    const known = slices.filter((slice) => valueAt(slice, name, second) !== null)
    const values = known.map((slice) => valueAt(slice, name, second)!)
    if (values.length === 0) return null
    if (worst.has(name)) return Math.max(...values)
    if (!means.has(name)) return values.reduce((sum, value) => sum + value, 0)
    return mean(
      values,
      known.map((slice) => callsAt(slice, second)),
    )
  })
}

function valueAt({ series, from }: HistorySlice, name: SeriesName, second: number): Value {
  return (series as Partial<Series>)[name]?.[second - from] ?? null
}

function callsAt(slice: HistorySlice, second: number): number {
  return ends.reduce((sum, name) => sum + (valueAt(slice, name, second) ?? 0), 0)
}

function mean(values: readonly number[], weights: readonly number[]): number {
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  if (all === 0) return values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value, index) => sum + value * weights[index]!, 0) / all
}
