import { describe, expect, test } from 'vitest'
import { shrinkList, shrinkNumbers } from './shrink.ts'

describe('shrinkList', () => {
  const thousand = Array.from({ length: 1_000 }, (_, i) => i)

  test('keeps what is needed, in its order', () => {
    const needed = [3, 77, 500, 999]
    const fails = (list: readonly number[]): boolean => needed.every((item) => list.includes(item))
    expect(shrinkList(thousand, fails)).toEqual(needed)
  })

  test('keeps items that need one another', () => {
    const fails = (list: readonly number[]): boolean =>
      list.includes(42) && list.filter((item) => item % 100 === 0).length >= 2
    expect(shrinkList(thousand, fails)).toHaveLength(3)
  })

  test('keeps a list of which nothing can be spared, and empties one of which nothing is needed', () => {
    expect(shrinkList([1, 2, 3], (list) => list.length === 3)).toEqual([1, 2, 3])
    expect(shrinkList(thousand, () => true)).toEqual([])
  })

  test('asks seldom: a thousand items with four needed take a few hundred tries', () => {
    let tries = 0
    shrinkList(thousand, (list) => {
      tries++
      return [3, 77, 500, 999].every((item) => list.includes(item))
    })
    expect(tries).toBeLessThan(300)
  })
})

describe('shrinkNumbers', () => {
  test('finds the smallest numbers that still fail, each for itself', () => {
    const fails = ([a, b, c]: readonly number[]): boolean => a! >= 7 && b! >= 1_000 && c! >= 0
    expect(shrinkNumbers([900, 123_456, 55], fails)).toEqual([7, 1_000, 0])
  })

  test('leaves numbers below zero and fractions that matter alone', () => {
    expect(shrinkNumbers([-5, 0.5], ([, b]) => b! > 0)).toEqual([-5, 0.5])
  })
})
