import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { clientScheduleOf, printClientSchedule, type ClientSchedule } from './client-schedule.ts'
import { replayClient, tryOutClient } from './client-trial.ts'

test('a seed always gives the same schedule, another seed another', () => {
  expect(clientScheduleOf(7, 50)).toEqual(clientScheduleOf(7, 50))
  expect(clientScheduleOf(7, 50)).not.toEqual(clientScheduleOf(8, 50))
})

test('among a hundred seeds every kind of step and of ending comes up, for clients and for bare pools', () => {
  const schedules = Array.from({ length: 100 }, (_, seed) => clientScheduleOf(seed, 200))
  const names = new Set(schedules.flatMap(({ steps }) => steps.map(([name]) => name)))
  expect([...names].sort().join(' ')).toBe(
    'abort call close destroy dial evict fate goaway hangup hint jump keep maintain pass read resize streams vanish warm workers',
  )
  expect(new Set(schedules.map(({ ending }) => ending)).size).toBe(3)
  expect(new Set(schedules.map(({ limits }) => limits.pool)).size).toBe(2)
})

test('printed as code it is the same again', () => {
  const schedule = clientScheduleOf(3, 200)
  expect(runInNewContext(`(${printClientSchedule(schedule)})`)).toEqual(schedule)
})

test('what is thrown is a broken law too, and told by its step', async () => {
  const schedule: ClientSchedule = {
    limits: {},
    ending: 'rest',
    steps: [
      ['pass', 1],
      ['evict', NaN],
    ],
  }
  expect(await tryOutClient(schedule)).toMatchObject({
    law: expect.stringContaining('the client throws TypeError'),
    step: 2,
    at: 1,
  })
  await expect(replayClient(schedule)).rejects.toThrow(
    'step 2 of 2, at 1 ms: broken: the client throws TypeError',
  )
  await expect(replayClient({ ...schedule, limits: { pool: 1 } })).rejects.toThrow('broken: the pool throws')
})
