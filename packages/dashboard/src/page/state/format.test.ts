import { expect, test } from 'vitest'
import { bytes, count, duration, factor, rate, share } from './format.ts'

test.each([
  [0, '0 ms'],
  [0.4, '<1 ms'],
  [12.4, '12 ms'],
  [999.6, '1.0 s'],
  [4_849, '4.8 s'],
  [9_960, '10 s'],
  [61_000, '61 s'],
  [125_000, '2 min 5 s'],
  [3_540_000, '59 min'],
  [11_520_000, '3 h 12 min'],
  [180_000_000, '2 d 2 h'],
  [NaN, '–'],
  [null, '–'],
  [undefined, '–'],
])('%s ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test('all is said of all alone, and none of none', () => {
  expect([1, 0.9999, 0.996, 0.87, 0.001, 0, null].map(share)).toEqual([
    '100 %',
    '99.9 %',
    '99.6 %',
    '87 %',
    '<1 %',
    '0 %',
    '–',
  ])
})

test('numbers are short', () => {
  expect([0, 14, 2.25, 12_400, 3_400_000].map(count)).toEqual(['0', '14', '2.3', '12 k', '3.4 M'])
  expect([0, 0.01, 8.13, 581.4].map(rate)).toEqual(['0', '<0.1', '8.1', '581'])
  expect([0, 999, 2_100_000, 187e6].map(bytes)).toEqual(['0 B', '999 B', '2 MiB', '178 MiB'])
  expect([1.314, null].map(factor)).toEqual(['×1.31', '–'])
})
