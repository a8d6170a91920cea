/** Puts the pool's core to the test: plays schedules, and when one breaks a law, finds a short one that does too. */
import { BrokenLaw } from './pool-laws.ts'
import { printSchedule, scheduleOf, type Schedule, type Step } from './pool-schedule.ts'
import { PoolWorld } from './pool-world.ts'
import { shrinkList, shrinkNumbers } from './shrink.ts'

/** What a schedule broke. */
export interface Verdict {
  /** The law, or what the core threw. */
  readonly law: string
  /** The step after which it did not hold, counted from 1; one more than there are when it was at the end. */
  readonly step: number
  /** The world's time, in ms. */
  readonly at: number
  readonly error: Error
}

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
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const law = error instanceof BrokenLaw ? error.message : `the core throws ${String(error)}`
    return { law, step, at: world.now, error }
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
  if (verdict === undefined) return
  const text = `step ${verdict.step} of ${schedule.steps.length}, at ${verdict.at} ms: broken: ${verdict.law}`
  throw new Error(text, { cause: verdict.error })
}

/** The shortest schedule found that breaks the same law. */
export function shrink(schedule: Schedule, { law, step }: Verdict, play: typeof tryOut = tryOut): Schedule {
  const breaks = (shorter: Schedule): boolean => play(shorter)?.law === law
  let kept = schedule
  const attempt = (candidate: Schedule): boolean => {
    if (!breaks(candidate)) return false
    kept = candidate
    return true
  }
  attempt({ ...kept, steps: kept.steps.slice(0, step) })
  attempt({ ...kept, ending: 'rest' })
  for (let before = Infinity; kept.steps.length < before;) {
    before = kept.steps.length
    shrinkList(kept.steps, (steps) => attempt({ ...kept, steps }))
    for (const name of Object.keys(kept.limits)) {
      const limits = Object.fromEntries(Object.entries(kept.limits).filter(([other]) => other !== name))
      attempt({ ...kept, limits })
    }
    shrinkNumbers(numbersOf(kept.steps), (numbers) =>
      attempt({ ...kept, steps: withNumbers(kept.steps, numbers) }),
    )
  }
  return kept
}

function numbersOf(steps: readonly Step[]): number[] {
  return steps.flatMap((step) => step.slice(1) as number[])
}

/** The steps with other numbers, given in their order. */
function withNumbers(steps: readonly Step[], numbers: readonly number[]): Step[] {
  let used = 0
  return steps.map(([name, ...old]) => {
    const next = numbers.slice(used, used + old.length)
    used += old.length
    return [name, ...next] as unknown as Step
  })
}

/** What one seed broke, told so that it can be mended: the seed, the law, and a short schedule that replays it. */
export function trySeed(seed: number, length: number, shrinks = true): string | undefined {
  const schedule = scheduleOf(seed, length)
  const verdict = tryOut(schedule)
  if (verdict === undefined) return undefined
  const where = `seed ${seed}, step ${verdict.step} of ${length}, at ${verdict.at} ms: broken: ${verdict.law}`
  if (!shrinks) return where
  const short = shrink(schedule, verdict)
  const title = `seed ${seed}: ${verdict.law}`.replaceAll("'", '’')
  return `${where}
shrunk to ${short.steps.length} steps; paste this into core.simulation.test.ts:

test('${title}', () => {
  replay(${printSchedule(short).replaceAll('\n', '\n  ')})
})
`
}
