import { expect, test } from 'vitest'
import { realRuntime } from './runtime.ts'

test.each([Infinity, 2 ** 31, 1e15])('a timer of %d ms does not ring at once', async (delay) => {
  let rang = false
  const timer = realRuntime.after(delay, () => (rang = true))
  await new Promise((resolve) => setTimeout(resolve, 20))
  timer.cancel()
  expect(rang).toBe(false)
})
