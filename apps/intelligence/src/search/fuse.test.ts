import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuseRanks } from './fuse.ts'

test('what both lists hold comes first, and ranks are kept', () => {
  const fused = fuseRanks([
    ['a', 'b'],
    ['c', 'b'],
  ])
  expect(fused.map((one) => one.id)).toEqual(['b', 'a', 'c'])
  expect(fused[0]).toEqual({ id: 'b', ranks: [2, 2], score: 2 / 62 })
  expect(fused[1]).toEqual({ id: 'a', ranks: [1, undefined], score: 1 / 61 })
})

test('every id comes out once, best first, and one list alone keeps its order', () => {
  const list = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 2 }), { maxLength: 20 })
  const property = fc.property(list, list, (one, two) => {
    const fused = fuseRanks([one, two])
    expect(new Set(fused.map(({ id }) => id))).toEqual(new Set([...one, ...two]))
    expect(fused).toHaveLength(new Set([...one, ...two]).size)
    const scores = fused.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(fuseRanks([one, []]).map(({ id }) => id)).toEqual(one)
  })
  fc.assert(property)
})
