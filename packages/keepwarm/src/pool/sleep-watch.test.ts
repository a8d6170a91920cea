import { expect, test } from 'vitest'
import type { Runtime } from '../runtime.ts'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { SleepWatch } from './sleep-watch.ts'

/** Its wall clock can go on while the other one stands still. */
class Sleeper extends ManualRuntime {
  lost = 0
  override wallClock(): number {
    return super.wallClock() + this.lost
  }
}

function setUp(): { runtime: Sleeper; slept(): boolean } {
  const runtime = new Sleeper()
  const watch = new SleepWatch(runtime as Runtime)
  return { runtime, slept: () => watch.slept(runtime.now()) }
}

test('a wall clock that went on alone means sleep, and is told once', () => {
  const { runtime, slept } = setUp()
  expect(slept()).toBe(false)
  runtime.advance(60)
  runtime.lost += 3_600_000
  expect(slept()).toBe(true)
  runtime.advance(60)
  expect(slept()).toBe(false)
})

test('time that passes on both, small corrections and a wall clock that is set back are no sleep', () => {
  const { runtime, slept } = setUp()
  slept()
  for (const correction of [0, 1_500, -1_500, -86_400_000, 1_000]) {
    runtime.advance(600_000)
    runtime.lost += correction
    expect(slept()).toBe(false)
  }
})

test('it looks at the wall clock twenty times a second at most', () => {
  const { runtime, slept } = setUp()
  let looks = 0
  const wallClock = runtime.wallClock.bind(runtime)
  runtime.wallClock = () => {
    looks++
    return wallClock()
  }
  for (let ms = 0; ms < 1_000; ms++) {
    slept()
    runtime.advance(1)
  }
  expect(looks).toBe(20)
})
