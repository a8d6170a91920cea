/** Hedging at each load, in virtual time: every way of hedging gets the same calls. */
import { Chance } from '@keepwarm/cli/measuring'
import { heavyTail, heavyTailMean, simulateFleet, type FleetSettings } from './hedging-fleet.ts'

/** The ways to hedge, and whether the servers stop working for those who left. */
const ways = {
  'no hedges': { cancels: true },
  'unlimited, 35 ms, no cancelling': { cancels: false, hedge: { unlimited: 35 } },
  'unlimited, 35 ms': { cancels: true, hedge: { unlimited: 35 } },
  'keepwarm, p95, no cancelling': { cancels: false, hedge: {} },
  'keepwarm, p95': { cancels: true, hedge: {} },
} as const satisfies Record<string, Pick<FleetSettings, 'cancels' | 'hedge'>>

export type HedgingWay = keyof typeof ways
export const hedgingWays: readonly HedgingWay[] = Object.keys(ways) as HedgingWay[]

export const fleetSize = { servers: 10, workers: 4 }

/** Of one way at one load; times in ms. */
export interface HedgingResult {
  readonly experiment: 'simulation'
  readonly utilisation: number
  readonly way: HedgingWay
  readonly requests: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** Hedges as a share of the requests. */
  readonly extra: number
  readonly stood_down: boolean
}

/** @param utilisation without hedges, from 0 to 1 */
export function simulateHedging(
  way: HedgingWay,
  utilisation: number,
  seconds: number,
  seed: number,
): HedgingResult {
  const [calls, hedges] = [new Chance(seed), new Chance(seed + 1_000)]
  const { requests, p50, p99, p999, extra, stoodDown } = simulateFleet({
    ...fleetSize,
    ...ways[way],
    work: heavyTail,
    every: heavyTailMean / (fleetSize.servers * fleetSize.workers) / utilisation,
    lasts: seconds * 1_000,
    warmUp: Math.min(2, seconds / 4) * 1_000,
    random: () => calls.next(),
    hedgeRandom: () => hedges.next(),
  })
  return {
    experiment: 'simulation',
    utilisation,
    way,
    requests,
    p50,
    p99,
    p999,
    extra,
    stood_down: stoodDown,
  }
}
