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

test('who changes the base changes that of 429 and 503 with it, as far as the cap allows', () => {
  expect(resolveRetry({ base: 10 }).throttledBase).toBe(100)
  expect(resolveRetry({ base: 0 }).throttledBase).toBe(0)
  expect(resolveRetry({ base: 8_000 }).throttledBase).toBe(8_000)
  expect(resolveRetry({ cap: 500 }).throttledBase).toBe(500)
  expect(resolveRetry({ base: 10, throttledBase: 300 }).throttledBase).toBe(300)
})

test('what a call does not say is as its client has it', () => {
  const shouldRetry = (): undefined => undefined
  const client = resolveRetry({
    attempts: 7,
    base: 10,
    growth: 'linear',
    jitter: 0.5,
    statuses: [418],
    shouldRetry,
  })
  expect(resolveRetry({}, client)).toEqual(client)
  expect(resolveRetry({ base: 20 }, client)).toEqual({
    ...client,
    backoff: { ...client.backoff, base: 20 },
    throttledBase: 200,
  })
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

test.each([
  [{ throttledBase: -1 }, /retry\.throttledBase = -1/],
  [{ throttledBase: 6_000 }, /from 0 to retry\.cap \(5000\)/],
  [{ growth: 'fast' as 'linear' }, /retry\.growth = fast\n +expected exponential, linear or constant/],
  [{ jitter: 2 }, /retry\.jitter = 2\n +expected full, or a number from 0 to 1/],
  [{ jitter: NaN }, /retry\.jitter = NaN/],
  [{ shouldRetry: true as unknown as () => true }, /retry\.shouldRetry = boolean\n +expected a function/],
])('%j is refused', (options, words) => {
  expect(() => resolveRetry(options)).toThrow(words)
})
