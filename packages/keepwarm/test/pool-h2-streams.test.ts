/** HTTP/2: how many streams a server allows, which of them it turns away, and sessions that end too soon. */
import { constants } from 'node:http2'
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { get, listen } from './support/handlers.ts'
import { startH2, startRawTls, trust, type TestServer } from './support/servers.ts'
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

test('a server that allows no stream at all lets nobody wait longer than the acquire timeout', async () => {
  await using server = await startH2(() => {}, { settings: { maxConcurrentStreams: 0 } })
  const pool = new ConnectionPool({ connect: trust, maxConnections: 1, acquireTimeout: 150 })
  const all = Promise.allSettled(Array.from({ length: 3 }, () => get(pool, server.origin)))
  try {
    for (const result of await soon(all, 'all', 2_000)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'acquire_timeout' } })
    }
  } finally {
    await soon(pool.close(), 'closed')
  }
})

test('whom such a server refused, and who then leaves, keeps no pool from closing', async () => {
  let refused = 0
  await using server = await startH2(() => {}, { settings: { maxConcurrentStreams: 0 } })
  const pool = new ConnectionPool({ connect: trust, maxConnections: 1 })
  const { heard, done } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
  server.server.on('session', () => refused++)
  await eventually(() => refused === 1 && pool.snapshot().inFlight === 1, 'a session')
  await sleep(30)
  heard.controller!.abort(new Error('gone'))
  await soon(done, 'the end')
  expect(pool.snapshot().inFlight).toBe(0)
  await soon(pool.close(), 'closed', 2_000)
})

/** A session with four streams that hang, whose server then says that four are allowed. */
async function fullSession(pool: ConnectionPool): Promise<{ server: TestServer; free(): void }> {
  const sessions: ServerHttp2Session[] = []
  const hanging: ServerHttp2Stream[] = []
  const server = await startH2((stream, headers) => {
    if (headers[':path'] === '/hang') hanging.push(stream)
    else hello(stream)
  })
  server.server.on('session', (session) => sessions.push(session))
  await get(pool, server.origin)
  for (let i = 0; i < 4; i++) void get(pool, `${server.origin}/hang`).catch(() => {})
  await eventually(() => hanging.length === 4, 'four hang')
  await new Promise<void>((done) => sessions[0]!.settings({ maxConcurrentStreams: 4 }, () => done()))
  return { server, free: () => hello(hanging.pop()!) }
}

test('a server that allows fewer streams than it has lets nobody wait longer than the acquire timeout', async () => {
  const pool = new ConnectionPool({ connect: trust, maxConnections: 1, acquireTimeout: 150 })
  const { server } = await fullSession(pool)
  await using _ = server
  const all = Promise.allSettled(Array.from({ length: 3 }, () => get(pool, server.origin)))
  try {
    for (const result of await soon(all, 'all', 2_000)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'acquire_timeout' } })
    }
    expect(pool.snapshot()).toMatchObject({ inFlight: 4, waiting: 0 })
  } finally {
    await pool.destroy()
  }
})

test('while a session may carry no more, others are dialed; when a stream of it ends it is used again', async () => {
  const pool = new ConnectionPool({ connect: trust, maxConnections: 2 })
  const { server, free } = await fullSession(pool)
  await using _ = server
  try {
    const answers = await soon(Promise.all([get(pool, server.origin), get(pool, server.origin)]), 'both')
    expect(answers).toEqual(['hello', 'hello'])
    expect(server.total).toBe(2)
    pool.setLimits({ maxConnections: 1 }) // the other is closed
    await eventually(() => pool.snapshot().connections === 1, 'one is left')
    const waiting = get(pool, server.origin)
    free()
    expect(await soon(waiting, 'the next')).toBe('hello')
    expect(server.total).toBe(2)
  } finally {
    await pool.destroy()
  }
})

test('a tunnel that waits for settings which never come waits no longer than the acquire timeout', async () => {
  await using server = await startRawTls((socket) => socket.on('error', () => {}).resume(), {
    ALPNProtocols: ['h2'],
  })
  const pool = new ConnectionPool({ connect: trust, acquireTimeout: 100 })
  const { done } = listen(pool, { origin: server.origin, path: '/', method: 'CONNECT' })
  const { error } = await soon(done, 'the end', 2_000)
  expect(error).toMatchObject({
    code: 'acquire_timeout',
    message: expect.stringContaining('its HTTP/2 session allows no more streams') as string,
  })
  expect(pool.counters.refused.acquire_timeout).toBe(1)
  await soon(pool.close(), 'closed', 2_000)
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
