/** What every algorithm must do, whatever else it thinks. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exponential, runQueueing, type QueueingWorkload } from '../testing/queueing-server.ts'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import type { Limiter, SampleOutcome } from './limiter.ts'
import { createLimiter, limiterAlgorithms, limiterDefaults, type LimiterOptions } from './options.ts'

const number = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 2_000, noNaN: true }) },
  fc.constantFrom(0, -0, -1, NaN, Infinity, -Infinity, 1e-300, 1e12, Number.MAX_VALUE),
)
const sample = fc.record({
  rtt: number,
  inFlight: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) }, number),
  outcome: fc.constantFrom<SampleOutcome>('success', 'success', 'success', 'overload', 'lost'),
  passes: fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.constantFrom(0, NaN, 1e9, -1_000)),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  times: fc.constantFrom(1, 30, 120),
})
const bounds = fc
  .tuple(fc.integer({ min: 1, max: 50 }), fc.nat(200), fc.nat(200))
  .map(([min, room, above]) => ({ min, max: min + room, initial: min + Math.min(room, above) }))

/** How the requests end; by default in 50 ms, with as many in flight as may be. */
interface Weather {
  readonly rtt?: number
  readonly outcome?: SampleOutcome
  readonly inFlight?: (limiter: Limiter) => number
  readonly perSecond?: number
}

/** A limiter with a clock and chance. */
class Stage {
  readonly limiter: Limiter
  now = 0
  private readonly chance = new ManualRuntime(3)

  constructor(options: LimiterOptions) {
    this.limiter = createLimiter(options)
  }

  get limit(): number {
    return this.limiter.limit
  }

  pass(seconds: number, weather: Weather = {}): void {
    const { rtt = 50, outcome = 'success', inFlight = ({ limit }) => limit, perSecond = 200 } = weather
    for (let index = 0; index < seconds * perSecond; index++) {
      this.now += 1_000 / perSecond
      const takes = rtt * (0.5 + this.chance.random())
      this.limiter.sample(takes, inFlight(this.limiter), outcome, this.now, this.chance.random())
    }
  }
}

