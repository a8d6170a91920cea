/** What the rounds of an arm say together, and what they say beside those of another. */
import { createHistogram } from 'node:perf_hooks'
import { Chance } from '../measuring/chance.ts'
import { estimate, ratio, undecided, type Estimate } from '../measuring/statistics.ts'
import type { Round } from './round.ts'

export const percentiles = { p50: 50, p90: 90, p99: 99, 'p99.9': 99.9 } as const

export type Percentile = keyof typeof percentiles

/** What is known of an arm. An interval is one of 95 %. */
export interface Summary {
  readonly name: string
  /** Requests that were answered with a status below 400. */
  readonly requests: number
  /** The others, by kind, the most frequent first. */
  readonly failures: Readonly<Record<string, number>>
  /** Their share of all. */
  readonly failed: number
  /** In ms, of the requests that were answered. */
  readonly latency: Readonly<Record<Percentile, Estimate>>
  readonly slowest: number
  /** Requests that were answered in a second. */
  readonly throughput: Estimate
  /** CPU time of this process for one request, in µs. */
  readonly cpu: Estimate
  /** Connections opened in all rounds together. */
  readonly connections: number
  /** Requests that went out as the server closed their connection, and were sent again. */
  readonly lostRaces: number
}

/** What one arm is beside another: how many times as much the other has of it. Above 1, this one is better. */
export interface Comparison {
  readonly arm: string
  readonly other: string
  readonly latency: Estimate
  readonly throughput: Estimate
  readonly cpu: Estimate
  /** Whether the latencies differ by more than chance. */
  readonly decided: boolean
}

/** @param rounds with at least one request answered in each */
export function summarise(name: string, rounds: readonly Round[]): Summary {
  const failures = tally(rounds)
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0)
  const requests = rounds.reduce((sum, { answered }) => sum + answered, 0)
  const answered = rounds.filter((round) => round.answered > 0)
  return {
    name,
    requests,
    failures,
    failed: failed / Math.max(1, requests + failed),
    latency: latencies(answered),
    slowest: Math.max(...rounds.map(({ latencies }) => latencies.max)) / 1_000,
    throughput: estimate(answered.map(throughputOf)),
    cpu: estimate(answered.map(cpuOf)),
    connections: rounds.reduce((sum, { opened }) => sum + opened, 0),
    lostRaces: rounds.reduce((sum, { lostRaces }) => sum + lostRaces, 0),
  }
}

/** Round by round: both arms of a round met the same machine and the same server. */
export function compare(
  [arm, rounds]: readonly [string, readonly Round[]],
  [other, otherRounds]: readonly [string, readonly Round[]],
): Comparison {
  const both = rounds.map((round, index) => [round, otherRounds[index]!] as const)
  const pairs = both.filter((pair) => pair.every(({ answered }) => answered > 0))
  const beside = (of: (round: Round) => number): Estimate =>
    ratio(
      pairs.map(([, theirs]) => of(theirs)),
      pairs.map(([ours]) => of(ours)),
    )
  const latency = beside(({ latencies }) => latencies.percentile(50))
  return {
    arm,
    other,
    latency,
    throughput: beside((round) => 1 / throughputOf(round)),
    cpu: beside(cpuOf),
    decided: !undecided(latency),
  }
}

function throughputOf({ answered, took }: Round): number {
  return answered / (took / 1_000)
}

function cpuOf({ cpu, answered }: Round): number {
  return cpu / answered
}

function tally(rounds: readonly Round[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const { failures } of rounds)
    for (const [kind, count] of failures) sums.set(kind, (sums.get(kind) ?? 0) + count)
  return Object.fromEntries([...sums].toSorted(([, a], [, b]) => b - a))
}

/** How often rounds are drawn anew. */
const DRAWS = 200

/** Percentiles of all rounds together, and the middle 95 % of those of rounds that are drawn from them by chance. */
function latencies(rounds: readonly Round[]): Record<Percentile, Estimate> {
  const chance = new Chance(1)
  const whole = merged(rounds)
  const drawn = Array.from({ length: rounds.length === 0 ? 0 : DRAWS }, () =>
    merged(rounds.map(() => chance.pick(rounds))),
  )
  const of = (name: Percentile): Estimate => {
    const values = drawn.map((sample) => sample[name]).toSorted((a, b) => a - b)
    const middle = whole[name]
    const [lower = middle, upper = middle] = [values[DRAWS * 0.025], values[DRAWS * 0.975 - 1]]
    return { median: middle, lower: Math.min(lower, middle), upper: Math.max(upper, middle) }
  }
  return { p50: of('p50'), p90: of('p90'), p99: of('p99'), 'p99.9': of('p99.9') }
}

function merged(rounds: readonly Round[]): Record<Percentile, number> {
  const sum = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 })
  for (const { latencies } of rounds) sum.add(latencies)
  const at = (name: Percentile): number =>
    rounds.length === 0 ? NaN : sum.percentile(percentiles[name]) / 1_000
  return { p50: at('p50'), p90: at('p90'), p99: at('p99'), 'p99.9': at('p99.9') }
}
