import { expect, test } from 'vitest'
import { arms, loads } from './limits-arms.ts'
import { measureLimit, type LimitResult } from './limits-measure.ts'
import { limitsFindings, limitsTable } from './limits-words.ts'

const result: LimitResult = {
  workload: 'step',
  limit: 'fixed 40',
  fixed: 40,
  goodput: 400,
  least_goodput: 398,
  p50: 81.4,
  p99: 270,
  shed: 200,
  overloaded: 0,
  lost: 0,
  end_limit: 40,
  most_limit: 40,
  fairness: 1,
  least_fairness: 1,
}

test('each algorithm is compared with the best fixed limit of the same workload', () => {
  const results = [
    result,
    { ...result, limit: 'fixed 20', fixed: 20, goodput: 370 },
    { ...result, workload: 'burst', goodput: 350 },
    { ...result, limit: 'none', fixed: 0, goodput: 8, end_limit: null, most_limit: null },
    { ...result, limit: 'aimd', fixed: 0, goodput: 380 },
    { ...result, limit: 'aimd', fixed: 0, goodput: 350, workload: 'burst' },
  ]
  expect(limitsFindings(results)).toEqual([
    'aimd serves, of what the best fixed limit does: step 95.0 %, burst 100.0 %.',
  ])
  expect(limitsTable('x', results).rows[3]!.slice(7)).toEqual(['–', '–', '1.00 (1.00)'])
})

test('every limit can be measured under every workload, and the same seeds give the same', () => {
  for (const load of loads(0.02))
    for (const arm of arms) {
      const measured = measureLimit(arm, load, [1, 2])
      expect(measured.goodput).toBeGreaterThan(0)
      expect(measured.end_limit === null).toBe(arm.name === 'none')
      expect(measureLimit(arm, load, [1, 2])).toEqual(measured)
    }
})
