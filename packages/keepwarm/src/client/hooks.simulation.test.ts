/** The whole client of client.simulation.test.ts, whose calls have hooks that take their time, and go through interceptors. */
import { expect, test } from 'vitest'
import { clientScheduleOf } from '../testing/client-schedule.ts'
import { tryOutClient } from '../testing/client-trial.ts'
import { wholeNumber } from '../testing/environment.ts'

const SEEDS = Math.ceil(wholeNumber('KEEPWARM_SEEDS', 500) / 10)
const STEPS = 300

test.each([
  ['hooks', { hooks: 1 }],
  ['an interceptor', { interceptors: 1 }],
  ['both', { hooks: 1, interceptors: 1 }],
] as const)(
  `with %s the laws hold after every one of ${SEEDS * STEPS} steps`,
  { timeout: 600_000 },
  async (_, more) => {
    let tried = 0
    for (let seed = 1; tried < SEEDS; seed++) {
      const schedule = clientScheduleOf(seed, STEPS)
      if (schedule.limits.pool === 1) continue // it has neither
      tried++
      const verdict = await tryOutClient({ ...schedule, limits: { ...schedule.limits, ...more } })
      expect(verdict, `seed ${seed}`).toBeUndefined()
    }
  },
)
