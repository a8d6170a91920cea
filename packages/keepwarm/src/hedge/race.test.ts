import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HedgeRace, type RaceDecision } from './race.ts'

function race(...numbers: number[]): HedgeRace {
  const made = new HedgeRace()
  for (const n of numbers) made.sent(n)
  return made
}

describe('a race', () => {
  test('a first answer that fails waits for the hedge, and the call ends with the hedge', () => {
    const made = race(1, 2)
    expect(made.failed(1)).toBe('wait')
    expect(made.answered(2, true)).toBe('settle')
    expect(made.chosen).toBe(2)
  })

  test('the loser is to be cancelled, and what is heard of it later changes nothing', () => {
    const made = race(1, 2)
    expect(made.answered(2, true)).toBe('settle')
    expect([made.isOut(1), made.isOut(2)]).toEqual([true, false])
    made.cancelled(1)
    expect(made.answered(1, true)).toBe('over')
    expect(made.chosen).toBe(2)
  })

  test('both failed: an answer is better than none, whichever came first', () => {
    const failedFirst = race(1, 2)
    failedFirst.failed(1)
    expect(failedFirst.answered(2, false)).toBe('settle')
    expect(failedFirst.chosen).toBe(2)
    const answeredFirst = race(1, 2)
    answeredFirst.answered(1, false)
    expect(answeredFirst.failed(2)).toBe('settle')
    expect(answeredFirst.chosen).toBe(1)
  })

  test('a hedge is due at its time, not before, not when nothing is out, and not twice', () => {
    const made = race(1)
    made.postpone(20)
    expect([made.time(19), made.time(20)]).toEqual(['wait', 'hedge'])
    made.postpone(40)
    expect(made.time(20)).toBe('wait')
    expect(made.time(40)).toBe('hedge')
    made.sent(2)
    expect(made.time(1_000)).toBe('wait')
    const alone = race(1)
    alone.postpone(20)
    expect(alone.failed(1)).toBe('settle')
    expect([alone.wakeAt, alone.time(20)]).toEqual([Infinity, 'over'])
  })

  test('refuses numbers that it cannot hold', () => {
    expect(() => race(0)).toThrow('attempt 0')
    expect(() => race(32)).toThrow('attempt 32')
  })
})

const event = fc.oneof(
  fc.record({ kind: fc.constant('sent' as const) }),
  fc.record({ kind: fc.constant('wait' as const), time: fc.integer({ min: 0, max: 30 }) }),
  fc.record({
    kind: fc.constantFrom('good' as const, 'bad' as const, 'failed' as const),
    which: fc.integer({ min: 1, max: 4 }),
  }),
)

test('does what a slow reading of the whole history does, in every order of events', () => {
  const reached: Record<RaceDecision, number> = { wait: 0, hedge: 0, settle: 0, over: 0 }
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 25 }), (events) => {
      const made = race(1)
      made.postpone(20)
      let now = 0
      let sent = 1
      let wakeAt = 20
      const heard: { n: number; kind: 'good' | 'bad' | 'failed' }[] = []
      let settledWith = 0
      for (const each of events) {
        if (each.kind === 'sent') {
          // Only an engine that was told to hedge sends another.
          if (settledWith !== 0 || now < wakeAt || sent === 4) continue
          made.sent(++sent)
          wakeAt = sent < 4 ? now + 20 : Infinity
          made.postpone(wakeAt)
        } else if (each.kind === 'wait') {
          now += each.time
          const expected = settledWith !== 0 ? 'over' : now >= wakeAt ? 'hedge' : 'wait'
          expect(made.time(now)).toBe(expected)
          reached[expected]++
        } else {
          const { which: n, kind } = each
          const decision = kind === 'failed' ? made.failed(n) : made.answered(n, kind === 'good')
          const counts = n <= sent && !heard.some((other) => other.n === n) && settledWith === 0
          if (counts) heard.push({ n, kind })
          const best =
            heard.find((one) => one.kind === 'good') ??
            (heard.length === sent ? (heard.find((one) => one.kind === 'bad') ?? heard[0]) : undefined)
          const expected: RaceDecision =
            settledWith !== 0 ? 'over' : counts && best !== undefined ? 'settle' : 'wait'
          expect(decision).toBe(expected)
          reached[expected]++
          if (expected === 'settle') settledWith = best!.n
        }
        expect(made.chosen).toBe(settledWith)
        if (settledWith === 0)
          for (let n = 1; n <= sent; n++) expect(made.isOut(n)).toBe(!heard.some((one) => one.n === n))
      }
    }),
    { seed: 7, numRuns: 2_000 },
  )
  // Histories that never settle or never hedge would prove nothing.
  expect(Math.min(...Object.values(reached))).toBeGreaterThan(100)
})
