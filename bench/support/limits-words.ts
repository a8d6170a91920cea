/** Limits under load, in tables and sentences. */
import { figure, type Table } from '@keepwarm/cli/measuring'
import type { LimitResult } from './limits-measure.ts'
import { barPlot } from './plot.ts'

export function limitsTable(title: string, results: readonly LimitResult[]): Table {
  return {
    title,
    header: [
      'Limit',
      'Good, a second (least)',
      'p50, ms',
      'p99, ms',
      'Turned away, a second',
      '503',
      'Lost',
      'Limit at the end',
      'Most',
      'Fairness (least)',
    ],
    rows: results.map(row),
  }
}

function row(result: LimitResult): string[] {
  const { limit, goodput, least_goodput, p50, p99, shed, overloaded, lost, end_limit, most_limit } = result
  return [
    limit,
    `${figure(goodput)} (${figure(least_goodput)})`,
    figure(p50),
    figure(p99),
    figure(shed),
    figure(overloaded),
    figure(lost),
    figure(end_limit ?? NaN),
    figure(most_limit ?? NaN),
    `${result.fairness.toFixed(2)} (${result.least_fairness.toFixed(2)})`,
  ]
}

/** What each algorithm serves beside the best fixed limit of the same workload. */
export function limitsFindings(results: readonly LimitResult[]): string[] {
  const adaptive = results.filter(({ limit, fixed }) => fixed === 0 && limit !== 'none')
  const names = [...new Set(adaptive.map(({ limit }) => limit))]
  return names.map((name) => {
    const parts = adaptive
      .filter(({ limit }) => limit === name)
      .map(({ workload, goodput }) => `${workload} ${percent(goodput / bestFixed(results, workload))}`)
    return `${name} serves, of what the best fixed limit does: ${parts.join(', ')}.`
  })
}

export function limitsPlot(results: readonly LimitResult[]): string {
  const groups = [...new Set(results.map(({ workload }) => workload))]
  const names = [...new Set(results.map(({ limit }) => limit))]
  return barPlot({
    title: 'Limits under load: what is served in time',
    x: { label: 'workload' },
    y: { label: 'good answers a second' },
    groups,
    series: names.map((name) => ({
      name,
      values: groups.map(
        (group) =>
          results.find(({ limit, workload }) => limit === name && workload === group)?.goodput ?? NaN,
      ),
    })),
  })
}

function bestFixed(results: readonly LimitResult[], workload: string): number {
  const fixed = results.filter((result) => result.workload === workload && result.fixed > 0)
  return Math.max(...fixed.map(({ goodput }) => goodput))
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