describe.each(limiterAlgorithms)('%s', (algorithm) => {
  test('never leaves its bounds and is always a whole number, whatever the samples', () => {
    let moved = 0
    fc.assert(
      fc.property(bounds, fc.array(sample, { maxLength: 60 }), (limits, samples) => {
        const limiter = createLimiter({ algorithm, ...limits })
        let now = 0
        for (const { rtt, inFlight, outcome, passes, random, times } of samples) {
          for (let time = 0; time < times; time++) {
            now = Math.max(-1e12, now + (Number.isNaN(passes) ? 0 : passes / times))
            limiter.sample(rtt, inFlight, outcome, Number.isNaN(passes) ? NaN : now, random)
            const { limit } = limiter
            if (!Number.isInteger(limit) || limit < limits.min || limit > limits.max)
              expect.fail(`limit ${limit}, from ${limits.min} to ${limits.max}`)
          }
        }
        if (limiter.limit !== limits.initial) moved++
      }),
      { numRuns: 300 },
    )
    expect(moved).toBeGreaterThan(50)
  })

  test.each([
    ['as fast as ever', 50],
    ['ten times as slow', 500],
  ])('67: stays as it is while less than half of it is in flight, and answers come %s', (_, rtt) => {
    const stage = new Stage({ algorithm, initial: 20 })
    const inFlight = (): number => 9
    stage.pass(30, { inFlight })
    for (let second = 0; second < 60; second++) {
      stage.pass(1, { inFlight, rtt })
      expect(stage.limit).toBe(20)
    }
  })

  test('grows when it is reached and answers come as fast as ever', () => {
    const stage = new Stage({ algorithm, initial: 4, max: 100 })
    stage.pass(10)
    expect(stage.limit).toBeGreaterThanOrEqual(50)
  })

  test('shrinks when answers become slow with the same requests in flight', () => {
    const stage = new Stage({ algorithm, initial: 4, max: 40 })
    stage.pass(15)
    const before = stage.limit
    for (let second = 0; second < 4; second++) stage.pass(1, { rtt: 8 * 50 * (stage.limit / before) })
    expect(stage.limit).toBeLessThan(0.8 * before)
  })

  test.each(['lost', 'overload'] as const)('halves in each window of %s, down to min', (outcome) => {
    const stage = new Stage({ algorithm, initial: 64, min: 2 })
    const seen = [stage.limit]
    for (let step = 0; step < 1_500; step++) {
      stage.pass(1 / 200, { outcome })
      if (stage.limit !== seen.at(-1)) seen.push(stage.limit)
    }
    expect(seen).toEqual([64, 32, 16, 8, 4, 2])
  })

  test('66: all timeouts bring it down to min; healed, it is back at 90 % of the capacity within 15 s', () => {
    const workload: QueueingWorkload = {
      server: { slots: 20, service: exponential(50) },
      phases: [
        { lasts: 20, rate: 600 },
        { lasts: 30, rate: 600, dead: true },
        { lasts: 45, rate: 600 },
      ],
    }
    for (const seed of [1, 2, 3, 4, 5]) {
      const { good, limits } = runQueueing(workload, () => createLimiter({ algorithm }), seed)
      expect(Math.min(...limits.slice(40, 50))).toBe(1)
      const after = good.slice(65)
      expect(after.reduce((sum, each) => sum + each, 0) / after.length).toBeGreaterThan(0.9 * 400)
    }
  })

  test('one request in ten that is lost for another reason does not strangle a server that is as fast as ever', () => {
    const stage = new Stage({ algorithm, initial: 40, max: 40 })
    stage.pass(10)
    for (let index = 0; index < 20_000; index++)
      stage.pass(1 / 200, { outcome: index % 10 === 0 ? 'lost' : 'success' })
    expect(stage.limit).toBeGreaterThanOrEqual(20)
    stage.pass(60)
    expect(stage.limit).toBe(40)
  })

  test('a sample that cannot be changes nothing', () => {
    const [disturbed, without] = [new Stage({ algorithm }), new Stage({ algorithm })]
    for (let step = 0; step < 4_000; step++) {
      for (const odd of [NaN, -1, Infinity, -Infinity]) {
        disturbed.limiter.sample(odd, 4, 'lost', disturbed.now, 0.5)
        disturbed.limiter.sample(50, odd, 'lost', disturbed.now, 0.5)
      }
      disturbed.limiter.sample(50, 4, 'lost', NaN, 0.5)
      disturbed.pass(1 / 200)
      without.pass(1 / 200)
      expect(disturbed.limit).toBe(without.limit)
    }
    expect(disturbed.limit).toBeGreaterThan(limiterDefaults.initial)
  })

  test.each([0, 1e12, Number.MAX_VALUE])('one sample of %d ms in fifty does not bring it down', (odd) => {
    const stage = new Stage({ algorithm, max: 40 })
    stage.pass(10)
    for (let step = 0; step < 60 * 200; step++) {
      stage.pass(1 / 200)
      if (step % 50 === 0) stage.limiter.sample(odd, stage.limit, 'success', stage.now, 0.5)
    }
    expect(stage.limit).toBeGreaterThanOrEqual(20)
  })

  test('a clock that stands still changes nothing, and does no harm to what comes after', () => {
    const stage = new Stage({ algorithm })
    for (let index = 0; index < 10_000; index++) stage.limiter.sample(50, 4, 'success', 0, 0.5)
    expect(stage.limit).toBe(limiterDefaults.initial)
    stage.pass(10)
    expect(stage.limit).toBeGreaterThan(20)
  })

  test('the same samples give the same limits', () => {
    const lives = [1, 2].map(() => {
      const stage = new Stage({ algorithm })
      return Array.from({ length: 300 }, (_, second) => {
        stage.pass(1, { rtt: second % 70 > 50 ? 50 * stage.limit : 50 })
        return stage.limit
      })
    })
    expect(lives[0]).toEqual(lives[1])
    expect(new Set(lives[0]).size).toBeGreaterThan(5)
  })

  test('it holds nothing more after a hundred thousand samples than after one', () => {
    const stage = new Stage({ algorithm })
    stage.pass(1 / 200)
    const before = heldBy(stage.limiter)
    stage.pass(500)
    expect(heldBy(stage.limiter)).toBe(before)
  })
})

/** Objects and values that can be reached from it. */
function heldBy(object: object, seen: Set<object> = new Set()): number {
  if (seen.has(object)) return 0
  seen.add(object)
  const values = Object.values(object) as unknown[]
  return values.reduce<number>(
    (sum, value) => sum + (typeof value === 'object' && value !== null ? heldBy(value, seen) : 1),
    1,
  )
}
