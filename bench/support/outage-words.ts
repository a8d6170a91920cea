/** Outages in a table and in sentences. */
import { figure, type Table } from '@keepwarm/cli/measuring'
import { before, defaultName, type OutageShape } from './outage-arms.ts'
import type { OutageResult } from './outage-measure.ts'
import { linePlot } from './plot.ts'

export function outageTable(title: string, results: readonly OutageResult[]): Table {
  return {
    title,
    header: [
      'Client',
      'Well again after, s',
      'Attempts per call',
      'in the outage',
      'in its second half',
      'Worst second, × the load',
      'Succeeded after it, %',
      'Breakers opened',
      'p99, ms',
    ],
    rows: results.map(row),
  }
}

function row(result: OutageResult): string[] {
  return [
    result.arm,
    recoveryInWords(result.recovery_s),
    result.amplification.toFixed(2),
    result.amplification_during.toFixed(2),
    result.amplification_late.toFixed(2),
    result.worst_second.toFixed(2),
    (result.succeeded_after * 100).toFixed(1),
    figure(result.breaker_openings),
    figure(result.p99),
  ]
}

/** `6–10`, `never`, or `never ×2, 25–98`; in seconds. */
export function recoveryInWords(seconds: readonly (number | null)[]): string {
  const known = seconds.filter((value) => value !== null).toSorted((a, b) => a - b)
  const never = seconds.length - known.length
  const [least, greatest] = [String(known[0]), String(known.at(-1))]
  const span = least === greatest ? least : `${least}–${greatest}`
  if (never === 0) return span
  return known.length === 0 ? 'never' : `never ×${never}, ${span}`
}

export function outageFindings(results: readonly OutageResult[]): string[] {
  return [...new Set(results.map((result) => result.per_second))].map((perSecond) => {
    const own = results.filter((result) => result.per_second === perSecond)
    const others = own.filter(({ arm }) => arm !== defaultName)
    const never = others.filter((result) => result.recovery_s.every((value) => value === null))
    const { recovery_s: after, amplification } = own.find(({ arm }) => arm === defaultName)!
    const list = never.length === 0 ? 'nobody' : never.map(({ arm }) => arm).join(', ')
    return (
      `At ${perSecond} a second the defaults are well again after (s): ${recoveryInWords(after)}; they make ` +
      `${amplification.toFixed(2)} attempts per call in all. Never well again in that time: ${list}.`
    )
  })
}

/** Of the first load, from some seconds before the outage on; of the arms with as many clients as the others. */
export function outagePlot(
  results: readonly OutageResult[],
  { clients, hangs, watched }: OutageShape,
): string {
  const load = results[0]!.per_second
  const start = before / 1_000
  const seconds = (hangs + watched) / 1_000
  return linePlot({
    title: `A server hangs: goodput of ${clients} clients, ${load} calls a second`,
    x: { label: 'time, s' },
    y: { label: 'good answers a second' },
    series: results
      .filter((result) => result.per_second === load && result.clients === clients)
      .map(({ arm, goodput_per_second }) => ({
        name: arm,
        points: goodput_per_second.slice(0, start + seconds).map((good, second) => [second, good] as const),
      })),
    span: { from: start, to: start + hangs / 1_000, label: 'hangs' },
  })
}
