import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import type { ConfigOverrides } from './given.ts'
import { HTTPClientConfig } from './http-client-config.ts'
import { optionRows } from './options-table.ts'
import { defaultOf } from './read-value.ts'

type Variables = Record<string, string>

const common = (env: Variables, overrides?: ConfigOverrides): HTTPClientConfig =>
  HTTPClientConfig.fromEnv('HTTP_CLIENT', env, overrides)
const search = (env: Variables, overrides?: ConfigOverrides): HTTPClientConfig =>
  HTTPClientConfig.fromEnv('SEARCH_SERVICE_HTTP_CLIENT', env, overrides)

function problemsOf(make: () => unknown): readonly ConfigProblem[] {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('without anything given', () => {
  test('the defaults hold', () => {
    expect(new HTTPClientConfig().toJSON()).toMatchObject({
      maxConnections: 100,
      maxConnectionsPerOrigin: 20,
      maxConnectionsPerAddress: 'none',
      maxIdleConnections: 20,
      timeout: 30_000,
      attemptTimeout: 'none',
      connectTimeout: 10_000,
      headersTimeout: 30_000,
      writeTimeout: 5_000,
      bodyIdleTimeout: 10_000,
      acquireTimeout: 5_000,
      maxQueue: 256,
      retries: 3,
      backoffBase: 100,
      backoffMultiplier: 2,
      backoffCap: 5_000,
      idleTimeout: 15_000,
      maxConnectionAge: 300_000,
      maxRequestsPerConnection: 'none',
      maxResponseBytes: 67_108_864,
      baseUrl: undefined,
      healthPath: '/health',
      breaker: true,
      hedge: false,
      hedgeAfter: { quantile: 0.95 },
      proxy: 'none',
    })
  })

  test('the constructor does not look at the environment', () => {
    process.env['HTTP_CLIENT_MAX_CONNECTIONS'] = '7'
    try {
      expect(new HTTPClientConfig().maxConnections).toBe(100)
      expect(HTTPClientConfig.fromEnv().maxConnections).toBe(7)
    } finally {
      delete process.env['HTTP_CLIENT_MAX_CONNECTIONS']
    }
  })
})

describe('the environment', () => {
  test("gives the original's variables their meaning", () => {
    const config = common({
      HTTP_CLIENT_MAX_CONNECTIONS: '50',
      HTTP_CLIENT_MAX_KEEPALIVE_CONNECTIONS: '10',
      HTTP_CLIENT_DEFAULT_TIMEOUT: '45.0',
      HTTP_CLIENT_CONNECT_TIMEOUT: '2.5',
      HTTP_CLIENT_READ_TIMEOUT: '20',
      HTTP_CLIENT_WRITE_TIMEOUT: '3',
      HTTP_CLIENT_MAX_RETRIES: '2',
      HTTP_CLIENT_RETRY_BACKOFF_MULTIPLIER: '1.5',
    })
    expect(config).toMatchObject({
      maxConnections: 50,
      maxIdleConnections: 10,
      timeout: 45_000,
      connectTimeout: 2_500,
      headersTimeout: 20_000,
      bodyIdleTimeout: 20_000,
      writeTimeout: 3_000,
      retries: 2,
      backoffMultiplier: 1.5,
    })
  })

  test('may write durations and sizes with their units', () => {
    const config = common({
      HTTP_CLIENT_POOL_TIMEOUT: '500ms',
      HTTP_CLIENT_KEEPALIVE_EXPIRY: '1m',
      HTTP_CLIENT_MAX_RESPONSE_BYTES: '10MB',
    })
    expect(config).toMatchObject({ acquireTimeout: 500, idleTimeout: 60_000, maxResponseBytes: 10_000_000 })
  })

  test('code outweighs the service, the service the common variables, and these the default', () => {
    const env = {
      HTTP_CLIENT_MAX_CONNECTIONS: '70',
      HTTP_CLIENT_MAX_RETRIES: '7',
      HTTP_CLIENT_MAX_QUEUE: '77',
      SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS: '50',
      SEARCH_SERVICE_HTTP_CLIENT_MAX_RETRIES: '5',
    }
    const { entries } = search(env, { maxConnections: 30 })
    expect(entries.maxConnections).toEqual({ value: 30, text: '30', source: 'code', raw: '30' })
    expect(entries.retries).toEqual({
      value: 5,
      text: '5',
      source: 'environment',
      variable: 'SEARCH_SERVICE_HTTP_CLIENT_MAX_RETRIES',
      raw: '"5"',
    })
    expect(entries.maxQueue).toMatchObject({ value: 77, variable: 'HTTP_CLIENT_MAX_QUEUE' })
    expect(entries.writeTimeout).toEqual({ value: 5_000, text: '5s', source: 'default' })
  })

  test("does not look at another service's variables", () => {
    expect(common({ SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS: 'abc' }).maxConnections).toBe(100)
  })

  test('an empty variable is not there', () => {
    const config = search({
      SEARCH_SERVICE_HTTP_CLIENT_MAX_QUEUE: ' ',
      HTTP_CLIENT_MAX_QUEUE: '9',
      HTTP_CLIENT_FOO: '',
    })
    expect(config.maxQueue).toBe(9)
  })

  test('READ_TIMEOUT sets the pause within a body, too, unless that has its own variable', () => {
    expect(common({ HTTP_CLIENT_READ_TIMEOUT: '3' }).bodyIdleTimeout).toBe(3_000)
    const both = common({ HTTP_CLIENT_READ_TIMEOUT: '3', HTTP_CLIENT_BODY_IDLE_TIMEOUT: '4' })
    expect(both).toMatchObject({ headersTimeout: 3_000, bodyIdleTimeout: 4_000 })
  })
})

describe('code', () => {
  test('gives milliseconds and bytes as numbers, or with a unit', () => {
    const config = new HTTPClientConfig({ timeout: '15s', connectTimeout: 250, maxResponseBytes: '1KiB' })
    expect(config).toMatchObject({ timeout: 15_000, connectTimeout: 250, maxResponseBytes: 1_024 })
  })

  test('may say 0', () => {
    expect(new HTTPClientConfig({ retries: 0, idleTimeout: 0, maxQueue: 0 })).toMatchObject({
      retries: 0,
      idleTimeout: 0,
      maxQueue: 0,
    })
  })

  test('that says undefined says nothing', () => {
    expect(common({ HTTP_CLIENT_MAX_QUEUE: '9' }, { maxQueue: undefined }).maxQueue).toBe(9)
  })

  test.each<[string, object]>([
    ['a number in a string', { maxConnections: '50' }],
    ['a duration without a unit', { timeout: '15' }],
    ['NaN', { timeout: NaN }],
    ['infinity', { timeout: Infinity }],
    ['half a connection', { maxConnections: 1.5 }],
    ['null', { maxQueue: null }],
    ['a negative duration', { idleTimeout: -1 }],
    ['more than a timer can wait', { timeout: 2 ** 31 }],
    ['a URL of another kind', { baseUrl: 'ftp://search' }],
    ['a URL with a query', { baseUrl: 'http://search/?a=1' }],
    ['a path that is none', { healthPath: 'health' }],
    ['an option that does not exist', { maxConections: 1 }],
  ])('is refused when it says %s', (_, overrides) => {
    const problems = problemsOf(() => new HTTPClientConfig(overrides))
    expect(problems.map(({ variable }) => variable)).toEqual(Object.keys(overrides))
  })
})

describe('what depends on what', () => {
  test('with a base URL one origin may have the whole pool', () => {
    const config = new HTTPClientConfig({ baseUrl: 'http://search:8055', maxConnections: 50 })
    expect(config.maxConnectionsPerOrigin).toBe(50)
    expect(new HTTPClientConfig({ baseUrl: new URL('http://search:8055') }).maxConnectionsPerOrigin).toBe(100)
    expect(
      new HTTPClientConfig({ baseUrl: 'http://search', maxConnectionsPerOrigin: 5 }).maxConnectionsPerOrigin,
    ).toBe(5)
  })

  test('a small pool makes its defaults small', () => {
    const config = common({ HTTP_CLIENT_MAX_CONNECTIONS: '8' })
    expect(config).toMatchObject({ maxConnectionsPerOrigin: 8, maxIdleConnections: 8 })
    expect(config.entries.maxIdleConnections.note).toBe('limited by maxConnections')
  })

  test('a short total makes its defaults short instead of failing', () => {
    const config = common({ HTTP_CLIENT_DEFAULT_TIMEOUT: '4' })
    expect(config).toMatchObject({
      timeout: 4_000,
      connectTimeout: 4_000,
      acquireTimeout: 4_000,
      headersTimeout: 4_000,
    })
  })

  test('a long total is not cut short by the default for headers', () => {
    expect(search({}, { timeout: '10m' }).headersTimeout).toBe(600_000)
    expect(search({}, { timeout: '10m', headersTimeout: '5s' }).headersTimeout).toBe(5_000)
  })

  test('what was given beyond a default is limited by it, and says so', () => {
    const { connectTimeout, entries } = common({ HTTP_CLIENT_CONNECT_TIMEOUT: '60' })
    expect(connectTimeout).toBe(30_000)
    expect(entries.connectTimeout).toMatchObject({ raw: '"60"', note: 'limited by timeout' })
  })

  test('a base above the default cap raises the cap, a cap below the default base lowers the base', () => {
    expect(new HTTPClientConfig({ backoffBase: '8s' }).backoffCap).toBe(8_000)
    expect(new HTTPClientConfig({ backoffCap: 50 }).backoffBase).toBe(50)
  })

  test.each<[Variables, string]>([
    [{ MAX_CONNECTIONS: '20', MAX_KEEPALIVE_CONNECTIONS: '50' }, 'at most HTTP_CLIENT_MAX_CONNECTIONS (20)'],
    [{ MAX_CONNECTIONS: '20', MAX_CONNECTIONS_PER_ORIGIN: '50' }, 'at most HTTP_CLIENT_MAX_CONNECTIONS (20)'],
    [{ DEFAULT_TIMEOUT: '5', CONNECT_TIMEOUT: '10' }, 'at most HTTP_CLIENT_DEFAULT_TIMEOUT (5s)'],
    [{ DEFAULT_TIMEOUT: '5', POOL_TIMEOUT: '10' }, 'at most HTTP_CLIENT_DEFAULT_TIMEOUT (5s)'],
    [{ RETRY_MAX_BACKOFF: '5', RETRY_BACKOFF_BASE: '10' }, 'at most HTTP_CLIENT_RETRY_MAX_BACKOFF (5s)'],
  ])('%j contradicts itself', (suffixes, expected) => {
    const env = Object.fromEntries(
      Object.entries(suffixes).map(([name, value]) => [`HTTP_CLIENT_${name}`, value]),
    )
    const [limit, wrong] = Object.keys(env)
    expect(problemsOf(() => common(env))).toMatchObject([
      {
        reason: 'conflict',
        variable: wrong,
        received: JSON.stringify(env[wrong ?? '']),
        expected,
        fix: `${wrong}=${/\((.*)\)/.exec(expected)?.[1]}`,
      },
    ])
    expect(limit).toBeDefined()
  })

  test('a contradiction between code and the environment names both', () => {
    const env = { HTTP_CLIENT_DEFAULT_TIMEOUT: '5' }
    expect(problemsOf(() => common(env, { connectTimeout: '8s' }))).toMatchObject([
      {
        source: 'code',
        variable: 'connectTimeout',
        received: '"8s"',
        expected: 'at most HTTP_CLIENT_DEFAULT_TIMEOUT (5s)',
        fix: 'connectTimeout: 5000',
      },
    ])
  })
})

describe('a configuration that cannot be used', () => {
  test('is told with every problem at once, and a line that would work for each', () => {
    const env = {
      SEARCH_SERVICE_HTTP_CLIENT_DEFAULT_TIMEOUT: '30sec',
      HTTP_CLIENT_MAX_CONNECTIONS: '-5',
      HTTP_CLIENT_MAX_CONECTIONS: '50',
      SEARCH_SERVICE_HTTP_CLIENT_LOG_LEVEL: 'debug',
    }
    const one = { option: 'maxConnections', source: 'environment' }
    expect(problemsOf(() => search(env))).toEqual([
      {
        ...{ ...one, reason: 'out_of_range', variable: 'HTTP_CLIENT_MAX_CONNECTIONS', received: '"-5"' },
        expected: 'a whole number, from 1',
        fix: 'HTTP_CLIENT_MAX_CONNECTIONS=1',
      },
      {
        ...{ option: 'timeout', source: 'environment', reason: 'bad_unit', received: '"30sec"' },
        variable: 'SEARCH_SERVICE_HTTP_CLIENT_DEFAULT_TIMEOUT',
        expected: 'a duration such as 30s, 500ms or 1m, from 1ms to 24d',
        fix: 'SEARCH_SERVICE_HTTP_CLIENT_DEFAULT_TIMEOUT=30s',
      },
      {
        ...{ source: 'environment', reason: 'unknown_variable', received: '(not shown)' },
        variable: 'HTTP_CLIENT_MAX_CONECTIONS',
        expected: 'a known variable; did you mean HTTP_CLIENT_MAX_CONNECTIONS?',
        fix: 'rename it to HTTP_CLIENT_MAX_CONNECTIONS',
      },
      {
        ...{ source: 'environment', reason: 'unknown_variable', received: '(not shown)' },
        variable: 'SEARCH_SERVICE_HTTP_CLIENT_LOG_LEVEL',
        expected: 'a known variable (see docs/configuration.md)',
        fix: 'remove SEARCH_SERVICE_HTTP_CLIENT_LOG_LEVEL',
      },
    ])
  })

  test.each([
    ['DEFAULT_TIMEOUT', 'nan', '30s'],
    ['DEFAULT_TIMEOUT', '5 minutes', '5m'],
    ['DEFAULT_TIMEOUT', '100 millis', '100ms'],
    ['DEFAULT_TIMEOUT', '0', '1ms'],
    ['DEFAULT_TIMEOUT', '-3', '1ms'],
    ['DEFAULT_TIMEOUT', '90d', '24d'],
    ['MAX_CONNECTIONS', 'abc', '100'],
    ['MAX_CONNECTIONS', '50.0', '50'],
    ['MAX_RETRIES', '1000', '100'],
    ['RETRY_BACKOFF_MULTIPLIER', '0.5', '1'],
    ['RETRY_BACKOFF_MULTIPLIER', '2x', '2'],
    ['CIRCUIT_FAILURE_RATIO', '50%', '0.5'],
    ['CIRCUIT_BREAKER', 'enabled', 'on'],
    ['HEDGE_AFTER', 'p100', 'p95'],
    ['QUEUE_DISCIPLINE', 'random', 'fifo'],
    ['DEADLINE_HEADER', 'x-deadline', 'grpc-timeout'],
    ['RETRY_STATUSES', '200', '408,429,500,502,503,504'],
    ['RETRY_JITTER', '2', 'full'],
    ['PROXY', 'ftp://proxy', 'none'],
    ['ALLOWED_ORIGINS', 'example.com', 'https://api.example.com'],
    ['FOLLOW_REDIRECTS', '-1', 'off'],
    ['MAX_CONNECTION_AGE', 'never', '5m'],
    ['MAX_RESPONSE_BYTES', 'lots', '64MiB'],
    ['BASE_URL', 'search:8055', 'http://localhost:8080'],
    ['HEALTH_PATH', 'health', '/health'],
  ])('%s=%s gets a line that works: %s', (suffix, wrong, right) => {
    const variable = `HTTP_CLIENT_${suffix}`
    const [problem, ...others] = problemsOf(() => common({ [variable]: wrong }))
    expect(problem?.fix).toBe(`${variable}=${right}`)
    expect(others).toEqual([])
    expect(problemsOf(() => common({ [variable]: right }))).toEqual([])
  })

  test('tells of a variable that sets two options only once', () => {
    expect(problemsOf(() => common({ HTTP_CLIENT_READ_TIMEOUT: 'abc' }))).toHaveLength(1)
  })

  test.each([
    ['search-service', 'SEARCH_SERVICE_HTTP_CLIENT'],
    ['SEARCH_SERVICE_HTTP_CLIENT_', 'SEARCH_SERVICE_HTTP_CLIENT'],
    ['search.http.client', 'SEARCH_HTTP_CLIENT'],
  ])('is one whose prefix %s would read nothing', (prefix, meant) => {
    const [problem] = problemsOf(() => HTTPClientConfig.fromEnv(prefix, {}))
    expect(problem).toMatchObject({ variable: 'prefix', fix: `'${meant}'` })
  })

  test("does not fall back to a common variable when the service's own is wrong", () => {
    const env = { SEARCH_SERVICE_HTTP_CLIENT_MAX_QUEUE: 'x', HTTP_CLIENT_MAX_QUEUE: '9' }
    expect(problemsOf(() => search(env))).toHaveLength(1)
  })
})

describe('credentials', () => {
  const secret = 'https://me:hunter2@search:8055/v1'

  test('are in the field, and nowhere that people look', () => {
    const config = common({ HTTP_CLIENT_BASE_URL: secret })
    expect(config.baseUrl).toBe(secret)
    for (const shown of [
      config.explain(),
      JSON.stringify(config),
      inspect(config),
      inspect(config.entries),
    ]) {
      expect(shown).toContain('https://***@search:8055/v1')
      expect(shown).not.toContain('hunter2')
    }
  })

  test('are in no error', () => {
    for (const wrong of ['htp://me:hunter2@search', 'me:hunter2@search', 'http://search/?key=hunter2']) {
      expect(() => common({ HTTP_CLIENT_BASE_URL: wrong })).toThrow(/^(?![^]*hunter2)/)
      expect(() => new HTTPClientConfig({ baseUrl: wrong })).toThrow(/^(?![^]*hunter2)/)
    }
    expect(() => common({ HTTP_CLIENT_API_KEY: 'hunter2' })).toThrow(/^(?![^]*hunter2)/)
  })
})

describe('toClientOptions()', () => {
  test('gives what somebody gave, and leaves the rest to the client', () => {
    expect(new HTTPClientConfig({ baseUrl: 'http://search', timeout: '3s' }).toClientOptions()).toEqual({
      baseUrl: 'http://search',
      timeout: 3_000,
      connectTimeout: 3_000, // limited by what was given
      acquireTimeout: 3_000,
      retry: { attempts: 4 },
    })
  })

  test('says how often it is tried even where nobody did, as the original had three retries', () => {
    expect(new HTTPClientConfig().toClientOptions()).toEqual({ retry: { attempts: 4 } })
    expect(new HTTPClientConfig({ resilience: 'none' }).toClientOptions()).toEqual({ resilience: 'none' })
  })
})

test('a subclass reads the environment into its own kind', () => {
  class Ours extends HTTPClientConfig {
    readonly ours = true
  }
  const config = Ours.fromEnv('HTTP_CLIENT', { HTTP_CLIENT_MAX_QUEUE: '9' })
  expect([config.ours, config.maxQueue]).toEqual([true, 9])
})

test.each(optionRows)('the default of %s is in its range', (_, row) => {
  const { default: text = '' } = row
  expect(problemsOf(() => common({ [`HTTP_CLIENT_${row.env}`]: text }))).toEqual([])
  expect(defaultOf(row) === undefined).toBe(text === '')
})

test('no variable sets two options, except where the table says so', () => {
  expect(new Set(optionRows.map(([, row]) => row.env)).size).toBe(optionRows.length)
})
