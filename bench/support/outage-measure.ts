/** What came of one client in one outage. */
import { median } from '@keepwarm/cli/measuring'
import { whatIf, type WhatIfReport } from 'keepwarm/testing'
import { outage, type OutageArm, type OutageShape } from './outage-arms.ts'

/** Medians over the seeds, where nothing else is said. */
export interface OutageResult {
  readonly arm: string
  readonly clients: number
  readonly per_second: number
  /** Of each seed: seconds after the end until 95 % of the calls of five seconds succeeded; null for never. */
  readonly recovery_s: readonly (number | null)[]
  /** Attempts for each call: of the whole run, of the outage, and of its second half. */
  readonly amplification: number
  readonly amplification_during: number
  readonly amplification_late: number
  /** The most requests that reached the server in a second, beside the calls of a second. */
  readonly worst_second: number
  /** Of the calls after the outage, the share that succeeded. */
  readonly succeeded_after: number
  readonly breaker_openings: number
  /** Of the calls that succeeded, in ms. */
  readonly p99: number
  /** Calls that came to a good end in each second. */
  readonly goodput_per_second: readonly number[]
}

export async function measureOutage(
  arm: OutageArm,
  perSecond: number,
  seeds: readonly number[],
  shape: OutageShape,
): Promise<OutageResult> {
  const reports: WhatIfReport[] = []
  for (const seed of seeds) reports.push(await whatIf(outage(arm, perSecond, seed, shape)))
  const middle = (of: (report: WhatIfReport) => number): number => median(reports.map(of))
  return {
    arm: arm.name,
    clients: arm.clients ?? shape.clients,
    per_second: perSecond,
    recovery_s: reports.map(({ events }) => secondsOf(events[0]?.recovery)),
    amplification: middle(({ amplification }) => amplification),
    amplification_during: middle(({ events }) => events[0]!.amplification),
    amplification_late: middle(late),
    worst_second: middle((report) => Math.max(...report.perSecond.arrived) / perSecond),
    succeeded_after: middle(({ after }) => after!.succeeded),
    breaker_openings: middle(({ breakerOpenings }) => breakerOpenings),
    p99: middle(({ latency }) => latency.p99),
    goodput_per_second: reports[0]!.perSecond.goodput.map((_, second) =>
      middle(({ perSecond }) => perSecond.goodput[second] ?? 0),
    ),
  }
}

function secondsOf(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1_000
}

function late({ events, perSecond }: WhatIfReport): number {
  const { from, to } = events[0]!
  const half = Math.ceil((from + to) / 2_000)
  const during = (values: readonly number[]): number =>
    values.slice(half, Math.ceil(to / 1_000)).reduce((sum, value) => sum + value, 0)
  return during(perSecond.attempts) / during(perSecond.offered)
}
