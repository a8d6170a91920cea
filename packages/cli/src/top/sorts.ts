/** By what rows are ordered. */
import type { Row } from '@keepwarm/dashboard/state'

export const sorts = ['state', 'name', 'rate', 'waiting', 'success', 'latency'] as const
export type SortName = (typeof sorts)[number]

/** What comes first is less. Where nobody knows comes last. */
const measures: Readonly<Record<Exclude<SortName, 'state' | 'name'>, (row: Row) => number>> = {
  rate: ({ figures }) => -(figures.rate ?? -1),
  waiting: ({ places }) => -(places.waiting * 1e9 + places.oldestWait),
  success: ({ figures }) => figures.effective ?? Infinity,
  latency: ({ figures }) => -(figures.p99 ?? -1),
}

export function sorted(rows: readonly Row[], by: Exclude<SortName, 'state'>): readonly Row[] {
  const byName = rows.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  if (by === 'name') return byName
  const measure = measures[by]
  return byName.toSorted((a, b) => order(measure(a), measure(b)))
}

function order(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
