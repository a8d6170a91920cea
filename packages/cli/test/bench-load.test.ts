/** How one round is run, and what its latencies mean. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runRound, type RoundPlan } from '../src/bench/load.ts'

const never = new AbortController().signal

/** A server that answers at once, and stands still from `from` to `to`, in ms after the first request. */
function stalling(from: number, to: number): () => Promise<undefined> {
  let began: number | undefined
  return async () => {
    began ??= performance.now()
    const at = performance.now() - began
    await sleep(at >= from && at < to ? to - at : 1)
    return undefined
  }
}

const closed: RoundPlan = { duration: 800, concurrency: 1, requests: Infinity, every: 0, open: false }
const open: RoundPlan = { duration: 800, concurrency: 1, requests: 160, every: 5, open: true }

test('an open load holds all those against a server that could not be sent while it stood still', async () => {
  const one = await runRound(stalling(200, 600), closed, never)
  expect(one.latencies.percentile(90) / 1_000).toBeLessThan(200) // one request of many met it
  expect(one.latencies.max / 1_000).toBeGreaterThan(300)
  const all = await runRound(stalling(200, 600), open, never)
  expect(all.answered).toBe(160)
  expect(all.latencies.percentile(90) / 1_000).toBeGreaterThan(250)
  expect(all.latencies.percentile(70) / 1_000).toBeGreaterThan(50)
})

test('what an open load could not send in twice its time is counted, not forgotten', async () => {
  const slow = (): Promise<undefined> => sleep(100)
  const plan: RoundPlan = { duration: 200, concurrency: 2, requests: 100, every: 2, open: true }
  const round = await runRound(slow, plan, never)
  expect(round.answered + (round.failures.get('never sent') ?? 0)).toBe(100)
  expect(round.failures.get('never sent')).toBeGreaterThan(80)
})

test('never more at once than was said, and no more in all', async () => {
  let [now, most, all] = [0, 0, 0]
  const send = async (): Promise<undefined> => {
    most = Math.max(most, ++now)
    all++
    await sleep(2)
    now--
  }
  const plan: RoundPlan = { duration: 5_000, concurrency: 7, requests: 50, every: 0, open: false }
  const round = await runRound(send, plan, never)
  expect({ most, all, answered: round.answered }).toEqual({ most: 7, all: 50, answered: 50 })
})

test('a server that is kept at a rate gets no more than that', async () => {
  let all = 0
  const send = async (): Promise<undefined> => void all++
  await runRound(send, { duration: 500, concurrency: 10, requests: Infinity, every: 20, open: false }, never)
  expect(all).toBeGreaterThan(3)
  expect(all).toBeLessThanOrEqual(26)
})

test('failures are counted by kind, and who failed waits before the next one', async () => {
  let all = 0
  const send = async (): Promise<string | undefined> => (all++ % 2 === 0 ? 'connect ECONNREFUSED' : undefined)
  const round = await runRound(send, { ...closed, duration: 300 }, never)
  expect(round.failures.get('connect ECONNREFUSED')).toBeLessThanOrEqual(31)
  expect(round.answered).toBeGreaterThan(0)
})

test('it ends soon after it is told to stop', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 50)
  const began = performance.now()
  await runRound(
    stalling(0, 0),
    { ...open, duration: 60_000, requests: 10_000, every: 20 },
    controller.signal,
  )
  expect(performance.now() - began).toBeLessThan(20_000)
})
