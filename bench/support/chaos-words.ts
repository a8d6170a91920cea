/** The chaos in a table and in sentences. */
import { count, figure, type Table } from '@keepwarm/cli/measuring'
import type { ServerCounts } from './chaos-books.ts'
import type { ChaosClients } from './chaos-clients.ts'
import { faultNames, faults } from './chaos-plan.ts'
import type { FaultTally } from './chaos-tally.ts'

export function faultTable(rows: readonly FaultTally[]): Table {
  const inOrder = rows.toSorted((a, b) => faultNames.indexOf(a.fault) - faultNames.indexOf(b.fault))
  return {
    title: 'Calls by what their servers did to a part of them',
    header: ['Fault', 'Calls', 'Answered', 'Caller left', 'Failed', 'Retries', 'Failures by code'],
    rows: inOrder.map((row) => [
      faults[row.fault].title,
      whole(row.requests),
      whole(row.answered),
      whole(row.left),
      whole(row.failed),
      whole(row.retries),
      byCode(row.failuresByCode),
    ]),
  }
}

function byCode(failures: Readonly<Record<string, number>>): string {
  const rows = Object.entries(failures).toSorted(([, a], [, b]) => b - a)
  return rows.length === 0 ? '–' : rows.map(([code, number]) => `${code} ${whole(number)}`).join(', ')
}

export interface Ends {
  readonly calls: number
  readonly seconds: number
  readonly worst: number
  readonly heap: { readonly first: number; readonly last: number }
  readonly descriptors: { readonly before: number; readonly after: number }
  readonly counts: ServerCounts
  readonly clients: ChaosClients
}

/** What was seen, then the laws. */
export function chaosFindings(ends: Ends, broken: readonly string[], verdict: string): string[] {
  const { calls, seconds, worst, heap, descriptors, counts, clients } = ends
  const sum = (field: 'lostRaces' | 'lostUnsent' | 'dialed' | 'opened'): number =>
    clients.pools.reduce((total, { counters }) => total + counters[field], 0)
  return [
    `${count(calls, 'call')} in ${figure(seconds)} s; the servers saw ${count(counts.requests, 'request')} on ${count(counts.connections, 'connection')}.`,
    `The pools dialed ${count(sum('dialed'), 'time')} and opened ${count(sum('opened'), 'connection')}; ${count(sum('lostRaces'), 'lost race')} and ${count(sum('lostUnsent'), 'connection')} lost before a byte was written cost nobody anything.`,
    `The latest call settled ${figure(Math.max(0, worst))} ms after its deadline, or after its caller left.`,
    `Heap after collections: ${mebibytes(heap.first)} in the first third, ${mebibytes(heap.last)} in the last. File descriptors: ${descriptors.before} before, ${descriptors.after} after. Connections that either end still holds: ${counts.open}.`,
    ...broken,
    verdict,
  ]
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

function whole(number: number): string {
  return number.toLocaleString('en-US')
}
