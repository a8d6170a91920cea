/** The stream of events, on real sockets and a clock that only the test moves. */
import { connect } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Lab } from './support/handler-lab.ts'
import type { EventStream } from './support/handler-stream.ts'
import { eventually } from './support/handler-wait.ts'

const labs: Lab[] = []
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab[Symbol.asyncDispose]()
})

async function open(...given: Parameters<typeof Lab.open>): Promise<Lab> {
  const lab = await Lab.open(...given)
  labs.push(lab)
  return lab
}

/** Until its history and its first tick are there. */
async function watch(lab: Lab, path?: string, headers?: Record<string, string>): Promise<EventStream> {
  const stream = await lab.watch(path, headers)
  await eventually(() => stream.ticks.length > 0, 'a first tick')
  return stream
}

/** One second after the other, each read before the next. */
async function seconds(lab: Lab, count: number, stream: EventStream, every = 1): Promise<void> {
  for (let second = 0; second < count; second++) {
    const before = stream.ticks.length
    await lab.told.runtime.run(1_000)
    if (every === 1) await eventually(() => stream.ticks.length > before, 'the next tick')
  }
}

function consecutive(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value === values[index - 1]! + 1)
}

test('the history comes first, then a tick every second, and no second is missing or comes twice', async () => {
  const lab = await open()
  const stream = await watch(lab)
  expect(stream.headers['content-type']).toMatch(/^text\/event-stream/)
  expect(stream.retry).toBeGreaterThan(0)
  await seconds(lab, 5, stream)
  expect(stream.events.map(({ event }) => event)).toEqual(['history', ...Array<string>(6).fill('tick')])
  const came = stream.secondsOf('search')
  expect(came).toHaveLength(60 + 5)
  expect(consecutive(came)).toBe(true)
  expect(stream.lastId).toBe(String(came.at(-1)))
  expect(stream.ticks.at(-1)).toMatchObject({
    view: String(process.pid),
    processes: [{ pid: 4242, name: 'shop' }],
  })
})

test('the second that runs is not told before it is over', async () => {
  const lab = await open()
  const stream = await watch(lab)
  expect(Number(stream.lastId)).toBe(Math.floor(lab.told.runtime.wallClock() / 1_000) - 1)
})

test.each([
  { by: 'Last-Event-ID', path: () => '/events', headers: (id: string) => ({ 'last-event-id': id }) },
  { by: '?since=', path: (id: string) => `/events?since=${id}`, headers: () => ({}) },
])('whoever comes again with $by gets what it missed, and nothing twice', async ({ path, headers }) => {
  const lab = await open()
  const first = await watch(lab)
  await seconds(lab, 3, first)
  first.close()
  await eventually(() => lab.board.watchers === 0, 'the first one is gone')
  await lab.told.runtime.run(7_000)
  const second = await watch(lab, path(first.lastId), headers(first.lastId))
  await seconds(lab, 3, second)
  const came = [...first.secondsOf('ollama'), ...second.secondsOf('ollama')]
  expect(consecutive(came)).toBe(true)
  expect(came).toHaveLength(60 + 3 + 7 + 3)
})

test('an id that is none, or lies in the future, gets the whole history', async () => {
  const lab = await open()
  for (const id of ['abc', '-1', '99999999999', '1e3', '']) {
    const stream = await watch(lab, '/events', { 'last-event-id': id })
    expect(stream.secondsOf('search')).toHaveLength(60)
  }
})

test('a hidden page is told every fifth second, and misses none of them', async () => {
  const lab = await open()
  const slow = await watch(lab, '/events?every=5')
  const quick = await watch(lab)
  await seconds(lab, 20, quick)
  await eventually(() => slow.ticks.length === 5, 'four ticks after the first')
  expect(consecutive(slow.secondsOf('search'))).toBe(true)
  expect(slow.secondsOf('search').length).toBeGreaterThanOrEqual(75)
  expect(slow.ticks.length).toBe(5)
})

test('one timer serves all who watch, and there is none when nobody does', async () => {
  const lab = await open()
  const { runtime } = lab.told
  expect(runtime.pending).toBe(0)
  const streams = [await watch(lab), await watch(lab, '/events?every=5'), await watch(lab)]
  expect(runtime.pending).toBe(1)
  expect(runtime.holding).toBe(0)
  for (const stream of streams) stream.close()
  await eventually(() => lab.board.watchers === 0, 'all are gone')
  expect(runtime.pending).toBe(0)
  await runtime.run(10_000)
  const { snapshots } = lab.told
  await runtime.run(10_000)
  expect(lab.told.snapshots).toBe(snapshots)
})

