/** Outages in a table and in sentences. */
import { defaultName } from './outage-arms.ts'
import type { OutageResult } from './outage-measure.ts'
import type { Table } from './table.ts'
import { figure } from './words.ts'

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
