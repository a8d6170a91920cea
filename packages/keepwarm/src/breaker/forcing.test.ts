import { describe, expect, test } from 'vitest'
import { Breaker, REFUSED } from './machine.ts'

const sensitive = { minimumCompletions: 1, probes: 1 }

function fail(breaker: Breaker, now = 0): string | undefined {
  return breaker.settle(breaker.admit(now), 'failure', now, false, 0, 'status 500')
}

describe('held open', () => {
  test('it refuses everybody until the handle is let go', () => {
    const breaker = new Breaker()
    const hand = breaker.force('open')
    expect(breaker.admit(0)).toBe(REFUSED)
    expect(breaker.check(0)).toBe('forced_open')
    expect(breaker.state(0)).toBe('open')
    expect(breaker.retryAfter(0)).toBeUndefined()
    expect(breaker.snapshot(0)).toMatchObject({ forced: 'open', rejected: { forced_open: 1 } })
    hand.dispose()
    expect([breaker.state(0), breaker.check(0)]).toEqual(['closed', undefined])
  })

  test('by several hands it stays open until the last lets go, and a hand lets go once', () => {
    const breaker = new Breaker()
    const [one, other] = [breaker.force('open'), breaker.force('open')]
    one.dispose()
    one.dispose()
    expect(breaker.state(0)).toBe('open')
    other.dispose()
    expect(breaker.state(0)).toBe('closed')
  })

  test('it is let go at the end of a block', () => {
    const breaker = new Breaker()
    {
      using hand = breaker.force('open')
      expect([hand.to, breaker.state(0)]).toEqual(['open', 'open'])
    }
    expect(breaker.state(0)).toBe('closed')
  })

  test('it wins over closed', () => {
    const breaker = new Breaker()
    using _ = breaker.force('closed')
    const open = breaker.force('open')
    expect(breaker.state(0)).toBe('open')
    open.dispose()
    expect(breaker.state(0)).toBe('closed')
  })

  test('it goes on learning from what is under way', () => {
    const breaker = new Breaker(sensitive)
    const permit = breaker.admit(0)
    const hand = breaker.force('open')
    expect(breaker.settle(permit, 'failure', 0, false, 0)).toBe('opened')
    hand.dispose()
    expect(breaker.retryAfter(0)).toBe(3_750)
  })
})

describe('held closed', () => {
  test('it lets everybody go, counts what they tell, and does not trip', () => {
    const breaker = new Breaker(sensitive)
    const hand = breaker.force('closed')
    for (let call = 0; call < 100; call++) expect(fail(breaker)).toBeUndefined()
    expect(breaker.state(0)).toBe('closed')
    expect(breaker.snapshot(0)).toMatchObject({
      forced: 'closed',
      completions: 100,
      failureRatio: 1,
      lastFailure: 'status 500',
    })
    hand.dispose()
    expect(breaker.state(0)).toBe('closed') // nothing has happened yet
    expect(fail(breaker)).toBe('opened') // but what was counted counts
  })

  test('one that was open begins anew, and without a ramp', () => {
    const breaker = new Breaker({ ...sensitive, minimumCompletions: 2 })
    for (let call = 0; call < 2; call++) fail(breaker)
    expect(breaker.state(0)).toBe('open')
    const hand = breaker.force('closed')
    expect(Array.from({ length: 100 }, () => breaker.admit(1))).not.toContain(REFUSED)
    hand.dispose()
    expect(breaker.state(2)).toBe('closed')
    expect(Array.from({ length: 100 }, () => breaker.admit(2))).not.toContain(REFUSED)
    expect(breaker.snapshot(2).completions).toBe(0)
  })

  test('a probe that comes back late neither opens nor closes anything', () => {
    const breaker = new Breaker(sensitive)
    fail(breaker)
    const probe = breaker.admit(5_000)
    using _ = breaker.force('closed')
    expect(breaker.settle(probe, 'failure', 5_001, false, 0)).toBeUndefined()
    expect(breaker.snapshot(5_001).completions).toBe(0)
  })
})
