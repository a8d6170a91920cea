import { expect, test } from 'vitest'
import { ManualRuntime } from '../testing/manual-runtime.ts'
import { LoopWatch } from './loop-watch.ts'

/** A runtime whose loop can be blocked: its clock goes on while no timer fires. */
class Blockable extends ManualRuntime {
  private lost = 0

  override now(): number {
    return super.now() + this.lost
  }

  block(ms: number): void {
    this.lost += ms
  }
}

test('a loop that runs freely is not late, and the first look has nothing to tell', () => {
  const runtime = new Blockable()
  using watch = new LoopWatch(runtime)
  expect(watch.look()).toBeNull()
  runtime.advance(1_000)
  expect(watch.look()).toEqual({ p50: 0, p99: 0, max: 0 })
})

test('a block is told once, by the look after it, also when it came right after a look', () => {
  const runtime = new Blockable()
  using watch = new LoopWatch(runtime)
  watch.look()
  runtime.advance(1_000)
  watch.look()
  runtime.block(300)
  runtime.advance(1_000)
  const loop = watch.look()!
  expect(loop).toMatchObject({ p50: 0, max: 300 })
  expect(loop.p99).toBeGreaterThan(289)
  expect(loop.p99).toBeLessThanOrEqual(300)
  runtime.advance(1_000)
  expect(watch.look()).toMatchObject({ max: 0 })
})

test('who looks while the loop is blocked is told so', () => {
  const runtime = new Blockable()
  using watch = new LoopWatch(runtime)
  watch.look()
  runtime.block(500)
  expect(watch.look()!.max).toBe(400)
})

test('it holds nothing alive, and ends with its disposal, or when nobody looks any more', () => {
  const runtime = new ManualRuntime()
  const watch = new LoopWatch(runtime)
  watch.look()
  expect([runtime.holding, runtime.pending]).toEqual([0, 1])
  runtime.advance(121_000)
  expect(runtime.pending).toBe(0)
  expect(watch.look()).toBeNull()
  expect(runtime.pending).toBe(1)
  watch[Symbol.dispose]()
  expect(runtime.pending).toBe(0)
})
