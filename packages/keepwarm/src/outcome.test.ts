import { describe, expect, test } from 'vitest'
import { KeepwarmError } from './errors.ts'
import type { ErrorCode } from './errors.ts'
import { anotherTry, breakerOutcome, isConnectFailure, outcomeOf } from './outcome.ts'
import type { AnotherTry, OutcomeKind } from './outcome.ts'

/** The table, written down a second time: whoever changes a row has to mean it. */
const rows: Readonly<Record<ErrorCode, readonly [OutcomeKind, AnotherTry]>> = {
  connect: ['failure', 'worth'],
  reset: ['failure', 'worth'],
  protocol: ['failure', 'worth'],
  attempt_timeout: ['failure', 'worth'],
  deadline: ['failure', 'never'],
  queue_full: ['ignored', 'queue'],
  acquire_timeout: ['ignored', 'queue'],
  breaker_open: ['ignored', 'never'],
  aborted: ['ignored', 'never'],
  closed: ['ignored', 'never'],
  invalid_request: ['ignored', 'never'],
  hook: ['ignored', 'never'],
  config: ['ignored', 'never'],
  body_too_large: ['ignored', 'pointless'],
  decode: ['ignored', 'pointless'],
  validation: ['ignored', 'pointless'],
  status: ['ignored', 'pointless'],
}

const none: ReadonlySet<number> = new Set()

test.each(Object.entries(rows))('%s, with the request at the server, is %j', (code, [outcome, again]) => {
  const ending = { code: code as ErrorCode, sent: 'maybe', phase: 'headers' } as const
  expect(outcomeOf(ending)).toBe(outcome)
  expect(breakerOutcome(ending)).toBe(outcome)
  expect(anotherTry(ending, none)).toBe(again)
})

describe('a status', () => {
  test.each([200, 204, 304, 400, 401, 403, 404, 409, 413, 422])('%d: the server is alive', (status) => {
    expect(outcomeOf({ status })).toBe('success')
    expect(breakerOutcome({ status })).toBe('success')
  })

  test.each([408, 425, 500, 501, 502, 503, 504, 599])('%d: it is not well', (status) => {
    expect(outcomeOf({ status })).toBe('failure')
    expect(breakerOutcome({ status })).toBe('failure')
  })

  test('429: it is well, and asks for less', () => {
    expect(outcomeOf({ status: 429 })).toBe('overload')
    expect(breakerOutcome({ status: 429, retryAfter: 5 })).toBe('overload')
  })

  test('503 that says when to come back: overload for the limit, a failure for the breaker', () => {
    expect(outcomeOf({ status: 503, retryAfter: 0 })).toBe('overload')
    expect(breakerOutcome({ status: 503, retryAfter: 0 })).toBe('failure')
    expect(outcomeOf({ status: 502, retryAfter: 1_000 })).toBe('failure')
  })

  test('is worth another try when it is among those that are, and 501 and 505 never', () => {
    const statuses = new Set([404, 501, 503, 505])
    const found = [404, 503, 500, 501, 505].map((status) => anotherTry({ status }, statuses))
    expect(found).toEqual(['worth', 'worth', 'pointless', 'never', 'never'])
  })
})

describe('a timeout', () => {
  test('of an attempt that struck in our own queue says nothing about the server, and is not tried again', () => {
    const ending = { code: 'attempt_timeout', phase: 'wait', sent: 'no' } as const
    expect(outcomeOf(ending)).toBe('ignored')
    expect(anotherTry(ending, none)).toBe('queue')
    expect(anotherTry({ ...ending, phase: 'connect' }, none)).toBe('worth')
  })

  test('of the call is a failure only when the server had the request', () => {
    expect(outcomeOf({ code: 'deadline', sent: 'maybe' })).toBe('failure')
    expect(outcomeOf({ code: 'deadline', sent: 'no' })).toBe('ignored')
    expect(outcomeOf({ code: 'deadline' })).toBe('ignored')
  })

  test.each<ErrorCode>(['deadline', 'attempt_timeout'])(
    'that came while the reader had paused is not the doing of the server: %s',
    (code) => {
      expect(outcomeOf({ code, sent: 'maybe', phase: 'body', paused: true })).toBe('ignored')
    },
  )

  test('is the only thing that a paused reader excuses', () => {
    expect(outcomeOf({ code: 'reset', sent: 'maybe', phase: 'body', paused: true })).toBe('failure')
  })
})

describe('a caller who leaves', () => {
  const left = { code: 'aborted', sent: 'maybe', phase: 'headers', elapsed: 5_000 } as const

  test('is ignored when nobody said what is slow', () => {
    expect(outcomeOf(left)).toBe('ignored')
  })

  test('has found the server slow when the attempt had outlived what is slow', () => {
    expect(outcomeOf(left, 5_000)).toBe('slow')
    expect(breakerOutcome(left, 5_000)).toBe('slow')
    expect(outcomeOf(left, 5_001)).toBe('ignored')
  })

  test('while waiting for us has found out nothing about the server', () => {
    expect(outcomeOf({ ...left, sent: 'no', phase: 'wait' }, 1)).toBe('ignored')
    expect(outcomeOf({ code: 'aborted', sent: 'maybe' }, 1)).toBe('ignored')
  })
})

test.each<ErrorCode>(['aborted', 'reset', 'attempt_timeout'])(
  'an attempt that lost against another of its call is ignored, whatever it says: %s',
  (code) => {
    const ending = { code, sent: 'maybe', phase: 'connect', elapsed: 9_999, lost: true } as const
    expect(outcomeOf(ending, 1)).toBe('ignored')
    expect(isConnectFailure(ending)).toBe(false)
  },
)

test('may be judged as it is thrown', () => {
  expect(outcomeOf(new KeepwarmError('deadline', 'too late', { sent: 'maybe', phase: 'headers' }))).toBe(
    'failure',
  )
  expect(outcomeOf(new KeepwarmError('aborted', 'the caller left'))).toBe('ignored')
})

test('only an attempt that got no connection counts as a failed connect', () => {
  expect(isConnectFailure({ code: 'connect' })).toBe(true)
  expect(isConnectFailure({ code: 'attempt_timeout', phase: 'connect' })).toBe(true)
  expect(isConnectFailure({ code: 'attempt_timeout', phase: 'headers' })).toBe(false)
  expect(isConnectFailure({ code: 'reset' })).toBe(false)
  expect(isConnectFailure({ status: 503 })).toBe(false)
})
