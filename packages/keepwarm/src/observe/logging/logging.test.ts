import { expect, test } from 'vitest'
import { KeepwarmError } from '../../errors.ts'
import type { Verdict } from '../../verdict.ts'
import type { BreakerEvent, CallEnd, RetryEvent } from '../events.ts'
import { breakerLine, exhaustion, refusedLine } from './line.ts'
import { loggerProblems } from './logger.ts'
import { LineRate } from './rate.ts'

test('ten lines of a kind are written in ten seconds, and the next one says how many were not', () => {
  const rate = new LineRate()
  const admitted = Array.from({ length: 100 }, (_, i) => rate.admit('leak', i)).filter(
    (one) => one !== undefined,
  )
  expect(admitted).toHaveLength(10)
  expect(rate.admit('race', 50)).toEqual({ swallowed: 0 })
  expect(rate.admit('leak', 9_999)).toBeUndefined()
  expect(rate.admit('leak', 10_000)).toEqual({ swallowed: 91 })
  expect(rate.admit('leak', 10_001)).toEqual({ swallowed: 0 })
})

test('what is still to be told at the end is told once', () => {
  const rate = new LineRate()
  for (let i = 0; i < 13; i++) rate.admit('retry', 0)
  rate.admit('race', 0)
  expect(rate.rest()).toEqual({ retry: 3 })
  expect(rate.rest()).toEqual({})
})

const refused: CallEnd = {
  ...{ call: 1, client: 'orders', method: 'GET', origin: 'http://a', path: '/b', url: 'http://a/b', at: 0 },
  ...{ operation: undefined, isCheck: false, redirectedFrom: undefined, duration: 5, status: undefined },
  ...{ error: undefined, attempts: 1, timings: { total: 5, before: 0, queued: 5 }, connection: undefined },
}

const retry: RetryEvent = {
  ...{ call: 1, client: 'orders', attempt: 3, again: false, reason: 'status_503', because: 'attempts_used' },
  ...{ wait: undefined, method: 'GET', origin: 'http://a', path: '/b', at: 0 },
}

test('retries are worth a line when there are no more, not when there was nothing to try again', () => {
  expect(exhaustion(retry)).toBe('attempts_used')
  expect(exhaustion({ ...retry, again: true })).toBeUndefined()
  expect(exhaustion({ ...retry, because: 'not_idempotent' })).toBeUndefined()
})

test('a breaker that opens is a warning, one that closes is news', () => {
  const opened: BreakerEvent = {
    ...{ client: 'orders', origin: 'http://a', group: undefined, from: 'closed', to: 'open', forced: false },
    ...{ failure: 'status 503', retryAfter: 5_000.04, call: 1, at: 0 },
  }
  expect(breakerLine(opened)).toMatchObject({ level: 'warn', fields: { from: 'closed', retryAfter: 5_000 } })
  expect(breakerLine({ ...opened, from: 'half-open', to: 'closed' }).level).toBe('info')
})

test('a logger is what has the four methods', () => {
  expect(loggerProblems(undefined)).toEqual([])
  expect(loggerProblems(console)).toEqual([])
  expect(loggerProblems('info')[0]).toMatchObject({ variable: 'logger', received: 'a string' })
  expect(loggerProblems({ info() {} })[0]!.received).toBe('something without debug(), warn(), error()')
})

test('a line names what explains its error, in a word and its cause', () => {
  const diagnosis: Verdict = {
    ...{ kind: 'pool_exhausted', level: 'critical', client: 'orders', origin: 'http://a', text: 'full' },
    ...{ cause: 'leak', evidence: [], suggestion: null },
  }
  const error = new KeepwarmError('acquire_timeout', 'no connection; diagnosis: full', { diagnosis })
  const line = refusedLine({ ...refused, error })
  expect(line).toMatchObject({ fields: { code: 'acquire_timeout', diagnosis: 'pool_exhausted leak' } })
  expect(
    refusedLine({ ...refused, error: new KeepwarmError('queue_full', 'full') })!.fields,
  ).not.toHaveProperty('diagnosis')
})
