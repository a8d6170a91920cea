/** The same with a real TLS server and real sockets, in a day of a minute. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Chance } from '@keepwarm/cli/measuring'
import { ConnectionPool } from 'keepwarm'
import { Program } from './program.ts'
import { interleave } from './rounds.ts'
import type { SizingArm } from './sizing-arms.ts'
import { dayOfLoad, type Load, type LoadShape } from './sizing-load.ts'
import { heldOver, waitsOf, type SizingSample } from './sizing-measure.ts'
import type { DayBooks } from './sizing-server-program.ts'
import { Waits, type Clock } from './sizing-waits.ts'

export interface LoopbackPlan {
  readonly arms: readonly SizingArm[]
  readonly shape: LoadShape
  readonly rounds: number
  /** Of the first round's load; each round has another. */
  readonly seed: number
  /** Of the wire, in ms; a dial takes two of them. */
  readonly roundTrip: number
}

/** What is shorter is the machine's own doing, in ms. */
export const shortestWait = 1

const clock: Clock = {
  now: () => performance.now(),
  after: (delay, action) => {
    const timer = setTimeout(action, Math.max(0, delay))
    return { cancel: () => clearTimeout(timer), hold: () => {} }
  },
}

interface Day {
  readonly waits: Waits
  readonly books: DayBooks
}

/** By the name of the arm; all rounds of one together. */
export async function runLoopback(plan: LoopbackPlan): Promise<Map<string, SizingSample>> {
  await using server = await Program.start('sizing-server-program.ts', plan.roundTrip)
  const arms = new Map(plan.arms.map((arm) => [arm.name, arm]))
  const runs = new Map([...arms.keys()].map((name) => [name, 0]))
  const days = await interleave('sizing', [...arms.keys()], plan.rounds, (name) => {
    const run = runs.get(name)!
    runs.set(name, run + 1)
    // The first is the warm-up, which does not count and need not last.
    const shape = run === 0 ? { ...plan.shape, lasts: Math.min(plan.shape.lasts, 1_500) } : plan.shape
    return runDay(server, arms.get(name)!, dayOfLoad(new Chance(plan.seed + run), shape))
  })
  return new Map([...arms.keys()].map((name) => [name, together(days[name]!, plan.shape.lasts)]))
}

async function runDay(server: Program, { name, fixed, options }: SizingArm, load: Load): Promise<Day> {
  const origin = server.ready as string
  while ((await server.ask<number>('open')) > 0) await sleep(10) // those of the day before
  await server.ask('begin')
  const waits = new Waits(clock)
  const pool = new ConnectionPool(options)
  if (fixed > 0) pool.maintain(origin, fixed)
  waits.follow(load, pool, origin)
  await sleep(load.lasts)
  const books = await server.ask<DayBooks>('books')
  while (!waits.isQuiet) await sleep(50)
  await pool.close()
  const { requests } = await server.ask<DayBooks>('books')
  const sent = load.arrivals.length - waits.refused
  if (requests === sent && waits.broken === 0) return { waits, books }
  throw new Error(
    `${name}: ${requests} requests arrived, ${sent} were sent, ${waits.broken} broke off; the run is void`,
  )
}

function together(days: readonly Day[], lasts: number): SizingSample {
  const held = days.map(({ books }) => heldOver(books.history, 0, lasts))
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  return {
    ...waitsOf(
      days.flatMap(({ waits }) => waits.each),
      shortestWait,
    ),
    held: sum(held.map((day) => day.held)) / days.length,
    most: Math.max(...held.map(({ most }) => most)),
    refused: sum(days.map(({ waits }) => waits.refused)),
    dials: sum(days.map(({ books }) => books.accepted)) / days.length,
  }
}
