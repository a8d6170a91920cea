import { describe, expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { RecentLatency } from './latency.ts'
import { breakerDefaults } from './options.ts'
import { openTime, probeTime } from './times.ts'

function of(latencies: readonly number[]): RecentLatency {
  const recent = new RecentLatency()
  for (const latency of latencies) recent.add(latency)
  return recent
}

const times = (count: number, latency: number): number[] => Array<number>(count).fill(latency)

describe('the slowest hundredth', () => {
  test('is not known from a few answers', () => {
    expect(of(times(19, 50)).p99()).toBeUndefined()
    expect(of(times(20, 50)).p99()).toBeDefined()
  })

  test.each([1, 2, 7, 50, 333, 1_000, 30_000])(
    'of answers that all take %d ms is as long, or a fifth more',
    (latency) => {
      const p99 = of(times(100, latency)).p99()!
      expect(p99).toBeGreaterThanOrEqual(latency - 1e-6)
      expect(p99).toBeLessThan(latency * 1.2)
    },
  )

  test('is that of the hundredth answer, not of the slowest', () => {
    expect(of([...times(500, 10), ...times(4, 5_000)]).p99()).toBeLessThan(12)
    expect(of([...times(500, 10), ...times(7, 5_000)]).p99()).toBeGreaterThanOrEqual(5_000)
  })

  test('is within a class of the true one, for any spread', () => {
    const runtime = new ManualRuntime(99)
    const all = Array.from({ length: 900 }, () => 20 * Math.exp(3 * runtime.random()))
    const exact = all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.99) - 1]!
    expect(of(all).p99()! / exact).toBeGreaterThan(0.95)
    expect(of(all).p99()! / exact).toBeLessThan(1.25)
  })

  test('follows the server: what was slow long ago fades', () => {
    expect(of([...times(900, 5_000), ...times(10_000, 10)]).p99()).toBeLessThan(12)
  })

  test('takes whatever it is given', () => {
    expect(of([...times(50, 0), ...times(50, -1), ...times(50, NaN)]).p99()).toBe(1)
    expect(of(times(50, 1e12)).p99()).toBeGreaterThan(60_000)
  })
})

describe('the time of a probe', () => {
  test('is twice what the slowest hundredth takes, from a second to half a minute', () => {
    const limits = [5, 499, 700, 14_000, 1e6].map((p99) => probeTime(breakerDefaults, p99, 0))
    expect(limits).toEqual([1_000, 1_000, 1_400, 28_000, 30_000])
  })

  test('is half a minute while nothing is known', () => {
    expect(probeTime(breakerDefaults, undefined, 5)).toBe(30_000)
  })

  test('doubles at each re-opening, so that a server that has become slow gets its time at last', () => {
    const limits = [0, 1, 2, 3, 4, 5, 2_000].map((reopenings) => probeTime(breakerDefaults, 50, reopenings))
    expect(limits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  test('is what the option says, when it says so', () => {
    expect(probeTime({ ...breakerDefaults, probeTimeout: 250 }, 9_000, 3)).toBe(250)
  })
})

describe('the time of open', () => {
  const open = (reopenings: number, random: number, retryAfter?: number): number =>
    openTime(breakerDefaults, reopenings, random, retryAfter)

  test('lies within a quarter below the sequence 5, 5, 5, 10, 20, 40, 60, 60 s, for ten thousand draws', () => {
    const runtime = new ManualRuntime(45)
    const longest = [5_000, 5_000, 5_000, 10_000, 20_000, 40_000, 60_000, 60_000]
    for (let draw = 0; draw < 10_000; draw++) {
      const reopenings = draw % longest.length
      const time = open(reopenings, runtime.random())
      expect(time).toBeLessThanOrEqual(longest[reopenings]!)
      expect(time).toBeGreaterThanOrEqual(longest[reopenings]! * 0.75)
    }
  })

  test('is as long as the answer asks for, and a little more, since it asks everybody', () => {
    expect(open(0, 0, 20_000)).toBe(20_000)
    expect(open(0, 0.5, 20_000)).toBe(20_500)
    expect(open(0, 0.5, 100)).toBe(4_375) // it asks for less than it gets
  })

  test('is never longer than the longest, whatever the answer asks for', () => {
    expect(open(0, 0.5, 3_600_000)).toBe(60_000)
  })
})
