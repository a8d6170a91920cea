import { expect, test } from 'vitest'
import { callLimitProblems, clientLimitProblems } from './limit-problems.ts'
import type { CallOptions, HttpClientOptions } from './options.ts'
import { resolvePlan } from './plan.ts'

test.each<[object, string, string, string]>([
  [{ timeout: 0 }, 'timeout', '0', 'milliseconds above 0'],
  [{ resilience: 'strong' }, 'resilience', '"strong"', 'standard, hedged, none'],
  [{ deadlineHeader: 'x-deadline' }, 'deadlineHeader', '"x-deadline"', 'grpc-timeout'],
  [{ attemptFloor: -1 }, 'attemptFloor', '-1', 'milliseconds from 0'],
  [{ attemptFloor: Infinity }, 'attemptFloor', 'Infinity', 'milliseconds from 0'],
  [{ attemptFloor: '5' }, 'attemptFloor', '"5"', 'milliseconds from 0'],
  [{ timeout: 100, attemptTimeout: 200 }, 'attemptTimeout', '200', 'not more than timeout (100)'],
  [{ attemptTimeout: 40_000 }, 'attemptTimeout', '40000', 'not more than timeout (30000)'],
  [
    { attemptTimeout: 6_000, breaker: { window: 10_000 } },
    'breaker.window',
    '10000',
    'at least twice attemptTimeout (12000): attempts that hang have to be seen',
  ],
  [
    { hedge: { after: 500 }, attemptTimeout: 500 },
    'hedge.after',
    '500',
    'less than the time of an attempt (500)',
  ],
  [{ hedge: { after: 500 }, timeout: 400 }, 'hedge.after', '500', 'less than the time of an attempt (400)'],
  [{ hedge: { after: 30_000 } }, 'hedge.after', '30000', 'less than the time of an attempt (30000)'],
])('a client: %j', (options, variable, received, expected) => {
  expect(clientLimitProblems(options as HttpClientOptions)).toEqual([
    { variable, received, expected: expect.stringContaining(expected) },
  ])
})

test.each<[HttpClientOptions]>([
  [{}],
  [{ attemptFloor: 0, resilience: 'none', deadlineHeader: 'grpc-timeout' }],
  [{ timeout: Infinity, attemptTimeout: Infinity }],
  [{ attemptTimeout: 5_000, breaker: { window: 10_000 } }],
  [{ attemptTimeout: 500, hedge: { after: 499 } }],
  [{ attemptTimeout: 500, hedge: { after: { quantile: 0.9 } } }],
  [{ attemptTimeout: 500, hedge: true }],
])('nothing is wrong with %j', (options) => {
  expect(clientLimitProblems(options)).toEqual([])
})

test('everything that is wrong is named at once', () => {
  const wrong = { timeout: -1, resilience: 'x', attemptFloor: NaN, hedge: { after: 100 } } as unknown
  const named = clientLimitProblems(wrong as HttpClientOptions).map(({ variable }) => variable)
  expect(named).toEqual(['timeout', 'resilience', 'attemptFloor', 'hedge.after'])
})

test.each<[object, HttpClientOptions, string, string]>([
  [{ hedge: true }, {}, 'hedge', 'a client that hedges: new HttpClient({ hedge: true })'],
  [{ hedge: true }, { resilience: 'none' }, 'hedge', 'a client that hedges'],
  [{ hedge: { after: 5 } }, { hedge: true }, 'hedge', 'true or false'],
  [{ hedge: null }, { hedge: true }, 'hedge', 'true or false'],
  [{ resilience: 'hedged' }, { hedge: true }, 'resilience', 'none'],
  [{ signal: {} }, {}, 'signal', 'an AbortSignal'],
  [{ priority: 'urgent' }, {}, 'priority', 'high'],
])('a call: %j of %j', (says, options, variable, expected) => {
  expect(callLimitProblems(says as CallOptions, resolvePlan(options))).toMatchObject([
    { variable, expected: expect.stringContaining(expected) },
  ])
})

test('a call of a client that hedges may say so, and anybody may say no', () => {
  expect(callLimitProblems({ hedge: true }, resolvePlan({ hedge: true }))).toEqual([])
  expect(callLimitProblems({ hedge: true }, resolvePlan({ resilience: 'hedged' }))).toEqual([])
  expect(callLimitProblems({ hedge: false }, resolvePlan({}))).toEqual([])
  expect(callLimitProblems({ resilience: 'none' }, resolvePlan({}))).toEqual([])
})
