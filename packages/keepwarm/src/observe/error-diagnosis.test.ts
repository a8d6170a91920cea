import { expect, test } from 'vitest'
import { clientThat, poolThat, processAt, ORIGIN } from '../../test/support/snapshots.ts'
import { ErrorDiagnosis } from './error-diagnosis.ts'
import type { FailedCall } from './diagnosis/of-error.ts'
import type { ProcessSnapshot } from './process-snapshot.ts'

const failed: FailedCall = {
  code: 'connect',
  phase: 'connect',
  client: 'search',
  origin: ORIGIN,
  group: null,
}

/** A client half of whose dials fail from a moment on, and how often it was looked at. */
function lab(): {
  diagnosis: ErrorDiagnosis
  seen: { now: number; usual: number }
  time: { at: number; isIll: boolean }
} {
  const seen = { now: 0, usual: 0 }
  const time = { at: 0, isIll: false }
  const look = (what: 'now' | 'usual'): ProcessSnapshot => {
    seen[what]++
    const at = 600_000 + time.at
    const dials = time.isIll ? { failed: { ECONNREFUSED: 20 } } : {}
    return processAt(at, [clientThat({ calls: 200 }, at)], [poolThat({ dials })])
  }
  return { diagnosis: new ErrorDiagnosis(look, 0), seen, time }
}

test('a storm of errors makes one diagnosis a second, once one says why', () => {
  const { diagnosis, seen, time } = lab()
  diagnosis.remember(0)
  time.isIll = true
  for (let ms = 20_000; ms < 30_000; ms++) {
    time.at = ms
    for (let i = 0; i < 10; i++) expect(diagnosis.of(failed, ms)).toMatchObject({ kind: 'unreachable' })
  }
  expect(diagnosis.made).toBe(10)
  expect(seen).toEqual({ now: 10, usual: 1 })
})

test('where nothing says why it makes twelve a second, and errors of no code take them all', () => {
  const { diagnosis, time } = lab()
  diagnosis.remember(0)
  const codes = ['connect', 'status', 'reset', 'breaker_open'] as const
  for (let ms = 20_000; ms < 30_000; ms++) {
    time.at = ms
    for (const code of codes) expect(diagnosis.of({ ...failed, code }, ms)).toBeUndefined()
  }
  expect(diagnosis.made).toBe(120)
  const made = (code: FailedCall['code']): number => {
    const before = diagnosis.made
    for (let i = 0; i < 1_000; i++) diagnosis.of({ ...failed, code }, 40_000)
    return diagnosis.made - before
  }
  expect([made('status'), made('breaker_open'), made('connect')]).toEqual([6, 6, 0])
})

test('what begins in the middle of a second is named in it, and stale causes are not', () => {
  const { diagnosis, time } = lab()
  diagnosis.remember(0)
  time.at = 20_000
  expect(diagnosis.of(failed, 20_000)).toBeUndefined()
  time.isIll = true
  expect(diagnosis.of(failed, 20_001)).toMatchObject({ kind: 'unreachable' })
  time.isIll = false
  time.at = 21_001
  expect(diagnosis.of(failed, 21_001)).toBeUndefined()
})

test('what no state explains costs nothing', () => {
  const { diagnosis, time } = lab()
  time.isIll = true
  for (const code of ['aborted', 'decode', 'validation', 'closed', 'invalid_request', 'hook'] as const)
    expect(diagnosis.of({ ...failed, code }, 20_000)).toBeUndefined()
  expect(diagnosis.made).toBe(0)
})

test('an origin or a client that is well is not blamed for another, and neither is a phase for another', () => {
  const { diagnosis, time } = lab()
  diagnosis.remember(0)
  time.isIll = true
  time.at = 20_000
  const late: FailedCall = { ...failed, code: 'attempt_timeout', phase: 'connect' }
  expect(diagnosis.of(failed, 20_000)).toMatchObject({ kind: 'unreachable' })
  expect(diagnosis.of(late, 20_000)).toMatchObject({ kind: 'unreachable' })
  expect(diagnosis.of({ ...late, phase: 'headers' }, 20_000)).toBeUndefined()
  expect(diagnosis.of({ ...failed, origin: 'http://other:1' }, 20_000)).toBeUndefined()
  expect(diagnosis.of({ ...failed, client: 'other' }, 20_000)).toBeUndefined()
})

test('a storm is looked at again when it has twice as many errors', () => {
  const { diagnosis, time } = lab()
  diagnosis.remember(0)
  time.at = 20_000
  const asked = Array.from({ length: 600 }, (_, index) => {
    const before = diagnosis.made
    diagnosis.of(failed, 20_000)
    return diagnosis.made > before ? index + 1 : 0
  })
  expect(asked.filter((number) => number > 0)).toEqual([1, 2, 4, 8, 16, 32])
})

test('what is usual is looked at every ten seconds, by calls that begin', () => {
  const { diagnosis, seen } = lab()
  for (let ms = 0; ms < 60_000; ms += 5) diagnosis.began(ms)
  expect(seen).toEqual({ now: 0, usual: 5 })
})
