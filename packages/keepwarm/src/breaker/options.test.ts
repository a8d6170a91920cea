import { expect, test } from 'vitest'
import type { ConfigError } from '../errors.ts'
import { breakerDefaults, resolveBreaker } from './options.ts'

test('defaults fill what is not given', () => {
  expect(resolveBreaker()).toEqual(breakerDefaults)
  expect(resolveBreaker({ probes: 1 })).toEqual({ ...breakerDefaults, probes: 1 })
})

test('opening for longer than the default maximum raises the maximum', () => {
  expect(resolveBreaker({ openFor: 90_000 }).maxOpenFor).toBe(90_000)
})

test('every option that cannot be used is named at once', () => {
  let problems: ConfigError['problems'] = []
  try {
    resolveBreaker({
      failureRatio: 0,
      minimumCompletions: 0,
      window: -1,
      probes: 1.5,
      openFor: 5,
      maxOpenFor: 4,
      probeTimeout: Infinity,
      rampFor: -1,
      slowAfter: 0,
      overloadIsFailure: 1 as unknown as boolean,
    })
  } catch (error) {
    problems = (error as ConfigError).problems
  }
  expect(problems.map(({ variable }) => variable)).toEqual([
    'breaker.failureRatio',
    'breaker.minimumCompletions',
    'breaker.probes',
    'breaker.window',
    'breaker.probeTimeout',
    'breaker.rampFor',
    'breaker.slowAfter',
    'breaker.overloadIsFailure',
    'breaker.maxOpenFor',
  ])
})
