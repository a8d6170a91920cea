import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../errors.ts'
import { RetryBudget } from './budget.ts'
import { chargeRetry, decideRetry, notRetriedText } from './decide.ts'
import type { AttemptEnding, NotRetried, RetryQuestion } from './decide.ts'
import type { RetryFacts } from './hook.ts'
import { retryDefaults } from './options.ts'

/** A GET that has just got a 503 at its first of three attempts, with all the time in the world. */
const usual: RetryQuestion = {
  ending: { status: 503 },
  sent: 'maybe',
  responseStarted: false,
  method: 'GET',
  idempotent: undefined,
  hasIdempotencyKey: false,
  replayable: true,
  attempt: 1,
  maxAttempts: 3,
  timeLeft: Infinity,
  backoff: retryDefaults.backoff,
  statuses: retryDefaults.statuses,
  random: 0.5,
}

const decide = (change: Partial<RetryQuestion>) => decideRetry({ ...usual, ...change })
const again = (change: Partial<RetryQuestion>): boolean => decide(change).again

function whyNot(change: Partial<RetryQuestion>): NotRetried | undefined {
  const decision = decide(change)
  return decision.again ? undefined : decision.because
}

function waitFor(change: Partial<RetryQuestion>): number {
  const decision = decide(change)
  if (!decision.again) throw new Error(`not tried again: ${decision.because}`)
  return decision.wait
}

describe('what is tried again', () => {
  test.each([408, 429, 500, 502, 503, 504])('a GET that got %d', (status) => {
    expect(decide({ ending: { status } })).toEqual({
      again: true,
      wait: 50,
      reason: `status_${status}`,
      free: false,
    })
  })

  test.each([200, 301, 400, 401, 403, 404, 409, 413, 422, 501, 505, 507])(
    'not a GET that got %d',
    (status) => {
      expect(whyNot({ ending: { status } })).toBe('not_retryable')
    },
  )

  test('neither 501 nor 505, even when they are asked for; any other status that is asked for', () => {
    const statuses = new Set([404, 501, 505])
    expect(again({ ending: { status: 404 }, statuses })).toBe(true)
    expect(whyNot({ ending: { status: 501 }, statuses })).toBe('not_retryable')
    expect(whyNot({ ending: { status: 505 }, statuses })).toBe('not_retryable')
  })

  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY'])(
    'a %s that may have arrived',
    (method) => {
      expect(again({ method })).toBe(true)
      expect(again({ method, ending: { code: 'reset' } })).toBe(true)
      expect(again({ method, ending: { code: 'attempt_timeout' } })).toBe(true)
    },
  )

  test.each(['POST', 'PATCH', 'CONNECT', 'get', 'FOO'])('not a %s that may have arrived', (method) => {
    expect(whyNot({ method })).toBe('not_idempotent')
    expect(whyNot({ method, ending: { code: 'reset' } })).toBe('not_idempotent')
    expect(whyNot({ method, ending: { code: 'attempt_timeout' } })).toBe('not_idempotent')
  })

  test('a POST that was never sent', () => {
    const refused: AttemptEnding = { code: 'connect', cause: 'ECONNREFUSED' }
    expect(again({ method: 'POST', ending: refused, sent: 'no' })).toBe(true)
  })

  test('a POST that the caller calls idempotent, or gives a key', () => {
    expect(again({ method: 'POST', idempotent: true })).toBe(true)
    expect(again({ method: 'POST', hasIdempotencyKey: true })).toBe(true)
  })

  test('not a GET that the caller calls not idempotent', () => {
    expect(whyNot({ idempotent: false })).toBe('not_idempotent')
    expect(whyNot({ idempotent: false, hasIdempotencyKey: true })).toBe('not_idempotent')
  })

  test.each<ErrorCode>([
    'breaker_open',
    'deadline',
    'aborted',
    'closed',
    'decode',
    'validation',
    'body_too_large',
    'invalid_request',
    'config',
    'status',
  ])('never %s, even when nothing was sent', (code) => {
    expect(whyNot({ ending: { code }, sent: 'no' })).toBe('not_retryable')
  })

  test.each([
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
  ])('never a certificate that was refused (%s)', (cause) => {
    expect(whyNot({ ending: { code: 'connect', cause }, sent: 'no' })).toBe('certificate')
  })

  test.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
  ])('a dial that failed with %s', (cause) => {
    expect(again({ ending: { code: 'connect', cause }, sent: 'no' })).toBe(true)
  })

  test('not what the caller has already seen a part of', () => {
    expect(whyNot({ ending: { code: 'reset' }, responseStarted: true })).toBe('response_started')
  })

  test('not a body that is spent', () => {
    expect(whyNot({ method: 'PUT', replayable: false })).toBe('body_not_replayable')
    expect(whyNot({ method: 'PUT', replayable: false, ending: { code: 'connect' }, sent: 'no' })).toBe(
      'body_not_replayable',
    )
  })

  test('until the attempts are used', () => {
    expect([1, 2, 3, 4].map((attempt) => again({ attempt }))).toEqual([true, true, false, false])
    expect(whyNot({ attempt: 3 })).toBe('attempts_used')
    expect(whyNot({ attempt: 1, maxAttempts: 1 })).toBe('attempts_used')
  })
})

