import { expect, test } from 'vitest'
import { resolveVerdict } from './options.ts'
import { verdict } from './verdict.ts'
import type { HealthFacts, HealthStatus } from './verdict.ts'

const window = 10_000
const pool = { inUse: 20, limit: 20, waiting: 0, oldestWait: 0, refused: 0 }
const check = { up: true, lastFinding: 'pass', inARow: 1, ago: 4_000 } as const

const table: readonly (readonly [string, HealthFacts, HealthStatus, readonly string[]])[] = [
  ['nothing known', {}, 'healthy', []],
  [
    'all is well',
    { outcomes: { successes: 60, failures: 0, window }, breaker: { state: 'closed' }, pool, check },
    'healthy',
    [],
  ],
  ['a few failures', { outcomes: { successes: 91, failures: 9, window } }, 'healthy', []],
  [
    'a tenth fails',
    { outcomes: { successes: 90, failures: 10, window } },
    'degraded',
    ['10 of 100 requests failed (10 %) in the last 10 s'],
  ],
  [
    'just below half fails',
    { outcomes: { successes: 11, failures: 10, window } },
    'degraded',
    ['10 of 21 requests failed (48 %) in the last 10 s'],
  ],
  [
    'half fails',
    { outcomes: { successes: 10, failures: 10, window: 2_500 } },
    'unhealthy',
    ['10 of 20 requests failed (50 %) in the last 2.5 s'],
  ],
  ['too few to tell', { outcomes: { successes: 0, failures: 19, window } }, 'healthy', []],
  [
    'the breaker is open',
    { breaker: { state: 'open', retryAfter: 3_210, lastFailure: 'ECONNREFUSED' } },
    'unhealthy',
    ['the breaker is open, the next probe in 3.2 s; the last failure was ECONNREFUSED'],
  ],
  ['open, and no more is known', { breaker: { state: 'open' } }, 'unhealthy', ['the breaker is open']],
  [
    'half-open',
    { breaker: { state: 'half-open' } },
    'degraded',
    ['the breaker is half-open: it sends probes'],
  ],
  ['all in use, nobody waits', { pool }, 'healthy', []],
  ['some wait for a moment', { pool: { ...pool, waiting: 14, oldestWait: 999 } }, 'healthy', []],
  [
    'some wait long',
    { pool: { ...pool, waiting: 14, oldestWait: 6_200 } },
    'degraded',
    ['14 waiting, the longest for 6.2 s; 20 of 20 connections in use'],
  ],
  [
    'some were turned away',
    { pool: { ...pool, refused: 7 } },
    'degraded',
    ['7 turned away; 20 of 20 connections in use'],
  ],
  [
    'one check failed',
    { check: { ...check, lastFinding: 'fail', ago: 850 } },
    'degraded',
    ['1 check failed, the last 850 ms ago'],
  ],
  [
    'it is down',
    { check: { ...check, up: false, lastFinding: 'fail', inARow: 3 } },
    'unhealthy',
    ['3 checks in a row failed, the last 4 s ago'],
  ],
  [
    'it comes back',
    { check: { ...check, up: false } },
    'unhealthy',
    ['only 1 check passed since it was down, the last 4 s ago'],
  ],
  [
    'it drains',
    { check: { ...check, up: false, lastFinding: 'drain' } },
    'unhealthy',
    ['it said 4 s ago that it is draining'],
  ],
  [
    'an endpoint is out',
    { endpoints: { available: 10, total: 11, panic: false } },
    'degraded',
    ['10 of 11 endpoints take part'],
  ],
  [
    'panic, though none is out',
    { endpoints: { available: 2, total: 2, panic: true } },
    'degraded',
    ['2 of 2 endpoints take part; so few are well that all are used'],
  ],
  [
    'all endpoints are out',
    { endpoints: { available: 0, total: 3, panic: true } },
    'unhealthy',
    ['0 of 3 endpoints take part; so few are well that all are used'],
  ],
  [
    'many things: the worst first',
    {
      outcomes: { successes: 80, failures: 20, window },
      breaker: { state: 'open' },
      pool: { ...pool, refused: 1 },
    },
    'unhealthy',
    [
      'the breaker is open',
      '20 of 100 requests failed (20 %) in the last 10 s',
      '1 turned away; 20 of 20 connections in use',
    ],
  ],
]

test.each(table)('%s', (_, facts, status, reasons) => {
  expect(verdict(facts)).toEqual({ status, reasons })
})

test('the numbers are options', () => {
  const strict = resolveVerdict({ degradedRatio: 0.01, minimumCompletions: 1, degradedWait: 0 })
  const facts: HealthFacts = {
    outcomes: { successes: 99, failures: 1, window },
    pool: { ...pool, waiting: 1, oldestWait: 0 },
  }
  expect(verdict(facts).status).toBe('healthy')
  expect(verdict(facts, strict).reasons).toHaveLength(2)
})
