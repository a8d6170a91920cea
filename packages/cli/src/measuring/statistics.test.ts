/** What may be believed about a median, and what is said of it. */
import { describe, expect, test } from 'vitest'
import { bootstrapInterval, estimate, ratio, undecided } from './statistics.ts'
import { speed } from './words.ts'

describe('statistics', () => {
  const values = [5, 1, 4, 2, 3, 9, 8, 7, 6, 10]

  test('a median stands inside its interval, and the interval inside the values', () => {
    const { median, lower, upper } = estimate(values)
    expect(median).toBe(5.5)
    expect(lower).toBeGreaterThanOrEqual(1)
    expect(lower).toBeLessThan(median)
    expect(upper).toBeGreaterThan(median)
    expect(upper).toBeLessThanOrEqual(10)
  })

  test('what is always the same has no doubt about it', () => {
    expect(estimate([1, 1, 1])).toEqual({ median: 1, lower: 1, upper: 1 })
  })

  test('the bootstrap finds about the same, and the same every time', () => {
    const found = bootstrapInterval(values)
    expect(found).toEqual(bootstrapInterval(values))
    expect(found.lower).toBeGreaterThan(1)
    expect(found.lower).toBeLessThan(5.5)
    expect(found.upper).toBeGreaterThan(5.5)
    expect(found.upper).toBeLessThan(10)
  })

  test('a ratio is taken round by round', () => {
    expect(ratio([10, 200, 3], [5, 100, 1.5])).toMatchObject({ median: 2 })
  })

  test('an interval with 1 in it decides nothing, and is said to', () => {
    const open = { median: 1.2, lower: 0.9, upper: 1.5 }
    expect(undecided(open)).toBe(true)
    expect(speed(open, 'the other')).toContain('no measurable difference')
    const slower = { median: 0.5, lower: 0.4, upper: 0.8 }
    expect(undecided(slower)).toBe(false)
    expect(speed(slower, 'the other')).toBe('is 2.00× slower than the other (95 % CI 1.25–2.50)')
  })
})
