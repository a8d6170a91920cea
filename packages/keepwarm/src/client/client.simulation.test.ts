/**
 * A whole client, and a bare pool, over a simulated network under seeded random schedules: calls of all sorts, aborts,
 * servers that are slow, refuse, hang, reset, close at the worst moment, say GOAWAY or vanish, limits that change,
 * passing and jumping time, close and destroy, in any order. The laws are checked after every step. How to replay and
 * shrink what fails: docs/testing.md.
 */
import { expect, test } from 'vitest'
import { clientScheduleOf } from '../testing/client-schedule.ts'
import { replayClient, simulateClient } from '../testing/client-trial.ts'
import { ClientWorld } from '../testing/client-world.ts'
import { wholeNumber } from '../testing/environment.ts'

/** Seeds to try, each with so many steps: fewer than of the core, which is faster. */
const SEEDS = Math.ceil(wholeNumber('KEEPWARM_SEEDS', 500) / 2.5)
const FIRST_SEED = wholeNumber('KEEPWARM_FIRST_SEED', 1)
const STEPS = 300
/** With 0 a failing schedule is told by its seed alone. */
const SHRINKS = process.env['KEEPWARM_SHRINK'] !== '0'

test(`the laws hold after every one of ${SEEDS * STEPS} steps`, { timeout: 600_000 }, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const failure = await simulateClient(seed, STEPS, SHRINKS)
    if (failure !== undefined) throw new Error(failure)
  }
})

test('the same seed is the same world, to the last call', async () => {
  const play = async (): Promise<unknown> => {
    const { limits, steps, ending } = clientScheduleOf(11, STEPS)
    const world = new ClientWorld(limits)
    for (const step of steps) await world.apply(step)
    await world.end(ending)
    return [world.visits.map(({ settled, settledAt }) => [settled, settledAt]), world.pool.snapshot()]
  }
  expect(await play()).toEqual(await play())
})

test('most of what can happen to a call does', async () => {
  const endings = new Set<string>()
  for (let seed = 1; seed <= 60; seed++) {
    const { limits, steps, ending } = clientScheduleOf(seed, STEPS)
    const world = new ClientWorld(limits, (how) => endings.add(how))
    for (const step of steps) await world.apply(step)
    await world.end(ending)
  }
  const expected =
    'answered 200,answered 201,answered 404,answered 500,answered 503,discarded,aborted,acquire_timeout,attempt_timeout,' +
    'connect,deadline,queue_full,reset,protocol,untried,breaker_open,turned away,the caller left,destroyed'
  expect(expected.split(',').filter((how) => !endings.has(how))).toEqual([])
})

test('a request that a session was never allowed to write does not keep the pool from closing', async () => {
  await replayClient({
    limits: {},
    ending: 'close',
    steps: [
      ['call', 3, 0, 0, 0, 0],
      ['pass', 100],
      ['streams', 3, 0],
      ['pass', 10],
      ['call', 3, 0, 0, 0, 0],
    ],
  })
})

test('the last warm-up that is done lets the process go, whatever is dialed beside it', async () => {
  await replayClient({
    limits: {},
    ending: 'rest',
    steps: [
      ['dial', 2, 1, 0],
      ['call', 2, 0, 0, 0, 0],
      ['abort', 0],
      ['warm', 0, 1],
      ['pass', 2],
    ],
  })
})

test('a dial that fails after a lost connection is no lost race, that would be repeated free', async () => {
  await replayClient({
    limits: { connectTimeout: 135, attempts: 2 },
    ending: 'rest',
    steps: [
      ['call', 3, 0, 0, 0, 0],
      ['pass', 2],
      ['call', 3, 0, 0, 0, 0],
      ['goaway', 3],
      ['dial', 3, 133, 0],
      ['pass', 146],
    ],
  })
})

test('a session that allows no streams any more does not keep the pool from closing', async () => {
  await replayClient({
    limits: {},
    ending: 'close',
    steps: [
      ['call', 2, 0, 0, 0, 0],
      ['streams', 2, 1],
      ['pass', 1],
      ['streams', 2, 0],
    ],
  })
})

test('a server that resets what rests does not have its minimum dialed without a pause', async () => {
  await replayClient({
    limits: {},
    ending: 'rest',
    steps: [
      ['keep', 0, 1, 1],
      ['maintain', 0, 1],
      ['pass', 87],
    ],
  })
})
