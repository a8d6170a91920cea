import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './parse-duration.ts'

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5s', 1_500],
  ['.5s', 500],
  ['1m', 60_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  [' 30 s ', 30_000],
  ['0s', 0],
  ['1.001s', 1_001],
])('%j is %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each([
  '',
  's',
  '30',
  '-1s',
  '30sec',
  '1m30s',
  '1e3ms',
  '30S',
  'NaNs',
  '5constructor',
  '1.s',
  '9'.repeat(400) + 's',
])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('a number without a unit means what the caller says', () => {
  expect(parseDuration('30.0', 's')).toBe(30_000)
  expect(parseDuration('30', 'ms')).toBe(30)
  expect(parseDuration('30ms', 's')).toBe(30)
})

test.each([
  [0, '0s'],
  [1, '1ms'],
  [1_500, '1500ms'],
  [90_000, '90s'],
  [300_000, '5m'],
  [3_600_000, '1h'],
  [1.5, '1.5ms'],
])('%d ms are written %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text)
})

test('what is written is read back', () => {
  fc.assert(fc.property(fc.nat({ max: 2 ** 31 }), (time) => parseDuration(formatDuration(time)) === time))
})
