/** Clients beside each other: in tables, in sentences, and where keepwarm loses. */
import { cost, figure, interval, range, times, type Table } from '@keepwarm/cli/measuring'
import type { PeerResult } from './peers-measure.ts'
import { own as usual, reference, roster, isOwn } from './peers-roster.ts'
import type { Workload } from './peers-workloads.ts'

/** The cheapest first. */
export function peersTable({ title, upstream, kind }: Workload, results: readonly PeerResult[]): Table {
  const subject = kind === 'burst' ? 'CPU, µs, opening and closing included' : 'CPU, µs'
  return {
    title: `${title}: ${upstream}`,
    header: [
      'Client',
      `${subject} (95 % CI)`,
      `against ${reference}`,
      'GC pauses, µs',
      'Requests/s',
      'p50, ms',
      'p99, ms',
      'p99.9, ms',
      'Connections',
      'Peak RSS, MB',
      'Errors',
    ],
    rows: results.toSorted((a, b) => a.cpu_us_per_request.median - b.cpu_us_per_request.median).map(row),
  }
}

function row(result: PeerResult): string[] {
  const compared = result.arm !== reference
  return [
    isOwn(result.arm) ? `**${result.arm}**` : result.arm,
    interval(result.cpu_us_per_request),
    compared ? times(result.cpu_ratio) : '1',
    result.gc_us_per_request === null ? '–' : figure(result.gc_us_per_request),
    whole(result.requests_per_second.median),
    figure(result.p50_ms),
    figure(result.p99_ms),
    figure(result.p999_ms),
    whole(result.connections),
    whole(result.peak_rss_mb),
    result.errors === 0 ? '0' : `${whole(result.errors)} of ${whole(result.requests)}`,
  ]
}

/** Whoever is cheaper or faster than keepwarm's client beyond all doubt, and why. */
export function lossesTable(results: readonly PeerResult[], workloads: readonly Workload[]): Table {
  return {
    title: 'Where keepwarm loses',
    header: ['Load', 'Client', 'In what', 'It', 'keepwarm', 'Why'],
    rows: workloads.flatMap((workload) => lossesOf(workload, results)),
  }
}

function lossesOf({ name, title, own = usual }: Workload, all: readonly PeerResult[]): string[][] {
  const results = all.filter(({ workload }) => workload === name)
  const ours = results.find(({ arm }) => arm === own)
  if (ours === undefined) return []
  return results
    .filter(({ arm }) => !isOwn(arm))
    .flatMap((theirs) => {
      const why = roster[theirs.arm].cheaper
      const [cpu, rate] = [theirs.cpu_us_per_request, theirs.requests_per_second]
      const lost: string[][] = []
      if (cpu.upper < ours.cpu_us_per_request.lower)
        lost.push([title, theirs.arm, 'CPU, µs', interval(cpu), interval(ours.cpu_us_per_request), why])
      if (rate.lower > ours.requests_per_second.upper)
        lost.push([title, theirs.arm, 'requests/s', rateOf(theirs), rateOf(ours), why])
      return lost
    })
}

function rateOf({ requests_per_second: { median, lower, upper } }: PeerResult): string {
  return `${whole(median)} (${whole(lower)}–${whole(upper)})`
}

/** How far apart the reference's processes were, who failed, and last what keepwarm costs under each load. */
export function peersFindings(results: readonly PeerResult[], workloads: readonly Workload[]): string[] {
  const costs = workloads.flatMap(({ name, title, own = usual }) =>
    results
      .filter(({ workload, arm }) => workload === name && arm === own)
      .map((result) => finding(title, result)),
  )
  const again = results.flatMap(({ workload, mishaps }) =>
    mishaps.map((mishap) => `${workload}: another process was run in the place of one. ${mishap}`),
  )
  return [...states(results), ...failures(results), ...again, ...costs]
}

/**
 * What `undici.request` costs depends on the garbage of its process: so the cheapest and the dearest process are told, and
 * what each of them spent on collections.
 */
function states(results: readonly PeerResult[]): string[] {
  const said = results.filter(({ arm, workload }) => workload === 'fifty' && arm.startsWith(reference))
  return said.map(({ arm, cpu_us_per_request, cpu_range, gc_range }) => {
    const garbage = gc_range === null ? '' : `, GC pauses ${range(gc_range)} µs`
    return `${arm}: ${interval(cpu_us_per_request)} µs; by process ${range(cpu_range)} µs${garbage}.`
  })
}

function failures(results: readonly PeerResult[]): string[] {
  return results
    .filter(({ errors }) => errors > 0)
    .map(
      ({ workload, arm, errors, requests, first_error }) =>
        `${workload}, ${arm}: ${whole(errors)} of ${whole(requests)} calls failed, the first with: ${first_error}`,
    )
}

function finding(title: string, { arm, cpu_us_per_request, cpu_ratio }: PeerResult): string {
  return `${title}: ${arm} takes ${interval(cpu_us_per_request)} µs a request, and ${cost(cpu_ratio, reference)}.`
}

function whole(number: number): string {
  return Number.isFinite(number) ? Math.round(number).toLocaleString('en-US') : '–'
}
