import { describe, expect, test } from 'vitest'
import { breakerOutcome } from '../outcome.ts'
import type { OutcomeKind } from '../outcome.ts'
import { Breaker, REFUSED } from './machine.ts'
import type { BreakerOptions } from './options.ts'

/** A breaker with a clock of its own; chance is 1 unless told, so that it stays open for the whole of its time. */
class Bench {
  readonly breaker: Breaker
  now = 0

  constructor(options?: BreakerOptions) {
    this.breaker = new Breaker(options)
  }

  admit(): number {
    return this.breaker.admit(this.now)
  }

  settle(permit: number, outcome: OutcomeKind, random = 1): 'opened' | 'closed' | undefined {
    return this.breaker.settle(permit, outcome, this.now, false, random)
  }

  /** Calls that come and go at once; those that are refused do not count. */
  call(outcome: OutcomeKind, times = 1, connectFailure = false): this {
    for (let i = 0; i < times; i++) {
      const permit = this.admit()
      if (permit !== REFUSED) this.breaker.settle(permit, outcome, this.now, connectFailure, 1)
    }
    return this
  }

  wait(milliseconds: number): this {
    this.now += milliseconds
    return this
  }

  get state(): string {
    return this.breaker.state(this.now)
  }
}

/** Tripped, and its time of open is over. */
const halfOpen = (options?: BreakerOptions): Bench => new Bench(options).call('failure', 20).wait(5_000)

describe('closed', () => {
  test('stays closed below twenty completions, even if all fail', () => {
    const bench = new Bench().call('failure', 19)
    expect(bench.state).toBe('closed')
    expect(bench.call('failure').state).toBe('open')
  })

  test('opens when exactly half of the completions fail, not when one less does', () => {
    expect(new Bench().call('success', 10).call('failure', 10).state).toBe('open')
    expect(new Bench().call('success', 11).call('failure', 10).state).toBe('closed')
  })

  test('is never opened by a success', () => {
    expect(new Bench().call('failure', 19).call('success', 5).state).toBe('closed')
  })

  test('forgets failures that are older than the window', () => {
    const bench = new Bench()
    for (let second = 0; second < 30; second++) bench.call('failure').wait(1_000)
    expect(bench.state).toBe('closed')
  })

  test('forgets them bucket by bucket', () => {
    const bench = new Bench().call('failure', 10).wait(5_000).call('failure', 9)
    expect(bench.wait(4_999).call('failure').state).toBe('open')
    const late = new Bench().call('failure', 10).wait(5_000).call('failure', 9)
    expect(late.wait(5_000).call('failure').state).toBe('closed')
  })

  test('remembers nothing after an idle gap', () => {
    const bench = new Bench().call('failure', 19).wait(100_000)
    expect(bench.call('failure', 2).state).toBe('closed')
  })

  test('counts completions only: calls under way do not dilute the share', () => {
    const bench = new Bench()
    for (let i = 0; i < 60; i++) bench.admit()
    expect(bench.call('failure', 20).state).toBe('open')
  })

  test('opens after five failures to connect in a row, however seldom it is called', () => {
    const bench = new Bench()
    for (let i = 0; i < 4; i++) bench.call('failure', 1, true).wait(60_000)
    expect(bench.state).toBe('closed')
    expect(bench.call('failure', 1, true).state).toBe('open')
  })

  test('starts that count again when the server was reached, whatever it said', () => {
    const reached = new Bench().call('failure', 4, true).call('success').call('failure', 4, true)
    expect(reached.state).toBe('closed')
    expect(new Bench().call('failure', 4, true).call('failure').call('failure', 4, true).state).toBe('closed')
    expect(new Bench().call('failure', 4, true).call('ignored').call('failure', 1, true).state).toBe('open')
  })

  test('is not moved by what is ignored', () => {
    expect(new Bench().call('ignored', 1_000).call('failure', 19).state).toBe('closed')
  })

  test.each([
    ['429s', { status: 429 }, 'closed'],
    ['404s', { status: 404 }, 'closed'],
    ['503s', { status: 503 }, 'open'],
    ['attempt timeouts', { code: 'attempt_timeout' }, 'open'],
    ['callers that leave', { code: 'aborted' }, 'closed'],
    ['refusals of our own queue', { code: 'queue_full' }, 'closed'],
  ] as const)('a hundred %s leave it %3$s', (_, ending, state) => {
    expect(new Bench().call(breakerOutcome(ending), 100).state).toBe(state)
  })
})

