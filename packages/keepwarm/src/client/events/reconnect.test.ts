import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HttpStatusError, KeepwarmError } from '../../errors.ts'
import { isPassing, LONGEST_WAIT, reconnectDelay } from './reconnect.ts'

const status = (status: number): HttpStatusError =>
  new HttpStatusError('it', { status, headers: {}, body: '' })

test.each([
  [new KeepwarmError('reset', ''), true],
  [new KeepwarmError('breaker_open', ''), true],
  [new KeepwarmError('attempt_timeout', ''), true],
  [status(503), true],
  [status(429), true],
  [status(401), false],
  [status(404), false],
  [new KeepwarmError('decode', ''), false],
  [new KeepwarmError('aborted', ''), false],
  [new KeepwarmError('deadline', ''), false],
  [new KeepwarmError('closed', ''), false],
  [new Error('mine'), false],
])('%o: %s', (error, again) => {
  expect(isPassing(error)).toBe(again)
})

test('the wait is never shorter than asked, grows, and has an end', () => {
  expect([0, 1, 2, 3].map((fruitless) => reconnectDelay(1_000, fruitless, 0))).toEqual([
    1_000, 2_000, 4_000, 8_000,
  ])
  expect(reconnectDelay(1_000, 99, 0)).toBe(LONGEST_WAIT)
  expect(reconnectDelay(0, 5, 0.5)).toBe(0)
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.nat(100),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (least, fruitless, random) => {
        const wait = reconnectDelay(least, fruitless, random)
        expect(wait).toBeGreaterThanOrEqual(least)
        expect(wait).toBeLessThanOrEqual(1.25 * Math.max(least, LONGEST_WAIT))
      },
    ),
  )
})
