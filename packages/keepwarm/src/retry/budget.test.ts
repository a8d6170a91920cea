import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { RetryBudget } from './budget.ts'
import { chargeRetry } from './decide.ts'

/** How many of `tries` withdrawals at one moment are granted. */
function granted(budget: RetryBudget, tries: number, now: number): number {
  let count = 0
  for (let i = 0; i < tries; i++) if (budget.withdraw(now)) count++
  return count
}

describe('a budget', () => {
  test('starts with five tokens', () => {
    expect(granted(new RetryBudget(), 1_000, 0)).toBe(5)
  })

  test('lets a thousand calls that fail together retry five times, not a thousand', () => {
    const budget = new RetryBudget({ perSecond: 0 })
    expect(granted(budget, 1_000, 0)).toBe(5)
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
    expect(count).toBeLessThanOrEqual(5 + 0.5 * 100)
    expect(count).toBeGreaterThanOrEqual(5 + 0.5 * 100 - 1)
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
    expect(granted(budget, 1_000, 0)).toBe(5)
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

  test('goes back to where it was when everybody who waits is aborted', () => {
    const budget = new RetryBudget({ perSecond: 0 })
    const waiting = granted(budget, 1_000, 0)
    expect(budget.level(0)).toBe(0)
    for (let call = 0; call < waiting; call++) budget.giveBack()
    expect(budget.level(0)).toBe(5)
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

describe('a budget with a parent', () => {
  const noTrickle = { perSecond: 0 }

  test('takes a token from both, or from none', () => {
    const client = new RetryBudget({ ...noTrickle, start: 1 })
    const [one, other] = [
      new RetryBudget({ ...noTrickle, start: 5 }, client),
      new RetryBudget({ ...noTrickle, start: 0 }, client),
    ]
    expect(other.withdraw(0)).toBe(false)
    expect(client.level(0)).toBe(1)
    expect(one.withdraw(0)).toBe(true)
    expect([one.level(0), client.level(0)]).toEqual([4, 0])
    expect(one.withdraw(0)).toBe(false)
    expect([one.level(0), client.level(0)]).toEqual([4, 0])
  })

  test('pays into both and gives back to both, each up to its own cap', () => {
    const client = new RetryBudget({ ...noTrickle, start: 0, cap: 0.15 })
    const origin = new RetryBudget({ ...noTrickle, start: 0 }, client)
    origin.deposit(0)
    origin.deposit(0)
    expect([origin.level(0), client.level(0)]).toEqual([0.2, 0.15])
    origin.giveBack()
    expect([origin.level(0), client.level(0)]).toEqual([1.2, 0.15])
  })

  test('is independent of its neighbours, and all of them together stay below the cap of the parent', () => {
    const client = new RetryBudget({ ...noTrickle, start: 8 })
    const [one, other] = [new RetryBudget(noTrickle, client), new RetryBudget(noTrickle, client)]
    expect(granted(one, 1_000, 0)).toBe(5)
    expect(other.level(0)).toBe(5) // nothing of its own is gone
    expect(granted(other, 1_000, 0)).toBe(3) // but the client has no more
  })

  test('retries and hedges draw from the same bucket', () => {
    const budget = new RetryBudget({ ...noTrickle, start: 2 })
    const retry = chargeRetry({ again: true, wait: 0, reason: 'reset', free: false }, budget, 0)
    const hedge = budget.withdraw(0)
    expect([retry.again, hedge, budget.withdraw(0)]).toEqual([true, true, false])
  })
})

/** Numbers that other libraries hold themselves to, where our settings can say the same. */
describe('known tables', () => {
  /** Theirs takes 14 of 500 for a retry; ours takes 1, so that 14 of theirs are 1 of ours. */
  const PRICE = 14
  const quota = (start: number): RetryBudget =>
    new RetryBudget({ start: start / PRICE, cap: 500 / PRICE, perSuccess: 1, perSecond: 0 })
  const left = (budget: RetryBudget): number => Math.round(budget.level(0) * PRICE)

  test('a quota of 500: 486, 472, 458, 444', () => {
    const budget = quota(500)
    const ladder = Array.from({ length: 4 }, () => budget.withdraw(0) && left(budget))
    expect(ladder).toEqual([486, 472, 458, 444])
  })

  test.each([
    [14, [0]],
    [20, [6]],
    [30, [16, 2]],
  ])('a quota of %d: %j, then exceeded', (start, ladder) => {
    const budget = quota(start)
    expect(ladder.map(() => budget.withdraw(0) && left(budget))).toEqual(ladder)
    expect(budget.withdraw(0)).toBe(false)
    expect(left(budget)).toBe(ladder.at(-1))
  })

  test('a quota of 30: 16, 2, a success after the retry refunds it: 16, 2, 16', () => {
    const budget = quota(30)
    const steps = ['withdraw', 'withdraw', 'deposit', 'withdraw', 'deposit'] as const
    const ladder = steps.map((step) => {
      budget[step](0)
      return left(budget)
    })
    expect(ladder).toEqual([16, 2, 16, 2, 16])
  })

  test('where ours differs by design: one price for every retry, one rate for every success', () => {
    // Theirs takes less for a retry after throttling (5), and pays in 1 of 14 for a success at the first attempt but all
    // 14 for one after a retry. Ours cannot be told which: both are steps of `perSuccess`, and a retry costs 1.
    const budget = quota(14)
    budget.withdraw(0)
    budget.deposit(0)
    expect(left(budget)).toBe(14)
    // With the default rate no success gives back what its retry took.
    const usual = new RetryBudget({ perSecond: 0 })
    usual.withdraw(0)
    usual.deposit(0)
    expect(usual.level(0)).toBeCloseTo(4.1)
  })

  test.each([0.1, 0.2, 0.5, 1])('10 000 requests pay for n × %d retries, one more or less', (perSuccess) => {
    const budget = new RetryBudget({ start: 0, cap: 10_000, perSecond: 0, perSuccess })
    let retries = 0
    for (let request = 0; request < 10_000; request++) {
      budget.deposit(0)
      if (budget.withdraw(0)) retries++
    }
    expect(Math.abs(retries - 10_000 * perSuccess)).toBeLessThanOrEqual(1)
  })
})

test('however origins and their client interleave, tokens are conserved, and no bucket leaves [0, cap]', () => {
  const caps = [5, 4, 3] as const // the client's, and those of its two origins
  const step = fc.record({
    event: fc.constantFrom('deposit', 'withdraw', 'giveBack'),
    origin: fc.constantFrom(1, 2),
    after: fc.integer({ min: 0, max: 3_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const client = new RetryBudget({ start: 2, cap: caps[0], memory: Infinity })
      const origins = [1, 2].map(
        (index) => new RetryBudget({ start: 2, cap: caps[index]!, memory: Infinity }, client),
      )
      const buckets = [client, ...origins]
      const expected = buckets.map((bucket) => bucket.level(0))
      const reserved = [0, 0, 0]
      let now = 0
      const pay = (bucket: number, tokens: number): void =>
        void (expected[bucket] = Math.min(caps[bucket]!, expected[bucket]! + tokens))
      for (const { event, origin, after } of steps) {
        now += after
        for (const bucket of [0, 1, 2]) pay(bucket, after * 0.0005)
        const budget = buckets[origin]!
        if (event === 'deposit') {
          budget.deposit(now)
          for (const bucket of [0, origin]) pay(bucket, 0.1)
        } else if (event === 'withdraw') {
          const has = expected[0]! > 1 - 1e-9 && expected[origin]! > 1 - 1e-9
          expect(budget.withdraw(now)).toBe(has)
          if (has) for (const bucket of [0, origin]) expected[bucket] = Math.max(0, expected[bucket]! - 1)
          if (has) reserved[origin]!++
        } else if (reserved[origin]! > 0) {
          budget.giveBack()
          for (const bucket of [0, origin]) pay(bucket, 1)
          reserved[origin]!--
        }
        for (const bucket of [0, 1, 2]) {
          const level = buckets[bucket]!.level(now)
          expect(level).toBeCloseTo(expected[bucket]!, 6)
          expect(level).toBeGreaterThanOrEqual(0)
          expect(level).toBeLessThanOrEqual(caps[bucket]!)
        }
      }
    }),
    { seed: 33 },
  )
})

test('tokens stay within [0, cap] and none are lost or made, in any order of events', () => {
  const step = fc.record({
    event: fc.constantFrom('deposit', 'withdraw', 'giveBack'),
    after: fc.integer({ min: 0, max: 20_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const budget = new RetryBudget({ start: 3, cap: 5, memory: Infinity })
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

describe('savings', () => {
  test('come to what ten seconds pay in, however long the good times last, and fade when they end', () => {
    const budget = new RetryBudget({ perSecond: 0 })
    for (let now = 0; now < 600_000; now += 100) budget.deposit(now) // 10 a second
    expect(budget.level(600_000)).toBeGreaterThan(5 + 9.5)
    expect(budget.level(600_000)).toBeLessThan(5 + 10.5)
    expect(budget.level(610_000)).toBeCloseTo(5 + 10 / Math.E, 0)
    expect(budget.level(900_000)).toBeCloseTo(5, 5)
  })

  test('never fade below the start, and not at all with endless memory', () => {
    const poor = new RetryBudget({ perSecond: 0 })
    for (let i = 0; i < 3; i++) poor.withdraw(0)
    expect(poor.level(100_000)).toBe(2)
    const rich = new RetryBudget({ perSecond: 0, memory: Infinity })
    for (let i = 0; i < 50; i++) rich.deposit(0)
    expect(rich.level(100_000)).toBeCloseTo(10, 9)
  })

  test('have a memory that is a time', () => {
    for (const memory of [0, -1, NaN])
      expect(() => new RetryBudget({ memory })).toThrow(/budget\.memory = \S+\n.*milliseconds above 0/)
  })
})
