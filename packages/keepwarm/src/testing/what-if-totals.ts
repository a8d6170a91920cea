/** Counters of several clients, added up. */
import type { ClientMetrics } from '../observe/recorder.ts'
import type { WhatIfReport } from './what-if-report.ts'

export function ofAllClients(
  metrics: readonly ClientMetrics[],
): Pick<WhatIfReport, 'retries' | 'hedges' | 'breakerOpenings'> {
  const sum = (of: (one: ClientMetrics) => number): number =>
    metrics.reduce((total, one) => total + of(one), 0)
  return {
    retries: {
      total: sum((one) => one.retries_attempted),
      byReason: sumEach(metrics.map((one) => one.retries_by_reason)),
      suppressed: sumEach(metrics.map((one) => one.retries_suppressed)),
    },
    hedges: { sent: sum((one) => one.hedges_sent), won: sum((one) => one.hedges_won) },
    breakerOpenings: sum((one) => one.circuit_breaker_opens),
  }
}

function sumEach(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const one of counts) {
    for (const [name, count] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}

/** How often each word is there. */
export function countEach(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
