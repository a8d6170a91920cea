import { expect, test } from 'vitest'
import { IdleLesson } from './idle-lesson.ts'

test('two closes after about the same rest, at different times, are a lesson', () => {
  const lesson = new IdleLesson()
  lesson.observe(0, 5_000)
  expect(lesson.limit(5_000)).toBe(Infinity)
  lesson.observe(7_000, 12_050)
  expect(lesson.limit(12_050)).toBe(5_000)
})

test('a restart that closes everything at once is none, however many connections it closes', () => {
  const lesson = new IdleLesson()
  for (const idleSince of [0, 10, 100, 200]) lesson.observe(idleSince, 5_000)
  expect(lesson.limit(5_000)).toBe(Infinity)
})

test('rests that differ teach nothing', () => {
  const lesson = new IdleLesson()
  lesson.observe(0, 1_000)
  lesson.observe(2_000, 7_000)
  lesson.observe(8_000, 8_500)
  expect(lesson.limit(9_000)).toBe(Infinity)
})

test('a lesson is forgotten after ten minutes, so that a server that was reconfigured is believed again', () => {
  const lesson = new IdleLesson()
  lesson.observe(0, 5_000)
  lesson.observe(7_000, 12_000)
  expect(lesson.limit(612_000)).toBe(5_000)
  expect(lesson.limit(612_001)).toBe(Infinity)
})
