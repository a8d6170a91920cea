import { expect, test } from 'vitest'
import { Chance } from './chance.ts'

test('the same seed draws the same numbers, another seed others', () => {
  const draw = (seed: number): number[] => {
    const chance = new Chance(seed)
    return Array.from({ length: 1_000 }, () => chance.next())
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  const mean = draw(7).reduce((sum, number) => sum + number, 0) / 1_000
  expect(mean).toBeGreaterThan(0.45)
  expect(mean).toBeLessThan(0.55)
  expect(Math.min(...draw(7))).toBeGreaterThanOrEqual(0)
  expect(Math.max(...draw(7))).toBeLessThan(1)
})
