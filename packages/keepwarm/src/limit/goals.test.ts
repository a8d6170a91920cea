/**
 * What the default is chosen for: under each workload as good as the best fixed limit for that workload, without a line
 * that grows. In virtual time, so the same on every machine.
 */
import { describe, expect, test } from 'vitest'
import {
  exponential,
  limitWorkloads,
  runQueueing,
  type LimitWorkloadName,
  type QueueingResult,
  type QueueingServerOptions,
  type QueueingWorkload,
} from '../testing/queueing-server.ts'
import type { Limiter } from './limiter.ts'
import { createLimiter } from './options.ts'

const SLOTS = 20
const CAPACITY = 400
/** A request of an idle server takes 50 ms on average; the median of exponential times is 0.69 of that. */
const IDLE = 50
const IDLE_MEDIAN = 50 * Math.LN2
const seeds = [1, 2, 3]
const server: QueueingServerOptions = { slots: SLOTS, service: exponential(IDLE) }

const fixed = (limit: number) => (): Limiter => ({ limit, sample: () => {} })
const adaptive = (): Limiter => createLimiter()

function bestFixed(workload: QueueingWorkload, seed: number): number {
  const limits = [10, 20, 40, 60].map((limit) => runQueueing(workload, fixed(limit), seed))
  return Math.max(...limits.map(({ goodput }) => goodput))
}

function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0))
}

const names = Object.keys(limitWorkloads) as LimitWorkloadName[]

