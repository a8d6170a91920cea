/** What is told of calls and pools under random schedules: {@link file://../src/testing/client-trial.ts}. */
import { expect, test } from 'vitest'
import { clientScheduleOf } from '../src/testing/client-schedule.ts'
import { ClientWorld } from '../src/testing/client-world.ts'
import { EventBook } from './support/event-book.ts'

const SEEDS = 40
const STEPS = 300

/** Plays a seed to its end; all that began must have ended then. */
async function play(seed: number, book: EventBook): Promise<ClientWorld> {
  const { limits, steps, ending } = clientScheduleOf(seed, STEPS)
  const world = new ClientWorld(limits)
  for (const step of steps) await world.apply(step)
  await world.end(ending)
  if (book.wrong.length + book.open.size > 0)
    throw new Error(`seed ${seed}: ${[...book.wrong, ...book.open].slice(0, 5).join('; ')}`)
  return world
}

test('every start has one end, after it; attempts are within their calls, waits within their attempts, whatever happens', async () => {
  using book = new EventBook()
  for (let seed = 1; seed <= SEEDS; seed++) await play(seed, book)
  expect(book.of('call:end').length).toBeGreaterThan(1_000)
  const outcomes = new Set(book.of('wait:end').map(({ outcome }) => outcome))
  expect([...outcomes].sort()).toEqual([
    'acquire_timeout',
    'closed',
    'dial_failed',
    'leased',
    'left',
    'queue_full',
  ])
  const dials = new Set(book.of('dial:end').map(({ outcome }) => outcome))
  expect([...dials].sort()).toEqual(['called_off', 'failed', 'opened'])
  const why = new Set(book.of('attempt:start').map((event) => event.why))
  expect([...why].sort()).toEqual(['hedge', 'initial', 'retry'])
  const missing = ['retry', 'breaker', 'race', 'connection:close'] as const
  expect(missing.filter((name) => book.of(name).length === 0)).toEqual([])
}, 120_000)

test('what is told is what the figures count', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    using book = new EventBook()
    const { client, pool } = await play(seed, book)
    const { counters } = pool
    expect(book.of('dial:start').length).toBe(counters.dialed)
    expect(book.of('connection:open').length).toBe(counters.opened)
    expect(book.of('race').length).toBe(counters.lostRaces + counters.lostUnsent)
    expect(book.of('leak').length).toBe(counters.leaks)
    if (client === undefined) continue
    const { calls, attempts } = client.snapshot()
    expect(book.of('call:end').length).toBe(calls.started)
    const began = attempts.initial + attempts.retry + attempts.hedge
    expect(book.of('attempt:start').length).toBe(began)
  }
}, 60_000)

test('listening changes nothing that happens', async () => {
  const fates = async (listens: boolean): Promise<unknown> => {
    using book = new EventBook()
    if (!listens) book[Symbol.dispose]()
    const world = await play(11, book)
    return world.visits.map(({ settled, settledAt }) => [settled, settledAt])
  }
  expect(await fates(true)).toEqual(await fates(false))
})