describe('open', () => {
  test('refuses everybody, counts them, and says for how long', () => {
    const bench = new Bench().call('failure', 20).wait(1_000)
    expect(bench.admit()).toBe(REFUSED)
    expect(bench.admit()).toBe(REFUSED)
    expect(bench.breaker.rejected).toBe(2)
    expect(bench.breaker.retryAfter(bench.now)).toBe(4_000)
  })

  test('keeps what the last failure said', () => {
    const { breaker } = new Bench()
    breaker.settle(breaker.admit(0), 'failure', 0, true, 0, 'ECONNREFUSED')
    expect(breaker.lastFailure).toBe('ECONNREFUSED')
  })

  test('opens once, though a hundred calls fail together', () => {
    const bench = new Bench()
    const permits = Array.from({ length: 100 }, () => bench.admit())
    const transitions = permits.map((permit) => bench.settle(permit, 'failure')).filter(Boolean)
    expect(transitions).toEqual(['opened'])
    expect(bench.breaker.opened).toBe(1)
  })

  test('gives no time to wait when it is not open', () => {
    expect(new Bench().breaker.retryAfter(0)).toBeUndefined()
    const bench = halfOpen()
    expect(bench.breaker.retryAfter(bench.now)).toBeUndefined()
  })
})

describe('half-open', () => {
  test('lets three probes through at once and refuses the fourth', () => {
    const bench = halfOpen()
    const permits = [bench.admit(), bench.admit(), bench.admit(), bench.admit()]
    expect(permits.map((permit) => permit !== REFUSED)).toEqual([true, true, true, false])
    expect(bench.breaker.rejected).toBe(1)
  })

  test('closes after three successes, once', () => {
    const bench = halfOpen()
    const permits = [bench.admit(), bench.admit(), bench.admit()]
    expect(permits.map((permit) => bench.settle(permit, 'success'))).toEqual([undefined, undefined, 'closed'])
    expect(bench.state).toBe('closed')
  })

  test('closes after three successes one after the other', () => {
    expect(halfOpen().call('success', 2).state).toBe('half-open')
    expect(halfOpen().call('success', 3).state).toBe('closed')
  })

  test('opens again at one failure', () => {
    const bench = halfOpen().call('success', 2)
    expect(bench.settle(bench.admit(), 'failure')).toBe('opened')
    expect(bench.state).toBe('open')
    expect(bench.breaker.opened).toBe(2)
  })

  test('takes the permit back from a probe that says nothing, and stays half-open', () => {
    const bench = halfOpen()
    const [first] = [bench.admit(), bench.admit(), bench.admit()]
    expect(bench.settle(first, 'ignored')).toBeUndefined()
    expect(bench.state).toBe('half-open')
    expect(bench.admit()).not.toBe(REFUSED)
    expect(bench.admit()).toBe(REFUSED)
  })

  test('is not closed by any number of probes that say nothing', () => {
    expect(halfOpen().call('ignored', 100).state).toBe('half-open')
  })

  test('takes the permit back from a probe that never comes back', () => {
    const bench = halfOpen()
    const lost = [bench.admit(), bench.admit(), bench.admit()]
    expect(bench.wait(29_999).admit()).toBe(REFUSED)
    expect(bench.wait(1).admit()).not.toBe(REFUSED)
    expect(lost.map((permit) => bench.settle(permit, 'ignored'))).toEqual([undefined, undefined, undefined])
  })

  test('an overdue probe does not take the permit of the one after it, but what it tells counts', () => {
    const bench = halfOpen({ probes: 1 })
    const overdue = bench.admit()
    bench.wait(30_000).admit()
    bench.settle(overdue, 'ignored')
    expect(bench.admit()).toBe(REFUSED)
    expect(bench.settle(overdue, 'success')).toBe('closed')
  })

  test('closes for a healthy server that takes longer than a probe may', () => {
    const bench = halfOpen()
    const slow = Array.from({ length: 6 }, () => bench.wait(10_000).admit())
    expect(slow).not.toContain(REFUSED)
    expect(slow.map((permit) => bench.settle(permit, 'success')).filter(Boolean)).toEqual(['closed'])
  })

  test('a server that answers 404 is alive', () => {
    expect(halfOpen().call(breakerOutcome({ status: 404 }), 3).state).toBe('closed')
  })
})

