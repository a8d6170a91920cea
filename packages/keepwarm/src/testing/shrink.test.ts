import { describe, expect, test } from 'vitest'
import { find, findSlowly, shorterLists, smallerNumbers } from './shrink.ts'

describe('shorter lists', () => {
  const thousand = Array.from({ length: 1_000 }, (_, i) => i)

  test('keeps what is needed, in its order', () => {
    const needed = [3, 77, 500, 999]
    const fails = (list: readonly number[]): boolean => needed.every((item) => list.includes(item))
    expect(find(shorterLists(thousand), fails)).toEqual(needed)
  })

  test('keeps items that need one another', () => {
    const fails = (list: readonly number[]): boolean =>
      list.includes(42) && list.filter((item) => item % 100 === 0).length >= 2
    expect(find(shorterLists(thousand), fails)).toHaveLength(3)
  })

  test('keeps a list of which nothing can be spared, and empties one of which nothing is needed', () => {
    expect(find(shorterLists([1, 2, 3]), (list) => list.length === 3)).toEqual([1, 2, 3])
    expect(find(shorterLists(thousand), () => true)).toEqual([])
  })

  test('asks seldom: a thousand items with four needed take a few hundred tries', () => {
    let tries = 0
    find(shorterLists(thousand), (list) => {
      tries++
      return [3, 77, 500, 999].every((item) => list.includes(item))
    })
    expect(tries).toBeLessThan(300)
  })
})

describe('smaller numbers', () => {
  test('finds the smallest numbers that still fail, each for itself', () => {
    const fails = ([a, b, c]: readonly number[]): boolean => a! >= 7 && b! >= 1_000 && c! >= 0
    expect(find(smallerNumbers([900, 123_456, 55]), fails)).toEqual([7, 1_000, 0])
  })

  test('leaves numbers below zero and fractions that matter alone', () => {
    expect(find(smallerNumbers([-5, 0.5]), ([, b]) => b! > 0)).toEqual([-5, 0.5])
  })
})

test('what takes its time is searched in the same way', async () => {
  const needed = [3, 77]
  const fails = async (list: readonly number[]): Promise<boolean> =>
    needed.every((item) => list.includes(item))
  expect(await findSlowly(shorterLists([1, 2, 3, 77, 78]), fails)).toEqual(needed)
})
