import { describe, expect, test } from 'vitest'
import { Breaker, REFUSED } from './machine.ts'
import type { BreakerOptions } from './options.ts'
import { Ramp } from './ramp.ts'

/** How many of `calls` that come at one moment go, none of which comes back meanwhile. */
function burst(ramp: Ramp, calls: number, now: number): number {
  let gone = 0
  for (let call = 0; call < calls; call++) {
    if (ramp.lets(now)) {
      ramp.take(now)
      gone++
    } else ramp.turnAway(now)
  }
  return gone
}

function begun(): Ramp {
  const ramp = new Ramp(10_000)
  ramp.begin(0)
  return ramp
}

describe('the ramp', () => {
  test('lets a tenth go at once, and then a share that grows to all', () => {
    const shares = [0, 500, 1_000, 2_500, 5_000, 9_999, 10_000, 1e9].map((now) => begun().share(now))
    expect(shares).toEqual([0.1, 0.1, 0.1, 0.25, 0.5, 0.9999, 1, 1])
  })

  test.each([
    [0, 100],
    [2_500, 250],
    [5_000, 500],
    [9_000, 900],
    [10_000, 1_000],
  ])('at %d ms it lets %d of a thousand go, to the call: there is no chance in it', (now, share) => {
    const gone = burst(begun(), 1_000, now)
    expect(gone - share).toBeGreaterThanOrEqual(0)
    expect(gone - share).toBeLessThanOrEqual(1) // the first goes whatever its share
  })

  test('spreads those that go: of ten that come, not more than one in ten', () => {
    const ramp = begun()
    const tens = Array.from({ length: 20 }, () => burst(ramp, 10, 0))
    expect(Math.max(...tens.slice(1))).toBe(1)
  })

  test('never starves: when none is under way, the next goes', () => {
    const ramp = begun()
    for (let call = 0; call < 100; call++) {
      expect(ramp.lets(call)).toBe(true)
      ramp.take(call)
      ramp.leave()
    }
  })

  test('does not save up: a pause in the traffic is not followed by a burst', () => {
    const ramp = begun()
    burst(ramp, 5, 0)
    expect(burst(ramp, 10, 900)).toBeLessThanOrEqual(2)
  })

  test('lets another go in the place of one that never went out', () => {
    const ramp = begun()
    burst(ramp, 10, 0)
    ramp.leave()
    ramp.take(0) // alone
    ramp.take(0) // a second one, which another gate refuses
    ramp.leave()
    ramp.refund(0)
    expect(ramp.lets(0)).toBe(true)
  })

  test('is none before it began, nor of no length, nor after a clock that went back', () => {
    expect(burst(new Ramp(10_000), 1_000, 0)).toBe(1_000)
    const none = new Ramp(0)
    none.begin(0)
    expect(burst(none, 1_000, 0)).toBe(1_000)
    expect(begun().share(-5_000)).toBe(0.1)
  })
})

/** Tripped, probed, and closed at 10 s. */
function closedAgain(options: BreakerOptions = {}): Breaker {
  const breaker = new Breaker({ minimumCompletions: 1, probes: 1, rampFor: 10_000, ...options })
  breaker.settle(breaker.admit(0), 'failure', 0, false, 0)
  breaker.settle(breaker.admit(10_000), 'success', 10_000, false, 0)
  return breaker
}

describe('a breaker that has closed', () => {
  test('lets calls back in little by little, and says why it refuses', () => {
    const breaker = closedAgain()
    const permits = Array.from({ length: 95 }, () => breaker.admit(10_000))
    expect(permits.filter((permit) => permit !== REFUSED)).toHaveLength(10)
    expect(breaker.check(10_000)).toBe('ramp')
    expect(breaker.state(10_000)).toBe('closed')
    expect(breaker.snapshot(15_000)).toMatchObject({ admittedShare: 0.5, rejected: { ramp: 85 } })
    expect(breaker.check(20_000)).toBeUndefined()
  })

  test('lets all in at once when it is told to', () => {
    const breaker = closedAgain({ rampFor: 0 })
    expect(Array.from({ length: 100 }, () => breaker.admit(10_000))).not.toContain(REFUSED)
  })

  test('has no ramp before it ever opened', () => {
    const breaker = new Breaker()
    expect(Array.from({ length: 100 }, () => breaker.admit(0))).not.toContain(REFUSED)
  })

  test('counts those that a first look turned away as those that came', () => {
    const breaker = closedAgain()
    breaker.admit(10_000)
    for (let call = 0; call < 9; call++) {
      expect(breaker.check(10_000)).toBe('ramp')
      breaker.turnAway('ramp', 10_000)
    }
    expect(breaker.check(10_000)).toBeUndefined()
  })

  test('is not confused by calls that began before: they are not among those under way', () => {
    const breaker = new Breaker({ minimumCompletions: 1, probes: 1 })
    const old = [breaker.admit(0), breaker.admit(0)]
    breaker.settle(breaker.admit(0), 'failure', 0, false, 0)
    breaker.settle(breaker.admit(10_000), 'success', 10_000, false, 0)
    breaker.admit(10_000)
    for (const permit of old) breaker.settle(permit, 'success', 10_000, false, 0)
    expect(breaker.check(10_000)).toBe('ramp')
  })
})
