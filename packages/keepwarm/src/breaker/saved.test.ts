import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Breaker, REFUSED } from './machine.ts'
import { readSaved, type SavedBreaker } from './saved.ts'

function moved(breaker: Breaker, now: number, then: number): Breaker {
  const other = new Breaker({ rampFor: 10_000 })
  other.importState(JSON.parse(JSON.stringify(breaker.exportState(now))) as SavedBreaker, then)
  return other
}

function call(breaker: Breaker, outcome: 'success' | 'failure', times: number, now: number): void {
  for (let i = 0; i < times; i++)
    breaker.settle(
      breaker.admit(now),
      outcome,
      now,
      false,
      1,
      outcome === 'failure' ? 'status 500' : undefined,
    )
}

describe('another process', () => {
  test('keeps an open breaker open for as long as was left', () => {
    const breaker = new Breaker()
    call(breaker, 'failure', 20, 0)
    const other = moved(breaker, 1_000, 77_000_000)
    expect(other.retryAfter(77_000_000)).toBe(4_000)
    expect(other.lastFailure).toBe('status 500')
    expect(other.state(77_004_000)).toBe('half-open')
  })

  test('goes on counting where the window was', () => {
    const breaker = new Breaker()
    call(breaker, 'failure', 10, 0)
    call(breaker, 'failure', 9, 5_000)
    const other = moved(breaker, 9_000, 109_000)
    call(other, 'failure', 1, 109_000)
    expect(other.state(109_000)).toBe('open')
    const late = moved(breaker, 9_000, 109_000)
    call(late, 'failure', 1, 110_000) // the first ten are forgotten by now
    expect(late.state(110_000)).toBe('closed')
  })

  test('remembers how often it had opened again', () => {
    const breaker = new Breaker()
    let now = 0
    call(breaker, 'failure', 20, now)
    for (let again = 0; again < 3; again++) call(breaker, 'failure', 1, (now += 60_000))
    const other = moved(breaker, now, 0)
    expect(other.snapshot(0).reopenings).toBe(3)
    call(other, 'failure', 1, 60_000)
    expect(other.retryAfter(60_000)).toBe(20_000)
  })

  test('remembers the successes of a half-open one, and gives out its permits anew', () => {
    const breaker = new Breaker()
    call(breaker, 'failure', 20, 0)
    call(breaker, 'success', 2, 5_000)
    breaker.admit(5_000)
    const other = moved(breaker, 5_000, 0)
    const permits = [other.admit(0), other.admit(0), other.admit(0)]
    expect(permits).not.toContain(REFUSED)
    expect(other.settle(permits[0]!, 'success', 0, false, 0)).toBe('closed')
  })

  test('goes on with the ramp', () => {
    const breaker = new Breaker({ rampFor: 10_000 })
    call(breaker, 'failure', 20, 0)
    call(breaker, 'success', 3, 5_000)
    const other = moved(breaker, 8_000, 0)
    expect(other.snapshot(0).admittedShare).toBe(0.3)
    expect(other.snapshot(7_000).admittedShare).toBe(1)
  })

  test('knows how long a probe may take', () => {
    const breaker = new Breaker()
    for (let answer = 0; answer < 100; answer++) breaker.timed(3_000)
    call(breaker, 'failure', 20, 0)
    const other = moved(breaker, 5_000, 0)
    expect(other.probeLimit(0)).toBe(breaker.probeLimit(5_000))
    expect(other.probeLimit(0)).toBeLessThan(7_500)
  })

  test('does not listen to what was under way', () => {
    const breaker = new Breaker({ minimumCompletions: 1 })
    const old = breaker.admit(0)
    breaker.importState(new Breaker().exportState(0), 0)
    expect(breaker.settle(old, 'failure', 0, false, 0)).toBeUndefined()
  })

  test('takes no longer time of open than it allows itself, and no window of another length', () => {
    const breaker = new Breaker({ openFor: 600_000, minimumCompletions: 1, window: 60_000 })
    call(breaker, 'failure', 1, 0)
    const other = moved(breaker, 0, 0)
    expect(other.retryAfter(0)).toBe(60_000)
    expect(other.snapshot(0).completions).toBe(0)
  })
})

test('a saved state is plain JSON without a moment in it: neither clock matters', () => {
  const [one, other] = [new Breaker(), new Breaker()]
  for (const [breaker, zero] of [
    [one, 0],
    [other, 3_600_000],
  ] as const) {
    call(breaker, 'failure', 20, zero)
    call(breaker, 'success', 3, zero + 5_000)
    call(breaker, 'failure', 1, zero + 9_000)
  }
  const saved = one.exportState(9_000)
  expect(other.exportState(3_609_000)).toEqual(saved)
  expect(JSON.parse(JSON.stringify(saved))).toEqual(saved)
})

describe('what is no saved state', () => {
  test('is refused with everything that is wrong', () => {
    const wrong = {
      ...new Breaker().exportState(0),
      state: 'ajar',
      openFor: -1,
      window: { length: 1, buckets: [[1, 2]] },
    }
    expect(() => readSaved(wrong)).toThrow(/saved\.state = "ajar"[^]*saved\.openFor = -1[^]*saved\.window/)
    for (const nothing of [undefined, null, 'closed', 5, [], {}])
      expect(() => readSaved(nothing)).toThrow(/saved\.version = undefined\n +expected 1/)
  })

  test('never gets in: whatever is changed, it is refused or the breaker works', () => {
    const good = new Breaker().exportState(0)
    const anything = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1e308, NaN, Infinity))
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(good)), anything, (name, value) => {
        const breaker = new Breaker()
        try {
          breaker.importState({ ...good, [name]: value }, 1_000)
        } catch (error) {
          return /breaker\.saved\./.test(String(error))
        }
        call(breaker, 'failure', 100, 2_000)
        return breaker.state(2_000) === 'open' && breaker.state(1e6) === 'half-open'
      }),
      { numRuns: 1_000 },
    )
  })
})
