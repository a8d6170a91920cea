import { describe, expect, test } from 'vitest'
import type { ConfigError } from '../errors.ts'
import { HalfProbeLimiter } from './half-probe.ts'
import { createLimiter, limiterAlgorithms, limiterDefaults, resolveLimiter } from './options.ts'

test('defaults fill what is not given', () => {
  expect(resolveLimiter()).toEqual(limiterDefaults)
  expect(resolveLimiter({ algorithm: 'aimd' })).toEqual({ ...limiterDefaults, algorithm: 'aimd' })
})

test('what is not given fits what is', () => {
  expect(resolveLimiter({ min: 500 })).toMatchObject({ max: 500, initial: 500 })
  expect(resolveLimiter({ max: 2 })).toMatchObject({ min: 1, initial: 2 })
})

test.each([
  [{ algorithm: 'vegas' as 'aimd' }, 'limiter.algorithm', 'one of half-probe, gradient, aimd'],
  [{ min: 0 }, 'limiter.min', 'a whole number from 1'],
  [{ min: NaN }, 'limiter.min', 'a whole number from 1'],
  [{ min: 5, max: 4 }, 'limiter.max', 'a whole number, not less than limiter.min (5)'],
  [{ max: Infinity }, 'limiter.max', 'a whole number, not less than limiter.min (1)'],
  [{ max: 10, initial: 11 }, 'limiter.initial', 'a whole number from 1 to 10'],
  [{ initial: 1.5 }, 'limiter.initial', 'a whole number from 1 to 200'],
])('%o is refused', (options, variable, expected) => {
  let problems: ConfigError['problems'] = []
  try {
    createLimiter(options)
  } catch (error) {
    problems = (error as ConfigError).problems
  }
  expect(problems).toMatchObject([{ variable, expected }])
})

test('an option that does not exist is named, with what was meant', () => {
  expect(() => resolveLimiter({ inital: 3 } as object)).toThrow('did you mean limiter.initial')
})

describe.each(limiterAlgorithms)('%s', (algorithm) => {
  test('begins with what it is told', () => {
    expect(createLimiter({ algorithm, initial: 7 }).limit).toBe(7)
  })
})

test('the default is half-probe', () => {
  expect(createLimiter()).toBeInstanceOf(HalfProbeLimiter)
})
