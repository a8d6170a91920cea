import type { WhatIfReport } from 'keepwarm/testing'
import { expect, test } from 'vitest'
import { comparison, conclusion, type Runs } from './compare.ts'

function report(seed: number, succeeded: number, recovery?: number): WhatIfReport {
  const stretch = { from: 0, to: 20_000, calls: 50, succeeded: 0.5, attempts: 60, amplification: 1.2 }
  const spread = { count: 100, mean: 10, p50: 10, p90: 20, p99: 30, p999: 40, max: 50 }
  return {
    ...{
      seed,
      clients: 3,
      lasted: 60_000,
      attempts: 120,
      amplification: 1.2,
      arrived: 110,
      breakerOpenings: 2,
    },
    calls: { total: 100, succeeded, failed: { connect: 100 - succeeded } },
    latency: spread,
    failedAfter: spread,
    retries: { total: 20, byReason: {}, suppressed: {} },
    hedges: { sent: 0, won: 0 },
    before: stretch,
    events: [
      {
        ...stretch,
        event: { kind: 'outage', at: 0, for: 1 },
        ...(recovery !== undefined && { recovery }),
      },
    ],
    after: stretch,
    perSecond: { offered: [], succeeded: [], goodput: [], attempts: [], arrived: [] },
  }
}

const runs = (name: string, ...succeeded: readonly number[]): Runs => ({
  name,
  reports: succeeded.map((many, index) => report(index + 1, many, index === 0 ? undefined : 2_000)),
})

test('medians with where they went from and to; what did not come about is said beside them', () => {
  const { title, header, rows } = comparison([runs('A', 90, 80, 70), runs('B', 100, 100, 100)])
  expect(title).toBe('3 clients, 60.0 s, seeds 1 to 3: medians, and from where to where')
  expect(header).toEqual(['', 'A', 'B'])
  expect(rows[0]).toEqual(['calls that succeed', '80.0 % (70.0 % to 90.0 %)', '100.0 %'])
  expect(rows.find(([name]) => name === 'well again after outage')?.[1]).toBe('2.00 s, never in 1 of 3')
  expect(rows.find(([name]) => name === 'p99 of failure')?.[2]).toBe('–')
  expect(comparison([runs('A', 90)]).rows.find(([name]) => name?.startsWith('well again'))?.[1]).toBe('never')
})

test.each([
  [
    [90, 80],
    [95, 85],
    'With B 5.00 points more of the calls succeed than with A: more in 2 of 2 runs, fewer in 0.',
  ],
  [
    [90, 80],
    [80, 70],
    'With B 10.0 points fewer of the calls succeed than with A: more in 0 of 2 runs, fewer in 2.',
  ],
  [[90, 80, 70], [91, 79, 75], /more in 2 of 3 runs, fewer in 1\. Chance may have decided that\.$/],
  [[90], [91], 'With B 1.00 points more of the calls succeed than with A, in one run. Try more seeds.'],
  [[90], [90], 'As many calls succeed with B as with A.'],
])('%j against %j', (first, second, sentence) => {
  expect(conclusion([runs('A', ...first), runs('B', ...second)])).toMatch(sentence)
})
