import { expect, test } from 'vitest'
import { KeepwarmError } from '../errors.ts'
import { Recorder, type CallVerdict } from './recorder.ts'

/** A call that ends now, `duration` ms after it began. */
function ended(
  recorder: Recorder,
  verdict: CallVerdict,
  duration: number,
  sentAttempts: number,
  error?: KeepwarmError,
): void {
  const stake = { attempt: 0, begunAt: 0, wiredAt: -1, sentAt: -1, answeredAt: -1, endedAt: 0, slot: null }
  const call = {
    sentAttempts,
    origin: 'http://a.test',
    clock: { startedAt: 0 },
    plan: { operation: undefined },
  }
  recorder.began(0)
  recorder.ended({ ...call, ledger: { stake } }, verdict, error ?? 200, duration)
}

const failed = (code: KeepwarmError['code'], cause?: unknown): KeepwarmError =>
  new KeepwarmError(code, code, { cause })

test('nothing yet: no division by zero, and nothing wrong', () => {
  expect(new Recorder().metrics('closed', undefined)).toMatchObject({
    total_requests: 0,
    success_rate: 1,
    avg_duration_ms: 0,
    p50_duration_ms: 0,
    is_healthy: true,
  })
})

test('calls and attempts are two things', () => {
  const recorder = new Recorder()
  ended(recorder, 'successful', 10, 3)
  ended(recorder, 'failed', 20, 2, failed('reset'))
  expect(recorder.metrics('closed', undefined)).toMatchObject({
    total_requests: 2,
    total_attempts: 5,
    success_rate: 0.5,
  })
})

test('durations of failures count like all others', () => {
  const recorder = new Recorder()
  ended(recorder, 'successful', 10, 1)
  ended(recorder, 'failed', 30, 1, failed('reset'))
  ended(recorder, 'cancelled', 50, 1, failed('aborted'))
  expect(recorder.metrics('closed', undefined)).toMatchObject({ total_duration_ms: 90, avg_duration_ms: 30 })
})

test('cancelled calls are neither successes nor failures', () => {
  const recorder = new Recorder()
  ended(recorder, 'successful', 1, 1)
  ended(recorder, 'cancelled', 1, 1, failed('aborted'))
  expect(recorder.metrics('closed', undefined)).toMatchObject({
    total_requests: 2,
    cancelled_requests: 1,
    failed_requests: 0,
    success_rate: 1,
  })
})

test('openings are not refusals', () => {
  const recorder = new Recorder()
  recorder.breakerChanged('opened', 'http://a.test', undefined)
  for (let call = 0; call < 5; call++) ended(recorder, 'failed', 0, 0, failed('breaker_open'))
  expect(recorder.metrics('open', true)).toMatchObject({
    circuit_breaker_opens: 1,
    circuit_breaker_rejections: 5,
    total_attempts: 0,
    circuit_breaker_state: 'open',
    is_healthy: false,
  })
})

test('every sort of time limit is a timeout, and nothing else is', () => {
  const recorder = new Recorder()
  const late = { code: 'UND_ERR_CONNECT_TIMEOUT' }
  for (const error of [
    failed('deadline'),
    failed('attempt_timeout'),
    failed('acquire_timeout'),
    failed('connect', late),
    failed('connect', { code: 'ECONNREFUSED' }),
    failed('reset'),
  ])
    ended(recorder, 'failed', 1, 1, error)
  expect(recorder.metrics('closed', undefined).timeout_errors).toBe(4)
})

test('percentiles, in milliseconds', () => {
  const recorder = new Recorder()
  for (let call = 1; call <= 100; call++) ended(recorder, 'successful', call, 1)
  const { p50_duration_ms, p99_duration_ms } = recorder.metrics('closed', undefined)
  expect(Math.abs(p50_duration_ms - 50)).toBeLessThan(1)
  expect(Math.abs(p99_duration_ms - 99)).toBeLessThan(1)
})

test('retries are counted by what they make good, and the caller cannot change the count', () => {
  const recorder = new Recorder()
  recorder.retried('status_503', 'http://a.test', 0)
  recorder.retried('status_503', 'http://a.test', 0)
  recorder.retried('reset', 'http://a.test', 0)
  const first = recorder.metrics('closed', undefined)
  expect(first).toMatchObject({ retries_attempted: 3, retries_by_reason: { status_503: 2, reset: 1 } })
  ;(first.retries_by_reason as Record<string, number>)['reset'] = 9
  expect(recorder.metrics('closed', undefined).retries_by_reason['reset']).toBe(1)
})

test('reset forgets everything', () => {
  const recorder = new Recorder()
  ended(recorder, 'failed', 5, 1, failed('deadline'))
  recorder.retried('reset', 'http://a.test', 0)
  recorder.breakerChanged('opened', 'http://a.test', undefined)
  recorder.reset()
  expect(recorder.metrics('closed', undefined)).toEqual(new Recorder().metrics('closed', undefined))
})

test('a service that its last check found unwell is not healthy', () => {
  expect(new Recorder().metrics('closed', false).is_healthy).toBe(false)
  expect(new Recorder().metrics('half-open', true).is_healthy).toBe(true)
})
