/** The storm in a table, in sentences and in a plot. */
import type { Table } from '@keepwarm/cli/measuring'
import { linePlot } from './plot.ts'
import { stormDefault } from './storm-arms.ts'
import type { StormPlan, StormResult } from './storm-measure.ts'

export function stormTable(results: readonly StormResult[], { after }: StormPlan): Table {
  return {
    title: 'The same load and the same hang for every client',
    header: [
      'Client',
      'Succeeded before, %',
      'in the hang, %',
      'after it, %',
      'Well again after, s',
      'Attempts per call',
      'Worst second, × the load',
      'Requests at the server',
    ],
    rows: results.map((result) => [
      result.arm,
      percent(result.succeeded_before),
      percent(result.succeeded_during),
      percent(result.succeeded_after),
      result.recovery_s === null ? `not in ${after} s` : String(result.recovery_s),
      result.amplification.toFixed(2),
      result.worst_second.toFixed(2),
      result.requests.toLocaleString('en-US'),
    ]),
  }
}

/** What each was told, how punctual the calls were, and last what keepwarm did. */
export function stormFindings(results: readonly StormResult[], { after }: StormPlan): string[] {
  const told = results.map(({ arm, options }) => `${arm}: ${options}.`)
  const late = results.map(({ arm, late_ms }) => `${arm} ${Math.ceil(late_ms)}`)
  const own = results.find(({ arm }) => arm === stormDefault)!
  const well =
    own.recovery_s === null
      ? `is not well again in ${after} s`
      : `is well again ${own.recovery_s} s after the hang`
  return [
    ...told,
    `How long after it was due the latest call began, in ms: ${late.join(', ')}.`,
    `keepwarm ${well}, with ${own.amplification.toFixed(2)} requests per call.`,
  ]
}

export function stormPlot(results: readonly StormResult[], { before, hang }: StormPlan): string {
  return linePlot({
    title: 'A server hangs: which clients let it come back',
    x: { label: 'second in which a call was due' },
    y: { label: 'calls that succeeded, %', most: 100 },
    series: results.map(({ arm, offered_per_second, succeeded_per_second }) => ({
      name: arm,
      points: offered_per_second.flatMap((offered, second) =>
        offered === 0 ? [] : [[second, (100 * succeeded_per_second[second]!) / offered] as const],
      ),
    })),
    span: { from: before, to: before + hang, label: 'hangs' },
  })
}

function percent(share: number): string {
  return (share * 100).toFixed(1)
}
