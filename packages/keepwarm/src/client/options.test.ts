import { expect, test } from 'vitest'
import { ConfigError } from '../errors.ts'
import { HttpClient } from './http-client.ts'
import { resolveBases } from './base.ts'
import type { CallOptions, HttpClientOptions } from './options.ts'
import { planCall, resolvePlan } from './plan.ts'

function problemsOf(act: () => unknown): ConfigError['problems'] {
  try {
    act()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('the defaults that the documentation promises', () => {
  expect(resolvePlan({})).toMatchObject({
    timeouts: { total: 30_000, attempt: Infinity, headers: Infinity, write: 5_000, bodyIdle: 10_000 },
    retry: { attempts: 3 },
    maxResponseBytes: 67_108_864,
    guarded: true,
  })
})

test('every limit that cannot be used is named at once', () => {
  const wrong = {
    timeout: 0,
    attemptTimeout: -1,
    headersTimeout: NaN,
    bodyIdleTimeout: '5s',
    maxResponseBytes: -1,
  }
  const variables = ['timeout', 'attemptTimeout', 'headersTimeout', 'bodyIdleTimeout', 'maxResponseBytes']
  expect(
    problemsOf(() => resolvePlan(wrong as unknown as HttpClientOptions)).map((one) => one.variable),
  ).toEqual(variables)
  const plan = resolvePlan({})
  expect(
    problemsOf(() => planCall(plan, wrong as unknown as CallOptions)).map((one) => one.variable),
  ).toEqual(variables)
})

test('Infinity switches a limit off, and maxResponseBytes may be 0', () => {
  expect(resolvePlan({ timeout: Infinity, maxResponseBytes: 0 })).toMatchObject({
    timeouts: { total: Infinity },
    maxResponseBytes: 0,
  })
})

test('a call that says nothing of a plan shares the one of its client', () => {
  const plan = resolvePlan({})
  expect(planCall(plan, undefined)).toBe(plan)
  expect(planCall(plan, { json: 1, headers: { a: 'b' }, query: { q: 1 } })).toBe(plan)
})

test('what a call says replaces what the client says, and nothing else', () => {
  const plan = resolvePlan({ timeout: 1_000, headersTimeout: 500, retry: { attempts: 5, base: 7 } })
  const own = planCall(plan, { timeout: 2_000, retry: { attempts: 2 } })
  expect(own.timeouts).toEqual({ ...plan.timeouts, total: 2_000 })
  expect(own.retry).toEqual({ ...plan.retry, attempts: 2 })
  expect(planCall(plan, { retry: false }).retry.attempts).toBe(1)
  expect(planCall(resolvePlan({ retry: false }), { retry: {} }).retry.attempts).toBe(1)
})

test('a user name and password become an Authorization header', () => {
  const { base, authorization } = resolveBases('http://me%40x:p%C3%A4ss@h:81/api/')
  expect(base).toEqual({ origin: 'http://h:81', path: '/api' })
  expect(authorization).toBe(`Basic ${Buffer.from('me@x:päss').toString('base64')}`)
  expect(resolveBases('http://token@h').authorization).toBe(
    `Basic ${Buffer.from('token:').toString('base64')}`,
  )
  expect(resolveBases(new URL('http://h')).authorization).toBeUndefined()
})

test.each([
  'search:8055',
  'ftp://h',
  '',
  'http://h?x=1',
  'http://h#x',
  'http://me:hunter2@',
  'me:hunter2@h',
  'http://me:hunter2%zz@h',
  'http://me:hunter2@h?key=hunter2',
  'http://me:hunt?er2@h',
])('%j is no base URL, and the error keeps its secrets', (baseUrl) => {
  const [problem] = problemsOf(() => resolveBases(baseUrl))
  expect(problem).toMatchObject({ variable: 'baseUrl' })
  expect(JSON.stringify(problem)).not.toMatch(/hunt/)
})

test.each([
  [{ baseURL: 'http://h' }, 'baseURL', 'did you mean baseUrl?'],
  [{ maxConections: 1 }, 'maxConections', 'did you mean maxConnections?'],
  [{ client: {} }, 'client', 'a known option'],
  [{ retry: { atempts: 1 } }, 'retry.atempts', 'did you mean retry.attempts?'],
  [{ breaker: { openfor: 1 } }, 'breaker.openfor', 'did you mean breaker.openFor?'],
  [{ budget: { starts: 1 } }, 'budget.starts', 'did you mean budget.start?'],
  [{ retry: 3 }, 'retry', 'an object'],
  [{ breaker: null }, 'breaker', 'an object'],
  [{ budget: false }, 'budget', 'an object'],
  [{ pool: { maxConnections: 5 } }, 'pool', 'a ConnectionPool'],
  [{ pool: null }, 'pool', 'a ConnectionPool'],
  [{ healthPath: 'health' }, 'healthPath', 'begins with /'],
  [null, 'options', 'an object'],
  ['http://h', 'options', 'an object'],
])('a client refuses %j', (options, variable, expected) => {
  const problems = problemsOf(() => new HttpClient(options as unknown as HttpClientOptions))
  expect(problems).toMatchObject([{ variable, expected: expect.stringContaining(expected) }])
})

test.each([
  [{ timeOut: 1 }, 'timeOut', 'did you mean timeout?'],
  [{ retry: { atempts: 1 } }, 'retry.atempts', 'did you mean retry.attempts?'],
  [{ retry: true }, 'retry', 'an object'],
  [null, 'options', 'an object'],
])('a call refuses %j', async (options, variable, expected) => {
  await using client = new HttpClient({ baseUrl: 'http://127.0.0.1:1' })
  const error: unknown = await client.get('/', options as unknown as CallOptions).then(undefined, (e) => e)
  expect(error).toBeInstanceOf(ConfigError)
  expect((error as ConfigError).problems).toMatchObject([
    { variable, expected: expect.stringContaining(expected) },
  ])
})

test('options that are undefined are not given, known or not', () => {
  const none = { retry: undefined, pool: undefined, healthPath: undefined, baseURL: undefined }
  expect(resolvePlan(none as unknown as HttpClientOptions)).toEqual(resolvePlan({}))
})
