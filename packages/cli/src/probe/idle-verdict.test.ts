import { expect, test } from 'vitest'
import { agree, idleFinding, keepAliveHint, restsToTry, type Tried, type Watched } from './idle-verdict.ts'

const fin = (rested: number, unasked = 0): Watched => ({ rested, by: 'fin', unasked })
const open = (rested: number): Watched => ({ rested, by: undefined, unasked: 0 })
const answered = (rested: number): Tried => ({ rested, outcome: 'answered' })
const lost = (rested: number): Tried => ({ rested, outcome: 'lost' })

test('an end that was seen says it, and the earliest counts', () => {
  expect(idleFinding([fin(5_010), fin(5_002)], [answered(4_000)])).toEqual({
    ...{ kind: 'closed', after: 5_002, most: 5_010, by: 'fin', seen: 2, unasked: false },
  })
  expect(idleFinding([open(9_000), fin(5_002, 40)], [])).toMatchObject({
    kind: 'closed',
    seen: 1,
    unasked: true,
  })
})

test('without an end, a request that got no answer says that the connection was forgotten', () => {
  expect(
    idleFinding([open(8_000), open(8_000)], [answered(1_000), answered(2_000), lost(4_000), lost(8_000)]),
  ).toEqual({ kind: 'forgotten', answeredAfter: 2_000, lostAfter: 4_000 })
  // What was answered after a longer rest is no proof for the shorter one.
  expect(idleFinding([open(8_000)], [lost(2_000), answered(4_000)])).toEqual({
    ...{ kind: 'forgotten', answeredAfter: 0, lostAfter: 2_000 },
  })
})

test('what is still open and answers is kept so long at least', () => {
  expect(idleFinding([open(8_000)], [answered(4_000), answered(8_000)])).toEqual({
    kind: 'kept',
    answeredAfter: 8_000,
  })
  expect(idleFinding([open(10)], [])).toEqual({ kind: 'unknown' })
})

test('two ends agree when one clock can have made them', () => {
  expect(agree({ after: 5_000, most: 5_400 })).toBe(true)
  expect(agree({ after: 60_000, most: 71_000 })).toBe(true)
  expect(agree({ after: 2_000, most: 2_600 })).toBe(false)
})

test('rests are tried that double, and the last one is the longest', () => {
  expect(restsToTry(120_000)).toEqual([3_750, 7_500, 15_000, 30_000, 60_000, 120_000])
  expect(restsToTry(3_000)).toEqual([1_500, 3_000])
  expect(restsToTry(500)).toEqual([500])
})

test.each([
  ['timeout=5, max=1000', { timeout: 5, max: 1_000 }],
  ['max=7', { max: 7 }],
  ['timeout = "60"', { timeout: 60 }],
  ['timeouts', {}],
  [undefined, {}],
])('the hint of %j is %j', (header, expected) => {
  expect(keepAliveHint(header)).toEqual(expected)
})
