import { describe, expect, test } from 'vitest'
import { Sizing } from './sizing.ts'

const options = { floor: 0, headroom: 1.25, window: 60_000 }

describe('Sizing', () => {
  test('grows at once with the need, with headroom, rounded up', () => {
    const sizing = new Sizing(options)
    expect(sizing.wanted).toBe(0)
    sizing.observe(1, 0)
    expect(sizing.wanted).toBe(2)
    sizing.observe(8, 1)
    expect(sizing.wanted).toBe(10)
    sizing.observe(3, 2)
    expect(sizing.wanted).toBe(10)
  })

  test('remembers a peak for the window, then shrinks by one at each step, down to what is needed', () => {
    const sizing = new Sizing({ ...options, headroom: 1 })
    sizing.observe(10, 0)
    const at = (seconds: number): number => {
      sizing.observe(4, seconds * 1_000)
      return sizing.wanted
    }
    expect(at(59)).toBe(10)
    expect([60, 65, 70, 75, 80, 85].map(at)).toEqual([9, 8, 7, 6, 5, 4])
    expect(at(300)).toBe(4)
  })

  test('stays at its floor while anything is needed, comes to nothing when not, and then asks for no more time', () => {
    const sizing = new Sizing({ ...options, floor: 2 })
    sizing.observe(8, 0)
    for (let now = 0; now < 200_000; now += 1_000) sizing.observe(1, now)
    expect(sizing.wanted).toBe(2)
    let wakes = 0
    while (sizing.next < Infinity) {
      sizing.advance(sizing.next)
      wakes++
    }
    expect(sizing.wanted).toBe(0)
    expect(wakes).toBeLessThan(25)
  })

  test('a long silence is a shrink of many steps at once, but never more than one for each step', () => {
    const sizing = new Sizing({ ...options, headroom: 1 })
    sizing.observe(100, 0)
    sizing.advance(75_000)
    expect(sizing.wanted).toBeGreaterThanOrEqual(100 - 12)
    sizing.advance(10_000_000)
    expect(sizing.wanted).toBeLessThan(100)
  })

  test('the clock may start anywhere and stand still', () => {
    const sizing = new Sizing(options)
    sizing.observe(4, 1_234_567.8)
    sizing.observe(4, 1_234_567.8)
    expect(sizing.wanted).toBe(5)
    expect(sizing.next).toBeGreaterThan(1_234_567)
    expect(sizing.next).toBeLessThan(1_234_568 + 5_000)
  })
})
