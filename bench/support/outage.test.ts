/** The benchmark of outages: what it says of tries without a budget, and how it puts figures into words. */
import { expect, test } from 'vitest'
import { outputOf } from './bench-output.ts'
import { arms } from './outage-arms.ts'
import type { OutageResult } from './outage-measure.ts'
import { recoveryInWords } from './outage-words.ts'

test(
  'every client meets the outage; tries without a budget multiply the load',
  { timeout: 40_000 },
  async () => {
    const { results, findings } = await outputOf<OutageResult>('outage')
    expect(results.map(({ arm }) => arm)).toEqual(arms.map(({ name }) => name))
    for (const { recovery_s, p99, succeeded_after } of results) {
      expect(recovery_s).toHaveLength(1)
      expect(p99).toBeGreaterThan(100)
      expect(succeeded_after).toBeLessThanOrEqual(1)
    }
    const amplification = (name: string): number => results.find(({ arm }) => arm === name)!.amplification
    expect(amplification('no retry')).toBe(1)
    expect(amplification('3 tries only')).toBeGreaterThan(1.5)
    expect(findings).toHaveLength(1)
  },
)

test('recoveries in words', () => {
  expect(recoveryInWords([9, 6, 10])).toBe('6–10')
  expect(recoveryInWords([18, 18])).toBe('18')
  expect(recoveryInWords([null, null])).toBe('never')
  expect(recoveryInWords([null, 98, 25, null])).toBe('never ×2, 25–98')
})
