import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pulse } from './pulse.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('three misses in a row end a call, and fewer do not', async () => {
  const answers = [false, false, true, false, false, false]
  const pulse = new Pulse(async () => answers.shift() ?? true, 100)
  using one = pulse.watch()
  await vi.advanceTimersByTimeAsync(550)
  expect(one.signal.aborted).toBe(false)
  using late = pulse.watch()
  await vi.advanceTimersByTimeAsync(100)
  expect([one.signal.aborted, late.signal.aborted]).toEqual([true, false])
})

test('nobody is asked while no call is under way', async () => {
  let asked = 0
  const pulse = new Pulse(async () => ++asked > 0, 100)
  await vi.advanceTimersByTimeAsync(500)
  {
    using _first = pulse.watch()
    using _second = pulse.watch()
    await vi.advanceTimersByTimeAsync(250)
  }
  await vi.advanceTimersByTimeAsync(500)
  expect(asked).toBe(2)
  using _third = pulse.watch()
  await vi.advanceTimersByTimeAsync(150)
  expect(asked).toBe(3)
})

test('a call that ended while the server was asked leaves no timer behind', async () => {
  const pulse = new Pulse(() => new Promise((resolve) => setTimeout(resolve, 50, true)), 100)
  const one = pulse.watch()
  await vi.advanceTimersByTimeAsync(120)
  one[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(100)
  expect(vi.getTimerCount()).toBe(0)
})
