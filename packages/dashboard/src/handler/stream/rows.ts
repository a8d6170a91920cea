/** Rows of a history. */
import type { HistorySlice } from '../observed.ts'

/** Only what is newer than the second `since` and not newer than `upTo`; clients without such rows are left out. */
export function newer(slices: readonly HistorySlice[], since: number, upTo: number): readonly HistorySlice[] {
  return slices.flatMap((slice) => {
    const first = Math.max(slice.from, since + 1)
    const last = Math.min(slice.from + slice.seconds - 1, upTo)
    if (last < first) return []
    return first === slice.from && last - first + 1 === slice.seconds ? [slice] : [cut(slice, first, last)]
  })
}

function cut(slice: HistorySlice, first: number, last: number): HistorySlice {
  const { version, client, from } = slice
  const columns = Object.entries(slice.series).map(
    ([name, values]) => [name, values.slice(first - from, last - from + 1)] as const,
  )
  const series = Object.fromEntries(columns) as unknown as HistorySlice['series']
  return { version, client, from: first, seconds: last - first + 1, series }
}
