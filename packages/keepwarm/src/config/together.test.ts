/** Options that do not go together, and those that others bring with them. */
import { describe, expect, test } from 'vitest'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { ConfigOverrides } from './given.ts'
import { HTTPClientConfig } from './http-client-config.ts'

function problemsOf(make: () => unknown): readonly ConfigProblem[] {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test.each<[ConfigOverrides, string, string]>([
  [{ maxConnections: 5, minConnections: 6 }, 'minConnections', 'at most maxConnections (5)'],
  [{ maxConnections: 5, warmUp: 6 }, 'warmUp', 'at most maxConnections (5)'],
  [{ timeout: '5s', attemptTimeout: '6s' }, 'attemptTimeout', 'at most timeout (5s)'],
  [{ timeout: '5s', attemptFloor: '5s' }, 'attemptFloor', 'less than timeout (5000 ms)'],
  [{ backoffCap: '1s', throttledBase: '2s' }, 'throttledBase', 'at most backoffCap (1s)'],
  [{ budgetCap: 5, budgetStart: 6 }, 'budgetStart', 'at most budgetCap (5)'],
  [{ breakerOpenFor: '9s', breakerMaxOpenFor: '8s' }, 'breakerOpenFor', 'at most breakerMaxOpenFor (8s)'],
  [{ limiterMin: 9, limiterMax: 8 }, 'limiterMin', 'at most limiterMax (8)'],
  [{ idleTimeout: '9s', maxIdleTimeout: '8s' }, 'idleTimeout', 'at most maxIdleTimeout (8s)'],
  [
    { attemptTimeout: '6s', breakerWindow: '10s' },
    'breakerWindow',
    'at least twice attemptTimeout (12000 ms)',
  ],
  [{ timeout: '1s', hedgeAfter: '1s' }, 'hedgeAfter', 'less than the time of an attempt (1000 ms)'],
  [{ healthTimeout: '10s' }, 'healthTimeout', 'less than healthInterval (10000 ms)'],
  [
    { proxy: 'http://p', maxConnectionsPerAddress: 4 },
    'maxConnectionsPerAddress',
    'none, as there is a proxy',
  ],
  [{ proxy: 'http://p', privateAddresses: 'refuse' }, 'privateAddresses', 'allow, as there is a proxy'],
  [{ baseUrl: ['http://a/x', 'http://b/y'] }, 'baseUrl', 'URLs with the same path'],
  [{ baseUrl: ['http://u:p@a', 'http://u:q@b'] }, 'baseUrl', 'the same user name and password'],
  [{ baseUrl: ['http://a', 'http://b', 'http://a/'] }, 'baseUrl', 'each endpoint once, not http://a twice'],
])('%j contradicts itself', (overrides, variable, expected) => {
  const [problem, ...others] = problemsOf(() => new HTTPClientConfig(overrides))
  expect(problem).toMatchObject({ variable, reason: 'conflict', option: variable, source: 'code' })
  expect(problem?.expected).toContain(expected)
  expect(others).toEqual([])
})

test('retries of what may hang for ever are refused', () => {
  const options = { timeout: Infinity, retry: { attempts: 3 } }
  const read = (more: object): unknown => new HTTPClientConfig({}, undefined, [{ ...options, ...more }])
  expect(problemsOf(() => read({}))).toMatchObject([{ variable: 'retry.attempts', reason: 'conflict' }])
  expect(problemsOf(() => read({ attemptTimeout: 5_000 }))).toEqual([])
  expect(problemsOf(() => read({ retry: false }))).toEqual([])
})

describe('what is switched off', () => {
  test.each<[ConfigOverrides]>([
    [{ hedge: false, timeout: '1s', hedgeAfter: '2s' }],
    [{ breaker: false, attemptTimeout: '6s', breakerWindow: '10s' }],
    [{ healthChecks: false, healthTimeout: '10s' }],
    [{ retries: 0, backoffBase: '9s', backoffCap: '8s' }],
  ])('%j does not contradict anything', (overrides) => {
    expect(problemsOf(() => new HTTPClientConfig(overrides))).toEqual([])
  })

  test('is not told to the client, save that it is off', () => {
    const given = {
      breaker: false,
      breakerWindow: '20s',
      limiter: false,
      limiterMax: 5,
      discipline: 'fifo',
    } as const
    expect(new HTTPClientConfig({ ...given, overloadWait: 7 }).toClientOptions()).toEqual({
      ...{ breaker: false, limiter: false, discipline: 'fifo', retry: { attempts: 4 } },
    })
  })
})

test.each<[ConfigOverrides, object]>([
  [{ resilience: 'none' }, { retries: 0, breaker: false, hedge: false }],
  [
    { resilience: 'none', retries: 2, breaker: true },
    { retries: 2, breaker: true },
  ],
  [
    { resilience: 'none', breakerOpenFor: '3s' },
    { breaker: true, breakerOpenFor: 3_000 },
  ],
  [{ resilience: 'hedged' }, { retries: 3, hedge: true }],
  [{ resilience: 'hedged', hedge: false }, { hedge: false }],
  [{ idleTimeout: '4s' }, { maxIdleTimeout: 4_000 }],
  [{ maxIdleTimeout: '4s' }, { idleTimeout: 4_000 }],
  [{ attemptTimeout: '20s' }, { breakerWindow: 40_000 }],
  [{ backoffBase: '300ms' }, { throttledBase: 3_000 }],
  [{ backoffCap: '400ms' }, { throttledBase: 400 }],
  [{ healthInterval: '6s' }, { healthChecks: true, healthTimeout: 3_000 }],
])('%j means %j', (overrides, expected) => {
  expect(new HTTPClientConfig(overrides)).toMatchObject(expected)
})

test.each([
  ['maxConnectionAge', 'none', Infinity],
  ['maxConnectionAge', Infinity, Infinity],
  ['leakAfter', 0, Infinity],
  ['maxRequestsPerConnection', 0, Infinity],
] as const)('%s: %s switches a limit off', (name, given, value) => {
  expect(new HTTPClientConfig({ [name]: given })[name]).toBe(value)
})

test.each(['timeout', 'maxConnections', 'maxQueue', 'connectTimeout'])(
  '%s cannot be switched off',
  (name) => {
    expect(problemsOf(() => new HTTPClientConfig({ [name]: 'none' }))).toMatchObject([{ variable: name }])
  },
)
