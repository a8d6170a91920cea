/** Puts the pool's core to the test: plays schedules, and when one breaks a law, finds a short one that does too. */
import { printSchedule, scheduleOf, type Schedule } from './pool-schedule.ts'
import { PoolWorld } from './pool-world.ts'
import { find } from './shrink.ts'
import { failureLine, failureText, shorterSchedules, verdictError, verdictOn, type Verdict } from './trial.ts'

/** Plays a schedule to its end. */
export function tryOut(schedule: Schedule): Verdict | undefined {
  const world = new PoolWorld(schedule.limits)
  let step = 0
  try {
    for (const next of schedule.steps) {
      step++
      world.apply(next)
    }
    step++
    world.end(schedule.ending)
    return undefined
  } catch (thrown) {
    return verdictOn('the core', thrown, step, world.now)
  }
}

/**
 * Plays a schedule to its end, for a test that holds on to what a seed once found.
 *
 * @throws an error that names the law it broke.
 *
 *     replay({ limits: { maxConnections: 1 }, ending: 'rest', steps: [['ask', 0, 100, 0], ['open', 0, 1, 0, 0]] })
 */
export function replay(schedule: Schedule): void {
  const verdict = tryOut(schedule)
  if (verdict !== undefined) throw verdictError(schedule, verdict)
}

/** The shortest schedule found that breaks the same law. */
export function shrink(schedule: Schedule, { law, step }: Verdict, play: typeof tryOut = tryOut): Schedule {
  return find(shorterSchedules(schedule, step), (shorter) => play(shorter)?.law === law)
}

/** What one seed broke, told so that it can be mended: the seed, the law, and a short schedule that replays it. */
export function trySeed(seed: number, length: number, shrinks = true): string | undefined {
  const schedule = scheduleOf(seed, length)
  const verdict = tryOut(schedule)
  if (verdict === undefined) return undefined
  const line = failureLine(seed, length, verdict)
  if (!shrinks) return line
  const short = shrink(schedule, verdict)
  const code = printSchedule(short)
  const where = { file: 'core.simulation.test.ts', before: '', call: 'replay', code }
  return failureText(line, seed, verdict.law, short.steps.length, where)
}
