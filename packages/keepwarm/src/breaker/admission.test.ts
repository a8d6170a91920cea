/** How a breaker stands with other gates, what it tells, and what it costs. */
import { describe, expect, test } from 'vitest'
import type { OutcomeKind } from '../outcome.ts'
import { Breaker, REFUSED } from './machine.ts'
import type { BreakerOptions } from './options.ts'
import { breakerRefusalText } from './refusal.ts'

const sensitive: BreakerOptions = { minimumCompletions: 1, probes: 1 }

function tripped(options = sensitive, retryAfter?: number): Breaker {
  const breaker = new Breaker(options)
  breaker.settle(breaker.admit(0), 'failure', 0, false, 1, 'status 503', retryAfter)
  return breaker
}

describe('a first look', () => {
  test('says what admit would say, takes no permit and counts nothing', () => {
    const breaker = tripped()
    for (let look = 0; look < 5; look++) expect(breaker.check(4_999)).toBe('open')
    for (let look = 0; look < 5; look++) expect(breaker.check(5_000)).toBeUndefined()
    expect(breaker.admit(5_000)).not.toBe(REFUSED)
    expect(breaker.check(5_000)).toBe('probes_busy')
    expect(breaker.rejected).toBe(0)
  })

  test('that turned a call away is counted when it is told', () => {
    const breaker = tripped()
    breaker.turnAway('open', 0)
    expect(breaker.rejected).toBe(1)
    expect(breaker.snapshot(0).rejected).toEqual({ open: 1, probes_busy: 0, ramp: 0, forced_open: 0 })
  })
})

describe('a request that never went out', () => {
  test('gives its permit back, and the breaker is still half-open', () => {
    const breaker = tripped()
    for (let call = 0; call < 100; call++) {
      const permit = breaker.admit(5_000)
      expect(permit).not.toBe(REFUSED)
      expect(breaker.check(5_000)).toBe('probes_busy')
      breaker.release(permit, 5_000) // the next gate refused it
    }
    expect(breaker.state(5_000)).toBe('half-open')
    expect(breaker.settle(breaker.admit(5_000), 'success', 5_000, false, 0)).toBe('closed')
  })

  test('gives back nothing that is not its own', () => {
    const breaker = new Breaker(sensitive)
    const old = breaker.admit(0)
    breaker.settle(breaker.admit(0), 'failure', 0, false, 1)
    breaker.admit(5_000)
    breaker.release(old, 5_000)
    expect(breaker.check(5_000)).toBe('probes_busy')
  })
})

describe('what does not say whether the server is well', () => {
  test.each<[OutcomeKind, BreakerOptions, string]>([
    ['slow', {}, 'closed'],
    ['slow', { slowAfter: 5_000 }, 'open'],
    ['overload', {}, 'closed'],
    ['overload', { overloadIsFailure: true }, 'open'],
    ['ignored', { slowAfter: 5_000, overloadIsFailure: true }, 'closed'],
  ])('a hundred times %s, with %j, leaves it %s', (outcome, options, state) => {
    const breaker = new Breaker(options)
    for (let call = 0; call < 100; call++) {
      const permit = breaker.admit(0)
      if (permit !== REFUSED) breaker.settle(permit, outcome, 0, false, 1)
    }
    expect(breaker.state(0)).toBe(state)
  })
})

describe('a probe', () => {
  test('may take twice what answers took, and its permit goes to another then', () => {
    const breaker = new Breaker(sensitive)
    for (let answer = 0; answer < 100; answer++) breaker.timed(1_024)
    expect(breaker.probeLimit(0)).toBe(Infinity) // no probe, no limit
    breaker.settle(breaker.admit(0), 'failure', 0, false, 1)
    expect(breaker.probeLimit(5_000)).toBe(2_048)
    breaker.admit(5_000)
    expect(breaker.check(7_047)).toBe('probes_busy')
    expect(breaker.check(7_048)).toBeUndefined()
  })

  test.each([
    [1, 'success', 'closed'],
    [1, 'failure', 'open'],
    [2, 'success failure', 'open'],
    [2, 'success success', 'closed'],
    [2, 'ignored success', 'half-open'],
    [3, 'success success', 'half-open'],
    [3, 'success success failure', 'open'],
    [3, 'success ignored success overload success', 'closed'],
    [5, 'success success success success', 'half-open'],
    [5, 'success success success success success', 'closed'],
  ])('of %d that have to succeed: %s leaves it %s', (probes, outcomes, state) => {
    const breaker = tripped({ ...sensitive, probes })
    for (const outcome of outcomes.split(' '))
      breaker.settle(breaker.admit(5_000), outcome as OutcomeKind, 5_000, false, 1)
    expect(breaker.state(5_000)).toBe(state)
  })
})

test('an answer that asks for more time gets it, up to the longest', () => {
  expect(tripped(sensitive, 20_000).retryAfter(0)).toBe(21_000)
  expect(tripped(sensitive, 1_000).retryAfter(0)).toBe(5_000)
  expect(tripped(sensitive, 1e9).retryAfter(0)).toBe(60_000)
})

test('a snapshot is plain JSON and says what happened', () => {
  const breaker = tripped({ ...sensitive, minimumCompletions: 4 })
  for (const outcome of ['success', 'failure', 'failure'] as const)
    breaker.settle(breaker.admit(1_000), outcome, 1_000, false, 1, 'status 500')
  breaker.admit(2_000)
  const snapshot = breaker.snapshot(2_000)
  expect(snapshot).toEqual({
    state: 'open',
    forced: null,
    completions: 4,
    failureRatio: 0.75,
    retryAfter: 4_000,
    reopenings: 0,
    opened: 1,
    probesUnderWay: 0,
    admittedShare: 0,
    rejected: { open: 1, probes_busy: 0, ramp: 0, forced_open: 0 },
    lastFailure: 'status 500',
  })
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  breaker.admit(6_000)
  expect(breaker.snapshot(6_000)).toMatchObject({ state: 'half-open', retryAfter: null, probesUnderWay: 1 })
})

test('ten thousand breakers hold nothing that keeps a process alive', () => {
  const before = process.getActiveResourcesInfo().length
  const breakers = Array.from({ length: 10_000 }, () => tripped())
  expect(breakers.every((breaker) => breaker.state(0) === 'open')).toBe(true)
  expect(process.getActiveResourcesInfo()).toHaveLength(before)
})

test('every refusal can be put in words', () => {
  for (const text of Object.values(breakerRefusalText)) expect(text).toMatch(/^[a-z][^.]+$/)
})
