import { describe, expect, test } from 'vitest'
import { KeepwarmError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { isConnectFailure, judge } from './judge.ts'

describe('a status', () => {
  test.each([200, 204, 304, 400, 401, 403, 404, 409, 413, 422])('%d: the server is alive', (status) => {
    expect(judge({ status })).toBe('success')
  })

  test.each([408, 425, 500, 501, 502, 503, 504, 599])('%d: it is not well', (status) => {
    expect(judge({ status })).toBe('failure')
  })

  test('429: it asks for less, which the breaker leaves to others', () => {
    expect(judge({ status: 429 })).toBe('ignored')
  })
})

describe('an error', () => {
  test.each<ErrorCode>(['connect', 'reset', 'protocol', 'attempt_timeout'])(
    "%s is the server's doing",
    (code) => {
      expect(judge({ code })).toBe('failure')
    },
  )

  test.each<ErrorCode>([
    'queue_full',
    'acquire_timeout',
    'breaker_open',
    'aborted',
    'body_too_large',
    'decode',
    'validation',
    'invalid_request',
    'closed',
    'status',
    'config',
  ])('%s is not', (code) => {
    expect(judge({ code, sent: 'maybe' })).toBe('ignored')
  })

  test('a deadline is a failure only when the server had the request', () => {
    expect(judge({ code: 'deadline', sent: 'maybe' })).toBe('failure')
    expect(judge({ code: 'deadline', sent: 'no' })).toBe('ignored')
    expect(judge({ code: 'deadline' })).toBe('ignored')
  })

  test('an attempt whose time went by in our own queue says nothing about the server', () => {
    expect(judge({ code: 'attempt_timeout', phase: 'wait' })).toBe('ignored')
  })

  test('may be judged as it is thrown', () => {
    expect(judge(new KeepwarmError('deadline', 'too late', { sent: 'maybe', phase: 'headers' }))).toBe(
      'failure',
    )
    expect(judge(new KeepwarmError('aborted', 'the caller left'))).toBe('ignored')
  })
})

test('only an attempt that got no connection counts as a failed connect', () => {
  expect(isConnectFailure({ code: 'connect' })).toBe(true)
  expect(isConnectFailure({ code: 'attempt_timeout', phase: 'connect' })).toBe(true)
  expect(isConnectFailure({ code: 'attempt_timeout', phase: 'headers' })).toBe(false)
  expect(isConnectFailure({ code: 'reset' })).toBe(false)
  expect(isConnectFailure({ status: 503 })).toBe(false)
})
