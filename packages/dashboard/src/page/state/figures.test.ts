import { expect, test } from 'vitest'
import { Columns } from './columns.ts'
import { figuresOf, sparkOf } from './figures.ts'
import type { SeriesName } from './series.ts'

function columnsOf(series: Partial<Record<SeriesName, (number | null)[]>>, from = 100): Columns {
  const columns = new Columns()
  const seconds = Math.max(...Object.values(series).map((values) => values.length))
  columns.append({ version: 1, client: 'a', from, seconds, series })
  return columns
}

test('retries hide failures from callers: effective success is of calls, actual success of attempts', () => {
  // 10 calls, 9 of them well; 4 retries, so that 4 + 1 of 14 attempts failed.
  const columns = columnsOf({ ok: [9], c5xx: [1], attempts: [14], retries: [4] })
  const figures = figuresOf(columns, 100, 1)
  expect(figures.effective).toBeCloseTo(0.9)
  expect(figures.actual).toBeCloseTo(1 - 5 / 14)
  expect(figures.multiplier).toBeCloseTo(1.4)
})

test('calls that were never tried are lost to their callers and no fault of the server', () => {
  const figures = figuresOf(columnsOf({ ok: [5], refused: [3], breaker_open: [2], attempts: [5] }), 100, 1)
  expect(figures.effective).toBeCloseTo(0.5)
  expect(figures.actual).toBe(1)
})

test('a 4xx is an answer, and who cancels has lost nothing', () => {
  const figures = figuresOf(columnsOf({ ok: [5], c4xx: [4], cancelled: [3], attempts: [12] }), 100, 1)
  expect(figures.effective).toBe(1)
  expect(figures.rate).toBe(12)
})

test('rates are of the seconds that are known', () => {
  expect(figuresOf(columnsOf({ ok: [6, null, 6] }), 102, 3).rate).toBe(6)
  expect(figuresOf(columnsOf({ ok: [6] }), 500, 3).rate).toBeNull()
})

test('without calls there are no figures, rather than good ones', () => {
  const figures = figuresOf(columnsOf({ ok: [0], attempts: [0] }), 100, 1)
  expect([figures.effective, figures.actual, figures.multiplier, figures.p95]).toEqual([
    null,
    null,
    null,
    null,
  ])
  expect(figures.rate).toBe(0)
})

test('quantiles of many seconds weigh each second by its calls', () => {
  const columns = columnsOf({ ok: [99, 1], p50: [10, 1_000], p95: [20, 1_000], p99: [30, 1_000] })
  const figures = figuresOf(columns, 101, 2)
  expect(figures.p50).toBe(20)
  expect(figures.p95).toBe(20)
  expect(figures.p99).toBe(30)
  expect(figuresOf(columns, 101, 1).p50).toBe(1_000)
})

test('a sparkline has a bar for each step, a hole where nobody knows, and what was lost beside all', () => {
  const columns = columnsOf({ ok: [1, 1, 2, 2], c5xx: [0, 0, 2, 2] }, 101)
  const spark = sparkOf(columns, 104, 3, 2)
  expect(spark).toEqual({ all: [null, 1, 4], lost: [null, 0, 2], highest: 4 })
})
