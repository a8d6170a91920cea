/** The published experiment, held to its figures: eleven servers, one of them slow for half of the time. */
import { describe, expect, test } from 'vitest'
import { balanceArms, defaultArm, type BalanceArm } from './balance-arms.ts'
import { measureBalance } from './balance-measure.ts'
import { simulateBalance, type BalancePlan } from './balance-simulate.ts'

const setting = { servers: 11, rate: 1_000, seconds: 60, median: 167, slow: 2_000, timeout: 1_000 }
const plan: BalancePlan = { ...setting, illness: 'slow', ill: [0.25, 0.75], noise: 0 }
const arm = (name: string): BalanceArm => balanceArms.find((one) => one.name === name)!
const shareOf = (name: string, seed: number, illness: BalancePlan['illness'] = 'slow'): number => {
  const { answered, requests } = simulateBalance(arm(name), { ...plan, illness }, seed)
  return answered / requests
}

describe('one of eleven servers is ill for half of the time', () => {
  test.each([1, 2, 3])('load %i: better by steps, and 99.9 % in time by default', (seed) => {
    const roundRobin = shareOf('round robin', seed)
    const leastLoaded = shareOf('least loaded of two', seed)
    // One in eleven, half of the time.
    expect(Math.abs(roundRobin - (1 - 1 / 22))).toBeLessThan(0.002)
    expect(leastLoaded).toBeGreaterThan(roundRobin + 0.02)
    expect(shareOf('round robin, ejection', seed)).toBeGreaterThan(0.99)
    for (const name of ['peak-EWMA', defaultArm]) {
      expect(shareOf(name, seed)).toBeGreaterThanOrEqual(0.999)
      expect(shareOf(name, seed)).toBeGreaterThan(leastLoaded)
    }
  })

  test.each(['failing', 'dead'] as const)(
    '%s: what draws requests to it by failing fast does not here',
    (illness) => {
      expect(shareOf('least loaded of two', 1, illness)).toBeLessThan(0.93)
      expect(shareOf('peak-EWMA', 1, illness)).toBeGreaterThanOrEqual(0.999)
      expect(shareOf(defaultArm, 1, illness)).toBeGreaterThanOrEqual(0.999)
    },
  )
})

test('all get the same when all are well, and nearly so when one request in a hundred fails', () => {
  const { busiest, busiest_with_failures } = measureBalance(
    arm(defaultArm),
    { ...setting, seconds: 30 },
    1,
    1,
  )
  expect(busiest).toBeLessThan(1.15)
  expect(busiest_with_failures).toBeLessThan(1.3)
})

test('a seed says everything', () => {
  const run = (): unknown => simulateBalance(arm(defaultArm), { ...plan, seconds: 10, noise: 0.01 }, 5)
  expect(run()).toEqual(run())
})

test('every request ends up at one server, and nobody answers more than there were', () => {
  for (const each of balanceArms) {
    const { requests, answered, spread, sentToIll } = simulateBalance(
      each,
      { ...plan, illness: 'none', seconds: 5 },
      1,
    )
    expect(spread.reduce((total, one) => total + one, 0)).toBe(requests)
    expect([answered, sentToIll]).toEqual([requests, 0])
  }
})
