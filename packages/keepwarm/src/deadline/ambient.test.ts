import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { realRuntime } from '../runtime.ts'
import { ambientDeadline, withDeadline, withoutDeadline } from './ambient.ts'

describe('a deadline around a function', () => {
  test('is there across awaits, and nowhere else', async () => {
    const seen = withDeadline(
      2_000,
      async () => {
        await turn()
        return ambientDeadline()
      },
      500,
    )
    expect(ambientDeadline()).toBeUndefined()
    expect(await seen).toBe(2_500)
  })

  test('inside another one the earlier holds, and the outer one again afterwards', () => {
    const seen: (number | undefined)[] = []
    const look = (): void => void seen.push(ambientDeadline())
    withDeadline({ at: 1_000 }, () => {
      withDeadline({ at: 5_000 }, look)
      withDeadline(10, look, 200)
      look()
    })
    expect(seen).toEqual([1_000, 210, 1_000])
  })

  test('two that run at the same time know nothing of each other', async () => {
    const run = (at: number): Promise<number | undefined> =>
      withDeadline({ at }, async () => {
        for (let i = 0; i < 3; i++) await turn()
        return ambientDeadline()
      })
    expect(await Promise.all([run(1), run(2), run(3)])).toEqual([1, 2, 3])
  })

  test('can be left behind, and Infinity is none', () => {
    withDeadline({ at: 1_000 }, () => expect(withoutDeadline(ambientDeadline)).toBeUndefined())
    expect(withDeadline(Infinity, ambientDeadline)).toBeUndefined()
  })

  test('is counted from now by the clock of the machine', () => {
    const before = realRuntime.now()
    const at = withDeadline(100, ambientDeadline)!
    expect(at).toBeGreaterThanOrEqual(before + 100)
    expect(at).toBeLessThanOrEqual(realRuntime.now() + 100)
  })

  test.each([-1, NaN, { at: NaN }])('refuses %j', (limit) => {
    expect(() => withDeadline(limit, () => 1)).toThrow('milliseconds from 0, or { at } with a moment')
  })
})
