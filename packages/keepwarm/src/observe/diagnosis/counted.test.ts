import { expect, test } from 'vitest'
import { gained, gainedEach, gainedIn, quantile } from './counted.ts'

const histogram = (counts: number[]) => ({
  unit: 's' as const,
  bounds: [0.01, 0.1, 1],
  counts,
  count: counts.reduce((all, one) => all + one, 0),
  sum: 1,
})

test('what came to a figure is its difference, and all of it after a reset', () => {
  expect([gained(3, 10), gained(undefined, 10), gained(10, 4)]).toEqual([7, 10, 4])
  expect(gainedEach({ a: 1 }, { a: 3, b: 2 })).toEqual({ a: 2, b: 2 })
})

test('what came to a histogram, bucket by bucket', () => {
  expect(gainedIn(histogram([1, 2, 0, 0]), histogram([1, 5, 1, 0])).counts).toEqual([0, 3, 1, 0])
  expect(gainedIn(histogram([9, 9, 9, 9]), histogram([1, 0, 0, 0])).counts).toEqual([1, 0, 0, 0])
})

test('a quantile lies within the bucket that holds it', () => {
  expect(quantile(histogram([0, 0, 0, 0]), 0.5)).toBe(0)
  expect(quantile(histogram([10, 0, 0, 0]), 0.5)).toBe(5)
  expect(quantile(histogram([1, 1, 8, 0]), 0.5)).toBeCloseTo(437.5)
  expect(quantile(histogram([0, 0, 0, 3]), 0.5)).toBe(1_000)
})
