import { describe, expect, test } from 'vitest'
import { ManualRuntime } from './manual-runtime.ts'

describe('timers', () => {
  test('fire at their moments, in order, those of one moment as they were set', () => {
    const runtime = new ManualRuntime()
    const fired: string[] = []
    const note = (name: string) => (): unknown => fired.push(`${name} at ${runtime.now()}`)
    runtime.after(20, note('late'))
    runtime.after(10, note('first'))
    runtime.after(10, note('second'))
    runtime.after(5, () => runtime.after(1, note('child')))
    runtime.advance(15)
    expect(fired).toEqual(['child at 6', 'first at 10', 'second at 10'])
    expect(runtime.now()).toBe(15)
    expect(runtime.pending).toBe(1)
  })

  test('thousands that were set and cancelled by chance fire in order', () => {
    const runtime = new ManualRuntime(3)
    const moments: number[] = []
    const expected: number[] = []
    for (let i = 0; i < 5_000; i++) {
      const at = Math.floor(runtime.random() * 1_000)
      const timer = runtime.after(at, () => moments.push(at))
      if (runtime.random() < 0.6) timer.cancel()
      else expected.push(at)
    }
    expect(runtime.pending).toBe(expected.length)
    runtime.advance(1_000)
    expect(moments).toEqual(expected.sort((a, b) => a - b))
    expect(runtime.pending).toBe(0)
  })

  test('hold the process until they fire, are cancelled or let go', () => {
    const runtime = new ManualRuntime()
    const [first, second] = [runtime.after(1, () => {}), runtime.after(2, () => {})]
    runtime.after(3, () => {})
    expect(runtime.holding).toBe(3)
    first.hold(false)
    first.cancel()
    second.cancel()
    second.hold(true)
    expect(runtime.holding).toBe(1)
    runtime.advance(3)
    expect([runtime.holding, runtime.pending]).toEqual([0, 0])
  })

  test('after a jump what was due fires late, at the moment when it is noticed', () => {
    const runtime = new ManualRuntime()
    const fired: number[] = []
    runtime.after(10, () => fired.push(runtime.now()))
    runtime.jump(100)
    expect(fired).toEqual([])
    runtime.advance(0)
    expect(fired).toEqual([100])
  })
})

test('timers that set others for ever are found out', async () => {
  const runtime = new ManualRuntime()
  const again = (): unknown => runtime.after(0, again)
  again()
  expect(() => runtime.advance(1)).toThrow('the clock stands still')
  again()
  await expect(runtime.run(1)).rejects.toThrow('the clock stands still')
})

test('run() lets promises settle between timers', async () => {
  const runtime = new ManualRuntime()
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void runtime.after(ms, resolve))
  const seen: number[] = []
  const work = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await sleep(10)
      seen.push(runtime.now())
    }
  }
  void work()
  await runtime.run(25)
  expect(seen).toEqual([10, 20])
  await runtime.run(5)
  expect(seen).toEqual([10, 20, 30])
})