describe.each(seeds)('seed %i', (seed) => {
  const results = new Map<LimitWorkloadName, QueueingResult>(
    names.map((name) => [name, runQueueing(limitWorkloads[name], adaptive, seed)]),
  )

  test.each(names)('%s: 95 % of the best fixed limit', (name) => {
    expect(results.get(name)!.goodput).toBeGreaterThanOrEqual(0.95 * bestFixed(limitWorkloads[name], seed))
  })

  test.each(names)('%s: half of the requests take at most 2.5 times as long as an idle server', (name) => {
    expect(results.get(name)!.p50).toBeLessThanOrEqual(2.5 * (name === 'shared' ? IDLE : IDLE_MEDIAN))
  })

  test('61: from 0.7 to 1.5 and to 0.5 of the capacity', () => {
    const after = runQueueing(
      {
        server,
        phases: [
          { lasts: 20, rate: 280, counts: false },
          { lasts: 60, rate: 600 },
          { lasts: 60, rate: 200, counts: false },
        ],
      },
      adaptive,
      seed,
    )
    expect(after.goodput).toBeGreaterThanOrEqual(0.95 * CAPACITY)
    expect(after.p50).toBeLessThanOrEqual(2.5 * IDLE_MEDIAN)
    const recovered = after.good.slice(90)
    expect(recovered.reduce((sum, each) => sum + each, 0) / recovered.length).toBeGreaterThan(0.95 * 200)
  })

  test('62: idle, then a burst', () => {
    const burst = limitWorkloads.burst
    expect(results.get('burst')!.goodput).toBeGreaterThanOrEqual(
      0.95 * runQueueing(burst, fixed(2 * SLOTS), seed).goodput,
    )
  })

  test('63: a server that becomes half as fast at 0.4: after 30 s at most 2 % are turned away', () => {
    const phases = [
      { lasts: 60, rate: 162, counts: false, slowness: 1 },
      { lasts: 30, rate: 162, counts: false, slowness: 2 },
      { lasts: 90, rate: 162, slowness: 2 },
    ]
    const { shed } = runQueueing({ ...limitWorkloads.slower, phases }, adaptive, seed)
    expect(shed / 162).toBeLessThanOrEqual(0.02)
  })

  test('64: ten minutes of too much: it stays from once to twice the slots, and does not climb', () => {
    const { limits } = results.get('lasting')!
    const mean = (from: number, to: number): number =>
      limits.slice(from, to).reduce((sum, limit) => sum + limit, 0) / (to - from)
    for (let minute = 1; minute < 10; minute++) {
      expect(mean(60 * minute, 60 * minute + 60)).toBeGreaterThanOrEqual(SLOTS)
      expect(mean(60 * minute, 60 * minute + 60)).toBeLessThanOrEqual(2 * SLOTS)
    }
    expect(mean(480, 600)).toBeLessThan(1.15 * mean(60, 180))
    expect(Math.max(...limits.slice(30))).toBeLessThanOrEqual(2 * SLOTS)
  })

  test('65: four clients who want three times as much: the sum of their limits', () => {
    expect(Math.max(...results.get('shared')!.limits)).toBeLessThanOrEqual(4 * SLOTS)
  })

  // 66 and 67 hold for all algorithms: see conformance.test.ts.

  test('68: with a limiter for each route, more of the slow one does not change the limit of the fast one', () => {
    const limitsOf = (rtt: number, rates: readonly number[], initial: number): ReadonlySet<number> => {
      const workload: QueueingWorkload = {
        server: { slots: 200, service: exponential(rtt) },
        timeout: 60_000,
        phases: rates.map((rate) => ({ lasts: 120, rate })),
      }
      return new Set(runQueueing(workload, () => createLimiter({ initial }), seed).limits)
    }
    expect(limitsOf(10, [100, 100, 400], 30)).toEqual(new Set([30]))
    expect(limitsOf(2_000, [0.5, 2, 0.5], 30)).toEqual(new Set([30]))
  })

  /**
   * The law of fairness needs a server that says when it is too much: it takes half as many again as it has slots, up to
   * twice as many, and answers 503 with Retry-After above that. What delays alone can do is the next test.
   */
  test.each([10, 15, 20])('four clients of a server with a line of %i share it fairly', (maxQueue) => {
    const crowd: QueueingWorkload = {
      server: { ...server, maxQueue },
      clients: 4,
      phases: [{ lasts: 120, rate: 1_200 }],
    }
    const { goodput, goodputs, p50 } = runQueueing(crowd, adaptive, seed)
    expect(jain(goodputs)).toBeGreaterThanOrEqual(0.95)
    expect(goodput).toBeGreaterThanOrEqual(0.95 * CAPACITY)
    expect(p50).toBeLessThanOrEqual(2.5 * IDLE_MEDIAN)
  })

  /**
   * Each knows the time of an idle server from about a hundred samples, that is to a tenth, and can never learn more: the
   * line is always there. Whoever believes a longer time takes more. So this is all that delays can do.
   */
  test('four clients of a server that never says no: no drift in ten minutes, but not quite fair', () => {
    const long = { ...limitWorkloads.shared, phases: [{ lasts: 600, rate: 1_200 }] }
    const { goodput, p50, limits } = runQueueing(long, adaptive, seed)
    expect(goodput).toBeGreaterThanOrEqual(0.95 * CAPACITY)
    expect(p50).toBeLessThanOrEqual(2.5 * IDLE)
    expect(limits.slice(540).reduce((sum, limit) => sum + limit, 0) / 60).toBeLessThanOrEqual(4 * SLOTS)
    expect(jain(results.get('shared')!.goodputs)).toBeGreaterThanOrEqual(0.65)
  })

  test('where the slots are shares of one machine, one client stays within the same bounds', () => {
    const shared = { server: { ...server, shared: true }, phases: [{ lasts: 300, rate: 600 }] }
    const { goodput, limits } = runQueueing(shared, adaptive, seed)
    expect(goodput).toBeGreaterThanOrEqual(0.95 * CAPACITY)
    expect(Math.max(...limits.slice(60))).toBeLessThanOrEqual(3 * SLOTS)
  })
})

test('what it is for: with no limit at all the server works for those who have left', () => {
  expect(runQueueing(limitWorkloads.step, fixed(1e9), 1).goodput).toBeLessThan(0.1 * CAPACITY)
})
