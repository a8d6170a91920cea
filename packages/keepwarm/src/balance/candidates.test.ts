import { describe, expect, test } from 'vitest'
import { Candidates } from './candidates.ts'
import { Endpoint } from './endpoint.ts'

const make = (weights: readonly number[]): { list: Candidates; endpoints: Endpoint[] } => {
  const list = new Candidates()
  const endpoints = weights.map((weight, index) => new Endpoint(String(index), weight, 1))
  for (const endpoint of endpoints) list.add(endpoint)
  list.weigh(new Set(weights).size > 1)
  return { list, endpoints }
}

/** How often each comes up when chance takes every value once. */
const tally = (draw: (random: number) => Endpoint | undefined, steps = 10_000): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (let i = 0; i < steps; i++) {
    const name = draw(i / steps)?.name ?? 'none'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('drawing', () => {
  test('gives each the same chance', () => {
    const { list } = make([1, 1, 1, 1])
    expect(tally((random) => list.draw(random, undefined, undefined))).toEqual({
      0: 2_500,
      1: 2_500,
      2: 2_500,
      3: 2_500,
    })
  })

  test.each([
    [0, 3],
    [3, 0],
    [1, 2],
  ])('leaves out %i and %i, and gives the others the same chance', (one, two) => {
    const { list, endpoints } = make([1, 1, 1, 1])
    const counts = tally((random) => list.draw(random, endpoints[one], endpoints[two]))
    const others = [0, 1, 2, 3].filter((index) => index !== one && index !== two)
    expect(counts).toEqual(Object.fromEntries(others.map((index) => [index, 5_000])))
  })

  test('leaves out one that is named twice only once, and one that is not in the list not at all', () => {
    const { list, endpoints } = make([1, 1])
    const stranger = new Endpoint('x', 1, 1)
    expect(tally((random) => list.draw(random, endpoints[0], endpoints[0]))).toEqual({ 1: 10_000 })
    expect(tally((random) => list.draw(random, stranger, undefined))).toEqual({ 0: 5_000, 1: 5_000 })
  })

  test('finds nothing when nothing is left', () => {
    const { list, endpoints } = make([1, 1])
    expect(list.draw(0.5, endpoints[0], endpoints[1])).toBeUndefined()
    expect(make([]).list.draw(0.5, undefined, undefined)).toBeUndefined()
  })

  test.each([[[1, 3]], [[5, 1, 1, 1]], [[0.5, 2, 7.5, 10]]])('heeds weights of %j', (weights) => {
    const { list } = make(weights)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const counts = tally((random) => list.draw(random, undefined, undefined))
    for (const [index, weight] of weights.entries())
      expect(Math.abs(counts[index]! / 10_000 - weight / total)).toBeLessThan(0.001)
  })

  test('with weights, too, leaves out who is named', () => {
    const { list, endpoints } = make([1, 2, 3])
    expect(Object.keys(tally((random) => list.draw(random, endpoints[2], undefined)))).toEqual(['0', '1'])
    expect(tally((random) => list.draw(random, endpoints[2], endpoints[0]))).toEqual({ 1: 10_000 })
  })
})

test('what is removed is not drawn, and comes back once', () => {
  const { list, endpoints } = make([1, 2, 3])
  list.remove(endpoints[0]!)
  list.remove(endpoints[0]!)
  expect(Object.keys(tally((random) => list.draw(random, undefined, undefined)))).toEqual(['1', '2'])
  list.add(endpoints[0]!)
  list.add(endpoints[0]!)
  expect(list.count).toBe(3)
  const counts = tally((random) => list.draw(random, undefined, undefined))
  expect(Math.abs(counts[0]! - 10_000 / 6)).toBeLessThan(5)
})
