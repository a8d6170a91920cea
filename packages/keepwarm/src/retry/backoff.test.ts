import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoff, backoffCeiling } from './backoff.ts'

const usual = { base: 100, multiplier: 2, cap: 5_000 }

/** Numbers in [0, 1) that repeat for a seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('the ceiling', () => {
  test('doubles from the base to the cap', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8].map((retry) => backoffCeiling(usual, retry))
    expect(ceilings).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  })

  test('is a finite number for every retry up to 1100 and any multiplier', () => {
    for (const multiplier of [1, 1.5, 2, 10, 1e6, Number.MAX_VALUE])
      for (let retry = 1; retry <= 1_100; retry++) {
        const wait = backoff({ base: 100, multiplier, cap: 5_000 }, retry, 0.999)
        expect(wait).toBeGreaterThan(0)
        expect(wait).toBeLessThanOrEqual(5_000)
      }
  })

  test('is nothing when the base is nothing, however large the power', () => {
    expect(backoff({ base: 0, multiplier: 2, cap: 5_000 }, 1_100, 0.5)).toBe(0)
  })

  test('never exceeds what a timer can wait, even without a cap', () => {
    expect(backoff({ base: 100, multiplier: 2, cap: Infinity }, 1_100, 0.999)).toBeLessThan(2 ** 31)
  })
})

describe('the draw', () => {
  test('lies between nothing and min(cap, base × multiplierⁿ)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_100 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.double({ min: 1, max: 100, noNaN: true }),
        (retry, random, multiplier) => {
          const wait = backoff({ ...usual, multiplier }, retry, random)
          return wait >= 0 && wait <= Math.min(5_000, 100 * multiplier ** (retry - 1))
        },
      ),
      { numRuns: 10_000 },
    )
  })

  test('is uniform: its mean is half the ceiling and no part of it is favoured', () => {
    const random = seeded(7)
    const draws = Array.from({ length: 20_000 }, () => backoff(usual, 3, random())).sort((a, b) => a - b)
    const mean = draws.reduce((sum, wait) => sum + wait, 0) / draws.length
    const farthest = Math.max(
      ...draws.map((wait, index) => Math.abs((index + 1) / draws.length - wait / 400)),
    )
    expect(Math.abs(mean - 200)).toBeLessThan(4)
    expect(farthest).toBeLessThan(1.63 / Math.sqrt(draws.length)) // Kolmogorov–Smirnov, 1 %
  })

  test('is still spread where the cap has cut the ceiling', () => {
    const waits = [0, 0.25, 0.5, 0.75].map((random) => backoff(usual, 50, random))
    expect(waits).toEqual([0, 1_250, 2_500, 3_750])
  })
})
