/** All clients under all loads in one table and two plots; the faults in a table for each. */
import { figure, type Table } from '@keepwarm/cli/measuring'
import { outageTable } from './outage-words.ts'
import type { OutageResult } from './outage-measure.ts'
import type { PeerResult } from './peers-measure.ts'
import { isOwn, peerNames, reference, type PeerName } from './peers-roster.ts'
import type { Workload } from './peers-workloads.ts'
import { barPlot } from './plot.ts'
import type { RaceResult } from './race-laws.ts'
import { raceTables } from './race-words.ts'
import type { Cell } from './seed-measure.ts'
import { originalsTable } from './seed-words.ts'
import type { StormPlan, StormResult } from './storm-measure.ts'
import { stormTable } from './storm-words.ts'

/** The CPU time of each client beside the reference's, under each load that it was given. */
export function overviewTable(workloads: readonly Workload[], results: readonly PeerResult[]): Table {
  const measured = peerNames.filter((name) => results.some(({ arm }) => arm === name))
  return {
    title: `CPU time of a request, as a multiple of ${reference}`,
    header: ['Client', ...workloads.map(({ name }) => name)],
    rows: measured.map((name) => [
      isOwn(name) ? `**${name}**` : name,
      ...workloads.map((workload) => {
        const result = find(results, workload, name)
        return result === undefined ? '' : figure(result.cpu_ratio.median)
      }),
    ]),
  }
}

/** In the plots: who has most to say, so that bars and colours can be told apart. */
const drawn: readonly PeerName[] = [
  'keepwarm client',
  'undici.request on Pool',
  'undici Pool.dispatch',
  "Node's http, keep-alive",
  'got',
  'axios',
  'Go net/http',
  'Python httpx',
]

export function cpuPlot(workloads: readonly Workload[], results: readonly PeerResult[]): string {
  return bars(
    'CPU time of a request',
    'µs, logarithmic',
    workloads,
    results,
    (result) => result.cpu_us_per_request.median,
  )
}

export function latencyPlot(workloads: readonly Workload[], results: readonly PeerResult[]): string {
  return bars(
    '99th percentile of the latency, closed loop',
    'ms, logarithmic',
    workloads,
    results,
    (result) => result.p99_ms,
  )
}

function bars(
  title: string,
  unit: string,
  workloads: readonly Workload[],
  results: readonly PeerResult[],
  value: (result: PeerResult) => number,
): string {
  const most = (workload: Workload): boolean =>
    drawn.filter((name) => workload.arms.includes(name)).length > drawn.length / 2
  const shown = workloads.filter(most)
  const valueOf = (workload: Workload, name: PeerName): number => {
    const result = find(results, workload, name)
    return result === undefined ? NaN : value(result)
  }
  return barPlot({
    title,
    x: { label: 'load' },
    y: { label: unit, log: true },
    groups: shown.map(({ name }) => name),
    series: drawn.map((name) => ({ name, values: shown.map((workload) => valueOf(workload, name)) })),
  })
}

function find(results: readonly PeerResult[], { name }: Workload, peer: PeerName): PeerResult | undefined {
  return results.find(({ workload, arm }) => workload === name && arm === peer)
}

/** What the other benchmarks said, each in its own words. */
export interface Faults {
  readonly seed: readonly Cell[]
  readonly race: readonly RaceResult[]
  readonly storm: { readonly results: readonly StormResult[]; readonly settings: StormPlan }
  readonly outage: readonly OutageResult[]
}

export function faultTables({ seed, race, storm, outage }: Faults): Table[] {
  return [
    originalsTable(seed),
    ...raceTables(race),
    stormTable(storm.results, storm.settings),
    outageTable('An outage in virtual time', outage),
  ]
}
