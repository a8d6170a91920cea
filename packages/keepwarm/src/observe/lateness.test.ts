import { expect, test } from 'vitest'
import { Lateness } from './lateness.ts'

test('the worst of the last ten seconds is known, and what is older than twenty is not', () => {
  const lateness = new Lateness()
  expect(lateness.seen(5).max).toBe(0)
  lateness.add(700, 9_000)
  lateness.add(20, 9_500)
  expect(lateness.seen(9_900)).toEqual({ p50: 0, p99: 700, max: 700 })
  expect(lateness.seen(19_000).max).toBe(700)
  expect(lateness.seen(20_000).max).toBe(0)
})

test('after a long rest nothing of what was is left', () => {
  const lateness = new Lateness()
  lateness.add(700, 1_000)
  expect(lateness.seen(500_000).max).toBe(0)
})
