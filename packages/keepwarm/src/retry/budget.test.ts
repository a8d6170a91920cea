import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { RetryBudget } from './budget.ts'

/** How many of `tries` withdrawals at one moment are granted. */
function granted(budget: RetryBudget, tries: number, now: number): number {
  let count = 0
  for (let i = 0; i < tries; i++) if (budget.withdraw(now)) count++
  return count
}

describe('a budget', () => {
  test('starts with ten tokens', () => {
    expect(granted(new RetryBudget(), 1_000, 0)).toBe(10)
  })

  test('lets a thousand calls that fail together retry ten times, not a thousand', () => {
    const budget = new RetryBudget({ perSecond: 0 })
    expect(granted(budget, 1_000, 0)).toBe(10)
    expect(granted(budget, 1_000, 5_000)).toBe(0)
  })

  test('buys one retry with ten successes', () => {
    const budget = new RetryBudget({ start: 0, perSecond: 0 })
    for (let i = 0; i < 9; i++) budget.deposit(0)
    expect(budget.withdraw(0)).toBe(false)
    budget.deposit(0)
    expect(budget.withdraw(0)).toBe(true)
    expect(budget.level(0)).toBe(0)
  })

  test('grants start + trickle when everything fails, however many ask', () => {
    const budget = new RetryBudget()
    let count = 0
    for (let call = 0; call < 10_000; call++) if (budget.withdraw(call * 10)) count++
    expect(count).toBeLessThanOrEqual(10 + 0.5 * 100)
    expect(count).toBeGreaterThanOrEqual(10 + 0.5 * 100 - 1)
  })

  test('keeps the extra load below a tenth of what succeeds', () => {
    const budget = new RetryBudget({ perSecond: 0 })
    let retries = 0
    for (let call = 0; call < 10_000; call++) {
      if (call % 2 === 0) budget.deposit(0)
      else if (budget.withdraw(0)) retries++
    }
    expect(retries).toBeLessThanOrEqual(10 + 0.1 * 5_000)
    expect(retries).toBeGreaterThanOrEqual(0.1 * 5_000 - 1)
  })

  test('gives an idle client something to retry with, never more than the cap', () => {
    const budget = new RetryBudget()
    expect(granted(budget, 1_000, 0)).toBe(10)
    expect(granted(budget, 1_000, 3_600_000)).toBe(100)
  })

  test('takes back the token of a retry that was never sent', () => {
    const budget = new RetryBudget({ start: 1, perSecond: 0 })
    expect(budget.withdraw(0)).toBe(true)
    budget.giveBack()
    expect(budget.withdraw(0)).toBe(true)
    expect(budget.withdraw(0)).toBe(false)
  })

  test('does not mint more by a successful retry than the retry took', () => {
    const budget = new RetryBudget({ perSecond: 0 })
    for (let i = 0; i < 1_000; i++) if (budget.withdraw(0)) budget.deposit(0)
    expect(budget.level(0)).toBeLessThan(1)
  })

  test('is not moved by a clock that goes back', () => {
    const budget = new RetryBudget({ start: 0 })
    budget.level(10_000)
    expect(budget.level(0)).toBe(0)
    expect(budget.level(10_000)).toBe(0)
  })

  test('names every number that cannot be used', () => {
    expect(() => new RetryBudget({ perSuccess: 2, start: -1, cap: NaN })).toThrow(ConfigError)
    expect(() => new RetryBudget({ perSuccess: 2, start: -1, cap: NaN })).toThrow(
      /perSuccess[^]*start[^]*cap/,
    )
  })
})

test('tokens stay within [0, cap] and none are lost or made, in any order of events', () => {
  const step = fc.record({
    event: fc.constantFrom('deposit', 'withdraw', 'giveBack'),
    after: fc.integer({ min: 0, max: 20_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const budget = new RetryBudget({ start: 3, cap: 5 })
      let now = 0
      let expected = budget.level(now)
      let reserved = 0
      const pay = (tokens: number): void => void (expected = Math.min(5, expected + tokens))
      for (const { event, after } of steps) {
        now += after
        pay(after * 0.0005)
        expect(budget.level(now)).toBeCloseTo(expected, 6)
        if (event === 'deposit') {
          budget.deposit(now)
          pay(0.1)
        } else if (event === 'withdraw' && budget.withdraw(now)) {
          expected -= 1
          reserved += 1
        } else if (event === 'giveBack' && reserved > 0) {
          budget.giveBack()
          pay(1)
          reserved -= 1
        }
        const level = budget.level(now)
        expect(level).toBeCloseTo(expected, 6)
        expect(level).toBeGreaterThanOrEqual(0)
        expect(level).toBeLessThanOrEqual(5)
      }
    }),
  )
})
