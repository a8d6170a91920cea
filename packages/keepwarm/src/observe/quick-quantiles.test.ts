import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QuickQuantiles } from './quick-quantiles.ts'

const duration = fc.oneof(
  fc.double({ min: 0, max: 0.05, noNaN: true }),
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.double({ min: 0, max: 4_000_000, noNaN: true }),
)

test('what it says lies within 3.5 % of the true quantile, or a microsecond', () => {
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (given, share) => {
        const quantiles = new QuickQuantiles()
        for (const one of given) quantiles.add(one)
        const truth = given.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * given.length)) - 1]!
        expect(Math.abs(quantiles.at(share) - truth)).toBeLessThanOrEqual(Math.max(0.001, 0.035 * truth))
      },
    ),
  )
})

test('nothing is no number, and nothing is left of what was cleared', () => {
  const quantiles = new QuickQuantiles()
  expect(quantiles.at(0.5)).toBeNaN()
  for (const one of [0.002, 5, 1e12]) quantiles.add(one)
  quantiles.clear()
  expect(quantiles.at(0.5)).toBeNaN()
  quantiles.add(7)
  for (const share of [0, 0.5, 1]) expect(quantiles.at(share)).toBeCloseTo(7, 0)
})

test('what takes longer than an hour is an hour, and what runs backwards is nothing', () => {
  const quantiles = new QuickQuantiles()
  quantiles.add(1e15)
  expect(quantiles.at(1)).toBeGreaterThan(3_600_000)
  quantiles.clear()
  quantiles.add(-5)
  expect(quantiles.at(1)).toBe(0)
})
