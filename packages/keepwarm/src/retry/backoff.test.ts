import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { backoff, backoffCeiling, type Backoff } from './backoff.ts'

const usual = { base: 100, multiplier: 2, cap: 5_000 }

/** The largest number that chance can be. */
const almostOne = 1 - 2 ** -53

/** Numbers in [0, 1) that repeat for a seed. */
function seeded(seed: number): () => number {
  const runtime = new ManualRuntime(seed)
  return () => runtime.random()
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

  test('stays within [0, cap], whatever the growth and the jitter', () => {
    const settings = fc.record({
      base: fc.double({ min: 0, max: 5_000, noNaN: true }),
      multiplier: fc.double({ min: 1, max: 1e9, noNaN: true }),
      growth: fc.constantFrom('exponential', 'linear', 'constant'),
      jitter: fc.oneof(fc.constant('full' as const), fc.double({ min: 0, max: 1, noNaN: true })),
    })
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 1_100 }), random, (options, retry, chance) => {
        const wait = backoff({ ...options, cap: 5_000 }, retry, chance)
        return wait >= 0 && wait <= 5_000
      }),
      { numRuns: 5_000 },
    )
  })
})

/** Numbers that other libraries hold themselves to, where our settings can say the same. */
describe('known tables', () => {
  const draws = (options: Backoff, retry: number, ...chances: number[]): number[] =>
    chances.map((chance) => Number(backoff(options, retry, chance).toFixed(6)))

  test('full jitter with the largest draw: 50, 100, 200, 400 up to the cap', () => {
    const options = { base: 50, multiplier: 2, cap: 20_000 }
    const waits = Array.from({ length: 12 }, (_, index) => draws(options, index + 1, almostOne)[0])
    expect(waits.slice(0, 4)).toEqual([50, 100, 200, 400])
    expect(waits.slice(-3)).toEqual([20_000, 20_000, 20_000])
  })

  test('constant, a quarter more or less: 0.75, 0.95, 1.05, 1.25, at every retry', () => {
    const options = { base: 1, multiplier: 2, cap: 10, growth: 'constant', jitter: 0.25 } as const
    for (const retry of [1, 2, 3, 1_025])
      expect(draws(options, retry, 0, 0.4, 0.6, almostOne)).toEqual([0.75, 0.95, 1.05, 1.25])
  })

  test('linear, a quarter more or less: 2.25, 2.85, 3, 3.15, 3.75 at the third retry', () => {
    const options = { base: 1, multiplier: 2, cap: 10, growth: 'linear', jitter: 0.25 } as const
    expect(draws(options, 3, 0, 0.4, 0.5, 0.6, almostOne)).toEqual([2.25, 2.85, 3, 3.15, 3.75])
  })

  test('without jitter: 1, 2, 4 and 1, 2, 3 and 1, 1, 1', () => {
    const waits = (growth: 'exponential' | 'linear' | 'constant'): number[] =>
      [1, 2, 3].map((retry) => backoff({ base: 1, multiplier: 2, cap: 10, growth, jitter: 0 }, retry, 0.7))
    expect([waits('exponential'), waits('linear'), waits('constant')]).toEqual([
      [1, 2, 4],
      [1, 2, 3],
      [1, 1, 1],
    ])
  })

  test.each([1_000, 1_023, 1_024, 1_025, Number.MAX_SAFE_INTEGER])(
    'retry %d, where a power of two overflows, waits for the cap',
    (retry) => {
      for (const growth of ['exponential', 'linear'] as const)
        for (const jitter of ['full', 0.25, 0] as const)
          expect(
            draws({ base: 2_000, multiplier: 2, cap: 30_000, growth, jitter }, retry, almostOne),
          ).toEqual([30_000])
    },
  )

  test('a cap that is reached leaves room for chance below, and none above', () => {
    const options = { base: 1, multiplier: 10, cap: 3, jitter: 0.25 } as const
    expect(draws(options, 5, 0, 0.5, almostOne)).toEqual([2.25, 2.625, 3])
  })
})
