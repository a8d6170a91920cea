import { expect, test } from 'vitest'
import { Columns } from './columns.ts'
import { ranges, timesOf, valuesOf, windowOf } from './window.ts'

test.each(ranges)(
  'a range of %i s is shown whole, in at most 450 rows, and ends with the newest second',
  (range) => {
    for (const until of [1_700_000_000, 1_700_000_001, 1_700_000_007]) {
      const window = windowOf(until, range)
      expect(window.rows).toBeLessThanOrEqual(450)
      expect(window.to - window.from).toBeGreaterThanOrEqual(range)
      expect(window.to).toBeGreaterThan(until)
      expect(window.to - window.step).toBeLessThanOrEqual(until)
    }
  },
)

test('rows stand for the same seconds whenever they are asked for, so that charts do not flicker', () => {
  const [first, later] = [windowOf(1_700_000_003, 3_600), windowOf(1_700_000_010, 3_600)]
  const known = new Set(timesOf(first))
  expect(timesOf(later).filter((time) => known.has(time)).length).toBeGreaterThan(first.rows - 3)
})

test('an unknown client has rows of nothing', () => {
  const window = windowOf(1_700_000_000, 300)
  expect(valuesOf(undefined, 'ok', window)).toEqual(new Array(window.rows).fill(null))
  expect(valuesOf(new Columns(), 'ok', window)).toEqual(new Array(window.rows).fill(null))
})
