import { describe, expect, test } from 'vitest'
import { FailureShare } from './failure-share.ts'

const decay = 10_000

/** Endings, one every so many milliseconds from 0 on: `.` for a success, `!` for a failure. */
function after(endings: string, every = 0): { failures: FailureShare; now: number } {
  const failures = new FailureShare(decay)
  let now = -every
  for (const ending of endings) {
    now += every
    if (ending === '!') failures.failed(now)
    else failures.succeeded(now)
  }
  return { failures, now: Math.max(0, now) }
}

describe('the share', () => {
  test.each([
    ['of nothing', '', 0],
    ['of a success', '.', 0],
    ['of a first failure: nothing else is known', '!', 1],
    ['of one failure among successes at the same moment: chance', '..!', 0],
    ['of two in a row: chance', '..!!', 0],
    ['of three in a row: no chance any more', '..!!!', 0.5],
    ['of four in a row', '..!!!!', 0.75],
    ['of three that are not in a row', '.!!.!', 0],
  ])('%s', (_, endings, share) => {
    const { failures, now } = after(endings)
    expect(failures.share(now)).toBe(share)
  })

  test('is what fails in the long run', () => {
    const { failures, now } = after(`${'.'.repeat(99)}!`.repeat(100), 5)
    expect(failures.share(now)).toBeGreaterThan(0.009)
    expect(failures.share(now)).toBeLessThan(0.011)
  })

  test('of one failure is as great as the time that it speaks for', () => {
    const { failures, now } = after('..!', 1_000)
    expect(failures.share(now)).toBeCloseTo(1 - Math.exp(-0.1))
  })

  test('sinks while nobody asks, and is whole again as soon as somebody does', () => {
    const { failures } = after('.!!!!')
    expect(failures.share(decay)).toBeCloseTo(0.75 / Math.E)
    failures.asked(decay)
    expect(failures.share(decay)).toBe(0.75)
  })
})
