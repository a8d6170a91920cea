/** HTTP/2: how many streams a server allows, which of them it turns away, and sessions that end too soon. */
import { constants } from 'node:http2'
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { get } from './support/handlers.ts'
import { startH2, startRawTls, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

const options = { connect: trust, maxQueue: 1_000 }

function hello(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 })
  stream.end('hello')
}

/** Answers after a moment, and keeps count of what runs at once. */
function slowly(moment = 5): { onStream(stream: ServerHttp2Stream): void; most: number; now: number } {
  const count = {
    most: 0,
    now: 0,
    onStream: (stream: ServerHttp2Stream): void => {
      count.most = Math.max(count.most, ++count.now)
      setTimeout(() => {
        count.now--
        if (!stream.destroyed) hello(stream)
      }, moment)
    },
  }
  return count
}

test('sessions that are full as their server sees it are not the last: others are dialed, and all are used', async () => {
  const count = slowly(40)
  await using server = await startH2(count.onStream, { settings: { maxConcurrentStreams: 10 } })
  await using pool = new ConnectionPool({ ...options, maxConnections: 3 })
  for (let round = 0; round < 2; round++) {
    await soon(Promise.all(Array.from({ length: 30 }, () => get(pool, server.origin))), 'all')
  }
  expect(server.total).toBe(3)
  expect(count.most).toBe(30)
})

test('a server that allows fewer streams than before, and then more, is obeyed at once', async () => {
  const sessions: ServerHttp2Session[] = []
  const count = slowly()
  await using server = await startH2(count.onStream)
  server.server.on('session', (session) => sessions.push(session))
  await using pool = new ConnectionPool({ ...options, maxConnections: 1 })
  const ask = (requests: number): Promise<string[]> =>
    soon(
      Promise.all(Array.from({ length: requests }, () => get(pool, server.origin))),
      `${requests} requests`,
    )
  await ask(1)
  for (const allowed of [4, 1, 30]) {
    await new Promise<void>((done) => sessions[0]!.settings({ maxConcurrentStreams: allowed }, () => done()))
    count.most = 0
    await ask(60)
    expect(count.most).toBe(allowed)
  }
  expect(server.total).toBe(1)
})

test('a server that allows no stream for a while keeps its requests waiting, and then answers them', async () => {
  const sessions: ServerHttp2Session[] = []
  await using server = await startH2(hello)
  server.server.on('session', (session) => sessions.push(session))
  await using pool = new ConnectionPool({ ...options, maxConnections: 1 })
  await get(pool, server.origin)
  await new Promise<void>((done) => sessions[0]!.settings({ maxConcurrentStreams: 0 }, () => done()))
  const waiting = Array.from({ length: 5 }, () => get(pool, server.origin))
  await sleep(50)
  expect(server.requests).toBe(1)
  sessions[0]!.settings({ maxConcurrentStreams: 10 })
  expect(await soon(Promise.all(waiting), 'all')).toEqual(Array(5).fill('hello'))
  expect(server.total).toBe(1)
})

test('a GOAWAY in the middle: what was processed is answered once, what was not goes elsewhere, once', async () => {
  const arrived: string[] = []
  const sessions: ServerHttp2Session[] = []
  await using server = await startH2((stream, headers) => {
    const path = headers[':path']!
    arrived.push(`${sessions.length}${path}`)
    if (path === '/processed') return void setTimeout(() => hello(stream), 60)
    if (sessions.length > 1) return hello(stream)
  })
  server.server.on('session', (session) => sessions.push(session))
  await using pool = new ConnectionPool({ ...options, maxConnections: 2 })
  await get(pool, `${server.origin}/processed`)
  const processed = request(`${server.origin}/processed`, { method: 'POST', body: 'a', dispatcher: pool })
  await eventually(() => arrived.length === 2, 'the second')
  const turnedAway = request(`${server.origin}/not`, { method: 'POST', body: 'b', dispatcher: pool })
  await eventually(() => arrived.length === 3, 'the third')
  sessions[0]!.goaway(constants.NGHTTP2_NO_ERROR, 3) // the stream of the second request
  const answers = await soon(Promise.all([processed, turnedAway]), 'both')
  for (const { body } of answers) expect(await body.text()).toBe('hello')
  expect(arrived).toEqual(['1/processed', '1/processed', '1/not', '2/not'])
})

test('a server that says GOAWAY to every session is asked a few times, and then told on', async () => {
  let sessions = 0
  await using server = await startH2(hello)
  server.server.on('session', (session) => {
    sessions++
    session.goaway(constants.NGHTTP2_NO_ERROR, 0)
  })
  await using pool = new ConnectionPool({ ...options, maxConnections: 2 })
  await expect(soon(get(pool, server.origin), 'the end')).rejects.toThrow()
  expect(sessions).toBeGreaterThan(1)
  expect(sessions).toBeLessThanOrEqual(5)
  expect(pool.snapshot()).toMatchObject({ waiting: 0, inFlight: 0 })
})

test.each([
  ['once: it goes out again', 1, 'hello'],
  ['every time: the caller is told, after two', Infinity, 'failed'],
])('a stream that is refused %s', async (_, refusals, expected) => {
  let asked = 0
  await using server = await startH2((stream) => {
    if (++asked > refusals) return hello(stream)
    stream.close(constants.NGHTTP2_REFUSED_STREAM)
  })
  await using pool = new ConnectionPool(options)
  const post = request(server.origin, { method: 'POST', body: 'x', dispatcher: pool })
  const answer = await soon(
    post.then(
      ({ body }) => body.text(),
      () => 'failed',
    ),
    'the end',
  )
  expect(answer).toBe(expected)
  expect(asked).toBe(2)
  expect(pool.snapshot()).toMatchObject({ inFlight: 0, waiting: 0 })
})

test('a session that ends before it ever served: the error is told, and dials are few', async () => {
  await using server = await startRawTls(
    (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.destroy())
    },
    { ALPNProtocols: ['h2'] },
  )
  await using pool = new ConnectionPool({ ...options, maxConnections: 4 })
  const all = Array.from({ length: 10 }, () => get(pool, server.origin))
  for (const result of await soon(Promise.allSettled(all), 'all')) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: /./ } })
  }
  expect(server.total).toBeLessThanOrEqual(40)
  expect(pool.snapshot()).toMatchObject({ inFlight: 0, waiting: 0 })
})
