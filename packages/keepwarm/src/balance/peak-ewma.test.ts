import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PeakEwma } from './peak-ewma.ts'

const decay = 10_000

/** Answers at their moments: `[at, rtt]`. */
function after(...answers: readonly (readonly [number, number])[]): PeakEwma {
  const latency = new PeakEwma(decay)
  for (const [at, rtt] of answers) latency.answered(rtt, at)
  return latency
}

describe('the estimate', () => {
  test('is unknown at first', () => {
    expect(after().known).toBe(false)
    expect(after().estimate(5)).toBe(0)
  })

  test.each([
    ['the first answer is all there is to know', [[0, 50]], 50],
    [
      'a slower one is believed at once',
      [
        [0, 50],
        [1, 400],
      ],
      400,
    ],
    [
      'a faster one at the same moment says nothing',
      [
        [0, 50],
        [0, 10],
      ],
      50,
    ],
    [
      'a faster one counts by the time that has passed',
      [
        [0, 100],
        [decay, 0.001],
      ],
      100 / Math.E,
    ],
    [
      'after a long time only the new one counts',
      [
        [0, 100],
        [20 * decay, 10],
      ],
      10,
    ],
    [
      'the same again changes nothing',
      [
        [0, 70],
        [5_000, 70],
        [9_000, 70],
      ],
      70,
    ],
  ] as const)('%s', (_, answers, estimate) => {
    const latency = after(...answers)
    expect(latency.estimate(answers.at(-1)![0])).toBeCloseTo(estimate, 2)
  })

  test('sinks while nobody asks', () => {
    expect(after([0, 2_000]).estimate(decay)).toBeCloseTo(2_000 / Math.E)
    expect(after([0, 2_000]).estimate(10 * decay)).toBeLessThan(0.1)
  })

  test('is whole again as soon as somebody asks: one finds out, not all', () => {
    const latency = after([0, 2_000])
    latency.asked(60_000)
    expect(latency.estimate(60_000)).toBe(2_000)
    expect(latency.estimate(60_000 + decay)).toBeCloseTo(2_000 / Math.E)
  })

  test('is what that one found', () => {
    const latency = after([0, 2_000])
    latency.asked(60_000)
    latency.answered(10, 60_010)
    expect(latency.estimate(60_010)).toBeLessThan(20)
  })
})

describe('a request that was given up', () => {
  test('raises the estimate when it took longer than expected', () => {
    const latency = after([0, 50])
    latency.tookAtLeast(1_000, 10)
    expect(latency.estimate(10)).toBe(1_000)
  })

  test('says nothing when it was shorter', () => {
    const latency = after([0, 50])
    latency.tookAtLeast(49, 5_000)
    expect(latency.estimate(0)).toBe(50)
    expect(latency.estimate(5_000)).toBeCloseTo(50 * Math.exp(-0.5))
  })
})

test('a clock that goes back makes no estimate grow', () => {
  const latency = after([1_000, 80])
  latency.answered(20, 500)
  expect(latency.estimate(200)).toBe(80)
})

test.each([0, -5, NaN])('an answer after %s ms leaves a number above 0', (rtt) => {
  expect(after([0, rtt]).estimate(0)).toBeGreaterThan(0)
  expect(after([0, 10], [100_000, rtt]).estimate(100_000)).toBeGreaterThan(0)
})

test('it is never below the average of the answers by time, nor above the slowest', () => {
  const answer = fc.record({
    gap: fc.integer({ min: 0, max: 20_000 }),
    rtt: fc.integer({ min: 1, max: 5_000 }),
  })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 50 }), (answers) => {
      const latency = new PeakEwma(decay)
      let now = 0
      let average = answers[0]!.rtt
      for (const { gap, rtt } of answers) {
        now += gap
        const kept = Math.exp(-gap / decay)
        average = average * kept + rtt * (1 - kept)
        latency.answered(rtt, now)
        expect(latency.estimate(now)).toBeGreaterThanOrEqual(average - 1e-6)
        expect(latency.estimate(now)).toBeGreaterThanOrEqual(rtt - 1e-6)
      }
      expect(latency.estimate(now)).toBeLessThanOrEqual(Math.max(...answers.map(({ rtt }) => rtt)) + 1e-6)
    }),
  )
})
