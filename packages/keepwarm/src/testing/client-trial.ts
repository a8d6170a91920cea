/** Puts a whole client, or a bare pool, to the test over a simulated network: as pool-trial.ts does with the core. */
import { clientScheduleOf, printClientSchedule, type ClientSchedule } from './client-schedule.ts'
import { ClientWorld } from './client-world.ts'
import { findSlowly } from './shrink.ts'
import { failureLine, failureText, shorterSchedules, verdictError, verdictOn, type Verdict } from './trial.ts'

/** Plays a schedule to its end. */
export async function tryOutClient(schedule: ClientSchedule): Promise<Verdict | undefined> {
  const world = new ClientWorld(schedule.limits)
  let step = 0
  try {
    for (const next of schedule.steps) {
      step++
      await world.apply(next)
    }
    step++
    await world.end(schedule.ending)
    return undefined
  } catch (thrown) {
    return verdictOn(schedule.limits.pool === 1 ? 'the pool' : 'the client', thrown, step, world.now)
  }
}

/**
 * Plays a schedule to its end, for a test that holds on to what a seed once found.
 *
 * @throws an error that names the law it broke.
 */
export async function replayClient(schedule: ClientSchedule): Promise<void> {
  const verdict = await tryOutClient(schedule)
  if (verdict !== undefined) throw verdictError(schedule, verdict)
}

/** What one seed broke, told so that it can be mended: the seed, the law, and a short schedule that replays it. */
export async function simulateClient(
  seed: number,
  length: number,
  shrinks = true,
): Promise<string | undefined> {
  const schedule = clientScheduleOf(seed, length)
  const verdict = await tryOutClient(schedule)
  if (verdict === undefined) return undefined
  const { law, step } = verdict
  const line = failureLine(seed, length, verdict)
  if (!shrinks) return line
  const short = await findSlowly(
    shorterSchedules(schedule, step),
    async (shorter) => (await tryOutClient(shorter))?.law === law,
  )
  const code = printClientSchedule(short)
  const where = { file: 'client.simulation.test.ts', before: 'async ', call: 'await replayClient', code }
  return failureText(line, seed, law, short.steps.length, where)
}
