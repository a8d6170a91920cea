/** One way of spreading, through all illnesses. */
import type { BalanceArm } from './balance-arms.ts'
import { simulateBalance, type BalancePlan, type BalanceSample, type Illness } from './balance-simulate.ts'

/** Everything but what goes wrong. */
export type BalanceSetting = Omit<BalancePlan, 'illness' | 'ill' | 'noise'>

/** Shares of requests, of all rounds together. */
export interface BalanceResult {
  readonly arm: string
  readonly requests: number
  readonly answered: Readonly<Record<Exclude<Illness, 'none'>, number>>
  /** The worst round's. */
  readonly worst: Readonly<Record<Exclude<Illness, 'none'>, number>>
  /** How many requests the busiest server got when all were well, beside the average. */
  readonly busiest: number
  /** The same where one request in a hundred fails, at any server. */
  readonly busiest_with_failures: number
}

/** In the middle half of the time. */
const ill: readonly [number, number] = [0.25, 0.75]

export function measureBalance(
  arm: BalanceArm,
  setting: BalanceSetting,
  rounds: number,
  seed: number,
): BalanceResult {
  const run = (illness: Illness, noise: number): BalanceSample[] =>
    Array.from({ length: rounds }, (_, round) =>
      simulateBalance(arm, { ...setting, illness, ill, noise }, seed + round),
    )
  const samples = { slow: run('slow', 0), failing: run('failing', 0), dead: run('dead', 0) }
  return {
    arm: arm.name,
    requests: sum(samples.slow.map(({ requests }) => requests)),
    answered: {
      slow: answeredOf(samples.slow),
      failing: answeredOf(samples.failing),
      dead: answeredOf(samples.dead),
    },
    worst: { slow: worstOf(samples.slow), failing: worstOf(samples.failing), dead: worstOf(samples.dead) },
    busiest: busiestOf(run('none', 0)),
    busiest_with_failures: busiestOf(run('none', 0.01)),
  }
}

function answeredOf(samples: readonly BalanceSample[]): number {
  return sum(samples.map(({ answered }) => answered)) / sum(samples.map(({ requests }) => requests))
}

function worstOf(samples: readonly BalanceSample[]): number {
  return Math.min(...samples.map(({ answered, requests }) => answered / requests))
}

function busiestOf(samples: readonly BalanceSample[]): number {
  return Math.max(...samples.map(({ spread }) => (Math.max(...spread) / sum(spread)) * spread.length))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
