import { expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { resolveRetry, retryDefaults } from './options.ts'

test('defaults fill what is not given', () => {
  expect(resolveRetry()).toEqual(retryDefaults)
  expect(resolveRetry({ attempts: 5, statuses: [503] })).toEqual({
    ...retryDefaults,
    attempts: 5,
    statuses: new Set([503]),
  })
})

test('a base above the default cap raises the cap instead of failing', () => {
  expect(resolveRetry({ base: 8_000 }).backoff.cap).toBe(8_000)
})

test('every option that cannot be used is named at once', () => {
  const wrong = { attempts: 0, base: NaN, multiplier: 0.5, cap: -1, statuses: [200], maxRetryAfter: -1 }
  expect(() => resolveRetry(wrong)).toThrow(ConfigError)
  try {
    resolveRetry(wrong)
  } catch (error) {
    expect((error as ConfigError).problems.map(({ variable }) => variable)).toEqual([
      'retry.attempts',
      'retry.base',
      'retry.multiplier',
      'retry.cap',
      'retry.maxRetryAfter',
      'retry.statuses',
    ])
  }
})
