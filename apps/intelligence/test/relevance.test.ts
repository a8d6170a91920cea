/** How well the search finds, on the judged set: both engines together beside full text alone. */
import { expect, test } from 'vitest'
import { judged, passages } from './relevance/judged.ts'
import { mean, measure } from './relevance/measure.ts'
import { ndcg } from './relevance/ndcg.ts'

test('words and vectors together find better than words alone, and better than vectors alone', async () => {
  const measured = await measure()
  const words = mean(measured.map((one) => one.words))
  const vectors = mean(measured.map((one) => one.vectors))
  const hybrid = mean(measured.map((one) => one.hybrid))
  // Measured: 0.925, 0.87 and 0.94. A change of the ranking that costs more than a slip of one place is noticed.
  expect(words).toBeGreaterThan(0.91)
  expect(hybrid).toBeGreaterThan(0.93)
  expect(hybrid - words).toBeGreaterThan(0.008)
  expect(hybrid - vectors).toBeGreaterThan(0.03)
})

test('the judged set names passages that are there, and each question has an answer', () => {
  const ids = new Set(passages.map(({ id }) => id))
  expect(ids.size).toBe(passages.length)
  for (const { query, wanted } of judged) {
    expect(Object.values(wanted), query).toContain(3)
    for (const id of Object.keys(wanted)) expect(ids, query).toContain(id)
  }
})

test('nDCG is 1 for the best order, 0 for nothing found, and less the lower the answer stands', () => {
  const wanted = { a: 3, b: 1 }
  expect(ndcg(['a', 'b', 'c'], wanted, 10)).toBe(1)
  expect(ndcg(['c', 'd'], wanted, 10)).toBe(0)
  expect(ndcg([], wanted, 10)).toBe(0)
  expect(ndcg(['a'], {}, 10)).toBe(0)
  const places = [['a'], ['x', 'a'], ['x', 'y', 'a']].map((ids) => ndcg(ids, { a: 3 }, 10))
  expect(places[0]).toBe(1)
  expect(places[1]).toBeCloseTo(0.63, 2)
  expect(places[2]).toBe(0.5)
  expect(ndcg(['x', 'y', 'a'], { a: 3 }, 2)).toBe(0)
  expect(ndcg(['b', 'a'], wanted, 10)).toBeLessThan(1)
})
