import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HistorySlice } from '../observed.ts'
import { newer } from './rows.ts'

function slice(from: number, seconds: number): HistorySlice {
  const values = Array.from({ length: seconds }, (_, index) => from + index)
  return {
    version: 1,
    client: 'a',
    from,
    seconds,
    series: { ok: values } as unknown as HistorySlice['series'],
  }
}

test('rows come after what was seen and before the second that runs, each with its own values', () => {
  const [cut] = newer([slice(100, 10)], 102, 105)
  expect(cut).toMatchObject({ from: 103, seconds: 3, series: { ok: [103, 104, 105] } })
})

test('a slice without such rows is left out; one that has no others is not copied', () => {
  const whole = slice(100, 3)
  expect(newer([whole, slice(90, 5)], 99, 102)).toEqual([whole])
  expect(newer([whole], 99, 102)[0]).toBe(whole)
  expect(newer([slice(100, 0)], 0, 200)).toEqual([])
})

test('however often one looks, each second comes once', () => {
  const looks = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 20 })
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 30 }), (steps, kept) => {
      let since = 0
      let now = 100
      const came: number[] = []
      for (const step of [0, ...steps]) {
        now += step
        const rows = newer([slice(now - kept, kept + 1)], since, now - 1)
        came.push(...rows.flatMap(({ series }) => series.ok as number[]))
        since = now - 1
      }
      expect(new Set(came).size).toBe(came.length)
      if (kept >= 5) expect(came.at(-1)).toBe(now - 1)
    }),
  )
})
