import { expect, test } from 'vitest'
import { duration, listed, percent, rate, roundDown, roundUp, times } from './words.ts'

test('durations have the digits that people read', () => {
  const read = [0, 0.4, 1, 850.4, 999.4, 999.6, 6_213, 9_949, 9_950, 38_200, 119_000, 150_000].map(duration)
  expect(read).toEqual([
    ...[
      '0 ms',
      '0 ms',
      '1 ms',
      '850 ms',
      '999 ms',
      '1 s',
      '6.2 s',
      '9.9 s',
      '10 s',
      '38 s',
      '119 s',
      '3 min',
    ],
  ])
})

test('all and nothing are said only when it is all or nothing', () => {
  expect([0, 0.001, 0.38, 0.995, 0.9999, 1].map(percent)).toEqual([
    '0 %',
    '1 %',
    '38 %',
    '99 %',
    '99 %',
    '100 %',
  ])
})

test('rates and factors', () => {
  expect([rate(0.25), rate(12.4), times(4.36), times(2), times(41.2)]).toEqual([
    ...['0.3/s', '12/s', '4.4 times', '2 times', '41 times'],
  ])
})

test('the largest first, and nothing that did not happen', () => {
  expect(listed({ reset: 3, connect: 0, '5xx': 12, deadline: undefined, protocol: 1 })).toBe(
    '5xx 12, reset 3, protocol 1',
  )
})

test('numbers that are suggested are ones that somebody would choose, on the safe side', () => {
  expect([1, 4, 7, 11, 14, 37, 47, 101, 260].map(roundUp)).toEqual([1, 4, 8, 12, 15, 40, 50, 120, 300])
  expect([8_730, 240, 99, 5, 0.4].map(roundDown)).toEqual([8_000, 200, 90, 5, 1])
})
