import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { printSchedule, scheduleOf, type Schedule } from './pool-schedule.ts'
import { replay, shrink, tryOut } from './pool-trial.ts'
import { PoolWorld } from './pool-world.ts'
import type { Verdict } from './trial.ts'

describe('schedules', () => {
  test('a seed always gives the same one, another seed another', () => {
    expect(scheduleOf(7, 50)).toEqual(scheduleOf(7, 50))
    expect(scheduleOf(7, 50)).not.toEqual(scheduleOf(8, 50))
  })

  test('among a hundred seeds every kind of step and of ending comes up', () => {
    const schedules = Array.from({ length: 100 }, (_, seed) => scheduleOf(seed, 200))
    const names = new Set(schedules.flatMap(({ steps }) => steps.map(([name]) => name)))
    expect([...names].sort().join(' ')).toBe(
      'abort ask close cut finish gone goaway doubt hint jump lead limit limiter maintain open pass refuse resize resume sample shutdown sleep suspend upgrade warm'
        .split(' ')
        .sort()
        .join(' '),
    )
    expect(new Set(schedules.map(({ ending }) => ending)).size).toBe(3)
  })

  test('printed as code it is the same again', () => {
    const schedule = scheduleOf(3, 200)
    expect(runInNewContext(`(${printSchedule(schedule)})`, { Map })).toEqual(schedule)
  })
})

describe('trials', () => {
  test('most of what can happen does: requests of seeds are answered, refused and lost', () => {
    const endings: Record<string, number> = {}
    for (let seed = 1; seed <= 20; seed++) {
      const { limits, steps, ending } = scheduleOf(seed, 500)
      const world = new PoolWorld(limits, (how) => (endings[how] = (endings[how] ?? 0) + 1))
      for (const step of steps) world.apply(step)
      world.end(ending)
    }
    expect(Object.keys(endings).sort()).toEqual(
      [
        'answered',
        'aborted',
        'reset',
        'upgraded',
        'left',
        'queue_full',
        'acquire_timeout',
        'dial_failed',
        'closed',
      ].sort(),
    )
  })

  test('a schedule that breaks a law is shrunk to what breaks it, and told by its law', () => {
    const breaks = (schedule: Schedule): Verdict | undefined => {
      const hint = schedule.steps.findIndex((step) => step[0] === 'hint' && step[2] >= 1_000)
      const step = schedule.steps.findIndex(([name], index) => name === 'jump' && hint !== -1 && index > hint)
      return step === -1 || schedule.limits.maxDials === undefined
        ? undefined
        : { law: 'made up', step: step + 1, at: 0, error: new Error('made up') }
    }
    const seed = Array.from({ length: 50 }, (_, n) => n).find(
      (n) => breaks(scheduleOf(n, 500)) !== undefined,
    )!
    const schedule = scheduleOf(seed, 500)
    const short = shrink(schedule, breaks(schedule)!, breaks)
    expect(short).toEqual({
      limits: { maxDials: schedule.limits.maxDials },
      ending: 'rest',
      steps: [
        ['hint', 0, 1_000],
        ['jump', 0],
      ],
    })
  })

  test('what the core throws is a broken law too', () => {
    const schedule: Schedule = {
      limits: {},
      ending: 'rest',
      steps: [
        ['gone', NaN],
        ['warm', NaN, 1],
      ],
    }
    expect(tryOut(schedule)).toMatchObject({
      law: expect.stringContaining('the core throws TypeError'),
      step: 2,
    })
    expect(() => replay(schedule)).toThrow('step 2 of 2, at 0 ms: broken: the core throws TypeError')
  })
})
