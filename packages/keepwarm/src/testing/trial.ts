/** What all simulations share: a schedule is tried, and when it breaks a law, a short one is found that does too. */
import { BrokenLaw } from './laws.ts'
import { shorterLists, smallerNumbers, within, type Search } from './shrink.ts'

/** What happens, as data; {@link file://./pool-schedule.ts} has one sort. */
export interface AnySchedule {
  /** What differs from the defaults. */
  readonly limits: Readonly<Record<string, unknown>>
  readonly steps: readonly AnyStep[]
  readonly ending: string
}

/** Its name, and numbers that say the rest. */
export type AnyStep = readonly [name: string, ...numbers: (number | undefined)[]]

/** What a schedule broke. */
export interface Verdict {
  /** The law, or what the tested thing threw. */
  readonly law: string
  /** The step after which it did not hold, counted from 1; one more than there are when it was at the end. */
  readonly step: number
  /** The world's time, in ms. */
  readonly at: number
  readonly error: Error
}

/** @param thing "the core", that threw what is no broken law. */
export function verdictOn(thing: string, thrown: unknown, step: number, at: number): Verdict {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const law = error instanceof BrokenLaw ? error.message : `${thing} throws ${String(error)}`
  return { law, step, at, error }
}

/** For a test that holds on to what a seed once found. */
export function verdictError(schedule: AnySchedule, { law, step, at, error }: Verdict): Error {
  return new Error(`step ${step} of ${schedule.steps.length}, at ${at} ms: broken: ${law}`, { cause: error })
}

/** Searches for the shortest schedule that fails as this one did at `step`. */
export function* shorterSchedules<S extends AnySchedule>(schedule: S, step: number): Search<S> {
  let kept = schedule
  const first = { ...kept, steps: kept.steps.slice(0, step) }
  if (yield first) kept = first
  const restful = { ...kept, ending: 'rest' }
  if (yield restful) kept = restful
  for (let before = Infinity; kept.steps.length < before;) {
    before = kept.steps.length
    const base = kept
    kept = { ...base, steps: yield* within(shorterLists(base.steps), (steps) => ({ ...base, steps })) }
    kept = yield* fewerLimits(kept)
    const found = kept
    const whole = (numbers: readonly number[]): S => ({ ...found, steps: withNumbers(found.steps, numbers) })
    kept = whole(yield* within(smallerNumbers(numbersOf(found.steps)), whole))
  }
  return kept
}

function* fewerLimits<S extends AnySchedule>(schedule: S): Search<S> {
  let kept = schedule
  for (const name of Object.keys(schedule.limits)) {
    const limits = Object.fromEntries(Object.entries(kept.limits).filter(([other]) => other !== name))
    const candidate = { ...kept, limits }
    if (yield candidate) kept = candidate
  }
  return kept
}

function numbersOf(steps: readonly AnyStep[]): number[] {
  return steps.flatMap((step) => step.slice(1) as number[])
}

/** The steps with other numbers, given in their order. */
function withNumbers(steps: readonly AnyStep[], numbers: readonly number[]): AnyStep[] {
  let used = 0
  return steps.map(([name, ...old]) => {
    const next = numbers.slice(used, used + old.length)
    used += old.length
    return [name, ...next]
  })
}

/** What a seed broke, on one line. */
export function failureLine(seed: number, length: number, { law, step, at }: Verdict): string {
  return `seed ${seed}, step ${step} of ${length}, at ${at} ms: broken: ${law}`
}

/** What a seed broke, told so that it can be mended: with a short schedule that replays it, as code. */
export function failureText(line: string, seed: number, law: string, steps: number, replay: Replay): string {
  const title = `seed ${seed}: ${law}`.replaceAll("'", '’')
  return `${line}
shrunk to ${steps} steps; paste this into ${replay.file}:

test('${title}', ${replay.before}() => {
  ${replay.call}(${replay.code.replaceAll('\n', '\n  ')})
})
`
}

/** How a schedule stands in a test. */
export interface Replay {
  readonly file: string
  /** "async " where it takes its time. */
  readonly before: string
  readonly call: string
  readonly code: string
}

/** A list of steps as code. */
export function printSteps(steps: readonly AnyStep[]): string {
  return steps.map((step) => `    [${step.map((part) => literal(part!)).join(', ')}],`).join('\n')
}

export function literal(part: string | number): string {
  return typeof part === 'string' ? `'${part}'` : String(part)
}
