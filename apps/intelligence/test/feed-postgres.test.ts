/** What processes on one server tell each other: events, joins, deaths; and that nothing of it is lost without a word. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { documentOf, type NumberedEvent } from '../src/indexing/feed.ts'
import { listenPause } from '../src/store/postgres/listener.ts'
import { openPostgresStore } from '../src/store/postgres/postgres-store.ts'
import type { Store } from '../src/store/store.ts'
import { post, service, settled, texts, until } from './app-support.ts'
import { draft } from './conformance/samples.ts'
import { followEvents } from './events-support.ts'
import {
  ask,
  findPostgres,
  missingPostgres,
  rowsOf,
  startPostgres,
  type TestServer,
} from './postgres/server.ts'

const bin = findPostgres()
if (bin === undefined) console.warn(missingPostgres)

let server: TestServer
beforeAll(async () => {
  if (bin !== undefined) server = await startPostgres(bin)
}, 60_000)
afterAll(() => server?.stop())

interface Heard {
  readonly events: NumberedEvent[]
  missed: number
}

async function hear(store: Store): Promise<Heard> {
  await store.feed.reach()
  const heard: Heard = { events: [], missed: 0 }
  store.feed.follow(
    (event) => heard.events.push(event),
    () => heard.missed++,
  )
  return heard
}

const removed = (document: string) => ({ type: 'removed', document }) as const

function documentsOf({ events }: Heard): unknown[] {
  return events.map(({ event }) => documentOf(event))
}

describe.skipIf(bin === undefined)('what is told on a server', () => {
  async function open(url: string, more = {}): Promise<Store> {
    const store = await openPostgresStore({ url, maxConnections: 4, ...more })
    onTestFinished(() => store.close())
    return store
  }

  test('is heard at once over one connection, and by the next look when that is cut', async () => {
    const url = await server.createDatabase()
    const [teller, follower] = [await open(url), await open(url, { pollInterval: 60_000 })]
    const heard = await hear(follower)
    const listeners = `SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`
    const listening = await until(
      () => rowsOf(url, listeners),
      (rows) => rows.length === 1,
    )
    expect(listening).toHaveLength(1)
    teller.feed.tell(removed('first'))
    await until(
      () => heard.events.length,
      (length) => length === 1,
    )
    for (const { pid } of listening as { pid: number }[])
      await ask(url, `SELECT pg_terminate_backend(${pid})`)
    teller.feed.tell(removed('second'))
    // It listens again, by itself, and looks for what it did not hear.
    await until(
      () => heard.events.length,
      (length) => length === 2,
    )
    const again = await rowsOf(url, listeners)
    expect(again).toHaveLength(1)
    expect(again).not.toEqual(listening)
    expect({ documents: documentsOf(heard), missed: heard.missed }).toEqual({
      documents: ['first', 'second'],
      missed: 0,
    })
    await follower.close()
    await until(
      () => rowsOf(url, listeners),
      (rows) => rows.length === 0,
    )
    expect(await rowsOf(url, listeners)).toEqual([])
  })

  test('waits while it cannot be written, and is heard in its order later', async () => {
    const url = await server.createDatabase()
    const errors: Error[] = []
    const store = await open(url, { onError: (error: Error) => errors.push(error) })
    const heard = await hear(store)
    await ask(url, 'ALTER TABLE intelligence.events RENAME TO away')
    for (let index = 0; index < 20; index++) store.feed.tell(removed(`d${index}`))
    await until(
      () => errors.length,
      (length) => length > 0,
    )
    store.feed.tell(removed('d20'))
    await ask(url, 'ALTER TABLE intelligence.away RENAME TO events')
    await until(
      () => heard.events.length,
      (length) => length === 21,
    )
    expect(documentsOf(heard)).toEqual(Array.from({ length: 21 }, (_, index) => `d${index}`))
    expect(heard.missed).toBe(0)
  })

  test('is left out only where more waits than is kept, and then whoever follows is told', async () => {
    const url = await server.createDatabase()
    const store = await open(url)
    const heard = await hear(store)
    await ask(url, 'ALTER TABLE intelligence.events RENAME TO away')
    for (let index = 0; index < 12_000; index++) store.feed.tell(removed(`d${index}`))
    await ask(url, 'ALTER TABLE intelligence.away RENAME TO events')
    await until(
      () => documentsOf(heard).at(-1),
      (last) => last === 'd11999',
    )
    expect(heard.missed).toBe(1)
    const numbers = documentsOf(heard).map((name) => Number(String(name).slice(1)))
    expect(numbers.length).toBeGreaterThan(5_000)
    expect(numbers).toEqual(numbers.map((_, index) => 12_000 - numbers.length + index))
    // And no more is kept in the table than was said.
    const [{ kept }] = (await rowsOf(url, 'SELECT count(*)::int AS kept FROM intelligence.events')) as [
      { kept: number },
    ]
    expect(kept).toBeLessThan(6_000)
  }, 60_000)

  test.each([
    ['were deleted before they were read', 'UPDATE intelligence.event_log SET last = last + 9000'],
    ['are of an older state of the database', 'UPDATE intelligence.event_log SET last = 0'],
    ['are of another database', `UPDATE intelligence.event_log SET run = 'another'`],
  ])('events that %s are a gap, and that is told', async (_, change) => {
    const url = await server.createDatabase()
    const store = await open(url)
    store.feed.tell(removed('before'))
    store.feed.tell(removed('too'))
    await store.feed.reach()
    const heard = await hear(store)
    await ask(url, `DELETE FROM intelligence.events; ${change}`)
    store.feed.tell(removed('after'))
    await until(
      () => heard.events.length,
      (length) => length === 1,
    )
    expect({ missed: heard.missed, documents: documentsOf(heard) }).toEqual({
      missed: 1,
      documents: ['after'],
    })
  })

  test('processes have names of their own, and are seen to come, to go and to fall silent', async () => {
    const url = await server.createDatabase()
    const [one, two, three] = [await open(url), await open(url), await open(url)]
    const heard = await hear(one)
    const { name } = await one.processes!.join('worker', 60_000)
    expect([name, (await two.processes!.join('worker', 60_000)).name]).toEqual(['worker', 'worker-2'])
    expect((await two.processes!.list()).map((each) => each.name)).toEqual(['worker', 'worker-2'])
    await expect(two.processes!.join('again')).rejects.toThrow('worker-2')
    await two.processes!.leave()
    // Nobody hears of it again: its connections are all gone.
    const silent = await openPostgresStore({ url, maxConnections: 2 })
    onTestFinished(() => silent.close())
    await silent.processes!.join('silent', 600_000)
    await ask(url, `UPDATE intelligence.processes SET seen_until = 0 WHERE name = 'silent'`)
    await three.processes!.join('third', 60_000)
    const lines = ['worker joined', 'worker-2 joined', 'worker-2 left', 'silent joined', 'silent died']
    const told = await until(
      () =>
        heard.events.flatMap(({ event }) =>
          event.type === 'process' ? [`${event.process} ${event.change}`] : [],
        ),
      (all) => lines.every((line) => all.includes(line)),
    )
    await until(
      () => heard.missed,
      (missed) => missed > 0,
    )
    expect(told.filter((line) => line === 'silent died')).toHaveLength(1)
  })

  test('a process that is known to be dead gives up its jobs at once, and what it indexed stays its own', async () => {
    const url = await server.createDatabase()
    const [dead, alive] = [await open(url), await open(url)]
    const { startedAt } = await alive.processes!.join('alive')
    await dead.processes!.join('dead')
    await alive.jobs.enqueue(['a', 'b', 'c'].map((id) => draft(id)))
    const [first] = await dead.jobs.claim(1, 60_000)
    await dead.jobs.complete(first!)
    const [held] = await dead.jobs.claim(1, 60_000)
    await alive.processes!.bury('dead')
    expect(await dead.jobs.complete(held!)).toMatchObject({ outcome: 'lost' })
    const rest = await alive.jobs.claim(5, 60_000)
    expect(rest.map(({ documentId }) => documentId)).toContain(held?.documentId)
    for (const job of rest) await alive.jobs.complete(job)
    expect(Object.fromEntries(await alive.processes!.shares(startedAt))).toEqual({ alive: 2, dead: 1 })
    expect(await alive.processes!.shares(Date.now() + 600_000)).toEqual(new Map())
  })

  test('GET /events tells of all processes, and a reader goes on at another where it left one', async () => {
    const url = await server.createDatabase()
    const [one, two] = [await service({ DATABASE_URL: url }), await service({ DATABASE_URL: url })]
    const atOne = await followEvents(one)
    const id = await post(two, texts(1)[0]!)
    await settled(one, id)
    const ended = (events: readonly { type: string }[]) => events.some(({ type }) => type === 'ended')
    await until(() => atOne.events, ended)
    const own = atOne.events.filter(({ document }) => document === id)
    expect([own[0]?.type, own.at(-1)?.type]).toEqual(['accepted', 'ended'])
    atOne.stop()
    const atTwo = await followEvents(two, '', own[0]!.id)
    await until(() => atTwo.events, ended)
    expect(atTwo.events.filter(({ document }) => document === id)).toEqual(own.slice(1))
    expect(atTwo.events.filter(({ type }) => type === 'reset')).toEqual([])
  }, 60_000)
})

test('the pauses before listening again grow to half a minute, and differ by chance', () => {
  expect([0, 1, 2, 30].map((failed) => listenPause(failed, 1))).toEqual([250, 500, 1_000, 30_000])
  expect(listenPause(0, 0)).toBe(125)
  expect(listenPause(1_000_000, 0)).toBe(15_000)
})
