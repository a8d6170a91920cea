import { expect, test } from 'vitest'
import type { ConfigError } from '../errors.ts'
import { hedgeDefaults, resolveHedge } from './options.ts'
import type { HedgeOptions } from './options.ts'

function problemsOf(options: unknown): string[] {
  try {
    resolveHedge(options as HedgeOptions)
  } catch (error) {
    return (error as ConfigError).problems.map(({ variable, received }) => `${variable}: ${received}`)
  }
  return []
}

test('defaults fill what is not given', () => {
  expect(resolveHedge()).toEqual(hedgeDefaults)
  expect(resolveHedge({ after: 20 })).toEqual({ after: 20, most: 1, share: 0.05 })
})

test('every option that cannot be used is named at once', () => {
  expect(problemsOf({ after: 0.5, most: 0, share: 0 })).toEqual([
    'hedge.after: 0.5',
    'hedge.most: 0',
    'hedge.share: 0',
  ])
  expect(problemsOf({ share: 1.5, most: 1.5, after: { quantile: 1 } })).toEqual([
    'hedge.after: {"quantile":1}',
    'hedge.most: 1.5',
    'hedge.share: 1.5',
  ])
  for (const after of [NaN, Infinity, -1, '20', {}, { quantile: 0 }, { quantile: 0.9, quantil: 1 }])
    expect(problemsOf({ after })).toHaveLength(1)
})
