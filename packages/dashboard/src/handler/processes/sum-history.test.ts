import fc from 'fast-check'
import type { HistorySlice } from 'keepwarm'
import { expect, test } from 'vitest'
import { sumHistories } from './sum-history.ts'

type Columns = Readonly<Record<string, readonly (number | null)[]>>

function slice(from: number, columns: Columns, client = 'search'): HistorySlice {
  const [first = []] = Object.values(columns)
  return { version: 1, client, from, seconds: first.length, series: columns as HistorySlice['series'] }
}

test('counts and gauges add by second, also where the processes know different seconds', () => {
  const [sum] = sumHistories([
    [slice(10, { ok: [1, 2], inUse: [5, 5] })],
    [slice(11, { ok: [10, 20], inUse: [7, null] })],
  ])
  expect(sum).toMatchObject({ from: 10, seconds: 3, series: { ok: [1, 12, 20], inUse: [5, 12, null] } })
})

test('of percentiles, the oldest wait and the breaker the worst counts', () => {
  const [sum] = sumHistories([
    [slice(10, { p99: [5, null], oldestWait: [1, 2], breaker: [0, 2] })],
    [slice(10, { p99: [9, null], oldestWait: [4, 0], breaker: [1, 0] })],
  ])
  expect(sum!.series).toEqual({ p99: [9, null], oldestWait: [4, 2], breaker: [1, 2] })
})

test('means are weighed by the calls that they are means of', () => {
  const [sum] = sumHistories([
    [slice(10, { ok: [3], headers: [10] })],
    [slice(10, { ok: [1], headers: [50] })],
  ])
  expect(sum!.series.headers).toEqual([20])
})

test('each client has its own slice, and one that is alone is left as it is', () => {
  const alone = slice(10, { ok: [1] }, 'ollama')
  const sums = sumHistories([[slice(10, { ok: [1] }), alone], [slice(10, { ok: [1] })]])
  expect(sums.map(({ client }) => client)).toEqual(['search', 'ollama'])
  expect(sums[1]).toBe(alone)
})

test('no call is lost or counted twice', () => {
  const part = fc.record({
    from: fc.integer({ min: 100, max: 120 }),
    ok: fc.array(fc.nat(50), { maxLength: 20 }),
  })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const sums = sumHistories(parts.map(({ from, ok }) => [slice(from, { ok })]))
      const total = (values: readonly (number | null)[]): number =>
        values.reduce<number>((all, value) => all + (value ?? 0), 0)
      expect(total(sums.flatMap(({ series }) => series.ok))).toBe(total(parts.flatMap(({ ok }) => ok)))
    }),
  )
})
