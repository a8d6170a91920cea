/** What events cost those who do not listen: nothing is made, and nothing is called. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { ConnectionPool, HttpClient, subscribeEvents } from 'keepwarm'
import type { Dispatcher } from 'undici'
import { afterEach, expect, test, vi } from 'vitest'
import type { Lease } from '../src/pool/lease.ts'
import type { Network } from '../src/pool/network.ts'
import { clientScheduleOf } from '../src/testing/client-schedule.ts'
import { ClientWorld } from '../src/testing/client-world.ts'
import { EventBook } from './support/event-book.ts'
import { collectGarbage } from './support/memory.ts'

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

const controller = { abort() {}, pause() {}, resume() {} } as unknown as Dispatcher.DispatchController

/** A network whose servers answer at once, and which allocates next to nothing itself. */
function flatNetwork(): Network {
  const connect: Network['connect'] = (host, slot) => {
    let lease: Lease | undefined
    const answer = (): void => {
      lease!.onRequestStart(controller)
      lease!.onRequestSent()
      lease!.onResponseStarted()
      lease!.onResponseStart(controller, 200, {}, 'OK')
      lease!.onResponseEnd(controller, {})
      host.drained(slot)
    }
    const end = (): void => queueMicrotask(() => host.closed(slot))
    return {
      client: undefined as unknown as Dispatcher,
      facts: () => ({ protocol: 'h1', address: undefined, bytesRead: 0, bytesWritten: 0 }),
      dispatch: (waiter) => {
        lease = waiter as Lease
        queueMicrotask(answer)
        return false
      },
      close: end,
      destroy: end,
    }
  }
  return {
    connect,
    hold: () => {},
    dial: (_target, _within, result) => {
      queueMicrotask(() => result.opened({}))
      return () => {}
    },
  }
}

/** Bytes that a call allocates: the least of several rounds, since a collection or a compilation may fall into one. */
async function bytesPerCall(client: HttpClient): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 5; round++) {
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    await askInTurn(client, 1_000)
    const grown = process.memoryUsage().heapUsed - before
    if (grown > 0) rounds.push(grown / 1_000)
  }
  return rounds.sort((a, b) => a - b)[rounds.length >> 1]!
}

function askInTurn(client: HttpClient, count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let left = count
  const ask = (): void =>
    void client.dispatch(
      { origin: 'http://flat.test', method: 'GET', path: '/' },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseEnd: () => (--left === 0 ? resolve() : queueMicrotask(ask)),
        onResponseError: (_, error) => reject(error),
      },
    )
  ask()
  return promise
}

test('a call allocates as much where somebody listens to other events as where nobody listens, and more where it is told', async () => {
  await using client = new HttpClient({ pool: new ConnectionPool({ network: flatNetwork() }) })
  await askInTurn(client, 20_000) // compiled
  const unheard = await bytesPerCall(client)
  const others = subscribeEvents({ 'dial:end': () => {}, 'connection:close': () => {}, limit: () => {} })
  const besides = await bytesPerCall(client)
  others[Symbol.dispose]()
  const listening = subscribeEvents({ 'call:end': () => {} })
  const told = await bytesPerCall(client)
  listening[Symbol.dispose]()
  const after = await bytesPerCall(client)
  expect([besides / unheard, after / unheard].every((share) => share < 1.05)).toBe(true)
  expect(told / unheard).toBeGreaterThan(1.1)
})
