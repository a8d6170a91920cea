/** The model against what queueing theory says of it. */
import { describe, expect, test } from 'vitest'
import {
  bimodal,
  exponential,
  limitWorkloads,
  runQueueing,
  type QueueingPhase,
  type QueueingResult,
  type QueueingServerOptions,
} from './queueing-server.ts'
import { ManualRuntime } from './manual-runtime.ts'

const fixed = (limit: number) => () => ({ limit, sample: () => {} })
const server: QueueingServerOptions = { slots: 20, service: exponential(50) }

function run(
  phases: readonly QueueingPhase[],
  limit: number,
  options: Partial<QueueingServerOptions> = {},
): QueueingResult {
  return runQueueing({ server: { ...server, ...options }, phases }, fixed(limit), 7)
}

/** Erlang's loss formula: the share that finds all `slots` taken. */
function erlangLoss(load: number, slots: number): number {
  let inverse = 1
  for (let slot = 1; slot <= slots; slot++) inverse = 1 + (inverse * slot) / load
  return 1 / inverse
}

test.each([
  ['exponential', exponential],
  ['bimodal', bimodal],
])('%s times have their mean', (_, times) => {
  const chance = new ManualRuntime(2)
  const time = times(50)
  const sum = Array.from({ length: 100_000 }, () => time(() => chance.random())).reduce((a, b) => a + b, 0)
  expect(Math.abs(sum / 100_000 - 50)).toBeLessThan(1)
})

test('with as many let out as there are slots, as many are turned away as Erlang says', () => {
  const { shed, lost } = run([{ lasts: 600, rate: 361 }], 20)
  expect(lost).toBe(0)
  expect(Math.abs(shed / 361 - erlangLoss(361 * 0.05, 20))).toBeLessThan(0.01)
})

test('a line as long as the slots doubles the mean, and all slots are used', () => {
  const { goodput, p50 } = run([{ lasts: 300, rate: 1_200 }], 40)
  expect(Math.abs(goodput - 400)).toBeLessThan(8)
  expect(Math.abs(p50 - (50 + 50 * Math.LN2))).toBeLessThan(6)
})

test('without a limit it works for those who have left', () => {
  const { goodput, lost } = run([{ lasts: 120, rate: 600 }], Infinity)
  expect(goodput).toBeLessThan(40)
  expect(lost).toBeGreaterThan(500)
})

describe('every request is counted once', () => {
  test.each<[string, number, Partial<QueueingServerOptions>]>([
    ['with a limit', 30, {}],
    ['with a line that ends', 200, { maxQueue: 10 }],
    ['with shares', 100, { shared: true }],
  ])('%s', (_, limit, options) => {
    const { goodput, shed, overloaded, lost } = run([{ lasts: 200, rate: 600 }], limit, options)
    expect(Math.abs(goodput + shed + overloaded + lost - 600)).toBeLessThan(8)
    expect(overloaded > 0).toBe(options.maxQueue !== undefined)
  })
})

test('dead it answers nothing new, and afterwards it is as before', () => {
  const { good } = run(
    [
      { lasts: 10, rate: 300 },
      { lasts: 10, rate: 300, dead: true },
      { lasts: 10, rate: 300 },
    ],
    100,
  )
  const sum = (from: number): number => good.slice(from, from + 9).reduce((a, b) => a + b, 0) / 9
  expect(sum(0)).toBeGreaterThan(250)
  expect(sum(11)).toBe(0)
  expect(sum(21)).toBeGreaterThan(250)
})

test('shares: with twice as many as there are slots each takes about twice as long, and the shape stays', () => {
  const { goodput, p50 } = run([{ lasts: 300, rate: 1_200 }], 40, { shared: true })
  expect(Math.abs(goodput - 400)).toBeLessThan(12)
  expect(Math.abs(p50 - 100 * Math.LN2)).toBeLessThan(5)
})

test('several clients together send as much as one', () => {
  const crowd = { ...limitWorkloads.shared, phases: [{ lasts: 60, rate: 200 }] }
  const { goodput, goodputs, endLimits } = runQueueing(crowd, fixed(20), 3)
  expect(Math.abs(goodput - 200)).toBeLessThan(8)
  for (const each of goodputs) expect(Math.abs(each - 50)).toBeLessThan(5)
  expect(endLimits).toEqual([20, 20, 20, 20])
})

test('only phases that count are in the figures; each second is in the history', () => {
  const { goodput, good, limits } = run(
    [
      { lasts: 5, rate: 100, counts: false },
      { lasts: 5, rate: 300 },
    ],
    50,
  )
  expect(Math.abs(goodput - 300)).toBeLessThan(25)
  expect(good).toHaveLength(10)
  expect(limits).toEqual(new Array(10).fill(50))
})

test('the same seed gives the same run', () => {
  const [one, two, other] = [4, 4, 5].map((seed) => runQueueing(limitWorkloads.slower, fixed(30), seed))
  expect(one).toEqual(two)
  expect(one).not.toEqual(other)
})
