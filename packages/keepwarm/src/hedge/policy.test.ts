import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RetryBudget } from '../retry/budget.ts'
import { HedgePolicy } from './policy.ts'
import type { HedgeOptions } from './options.ts'
import { hedgeRefusals, mayChange, type HedgeFacts } from './refusal.ts'

const facts: HedgeFacts = {
  mayArriveTwice: true,
  replayable: true,
  responseStarted: false,
  breakerClosed: true,
  limitTight: false,
  poolBusy: false,
  hedges: 0,
  timeLeft: Infinity,
}
const full = (): RetryBudget => new RetryBudget({ start: 100 })
/** By when a policy of {@link known} knows enough. */
const NOW = 10_000

/** A policy that has seen 1000 answers of 10 ms, and has its share saved. */
function known(options?: HedgeOptions): HedgePolicy {
  const policy = new HedgePolicy(options)
  for (let i = 0; i < 1_000; i++) {
    policy.request()
    policy.sample('answered', 10, 0, i * 10)
  }
  return policy
}

/** The buckets are 9 % wide. */
function expectTen(policy: HedgePolicy): void {
  expect(policy.delay()).toBeGreaterThan(9.1)
  expect(policy.delay()).toBeLessThan(10.9)
}

describe('a policy', () => {
  test('knows no delay below a hundred samples, then the quantile', () => {
    const policy = new HedgePolicy()
    for (let i = 0; i < 99; i++) policy.sample('answered', 10, 0, i)
    expect(policy.delay()).toBeUndefined()
    expect(policy.mayHedge(facts, full(), NOW)).toBe('too_few_samples')
    policy.sample('answered', 10, 0, 99)
    expectTen(policy)
  })

  test('has the delay that was asked for, and none below 1 ms', () => {
    expect(new HedgePolicy({ after: 25 }).delay()).toBe(25)
    const policy = new HedgePolicy()
    for (let i = 0; i < 100; i++) policy.sample('answered', 0.1, 0, i)
    expect(policy.delay()).toBe(1)
  })

  test('knows what is typical, and follows it', () => {
    expect(new HedgePolicy().typical).toBeUndefined()
    const policy = known()
    expect(policy.typical).toBeGreaterThan(9.1)
    expect(policy.typical).toBeLessThan(10.9)
    for (let i = 0; i < 1_000; i++) policy.sample('answered', 50, 0, NOW + i * 50)
    expect(policy.typical).toBeGreaterThan(45)
  })

  test('failures are no samples', () => {
    const policy = known()
    for (let i = 0; i < 1_000; i++) policy.sample('failed', 0.1, 0, NOW + i)
    expectTen(policy)
  })

  test.each([
    ['not_idempotent', { mayArriveTwice: false }],
    ['body_not_replayable', { replayable: false }],
    ['response_started', { responseStarted: true }],
    ['attempts_used', { hedges: 1 }],
    ['breaker_not_closed', { breakerClosed: false }],
    ['limit_tight', { limitTight: true }],
    ['pool_busy', { poolBusy: true }],
    ['no_time_left', { timeLeft: 9 }],
  ] as const)('refuses: %s', (reason, given) => {
    const policy = known()
    const budget = full()
    const level = budget.level(NOW)
    expect(policy.mayHedge({ ...facts, ...given }, budget, NOW)).toBe(reason)
    expect(policy.counters.refused[reason]).toBe(1)
    expect(budget.level(NOW)).toBe(level)
    expect(policy.mayHedge(facts, budget, NOW)).toBe(true)
  })

  test('stands down where requests that meet others take longer, and comes back when they do not', () => {
    const policy = known()
    const feed = (from: number, slow: number): void => {
      for (let now = from; now < from + 60_000; now += 10) {
        const crowd = now % 20 === 0 ? 1 : 5
        policy.sample('answered', crowd === 5 ? slow : 10, crowd, now)
      }
    }
    feed(NOW, 20)
    expect(policy.stoodDown).toBe(true)
    expect(policy.mayHedge(facts, full(), 70_000)).toBe('stood_down')
    feed(70_000, 10)
    expect(policy.stoodDown).toBe(false)
  })

  test('a service that becomes slower for good is hedged again, after minutes', () => {
    const policy = known()
    const feed = (from: number, lasts: number): void => {
      for (let now = from; now < from + lasts; now += 20) policy.sample('answered', 30, 0, now)
    }
    feed(NOW, 60_000)
    expect(policy.stoodDown).toBe(true)
    feed(NOW + 60_000, 600_000)
    expect(policy.stoodDown).toBe(false)
  })

  test('a few slow answers are no line', () => {
    const policy = known()
    for (let i = 0; i < 10_000; i++) policy.sample('answered', i % 5 === 0 ? 500 : 10, i % 3, NOW + i * 10)
    expect(policy.stoodDown).toBe(false)
  })
})

