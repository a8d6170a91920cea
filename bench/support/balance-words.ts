/** What spreading comes to, in a table and sentences. */
import type { Table } from '@keepwarm/cli/measuring'
import { defaultArm } from './balance-arms.ts'
import type { BalanceResult } from './balance-measure.ts'

export function balanceTable(results: readonly BalanceResult[]): Table {
  return {
    title: 'Answered in time while one server is ill for half of the time, %',
    header: [
      'Spread by',
      'It is slow',
      'It answers errors',
      'It refuses connections',
      'Busiest server, all well',
      'Busiest, 1 % errors everywhere',
    ],
    rows: results.map(({ arm, answered, busiest, busiest_with_failures }) => [
      arm,
      percent(answered.slow),
      percent(answered.failing),
      percent(answered.dead),
      beside(busiest),
      beside(busiest_with_failures),
    ]),
  }
}

export function balanceFindings(results: readonly BalanceResult[]): string[] {
  const own = results.find(({ arm }) => arm === defaultArm)!
  const plain = results.find(({ arm }) => arm === 'round robin')!
  const without = results.find(({ arm }) => arm === 'peak-EWMA')!
  const others = results.filter((result) => result !== own && result !== without)
  const lost = (result: BalanceResult): string => `${percent(1 - result.answered.slow)} %`
  const best = others.toSorted((a, b) => b.answered.slow - a.answered.slow)[0]!
  return [
    `While one server was slow, round robin lost ${lost(plain)} of the requests, ${best.arm}, the best of the others, ${lost(best)}.`,
    `Peak-EWMA without ejection lost ${lost(without)}, with it ${lost(own)}: what it learns by itself comes first.`,
    `The busiest server got ${beside(own.busiest)} the average of ${own.arm} when all were well.`,
    `${own.arm}, keepwarm's default, lost ${lost(own)}; in its worst round ${percent(own.worst.slow)} % were answered in time.`,
  ]
}

/** Hundredths would hide what matters. */
function percent(share: number): string {
  return (share * 100).toFixed(3)
}

function beside(factor: number): string {
  return `${factor.toFixed(2)}×`
}