describe('where we ourselves are the bottleneck', () => {
  test.each([
    { code: 'queue_full' },
    { code: 'acquire_timeout' },
    { code: 'attempt_timeout', phase: 'wait' },
  ] as const)('%j is not tried again, even when nothing was sent', (ending) => {
    expect(whyNot({ ending, sent: 'no' })).toBe('queue')
    expect(whyNot({ ending, sent: 'no', shouldRetry: () => true })).toBe('queue')
  })

  test('an attempt timeout that struck anywhere else is', () => {
    for (const phase of ['connect', 'send', 'headers', 'body'] as const)
      expect(again({ ending: { code: 'attempt_timeout', phase } })).toBe(true)
  })
})

describe('425', () => {
  const early: Partial<RetryQuestion> = { ending: { status: 425 }, maxAttempts: 9 }

  test('is tried again once', () => {
    expect(again(early)).toBe(true)
    expect(again({ ...early, attempt: 4, triedTooEarly: false })).toBe(true)
    expect(whyNot({ ...early, attempt: 4, triedTooEarly: true })).toBe('not_retryable')
    expect(whyNot({ ...early, attempt: 2 })).toBe('not_retryable')
  })

  test('is tried again as often as others when it is asked for', () => {
    expect(again({ ...early, attempt: 5, triedTooEarly: true, statuses: new Set([425]) })).toBe(true)
  })

  test('is no leave to send twice what may not arrive twice', () => {
    expect(whyNot({ ...early, method: 'POST' })).toBe('not_idempotent')
    expect(whyNot({ ...early, maxAttempts: 1 })).toBe('attempts_used')
  })
})

describe('the hook', () => {
  test('is told what happened and what the rules say', () => {
    const told: RetryFacts[] = []
    const shouldRetry = (facts: RetryFacts): undefined => void told.push(facts)
    const change = { shouldRetry, retryAfter: 7, timeLeft: 9_000 }
    expect(again(change)).toBe(true)
    expect(whyNot({ ...change, ending: { status: 404 } })).toBe('not_retryable')
    const common = {
      method: 'GET',
      sent: 'maybe',
      attempt: 1,
      maxAttempts: 3,
      timeLeft: 9_000,
      retryAfter: 7,
    }
    expect(told).toEqual([
      { ...common, ending: { status: 503 }, worth: true },
      { ...common, ending: { status: 404 }, worth: false },
    ])
  })

  test('may forbid what the rules allow', () => {
    expect(whyNot({ shouldRetry: () => false })).toBe('hook')
  })

  test('may allow what the rules find pointless', () => {
    const shouldRetry = (): boolean => true
    expect(again({ shouldRetry, ending: { status: 404 } })).toBe(true)
    expect(again({ shouldRetry, ending: { code: 'decode' } })).toBe(true)
    expect(whyNot({ shouldRetry: () => false, ending: { status: 404 } })).toBe('not_retryable')
  })

  test('cannot allow what may have been processed, unless the caller calls it idempotent', () => {
    const shouldRetry = (): boolean => true
    expect(whyNot({ shouldRetry, method: 'POST' })).toBe('not_idempotent')
    expect(whyNot({ shouldRetry, idempotent: false })).toBe('not_idempotent')
    expect(again({ shouldRetry, method: 'POST', idempotent: true, ending: { status: 409 } })).toBe(true)
  })

  test.each([
    [{ responseStarted: true }, 'response_started'],
    [{ replayable: false }, 'body_not_replayable'],
    [{ attempt: 3 }, 'attempts_used'],
    [{ timeLeft: 10 }, 'no_time_left'],
    [{ retryAfter: 1e9 }, 'retry_after_too_long'],
    [{ ending: { status: 501 } }, 'not_retryable'],
    [{ ending: { status: 505 } }, 'not_retryable'],
    [{ ending: { code: 'aborted' } }, 'not_retryable'],
    [{ ending: { code: 'deadline' } }, 'not_retryable'],
    [{ ending: { code: 'closed' } }, 'not_retryable'],
    [{ ending: { code: 'invalid_request' } }, 'not_retryable'],
    [{ ending: { code: 'breaker_open' } }, 'not_retryable'],
    [{ ending: { code: 'connect', cause: 'CERT_HAS_EXPIRED' }, sent: 'no' }, 'certificate'],
  ] as const)('cannot allow %j', (change, because) => {
    expect(whyNot({ ...change, shouldRetry: () => true })).toBe(because)
  })

  test('that throws or answers nonsense ends the call, and what it threw is kept', () => {
    const fault = new Error('a fault of the hook')
    const throws = decide({
      shouldRetry: () => {
        throw fault
      },
    })
    expect(throws).toEqual({ again: false, because: 'hook_threw', thrown: fault })
    const late = decide({ shouldRetry: (() => Promise.resolve(false)) as unknown as () => boolean })
    expect(late).toMatchObject({
      because: 'hook_threw',
      thrown: { message: expect.stringContaining('object') as string },
    })
  })

  test('is not asked about a lost race: nobody has noticed it', () => {
    const lost = { ending: { code: 'reset' }, sent: 'no', method: 'POST' } as const
    expect(again({ ...lost, shouldRetry: () => false })).toBe(true)
  })
})

