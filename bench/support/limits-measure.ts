/** What came of one limit under one workload. */
import { median } from '@keepwarm/cli/measuring'
import type { LimitArm, LimitLoad } from './limits-arms.ts'
import { runQueueing } from './limits-library.ts'

/** Medians over the seeds, `least` and `most` over all of them. Times in ms, rates a second. */
export interface LimitResult {
  readonly workload: string
  readonly limit: string
  readonly fixed: number
  readonly goodput: number
  readonly least_goodput: number
  readonly p50: number
  readonly p99: number
  readonly shed: number
  readonly overloaded: number
  readonly lost: number
  /** Sum over the clients, on average of the last tenth of the run; null where there is none. */
  readonly end_limit: number | null
  readonly most_limit: number | null
  /** Jain's index of what the clients got: 1 is equal parts. */
  readonly fairness: number
  readonly least_fairness: number
}

export function measureLimit(arm: LimitArm, load: LimitLoad, seeds: readonly number[]): LimitResult {
  const runs = seeds.map((seed) => runQueueing(load.workload, arm.limiter, seed))
  const middle = (of: (run: (typeof runs)[number]) => number): number => median(runs.map(of))
  const unlimited = arm.name === 'none'
  return {
    workload: load.name,
    limit: arm.name,
    fixed: arm.fixed,
    goodput: middle(({ goodput }) => goodput),
    least_goodput: Math.min(...runs.map(({ goodput }) => goodput)),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    shed: middle(({ shed }) => shed),
    overloaded: middle(({ overloaded }) => overloaded),
    lost: middle(({ lost }) => lost),
    end_limit: unlimited ? null : middle(({ limits }) => mean(limits.slice(-Math.ceil(limits.length / 10)))),
    most_limit: unlimited ? null : Math.max(...runs.flatMap(({ limits }) => limits)),
    fairness: middle(({ goodputs }) => jain(goodputs)),
    least_fairness: Math.min(...runs.map(({ goodputs }) => jain(goodputs))),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0))
}
