import { expect, test } from 'vitest'
import { RateLimit } from './rate-limit.ts'

test('a burst passes, then as many as the rate, and others are not held up', () => {
  const limit = new RateLimit(10, 3)
  expect([1, 2, 3].map(() => limit.take('a', 0))).toEqual([0, 0, 0])
  expect(limit.take('a', 0)).toBe(100)
  expect(limit.take('b', 0)).toBe(0)
  expect(limit.take('a', 60)).toBeCloseTo(40)
  expect(limit.take('a', 101)).toBe(0)
  expect(limit.take('a', 10_000)).toBe(0)
})

test('over a long time no more pass than the rate and the burst', () => {
  const limit = new RateLimit(10, 20)
  let passed = 0
  for (let now = 0; now < 10_000; now += 7) if (limit.take('a', now) === 0) passed++
  expect(passed).toBeLessThanOrEqual(120)
  expect(passed).toBeGreaterThanOrEqual(118)
})

test('ten thousand addresses are remembered, not all there are', () => {
  const limit = new RateLimit(1, 1)
  for (let index = 0; index < 10_000; index++) limit.take(`address ${index}`, 0)
  expect(limit.take('address 9999', 0)).toBeGreaterThan(0)
  limit.take('one more', 0)
  limit.take('and another', 0)
  expect(limit.take('address 0', 0)).toBe(0)
})
