import { HttpStatusError, KeepwarmError, type ErrorCode } from 'keepwarm'
import { expect, test } from 'vitest'
import { FreshnessDatabaseError, GenerationError, LangextractServerError } from '../clients/index.ts'
import { StoreError } from '../store/errors.ts'
import { StageTimeoutError } from './stage-limits.ts'
import { backoff, isOwnFailure, judgeFailure, type Blame } from './verdict.ts'

const failed = (code: ErrorCode): boolean => judgeFailure(new KeepwarmError(code, 'x')).mayPass

test('trouble on the way and answers of something between are worth another attempt', () => {
  const passing: ErrorCode[] = [
    'connect',
    'reset',
    'protocol',
    'deadline',
    'attempt_timeout',
    'breaker_open',
    'queue_full',
    'acquire_timeout',
    'decode',
    'validation',
  ]
  expect(passing.filter((code) => !failed(code))).toEqual([])
  const lasting: ErrorCode[] = ['body_too_large', 'invalid_request', 'config', 'closed', 'aborted']
  expect(lasting.filter(failed)).toEqual([])
  const ofModel = (code: ErrorCode): boolean =>
    judgeFailure(new GenerationError('extractor', 'x', { code, sent: 'maybe' })).mayPass
  expect((['decode', 'validation', 'reset'] as const).map(ofModel)).toEqual([false, false, true])
})

test.each([
  [400, false],
  [404, false],
  [408, true],
  [409, false],
  [422, false],
  [425, true],
  [429, true],
  [500, true],
  [501, false],
  [503, true],
])('a status of %i may pass: %s', (status, mayPass) => {
  expect(judgeFailure(new HttpStatusError('x', { status, headers: {}, body: null })).mayPass).toBe(mayPass)
  expect(
    judgeFailure(new LangextractServerError('langextract', 'x', { code: 'status', status })).mayPass,
  ).toBe(mayPass)
})

const blamed = (code: ErrorCode, sent: 'no' | 'maybe'): Blame =>
  judgeFailure(new KeepwarmError(code, 'x', { sent })).blame
const blamedFor = (status: number): Blame =>
  judgeFailure(new HttpStatusError('x', { status, headers: {}, body: null })).blame

test("what never left us, and what asks for less, is none of the document's doing", () => {
  const unsent: ErrorCode[] = ['connect', 'breaker_open', 'queue_full', 'acquire_timeout', 'deadline']
  expect(unsent.map((code) => blamed(code, 'no'))).toEqual(unsent.map(() => 'elsewhere'))
  expect([429, 503].map(blamedFor)).toEqual(['elsewhere', 'elsewhere'])
  expect(judgeFailure(new StoreError('unavailable', 'x')).blame).toBe('elsewhere')
  expect(judgeFailure(Object.assign(new Error('busy'), { errcode: 5 })).blame).toBe('elsewhere')
})

test('what broke on the way to or in the upstream may be either; a refusal is about the document', () => {
  const sent: ErrorCode[] = ['reset', 'protocol', 'attempt_timeout', 'deadline', 'connect']
  expect(sent.map((code) => blamed(code, 'maybe'))).toEqual(sent.map(() => 'unclear'))
  expect([408, 425, 500, 502, 504].map(blamedFor)).toEqual(Array.from({ length: 5 }, () => 'unclear'))
  expect(judgeFailure(new StageTimeoutError('embed', 1_000)).blame).toBe('unclear')
  expect([400, 404, 413, 422, 501].map(blamedFor)).toEqual(Array.from({ length: 5 }, () => 'document'))
  expect(blamed('validation', 'maybe')).toBe('unclear')
  expect(blamed('body_too_large', 'maybe')).toBe('document')
  expect(judgeFailure(new TypeError('x')).blame).toBe('document')
})

test('an attempt is spent by the document itself, or while the upstream answers others', () => {
  const blames: Blame[] = ['document', 'elsewhere', 'unclear']
  expect(blames.map((blame) => isOwnFailure({ blame }, true))).toEqual([true, false, true])
  expect(blames.map((blame) => isOwnFailure({ blame }, false))).toEqual([true, false, false])
})

test('the bridge says itself whether a query may be sent again', () => {
  const refused = (retry_allowed: boolean) =>
    judgeFailure(
      new FreshnessDatabaseError('freshness', 'x', {
        code: 'status',
        status: 200,
        responseData: { retry_allowed },
      }),
    )
  expect([refused(true).mayPass, refused(false).mayPass]).toEqual([true, false])
})

test('a fault of our own is not told, and not tried again; a busy database is', () => {
  const fault = judgeFailure(new TypeError('secret of the house'))
  expect(fault).toMatchObject({ mayPass: false })
  expect(fault.reason).not.toContain('secret')
  expect(judgeFailure(new StoreError('invalid', 'vector holds NaN'))).toMatchObject({
    mayPass: false,
    reason: 'vector holds NaN',
  })
  expect(judgeFailure(Object.assign(new Error('busy'), { errcode: 5 })).mayPass).toBe(true)
  expect(judgeFailure(Object.assign(new Error('constraint'), { errcode: 19 })).mayPass).toBe(false)
})

test('pauses grow threefold up to their cap, half by chance, and never undercut what was asked for', () => {
  const options = { base: 1_000, cap: 60_000 }
  expect([1, 2, 3, 4, 5, 9].map((attempt) => backoff(attempt, options, 0, 1))).toEqual([
    1_000, 3_000, 9_000, 27_000, 60_000, 60_000,
  ])
  expect(backoff(1, options, 0, 0)).toBe(500)
  expect(backoff(1, options, 90_000, 0)).toBe(90_000)
})