describe('what began before', () => {
  test('changes nothing while open', () => {
    const bench = new Bench()
    const old = bench.admit()
    bench.call('failure', 20)
    expect(bench.settle(old, 'success')).toBeUndefined()
    expect(bench.settle(old, 'failure')).toBeUndefined()
    expect(bench.breaker.retryAfter(bench.now)).toBe(5_000)
  })

  test('neither closes nor re-opens when half-open', () => {
    const bench = new Bench()
    const old = Array.from({ length: 10 }, () => bench.admit())
    bench.call('failure', 20).wait(5_000)
    const probe = bench.admit()
    for (const permit of old) expect(bench.settle(permit, 'success')).toBeUndefined()
    for (const permit of old) expect(bench.settle(permit, 'failure')).toBeUndefined()
    expect(bench.state).toBe('half-open')
    bench.settle(probe, 'success')
    expect(bench.call('success', 2).state).toBe('closed')
  })

  test('is not counted after it has closed again', () => {
    const bench = new Bench()
    const old = Array.from({ length: 100 }, () => bench.admit())
    bench.call('failure', 20).wait(5_000).call('success', 3)
    for (const permit of old) bench.settle(permit, 'failure')
    expect(bench.state).toBe('closed')
  })

  test('a probe of the time before does not count for this one', () => {
    const bench = halfOpen()
    const old = [bench.admit(), bench.admit()]
    bench.call('failure').wait(5_000)
    expect(bench.state).toBe('half-open')
    for (const permit of old) bench.settle(permit, 'success')
    expect(bench.call('success', 2).state).toBe('half-open')
  })

  test('holds no permit of this one: three probes may go', () => {
    const bench = halfOpen()
    bench.admit()
    bench.admit()
    bench.call('failure').wait(5_000)
    expect([bench.admit(), bench.admit(), bench.admit()]).not.toContain(REFUSED)
  })
})

describe('the time of open', () => {
  /** How long it stays open at each of `times` openings, when every probe fails. */
  function openTimes(times: number, random: number): number[] {
    const bench = new Bench()
    for (let i = 0; i < 19; i++) bench.settle(bench.admit(), 'failure')
    return Array.from({ length: times }, () => {
      bench.settle(bench.admit(), 'failure', random)
      const time = bench.breaker.retryAfter(bench.now) ?? 0
      bench.wait(time)
      return time
    })
  }

  test('is the same for three openings, then doubles up to a minute', () => {
    expect(openTimes(9, 1)).toEqual([5_000, 5_000, 5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000])
  })

  test('is shortened by chance, by a quarter at most', () => {
    expect(openTimes(5, 0)).toEqual([3_750, 3_750, 3_750, 7_500, 15_000])
    expect(openTimes(5, 0.5)).toEqual([4_375, 4_375, 4_375, 8_750, 17_500])
  })

  test('stays at a minute after a thousand openings', () => {
    expect(openTimes(1_100, 1).at(-1)).toBe(60_000)
  })

  /** Opened six times in a row, closed, healthy for a while, and tripped again. */
  function nextOpenTime(healthy: number): number | undefined {
    const bench = new Bench().call('failure', 20)
    for (let i = 0; i < 5; i++) bench.wait(60_000).call('failure')
    bench.wait(60_000).call('success', 3).wait(healthy).call('failure', 20)
    return bench.breaker.retryAfter(bench.now)
  }

  test('goes on growing when it trips again at once, and shrinks with every healthy interval', () => {
    expect([0, 10_000, 20_000, 30_000, 40_000, 600_000].map(nextOpenTime)).toEqual([
      60_000, 40_000, 20_000, 10_000, 5_000, 5_000,
    ])
  })
})

test('a clock that goes back moves nothing', () => {
  const bench = new Bench().wait(3_600_000).call('failure', 10).wait(-3_600_000).call('failure', 10)
  expect(bench.state).toBe('open')
  expect(new Bench().wait(-3_600_000).call('failure', 20).state).toBe('open')
})

test('options that cannot be used are refused', () => {
  expect(() => new Breaker({ probes: 0 })).toThrow(/breaker\.probes = 0\n +expected a whole number from 1/)
})
