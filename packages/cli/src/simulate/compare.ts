/** Reports of several runs side by side. Pure. */
import type { WhatIfReport } from 'keepwarm/testing'
import { asConfigured } from './variants.ts'
import { figure, median, type Table } from '../measuring/index.ts'

export interface Runs {
  readonly name: string
  /** By seed, the same seeds for each. */
  readonly reports: readonly WhatIfReport[]
}

type Measure = readonly [
  name: string,
  of: (report: WhatIfReport) => number | undefined,
  text: (value: number) => string,
  /** What it is called when it is not there. */
  missing?: string,
]

/** A figure in each line: its median, and from where to where it went. */
export function comparison(all: readonly Runs[]): Table {
  const [first] = all[0]!.reports
  const { clients, seed, lasted } = first!
  const seeds = all[0]!.reports.length
  const runs =
    seeds === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + seeds - 1}: medians, and from where to where`
  return {
    title: `${clients} ${clients === 1 ? 'client' : 'clients'}, ${figure(lasted / 1_000)} s, ${runs}`,
    header: ['', ...all.map(({ name }) => name)],
    rows: measuresOf(first!).map(([name, of, text, missing = 'never']) => [
      name,
      ...all.map(({ reports }) => summary(reports.map(of), text, missing)),
    ]),
  }
}

function measuresOf({ events, after }: WhatIfReport): Measure[] {
  const during = events.map(({ event }, index): Measure => {
    const name = `… of those during ${event.kind}${events.length > 1 ? ` ${index + 1}` : ''}`
    return [name, (report) => report.events[index]?.succeeded, percent]
  })
  const recovered = events.map(({ event }, index): Measure => {
    const name = `well again after ${event.kind}${events.length > 1 ? ` ${index + 1}` : ''}`
    return [name, (report) => report.events[index]?.recovery, seconds]
  })
  return [
    ['calls that succeed', succeeded, percent],
    ...during,
    ...(after === undefined
      ? []
      : [['… of those afterwards', (report: WhatIfReport) => report.after?.succeeded, percent] as const]),
    ...recovered,
    ['attempts for each call', ({ amplification }) => amplification, (value) => value.toFixed(2)],
    ['p50 of success', ({ latency }) => latency.p50, milliseconds],
    ['p99 of success', ({ latency }) => latency.p99, milliseconds],
    [
      'p99 of failure',
      ({ calls, failedAfter }) => (calls.succeeded === calls.total ? undefined : failedAfter.p99),
      milliseconds,
      '–',
    ],
    ['requests at the upstream', ({ arrived }) => arrived, count],
    ['breakers opened', ({ breakerOpenings }) => breakerOpenings, count],
  ]
}

function succeeded({ calls }: WhatIfReport): number {
  return calls.total === 0 ? 1 : calls.succeeded / calls.total
}

/** Runs in which it did not come about are said, and are not in the median. */
function summary(
  values: readonly (number | undefined)[],
  text: (value: number) => string,
  missing: string,
): string {
  const known = values.filter((value) => value !== undefined)
  if (known.length === 0) return missing
  const [least, most] = [Math.min(...known), Math.max(...known)].map(text)
  const spread = least === most ? '' : ` (${least} to ${most})`
  const left = values.length - known.length
  return `${text(median(known))}${spread}${left === 0 ? '' : `, ${missing} in ${left} of ${values.length}`}`
}

/** What the comparison comes to. The calls of a seed are the same for both, so that runs are compared in pairs. */
export function conclusion([first, second]: readonly [Runs, Runs]): string {
  const gains = second.reports.map((report, index) => succeeded(report) - succeeded(first.reports[index]!))
  const better = gains.filter((gain) => gain > 0).length
  const worse = gains.filter((gain) => gain < 0).length
  const runs = gains.length
  const before = first.name === asConfigured ? asConfigured : `with ${first.name}`
  if (better === 0 && worse === 0) return `As many calls succeed with ${second.name} as ${before}.`
  const points = median(gains) * 100
  const often = runs === 1 ? ', in one run' : `: more in ${better} of ${runs} runs, fewer in ${worse}`
  const isDecided = runs > 1 && (better === runs || worse === runs)
  const caution = runs === 1 ? ' Try more seeds.' : isDecided ? '' : ' Chance may have decided that.'
  const size = `${figure(Math.abs(points))} points ${points < 0 ? 'fewer' : 'more'}`
  return `With ${second.name} ${size} of the calls succeed than ${before}${often}.${caution}`
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`
}

function seconds(ms: number): string {
  return `${figure(ms / 1_000)} s`
}

function milliseconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : seconds(ms)
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
