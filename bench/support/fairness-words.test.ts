import { expect, test } from 'vitest'
import { outputOf } from './bench-output.ts'
import { capacityOf, jain, type FairnessResult } from './fairness-measure.ts'
import { fairnessFindings, fairnessTable } from './fairness-words.ts'

const result: FairnessResult = {
  arm: 'limited',
  goodput: 300,
  share: 0.75,
  goodputs: [100, 200],
  fairness: 0.9,
  refused: 100,
  failed: 0,
  waited: 12,
  limits: [3, null],
}

test("Jain's index is 1 for equal parts, and one by their number where one has everything", () => {
  expect([jain([5, 5, 5, 5]), jain([8, 0, 0, 0]), jain([1, 3]), jain([0, 0])]).toEqual([1, 0.25, 0.8, 1])
})

test('what a server can do is what its slots can', () => {
  expect(capacityOf({ slots: 20, service: 50 })).toBe(400)
})

test('goals that are not met are said to be not met', () => {
  const met = { ...result, share: 0.95, fairness: 0.95 }
  expect(fairnessFindings([result, met])).toEqual([
    expect.stringMatching(
      /^limited: 75\.0 % .* 0\.900 .*: not met\. 25\.0 % of the requests were turned away/,
    ),
    expect.stringMatching(/0\.950 \(goals: 95\.0 % and 0\.95\): met\./),
  ])
  expect(fairnessTable([result]).rows[0]).toContain('3 –')
})

test('the benchmark runs, and nothing fails in it', { timeout: 40_000 }, async () => {
  const { results, findings } = await outputOf<FairnessResult>('fairness')
  expect(results.map(({ limits }) => limits.every((limit) => limit === null))).toEqual([true, false, false])
  for (const { goodput, goodputs, failed, fairness } of results) {
    expect(goodput).toBeGreaterThan(0)
    expect(goodputs).toHaveLength(2)
    expect(failed).toBe(0)
    expect(fairness).toBeGreaterThanOrEqual(0.5)
  }
  expect(findings).toHaveLength(3)
})
