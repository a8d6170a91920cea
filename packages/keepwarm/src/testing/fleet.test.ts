/** What hedging is worth and what it costs, by simulation: the same numbers in every run. */
import { describe, expect, test } from 'vitest'
import { ManualRuntime } from './manual-runtime.ts'
import { heavyTail, heavyTailMean, simulateFleet, stragglers } from './fleet.ts'
import type { FleetResult, FleetSettings } from './fleet.ts'

function simulate(seed: number, settings: Omit<FleetSettings, 'random' | 'hedgeRandom'>): FleetResult {
  const [calls, hedges] = [new ManualRuntime(seed), new ManualRuntime(seed + 1_000)]
  return simulateFleet({ ...settings, random: () => calls.random(), hedgeRandom: () => hedges.random() })
}

const roomy = { servers: 2, workers: Infinity, work: stragglers, every: 2, lasts: 120_000, warmUp: 5_000 }

describe.each([1, 2, 3])('stragglers, and nobody waits for anybody (seed %d)', (seed) => {
  test('at p95: p99.9 is cut by 95 %, with no more than 5.5 % extra', () => {
    const none = simulate(seed, { ...roomy, cancels: true })
    const hedged = simulate(seed, { ...roomy, cancels: true, hedge: {} })
    expect(hedged.p999).toBeLessThan(none.p999 * 0.05)
    expect(hedged.extra).toBeGreaterThan(0.04)
    expect(hedged.extra).toBeLessThan(0.055)
    expect(hedged.p50).toBeLessThan(none.p50 * 1.02)
    expect(hedged.stoodDown).toBe(false)
    const { counters } = hedged
    expect(counters!.won + counters!.lost).toBeGreaterThanOrEqual(counters!.sent - 5)
  })

  test('at p99: with no more than 1.5 % extra', () => {
    const none = simulate(seed, { ...roomy, cancels: true })
    const hedged = simulate(seed, { ...roomy, cancels: true, hedge: { after: { quantile: 0.99 } } })
    expect(hedged.extra).toBeLessThan(0.015)
    expect(hedged.p999).toBeLessThan(none.p999)
  })
})

/** Ten servers with four workers each. */
function fleet(utilisation: number, cancels: boolean): Omit<FleetSettings, 'random' | 'hedgeRandom'> {
  const every = heavyTailMean / 40 / utilisation
  return { servers: 10, workers: 4, work: heavyTail, every, lasts: 20_000, warmUp: 2_000, cancels }
}

describe.each([1, 2, 4, 5, 10])('servers with lines (seed %d)', (seed) => {
  test.each([0.3, 0.6])('with room, at %d: the tail is cut', (utilisation) => {
    const none = simulate(seed, fleet(utilisation, true))
    const hedged = simulate(seed, { ...fleet(utilisation, true), hedge: {} })
    expect(hedged.p99).toBeLessThan(none.p99 * 0.75)
    expect(hedged.p50).toBeLessThan(none.p50 * 1.02)
    expect(hedged.extra).toBeLessThan(0.055)
  })

  test.each([
    [0.85, true],
    [0.85, false],
    [0.95, true],
    [0.95, false],
  ])('at %d, servers that cancel: %s: it stands down, and nobody is worse off', (utilisation, cancels) => {
    const none = simulate(seed, fleet(utilisation, cancels))
    const hedged = simulate(seed, { ...fleet(utilisation, cancels), hedge: {} })
    expect(hedged.stoodDown).toBe(true)
    expect(hedged.extra).toBeLessThan(0.05)
    expect(hedged.p50).toBeLessThan(none.p50 * 1.1)
    expect(hedged.p50).toBeGreaterThan(none.p50 * 0.9)
  })
})

test('what it is kept from: with no limit, servers that do not cancel drown in hedges', () => {
  const drowning = simulate(1, { ...fleet(0.85, false), hedge: { unlimited: 35 } })
  expect(drowning.extra).toBeGreaterThan(0.9)
  expect(drowning.p50).toBeGreaterThan(1_000)
})

test('the same seed comes to the same result', () => {
  const run = (): FleetResult => simulate(5, { ...fleet(0.6, false), hedge: {}, lasts: 5_000 })
  expect(run()).toEqual(run())
})