describe('a body that a function makes', () => {
  test('can be sent as often as it is asked for', () => {
    expect(again({ method: 'PUT', replayable: false, bodyFactory: true })).toBe(true)
    expect(whyNot({ method: 'PUT', replayable: false, bodyFactory: false })).toBe('body_not_replayable')
  })
})

describe('an attempt that could not finish', () => {
  test('is not begun: less time is left after the wait than one usually takes', () => {
    expect(whyNot({ timeLeft: 30, usualDuration: 40, random: 0 })).toBe('too_short')
    expect(whyNot({ timeLeft: 80, usualDuration: 40 })).toBe('too_short')
    expect(again({ timeLeft: 90, usualDuration: 40 })).toBe(true)
    expect(again({ timeLeft: 51 })).toBe(true)
  })
})

describe('the wait after 429 and 503', () => {
  test('has a longer base, attempt by attempt, whatever the others were', () => {
    const series = [503, 500, 429, 502].map((status, index) =>
      waitFor({
        ending: { status },
        attempt: index + 1,
        maxAttempts: 9,
        throttledBase: 1_000,
        random: 1 - 1e-12,
        backoff: { base: 50, multiplier: 2, cap: 20_000 },
      }),
    )
    expect(series.map(Math.round)).toEqual([1_000, 100, 4_000, 400])
  })

  test('is not longer than the cap', () => {
    expect(waitFor({ throttledBase: 1_000, attempt: 50, maxAttempts: 99, random: 0.5 })).toBe(2_500)
  })
})

describe('the wait', () => {
  test('grows with the attempts, up to the cap', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) =>
      waitFor({ attempt, maxAttempts: 99, random: 1 - 1e-12 }),
    )
    expect(waits.map(Math.round)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  })

  test('is refused at once when it does not fit before the deadline', () => {
    expect(again({ timeLeft: 51 })).toBe(true)
    expect(whyNot({ timeLeft: 50 })).toBe('no_time_left')
    expect(whyNot({ timeLeft: 0 })).toBe('no_time_left')
    expect(whyNot({ timeLeft: -5, random: 0 })).toBe('no_time_left')
  })

  test('is what the server asks for and a little more, so that not all come back together', () => {
    expect(waitFor({ retryAfter: 5_000, random: 0 })).toBe(5_000)
    expect(waitFor({ retryAfter: 5_000, random: 0.5 })).toBe(5_250)
    expect(waitFor({ retryAfter: 40_000, random: 0.5 })).toBe(40_500)
  })

  test('is only the backoff when the server says "now"', () => {
    expect(waitFor({ retryAfter: 0 })).toBe(50)
  })

  test('is not begun when the server asks for more time than there is', () => {
    expect(whyNot({ retryAfter: 100_000, timeLeft: 30_000 })).toBe('retry_after_too_long')
    expect(whyNot({ retryAfter: 60_001 })).toBe('retry_after_too_long')
    expect(again({ retryAfter: 60_000 })).toBe(true)
    expect(again({ retryAfter: 90_000, maxRetryAfter: 120_000 })).toBe(true)
  })

  test('is never shorter than the server asked nor longer than the time left', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100_000, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.oneof(fc.constant(Infinity), fc.double({ min: 0, max: 100_000, noNaN: true })),
        fc.integer({ min: 1, max: 1_100 }),
        (retryAfter, random, timeLeft, attempt) => {
          const decision = decide({ retryAfter, random, timeLeft, attempt, maxAttempts: 2_000 })
          if (!decision.again) return
          expect(decision.wait).toBeGreaterThanOrEqual(retryAfter)
          expect(decision.wait).toBeLessThan(timeLeft)
          expect(decision.wait).toBeLessThanOrEqual(
            Math.max(5_000, retryAfter + Math.min(1_000, retryAfter / 10)),
          )
        },
      ),
      { numRuns: 10_000 },
    )
  })
})