describe('what a hedge costs', () => {
  test('is a share of the requests: however many ask, no more than one in twenty', () => {
    const policy = known()
    const budget = new RetryBudget({ start: 1e6, cap: 1e6 })
    let sent = 0
    for (let i = 0; i < 10_000; i++) {
      policy.request()
      if (policy.mayHedge(facts, budget, NOW) === true) sent++
    }
    expect(sent).toBeGreaterThanOrEqual(500)
    expect(sent).toBeLessThanOrEqual(510)
    expect(policy.counters.refused.share_used).toBe(10_000 - sent)
  })

  test('comes out of the budget of the retries: either leaves less for the other', () => {
    const budget = new RetryBudget({ start: 3, perSecond: 0 })
    const policy = known()
    expect(budget.withdraw(NOW)).toBe(true) // a retry
    expect(policy.mayHedge(facts, budget, NOW)).toBe(true)
    expect(policy.mayHedge(facts, budget, NOW)).toBe(true)
    expect(policy.mayHedge(facts, budget, NOW)).toBe('budget_empty')
    expect(budget.withdraw(NOW)).toBe(false)
  })

  test('is paid whole or not at all: with the budget empty the share is not touched', () => {
    const policy = new HedgePolicy({ after: 10, share: 1 })
    for (let i = 0; i < 1_000; i++) policy.sample('answered', 10, 0, i * 10)
    policy.request()
    const empty = new RetryBudget({ start: 0, perSecond: 0 })
    for (let i = 0; i < 5; i++) expect(policy.mayHedge(facts, empty, NOW)).toBe('budget_empty')
    const budget = new RetryBudget({ start: 2, perSecond: 0 })
    expect(policy.mayHedge(facts, budget, NOW)).toBe(true)
    expect(policy.mayHedge(facts, budget, NOW)).toBe('share_used')
    expect(budget.level(NOW)).toBe(1)
  })

  test('is given back when the hedge never went out', () => {
    const budget = new RetryBudget({ start: 1, perSecond: 0 })
    const policy = new HedgePolicy({ after: 10, share: 1 })
    for (let i = 0; i < 1_000; i++) policy.sample('answered', 10, 0, i * 10)
    policy.request()
    expect(policy.mayHedge(facts, budget, NOW)).toBe(true)
    policy.giveBack(budget)
    expect(policy.counters.sent).toBe(0)
    expect(policy.mayHedge(facts, budget, NOW)).toBe(true)
  })
})

test('counts what became of the hedges', () => {
  const policy = known()
  for (const won of [true, false, false]) {
    policy.mayHedge(facts, full(), NOW)
    policy.settled(won)
  }
  expect(policy.counters).toMatchObject({ requests: 1_000, sent: 3, won: 1, lost: 2 })
})

test('what lies in the request does not change, what lies in the weather may', () => {
  expect(hedgeRefusals.filter((reason) => !mayChange(reason))).toEqual([
    'not_idempotent',
    'body_not_replayable',
    'response_started',
    'attempts_used',
    'no_time_left',
  ])
})

test('in any order of events nothing is paid twice or lost', () => {
  const event = fc.constantFrom('request', 'ask', 'give back')
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), (events) => {
      const policy = new HedgePolicy({ after: 10, share: 0.5 })
      for (let i = 0; i < 1_000; i++) policy.sample('answered', 10, 0, i * 10)
      const budget = new RetryBudget({ start: 5, cap: 1_000, perSecond: 0 })
      let saved = 0
      let under = 0
      for (const each of events) {
        if (each === 'request') {
          policy.request()
          saved = Math.min(10, saved + 0.5)
        } else if (each === 'ask') {
          const expected = saved < 1 ? 'share_used' : under === 5 ? 'budget_empty' : true
          expect(policy.mayHedge(facts, budget, NOW)).toBe(expected)
          if (expected !== true) continue
          saved--
          under++
        } else if (under > 0) {
          policy.giveBack(budget)
          under--
          saved = Math.min(10, saved + 1)
        }
        expect(budget.level(NOW)).toBe(5 - under)
        expect(policy.counters.sent).toBe(under)
      }
    }),
    { seed: 69 },
  )
})
