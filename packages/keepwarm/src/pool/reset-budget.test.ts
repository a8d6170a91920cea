import { expect, test } from 'vitest'
import { ResetBudget } from './reset-budget.ts'

function spent(budget: ResetBudget, now: number): number {
  let count = 0
  while (budget.spend(now)) count++
  return count
}

test('a session may have 200 resets at once', () => {
  expect(spent(new ResetBudget(0), 0)).toBe(200)
})

test('then it may have 10 more a second, and never more than 200 at once', () => {
  const budget = new ResetBudget(0)
  spent(budget, 0)
  expect(spent(budget, 3_100)).toBe(30)
  expect(spent(budget, 1_000_000)).toBe(200)
})

test('and 4 MB of uploads may be left unsent in all, however slowly', () => {
  const budget = new ResetBudget(0)
  for (let i = 1; i <= 4; i++) expect(budget.spend(i * 60_000, 1_000_000)).toBe(true)
  expect(budget.spend(600_000, 1)).toBe(false)
  expect(budget.spend(6_000_000)).toBe(false)
})
