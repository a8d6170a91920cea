/** What events cost those who do not listen: nothing is made, and nothing is called. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { subscribeEvents } from 'keepwarm'
import { afterEach, expect, test, vi } from 'vitest'
import { clientScheduleOf } from '../src/testing/client-schedule.ts'
import { ClientWorld } from '../src/testing/client-world.ts'
import { EventBook } from './support/event-book.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

async function playSeeds(count: number): Promise<void> {
  for (let seed = 1; seed <= count; seed++) {
    const { limits, steps, ending } = clientScheduleOf(seed, 300)
    const world = new ClientWorld(limits)
    for (const step of steps) await world.apply(step)
    await world.end(ending)
  }
}

/** Without subscribers a channel has a `publish` that does nothing: to call it means that a message was made. */
function silentPublishes(): () => number {
  const silent = Object.getPrototypeOf(channel('keepwarm-test:nobody')) as { publish(): void }
  const spy = vi.spyOn(silent, 'publish')
  return () => spy.mock.calls.length
}

test('where nobody listens no message is made, whatever happens to calls and pools', async () => {
  const published = silentPublishes()
  const snapshots = vi.spyOn(AsyncLocalStorage, 'snapshot')
  await playSeeds(20)
  expect(published()).toBe(0)
  expect(snapshots).not.toHaveBeenCalled()
})

test('where somebody listens to one event, no message is made of the others', async () => {
  const published = silentPublishes()
  for (const name of [
    'call:end',
    'attempt:end',
    'wait:end',
    'dial:end',
    'connection:close',
    'retry',
  ] as const) {
    let heard = 0
    using _ = subscribeEvents({ [name]: () => heard++ })
    await playSeeds(3)
    expect(heard, name).toBeGreaterThan(0)
  }
  expect(published()).toBe(0)
})

test('when nobody listens any more it is as if nobody ever had', async () => {
  {
    using _ = new EventBook()
    await playSeeds(2)
  }
  const published = silentPublishes()
  await playSeeds(2)
  expect(published()).toBe(0)
})
