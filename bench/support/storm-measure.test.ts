import { expect, test } from 'vitest'
import { stormResult } from './storm-measure.ts'

const arm = { name: 'a', options: 'none' }
const plan = { rate: 10, before: 1, hang: 2 }
const ten = (seconds: number): number[] => Array<number>(seconds).fill(10)

test('well again is the first second after the hang from which on five are good, 95 % of their calls', () => {
  const succeeded = [10, 0, 0, 0, 5, 9, 10, 10, 10, 9, 10]
  const result = stormResult(arm, plan, { offered: ten(11), succeeded, late: 1 }, ten(11))
  expect(result).toMatchObject({
    succeeded_before: 1,
    succeeded_during: 0,
    succeeded_after: 63 / 80,
    recovery_s: 2,
    amplification: 1,
  })
})

test('not well again, and the worst second, counted by the server', () => {
  const calls = { offered: ten(8), succeeded: [10, 0, 0, 0, 0, 0, 10, 10], late: 1 }
  const result = stormResult(arm, plan, calls, [10, 30, 40, 0, 0, 0, 0, 0])
  expect(result).toMatchObject({ recovery_s: null, requests: 80, amplification: 1, worst_second: 4 })
})
