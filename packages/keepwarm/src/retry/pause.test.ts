import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OriginPause } from './pause.ts'

describe('an origin', () => {
  test('is left alone for as long as its 503 asks', () => {
    const pause = new OriginPause()
    pause.answered(503, 5_000, 1_000)
    expect([pause.pausedUntil(1_000), pause.remaining(1_000)]).toEqual([6_000, 5_000])
    expect([pause.pausedUntil(5_999), pause.remaining(5_999)]).toEqual([6_000, 1])
    expect([pause.pausedUntil(6_000), pause.remaining(6_000)]).toEqual([undefined, 0])
  })

  test('is not paused by a 429, which speaks for one caller, nor by an answer that asks for nothing', () => {
    const pause = new OriginPause()
    pause.answered(429, 5_000, 0)
    pause.answered(503, undefined, 0)
    pause.answered(200, 5_000, 0)
    pause.answered(503, 0, 0)
    expect(pause.pausedUntil(0)).toBeUndefined()
  })

  test('is left alone for a minute at most, or for as long as was allowed', () => {
    const [usual, patient] = [new OriginPause(), new OriginPause(600_000)]
    for (const pause of [usual, patient]) pause.answered(503, 1e12, 0)
    expect([usual.remaining(0), patient.remaining(0)]).toEqual([60_000, 600_000])
  })

  test('may be called at once when the pause is lifted', () => {
    const pause = new OriginPause()
    pause.answered(503, 5_000, 0)
    pause.lift()
    expect(pause.remaining(0)).toBe(0)
  })
})

test('the latest moment that was asked for holds, in whatever order the answers come', () => {
  const answer = fc.record({ at: fc.nat(10_000), asks: fc.nat(30_000) })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 20 }), (answers) => {
      const pause = new OriginPause()
      for (const { at, asks } of answers) pause.answered(503, asks, at)
      const latest = Math.max(...answers.map(({ at, asks }) => at + asks))
      return pause.remaining(0) === latest && pause.pausedUntil(latest) === undefined
    }),
    { seed: 503 },
  )
})
