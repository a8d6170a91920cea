import { expect, test } from 'vitest'
import { Timetable } from './pace.ts'

test('an open round is due at its rate, whether or not anybody comes in time', () => {
  const timetable = new Timetable({ requests: 4, every: 10, open: true })
  expect([timetable.take(0), timetable.take(35), timetable.take(36)]).toEqual([0, 10, 20])
  expect(timetable.left).toBe(1)
  expect([timetable.take(40), timetable.take(41)]).toEqual([30, undefined])
})

test('what is late there is counted from when it was due, and what a timer is late by is not', () => {
  const open = new Timetable({ requests: 4, every: 10, open: true })
  expect(open.from(10, 35)).toBe(10)
  expect(open.from(10, 11.5)).toBe(11.5)
  const closed = new Timetable({ requests: 4, every: 10, open: false })
  expect(closed.from(10, 35)).toBe(35)
})

test('who must only not be faster makes up for nothing', () => {
  const timetable = new Timetable({ requests: Infinity, every: 10, open: false })
  expect([timetable.take(0), timetable.take(1), timetable.take(95), timetable.take(95)]).toEqual([
    0, 10, 95, 105,
  ])
  expect(timetable.left).toBe(0)
})

test('without a rate everybody goes at once, as often as there are requests', () => {
  const timetable = new Timetable({ requests: 2, every: 0, open: false })
  expect([timetable.take(0), timetable.take(7), timetable.take(8)]).toEqual([0, 7, undefined])
})
