/**
 * The core under seeded random schedules: requests, aborts, dials that succeed, fail and hang, server closes, GOAWAYs,
 * h2 sessions, upgrades, limits that change, passing and jumping time, shutdown and destruction, in any order. The laws
 * are checked after every step. How to replay and shrink what fails: docs/testing.md.
 */
import { describe, test } from 'vitest'
import type { Step } from '../testing/pool-schedule.ts'
import { replay, trySeed } from '../testing/pool-trial.ts'

/** Seeds to try, each with so many steps. */
const SEEDS = wholeNumber('KEEPWARM_SEEDS', 500)
const FIRST_SEED = wholeNumber('KEEPWARM_FIRST_SEED', 1)
const STEPS = 2_000
/** With 0 a failing schedule is told by its seed alone. */
const SHRINKS = process.env['KEEPWARM_SHRINK'] !== '0'

test(`the laws hold after every one of ${SEEDS * STEPS} steps`, { timeout: 600_000 }, () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const failure = trySeed(seed, STEPS, SHRINKS)
    if (failure !== undefined) throw new Error(failure)
  }
})

describe('what seeds once found', () => {
  test('a connection serves the origin that dialed it before it changes hands', () => {
    replay({ limits: { maxConnections: 1 }, ending: 'rest', steps: handOver(10) })
  })

  test('an origin behind which others come and go is not passed over for ever', () => {
    replay({
      limits: { maxConnections: 1 },
      ending: 'rest',
      steps: [
        ['ask', 3, 9_000, 0],
        ['open', 0, 1, 0, 0],
        ['ask', 2, 9_000, 0],
        ['ask', 1, 9_000, 0],
        ['ask', 0, 9_000, 0],
        ['ask', 3, 9_000, 0],
        ['finish', 0, 0],
        ['ask', 3, 9_000, 0],
        ['pass', 0],
        ['pass', 300],
        ...handOver(10),
      ],
    })
  })

  test('no idle connection makes room for a request that left', () => {
    replay({
      limits: { maxConnections: 1 },
      ending: 'rest',
      steps: [
        ['ask', 0, 1_000, 0],
        ['open', 0, 1, 0, 0],
        ['ask', 1, 1_000, 0],
        ['abort', 0],
        ['finish', 0, 0],
        ['pass', 1],
      ],
    })
  })

  test('a warm HTTP/2 session below one in use is found by a request that needs an unused one', () => {
    replay({
      limits: {},
      ending: 'rest',
      steps: [
        ['warm', 3, 3],
        ['open', 0, 2, 0, 0],
        ['open', 0, 2, 0, 0],
        ['open', 0, 2, 0, 0],
        ['ask', 3, 1_000, 0],
        ['pass', 1],
        ['ask', 3, 1_000, 0],
        ['ask', 3, 1_000, 0],
        ['pass', 1],
        ['close', 2, 2],
        ['pass', 1],
      ],
    })
  })
})

/** Each of the origins a, b and c asks for more than one connection can give, round after round. */
function handOver(rounds: number): Step[] {
  const round: Step[] = [
    ['ask', 0, 5_000, 0],
    ['ask', 1, 5_000, 0],
    ['ask', 2, 5_000, 0],
    ['pass', 250],
    ['gone', 1],
    ['open', 0, 1, 0, 0],
    ['finish', 0, 0],
    ['pass', 1],
  ]
  return Array.from({ length: rounds }, () => round).flat()
}

function wholeNumber(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Error(`${name} is "${process.env[name]}"; it must be a whole number above 0, as in ${name}=500`)
}
