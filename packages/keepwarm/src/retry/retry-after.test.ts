import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseHttpDate } from './http-date.ts'
import { parseRetryAfter } from './retry-after.ts'

const now = Date.UTC(2026, 10, 6, 8, 49, 37) // Fri, 06 Nov 2026 08:49:37 GMT

describe('seconds', () => {
  test.each([
    ['0', 0],
    ['5', 5_000],
    ['120', 120_000],
    ['1.5', 1_500],
    ['007', 7_000],
    ['  3 ', 3_000],
  ])('%j is %d ms', (value, wait) => {
    expect(parseRetryAfter(value, now)).toBe(wait)
  })

  test.each(['', ' ', '-1', '+1', '1e3', '0x10', '1.', '.5', '5s', 'NaN', 'Infinity', '1 2', 'soon', '１'])(
    '%j is not understood',
    (value) => {
      expect(parseRetryAfter(value, now)).toBeUndefined()
    },
  )

  test('thirty digits are not a wait', () => {
    expect(parseRetryAfter('9'.repeat(30), now)).toBeUndefined()
  })
})

describe('dates', () => {
  test.each([
    ['Fri, 06 Nov 2026 08:50:07 GMT'],
    ['Friday, 06-Nov-26 08:50:07 GMT'],
    ['Fri Nov  6 08:50:07 2026'],
  ])('%j is 30 s away', (value) => {
    expect(parseRetryAfter(value, now)).toBe(30_000)
  })

  test('in the past mean now', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', now)).toBe(0)
  })

  test('are measured by the clock of the server that sent them', () => {
    const serverRunsTenMinutesLate = 'Fri, 06 Nov 2026 08:39:37 GMT'
    expect(parseRetryAfter('Fri, 06 Nov 2026 08:40:07 GMT', now, serverRunsTenMinutesLate)).toBe(30_000)
  })

  test('are measured by our clock when the Date header is nonsense', () => {
    expect(parseRetryAfter('Fri, 06 Nov 2026 08:50:07 GMT', now, 'yesterday')).toBe(30_000)
  })

  test.each([
    '2026-11-06T08:50:07Z',
    'Fri, 06 Nov 2026 08:50:07 +0100',
    'Fri, 31 Feb 2026 08:50:07 GMT',
    'Fri, 06 Foo 2026 08:50:07 GMT',
    'Fri, 06 Nov 2026 24:00:00 GMT',
    'Fri, 06 Nov 0026 08:50:07 GMT',
    'Fry, 06 Nov 2026 08:50:07 GMT',
  ])('%j is not understood', (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined()
  })

  test('with two digits of a year mean the century that is nearest', () => {
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37))
    expect(parseHttpDate('Sunday, 06-Nov-70 08:49:37 GMT', now)).toBe(Date.UTC(2070, 10, 6, 8, 49, 37))
  })

  test('may carry a leap second', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', now)).toBe(Date.UTC(2017, 0, 1))
  })
})

describe('several values', () => {
  test.each([
    [['7', '9'], 7_000],
    [['soon', '9'], 9_000],
    ['soon, 9', 9_000],
    ['5, 10', 5_000],
    ['soon, Fri, 06 Nov 2026 08:50:07 GMT, 3', 30_000],
    ['-5, 1e3, 0x10, 9', 9_000],
    [['', ' ', '4'], 4_000],
    [[`${'9'.repeat(30)}`, '2'], 2_000],
    [',,,', undefined],
    [[], undefined],
  ])('of %j the first valid one counts', (value, wait) => {
    expect(parseRetryAfter(value, now)).toBe(wait)
  })
})

test('nothing that a server can send throws or gives a negative wait', () => {
  const pieces = fc.constantFrom(
    '5',
    ',',
    ' ',
    '-',
    '.',
    'Fri',
    'Nov',
    '06',
    '2026',
    '08:50:07',
    'GMT',
    'e',
    '0x',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(fc.oneof(text, fc.array(text)), text, (value, date) => {
      const wait = parseRetryAfter(value, now, date)
      return wait === undefined || (wait >= 0 && Number.isFinite(wait))
    }),
    { numRuns: 5_000 },
  )
})