describe('the keep-alive race', () => {
  const lost: Partial<RetryQuestion> = { ending: { code: 'reset' }, sent: 'no', method: 'POST' }

  test('costs nothing: at once, no attempt, no budget', () => {
    expect(decide(lost)).toEqual({ again: true, wait: 0, reason: 'reset', free: true })
    expect(decide({ ...lost, maxAttempts: 1 })).toMatchObject({ again: true, free: true })
  })

  test('counts when it is lost a second time', () => {
    expect(decide({ ...lost, freeRetries: 1 })).toMatchObject({ again: true, wait: 0, free: false })
    expect(whyNot({ ...lost, freeRetries: 1, maxAttempts: 1 })).toBe('attempts_used')
  })

  test('is free at the first attempt only, when nobody counts', () => {
    expect(decide({ ...lost, attempt: 2 })).toMatchObject({ again: true, wait: 0, free: false })
    expect(decide({ ...lost, attempt: 2, freeRetries: 0 })).toMatchObject({
      again: true,
      wait: 0,
      free: true,
    })
    expect(whyNot({ ...lost, attempt: 3 })).toBe('attempts_used')
  })

  test('is none on a fresh connection: the server hangs up on everybody', () => {
    expect(decide({ ...lost, reusedConnection: false })).toMatchObject({ again: true, wait: 50, free: false })
  })

  test('is none for a POST whose bytes went out', () => {
    expect(whyNot({ ...lost, sent: 'maybe' })).toBe('not_idempotent')
  })

  test('is not run again after the deadline or without a body', () => {
    expect(whyNot({ ...lost, timeLeft: 0 })).toBe('no_time_left')
    expect(whyNot({ ...lost, replayable: false })).toBe('body_not_replayable')
  })
})

describe('the budget', () => {
  test('turns a retry that it cannot pay into a refusal', () => {
    const budget = new RetryBudget({ start: 1, perSecond: 0 })
    expect(chargeRetry(decide({}), budget, 0).again).toBe(true)
    expect(chargeRetry(decide({}), budget, 0)).toEqual({ again: false, because: 'budget_empty' })
  })

  test('is not charged for a free retry, nor for a refusal', () => {
    const budget = new RetryBudget({ start: 1, perSecond: 0 })
    chargeRetry(decide({ ending: { code: 'reset' }, sent: 'no' }), budget, 0)
    chargeRetry(decide({ method: 'POST' }), budget, 0)
    expect(budget.level(0)).toBe(1)
  })
})

test('a request that may have been processed is never sent twice without leave', () => {
  const anything = fc.record({
    ending: fc.oneof(
      fc.record({ status: fc.integer({ min: 100, max: 599 }) }),
      fc.record({
        code: fc.constantFrom<ErrorCode>('connect', 'reset', 'protocol', 'attempt_timeout', 'deadline'),
      }),
    ),
    responseStarted: fc.boolean(),
    method: fc.constantFrom('POST', 'PATCH'),
    replayable: fc.boolean(),
    attempt: fc.integer({ min: 1, max: 5 }),
    timeLeft: fc.double({ min: -10, max: 10_000, noNaN: true }),
  })
  fc.assert(fc.property(anything, (change) => !again({ ...change, sent: 'maybe' })))
})

test('every refusal can be put in words', () => {
  for (const text of Object.values(notRetriedText)) expect(text).toMatch(/^[a-z][^.]+$/)
})
