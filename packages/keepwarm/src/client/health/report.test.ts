import { expect, test } from 'vitest'
import { Breaker } from '../../breaker/machine.ts'
import type { BreakerSnapshot } from '../../breaker/snapshot.ts'
import { verdictDefaults } from '../../health/options.ts'
import { reportOf, type ClientFacts, type HealthReport, type OriginFacts } from './report.ts'

const closed: BreakerSnapshot = new Breaker().snapshot(0)
const open: BreakerSnapshot = { ...closed, state: 'open', retryAfter: 3_000, lastFailure: 'status 503' }
const halfOpen: BreakerSnapshot = { ...closed, state: 'half-open' }
const quiet = { inUse: 0, limit: 20, waiting: 0, oldestWait: 0, refused: 0 }

function origin(name: string, facts: Partial<OriginFacts> = {}): OriginFacts {
  return {
    origin: name,
    own: true,
    breakers: [{ group: undefined, breaker: closed }],
    connections: 0,
    pool: undefined,
    check: undefined,
    endpoint: undefined,
    warmUp: undefined,
    ...facts,
  }
}

function report(origins: readonly OriginFacts[], facts: Partial<ClientFacts> = {}): HealthReport {
  const client = { now: 60_000, closed: false, window: 10_000, pool: quiet, endpoints: undefined, origins }
  return reportOf({ ...client, ...facts }, verdictDefaults)
}

const ill = (name: string, own = true): OriginFacts =>
  origin(name, { own, breakers: [{ group: undefined, breaker: open }] })

test('of one origin its own verdict is the client’s, without its name', () => {
  expect(report([origin('http://a')])).toMatchObject({ version: 1, status: 'healthy', reasons: [] })
  expect(report([ill('http://a')])).toMatchObject({
    status: 'unhealthy',
    reasons: ['the breaker is open, the next probe in 3 s; the last failure was status 503'],
    origins: { 'http://a': { status: 'unhealthy', breaker: 'open' } },
  })
})

test.each([
  ['none is ill', [origin('http://a'), origin('http://b')], 'healthy'],
  ['one of two', [ill('http://a'), origin('http://b')], 'degraded'],
  ['both', [ill('http://a'), ill('http://b')], 'unhealthy'],
  ['one that is not its own', [origin('http://a'), ill('http://b', false)], 'degraded'],
  ['its own, and not another', [ill('http://a'), origin('http://b', { own: false })], 'unhealthy'],
  ['no origin is known', [], 'healthy'],
] as const)('a client is unhealthy when all that it is for is: %s', (_, origins, status) => {
  expect(report(origins).status).toBe(status)
})

test('of several each reason says whose it is, and the worst comes first', () => {
  const shaky = origin('http://a', { breakers: [{ group: undefined, breaker: halfOpen }] })
  expect(report([shaky, ill('http://b')]).reasons).toEqual([
    'http://b: the breaker is open, the next probe in 3 s; the last failure was status 503',
    'http://a: the breaker is half-open: it sends probes',
  ])
})

test('an endpoint group that is ill does not make its origin ill', () => {
  const breakers = [
    { group: undefined, breaker: { ...closed, completions: 30, failureRatio: 0.1 } },
    { group: 'reports', breaker: { ...open, completions: 10, failureRatio: 1 } },
  ]
  const health = report([origin('http://a', { breakers })]).origins['http://a']!
  expect(health).toMatchObject({
    status: 'degraded',
    breaker: 'open',
    completions: 40,
    failureRatio: 13 / 40,
  })
  expect(health.reasons[0]).toMatch(/^reports: the breaker is open/)
  expect(health.reasons[1]).toBe('3 of 30 requests failed (10 %) in the last 10 s')
})

test('whoever waits, was turned away, is left out or was not there at the beginning is a reason', () => {
  const a = origin('http://a', {
    pool: { inUse: 20, limit: 20, waiting: 14, oldestWait: 6_200, refused: 0 },
    warmUp: { message: 'connect ECONNREFUSED', at: 48_000 },
  })
  const { status, reasons, origins } = report([a], { pool: { ...quiet, inUse: 20, refused: 3 } })
  expect(status).toBe('degraded')
  expect(reasons).toEqual([
    '14 waiting, the longest for 6.2 s; 20 of 20 connections in use',
    'its warm-up failed 12 s ago: connect ECONNREFUSED',
    '3 turned away; 20 of 20 connections in use',
  ])
  expect(origins['http://a']?.waiting).toBe(14)
})

test('where no endpoint takes part nothing is well, whatever they say one by one', () => {
  const endpoints = { available: 0, total: 2, panic: true }
  const { status, reasons } = report([origin('http://a'), origin('http://b')], { endpoints })
  expect(status).toBe('unhealthy')
  expect(reasons).toEqual(['0 of 2 endpoints take part; so few are well that all are used'])
})

test('it can be written as JSON and read again', () => {
  const check = { up: false, finding: 'fail', inARow: 3, ago: 900, error: 'no', missed: 0 } as const
  const made = report([origin('http://a', { check }), ill('http://b')], { closed: true })
  expect(JSON.parse(JSON.stringify(made))).toEqual(made)
  expect(made.reasons[0]).toBe('the client is closed')
})
