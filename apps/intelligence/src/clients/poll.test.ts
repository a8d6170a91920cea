import { expect, test } from 'vitest'
import { poll } from './poll.ts'

const often = { timeout: 5_000, interval: 1, maxInterval: 4 }

test('asks until the answer is the one', async () => {
  let count = 0
  const polled = await poll(
    async () => ++count,
    (answer) => answer === 4,
    often,
  )
  expect(polled).toEqual({ done: true, last: 4 })
  expect(count).toBe(4)
})

test('gives the last answer when the time is up', async () => {
  let count = 0
  const polled = await poll(
    async () => ++count,
    () => false,
    { ...often, timeout: 40 },
  )
  expect(polled).toEqual({ done: false, last: count })
  expect(count).toBeGreaterThan(1)
})

test('does not wait for an answer that does not come', async () => {
  const never = (): Promise<never> => new Promise(() => {})
  expect(await poll(never, () => true, { ...often, timeout: 20 })).toEqual({ done: false, last: undefined })
  const signal = AbortSignal.timeout(20)
  const error = await poll(never, () => true, { ...often, signal }).catch((reason: unknown) => reason)
  expect(error).toBe(signal.reason)
})

test('rejects with what the question rejects with', async () => {
  const broken = (): Promise<never> => Promise.reject(new Error('broken'))
  await expect(poll(broken, () => true, often)).rejects.toThrow('broken')
})

test('waits as long as an answer asks for', async () => {
  const times: number[] = []
  await poll(
    async () => times.push(performance.now()),
    (count) => count === 2,
    often,
    () => 60,
  )
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(55)
})