test('a tick is made once, however many watch', async () => {
  const lab = await open()
  const streams: EventStream[] = []
  for (let i = 0; i < 10; i++) streams.push(await watch(lab))
  const { snapshots } = lab.told
  await seconds(lab, 3, streams[0]!)
  expect(lab.told.snapshots - snapshots).toBe(3)
  for (const stream of streams) await eventually(() => stream.ticks.length === 4, 'everybody is told')
})

test('one more than may watch is told so in a sentence, and may when somebody left', async () => {
  const lab = await open({ maxWatchers: 2 })
  const [first] = [await watch(lab), await watch(lab)]
  const refused = await lab.ask('/events')
  expect(refused.status).toBe(503)
  expect(refused.text).toMatch(/2 already watch/)
  expect(refused.headers['retry-after']).toBeDefined()
  first.close()
  await eventually(() => lab.board.watchers === 1, 'one is gone')
  await watch(lab)
})

test('who comes and goes a hundred times leaves nothing behind', async () => {
  const lab = await open()
  for (let i = 0; i < 100; i++) {
    const stream = await watch(lab, `/events?since=${lab.told.runtime.wallClock() / 1_000 - 2}`)
    stream.close()
  }
  await eventually(() => lab.board.watchers === 0, 'all are gone')
  expect(lab.told.runtime.pending).toBe(0)
  const connections = await new Promise((resolve) => lab.server.getConnections((_, count) => resolve(count)))
  expect(connections).toBe(0)
})

test('who does not read is skipped, then dropped, and nothing piles up for it; the others are told all the same', async () => {
  const lab = await open()
  lab.told.weight = 2_000_000
  const reader = await watch(lab)
  const { port } = lab.server.address() as AddressInfo
  const mute = connect(port, '127.0.0.1')
  mute.on('error', () => {})
  mute.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await once(mute, 'readable')
  mute.pause()
  await eventually(() => lab.board.watchers === 2, 'it watches')
  for (let second = 0; second < 45 && lab.board.watchers === 2; second++) await seconds(lab, 1, reader)
  await eventually(() => lab.board.watchers === 1, 'it was dropped')
  const [facts] = lab.log.find(([, text]) => text.includes('does not read'))!
  expect((facts as { backlog: number }).backlog).toBeLessThan(10_000_000) // and not 30 ticks of 2 MB
  expect(consecutive(reader.secondsOf('search'))).toBe(true)
  mute.destroy()
})

test('a pace slower than the patience of what lies between hears that we are there', async () => {
  const lab = await open()
  const stream = await watch(lab, '/events?every=60')
  for (let second = 0; second < 20; second++) await lab.told.runtime.run(1_000)
  await eventually(() => stream.comments > 0, 'a comment')
})

test('a snapshot that cannot be taken ends nothing, and the next one comes', async () => {
  const lab = await open()
  const stream = await watch(lab)
  lab.told.fault = new Error('out of order')
  await lab.told.runtime.run(2_000)
  expect(lab.log.map(([, text]) => text)).toContain('dashboard: could not take a snapshot')
  lab.told.fault = undefined
  await seconds(lab, 1, stream)
  expect(consecutive(stream.secondsOf('search'))).toBe(true)
})

test('when the clients are closed the stream ends, and whoever comes is told why', async () => {
  const lab = await open()
  const stream = await watch(lab)
  lab.told.clients = []
  await lab.told.runtime.run(1_000)
  await eventually(() => stream.ended, 'the end')
  expect(await lab.ask('/events')).toMatchObject({ status: 503, text: 'The clients are closed.\n' })
})

test('close() ends all streams and takes no more', async () => {
  const lab = await open()
  const stream = await watch(lab)
  await lab.board.close()
  await eventually(() => stream.ended, 'the end')
  expect(lab.told.runtime.pending).toBe(0)
  expect(lab.told.disposed).toBe(true)
  for (const path of ['/', '/events', '/snapshot.json', '/metrics'])
    expect(await lab.ask(path)).toMatchObject({ status: 503, text: 'The dashboard is closed.\n' })
  expect((await lab.ask('/health/live')).status).toBe(503)
})

test('a server that shuts down gracefully is not kept waiting, by connections that could be used again neither', async () => {
  const lab = await open()
  const stream = await watch(lab, '/events', { connection: 'keep-alive' })
  expect(stream.headers.connection).toBe('close')
  const closed = once(lab.server.close(), 'close')
  await lab.told.runtime.run(1_000)
  await closed
  await eventually(() => stream.ended, 'the end')
  expect(lab.board.watchers).toBe(0)
  expect(lab.told.runtime.pending).toBe(0)
})

test('a server that closes all its connections leaves no one who watches', async () => {
  const lab = await open()
  await watch(lab)
  lab.server.closeAllConnections()
  await eventually(() => lab.board.watchers === 0, 'it is gone')
  expect(lab.told.runtime.pending).toBe(0)
})
