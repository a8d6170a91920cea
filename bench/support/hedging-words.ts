/** What hedging is worth and what it costs, in tables and sentences. */
import { figure, type Table } from '@keepwarm/cli/measuring'
import type { HedgingSample } from './hedging-loopback.ts'
import type { HedgingResult } from './hedging-simulate.ts'
import { barPlot } from './plot.ts'

/** One row for each load, one column for each way: p50 / p99, and what it cost. */
export function simulationTable(results: readonly HedgingResult[]): Table {
  const ways = [...new Set(results.map(({ way }) => way))]
  const loads = [...new Set(results.map(({ utilisation }) => utilisation))]
  return {
    title: 'Simulated: p50 / p99 in ms, and hedges per cent of the requests',
    header: ['Utilisation', ...ways],
    rows: loads.map((load) => [
      load.toFixed(2),
      ...ways.map((way) => cell(results.find((one) => one.way === way && one.utilisation === load)!)),
    ]),
  }
}

export function loopbackTable(samples: readonly HedgingSample[]): Table {
  return {
    title: 'Real sockets',
    header: ['Client', 'Requests', 'p50, ms', 'p99, ms', 'p99.9, ms', 'Extra, %', 'Broken off', 'Failures'],
    rows: samples.map(({ arm, requests, p50, p99, p999, extra, abandoned, failures }) => [
      arm,
      requests.toLocaleString('en-US'),
      figure(p50),
      figure(p99),
      figure(p999),
      percent(extra),
      String(abandoned),
      String(failures),
    ]),
  }
}

/** What keepwarm's hedging does beside none, at each load and over real sockets. */
export function hedgingFindings(
  results: readonly HedgingResult[],
  samples: readonly HedgingSample[],
): string[] {
  const none = results.filter(({ way }) => way === 'no hedges')
  return [...none.flatMap((base) => atLoad(base, results)), ...overSockets(samples)]
}

/** p50 and p99 at each load. */
export function hedgingPlot(results: readonly HedgingResult[]): string {
  const shown = [
    'no hedges',
    'keepwarm, p95',
    'keepwarm, p95, no cancelling',
    'unlimited, 35 ms, no cancelling',
  ]
  const loads = [...new Set(results.map(({ utilisation }) => utilisation))]
  const bars = loads.flatMap((load) => (['p50', 'p99'] as const).map((at) => ({ load, at })))
  return barPlot({
    title: 'Hedging, simulated: latency with it and without',
    x: { label: 'percentile and utilisation of the servers' },
    y: { label: 'latency, ms', log: true },
    groups: bars.map(({ load, at }) => `${at}, ${load.toFixed(2)}`),
    series: shown.map((name) => ({
      name,
      values: bars.map(
        ({ load, at }) =>
          results.find(({ way, utilisation }) => way === name && utilisation === load)?.[at] ?? NaN,
      ),
    })),
  })
}

function atLoad(base: HedgingResult, results: readonly HedgingResult[]): string[] {
  return results
    .filter(({ way, utilisation }) => way.startsWith('keepwarm') && utilisation === base.utilisation)
    .map(({ way, p50, p99, extra, stood_down }) => {
      const change = `p50 ${figure(p50)} ms (none: ${figure(base.p50)}), p99 ${figure(p99)} ms (none: ${figure(base.p99)})`
      const cost = `${percent(extra)} % extra${stood_down ? '; it stood down' : ''}`
      return `Utilisation ${base.utilisation.toFixed(2)}, ${way}: ${change}, ${cost}.`
    })
}

function overSockets(samples: readonly HedgingSample[]): string[] {
  const base = samples.find(({ arm }) => arm === 'no hedges')
  if (base === undefined) return []
  const hedged = samples.filter((sample) => sample !== base)
  if (hedged.length === 0)
    return ['Real sockets: this client has no option `hedge`; it was measured without.']
  return hedged.map(
    ({ arm, p999, extra }) =>
      `Real sockets, ${arm}: p99.9 ${figure(p999)} ms (none: ${figure(base.p999)}), ${percent(extra)} % extra.`,
  )
}

function cell({ p50, p99, extra }: HedgingResult): string {
  const cost = extra === 0 ? '' : ` (+${percent(extra)} %)`
  return `${figure(p50)} / ${figure(p99)}${cost}`
}

function percent(share: number): string {
  return (share * 100).toFixed(2)
}
