/** HTTP/2 beside HTTP/1.1, over the same limits. */
import { constants } from 'node:http2'
import type { ServerHttp2Session } from 'node:http2'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { request } from 'undici'
import { countingConnector } from './support/connectors.ts'
import { get, listen } from './support/handlers.ts'
import { startH2, startHttp, startHttps, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

const options = { connect: trust, maxQueue: 1_000 }

test('300 requests at once share few sessions', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    setTimeout(() => stream.end('hello'), 10)
  })
  await using pool = new ConnectionPool(options)
  await get(pool, server.origin)
  const answers = await soon(Promise.all(Array.from({ length: 300 }, () => get(pool, server.origin))), 'all')
  expect(new Set(answers)).toEqual(new Set(['hello']))
  expect(server.requests).toBe(301)
  expect(server.total).toBeLessThanOrEqual(4)
})

test('a cold burst stays within the limit, and all are answered', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    setTimeout(() => stream.end('hello'), 10)
  })
  await using pool = new ConnectionPool({ ...options, maxConnectionsPerOrigin: 5 })
  await soon(Promise.all(Array.from({ length: 300 }, () => get(pool, server.origin))), 'all')
  expect(server.peak).toBeLessThanOrEqual(5)
})

test('a session never carries more streams than its server allows', async () => {
  const most = new Map<ServerHttp2Session, number>()
  const now = new Map<ServerHttp2Session, number>()
  await using server = await startH2(
    (stream) => {
      const session = stream.session as ServerHttp2Session
      const open = (now.get(session) ?? 0) + 1
      now.set(session, open)
      most.set(session, Math.max(most.get(session) ?? 0, open))
      setTimeout(() => {
        now.set(session, now.get(session)! - 1)
        stream.respond({ ':status': 200 })
        stream.end('hello')
      }, 3)
    },
    { settings: { maxConcurrentStreams: 10 } },
  )
  await using pool = new ConnectionPool({ ...options, maxConnections: 3 })
  await soon(Promise.all(Array.from({ length: 300 }, () => get(pool, server.origin))), 'all')
  expect(server.peak).toBeLessThanOrEqual(3)
  expect(Math.max(...most.values())).toBeLessThanOrEqual(10)
})

test('T12: after a GOAWAY a new request goes elsewhere at once, and the old one is finished', async () => {
  const sessions: ServerHttp2Session[] = []
  let finish = (): void => {}
  await using server = await startH2((stream, headers) => {
    stream.respond({ ':status': 200 })
    if (headers[':path'] !== '/long') return void stream.end('short')
    stream.write('began, ')
    finish = () => stream.end('finished')
  })
  server.server.on('session', (session) => sessions.push(session))
  await using pool = new ConnectionPool(options)
  const long = await request(`${server.origin}/long`, { dispatcher: pool })
  sessions[0]!.goaway()
  await eventually(() => pool.snapshot().origins[0]?.inFlight === 1, 'the long one under way')
  expect(await soon(get(pool, server.origin), 'the short one', 1_000)).toBe('short')
  expect(server.total).toBe(2)
  finish()
  expect(await long.body.text()).toBe('began, finished')
  await eventually(() => server.open === 1, 'the old session is gone')
  expect(pool.counters.closed).toEqual({ goaway: 1 })
})

test('what a GOAWAY says was not processed goes again on another session, whatever its method', async () => {
  let session = 0
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  server.server.on('session', (opened) => {
    // The first refuses everything that it is sent, as a server does that shuts down.
    if (++session === 1) opened.goaway(constants.NGHTTP2_NO_ERROR, 0)
  })
  await using pool = new ConnectionPool({ ...options, maxConnections: 1 })
  const response = await soon(
    request(server.origin, { method: 'POST', body: 'once', dispatcher: pool }),
    'the POST',
  )
  expect(await response.body.text()).toBe('hello')
  expect(server.total).toBe(2)
  expect(pool.counters).toMatchObject({ requests: 1, lostUnsent: 1 })
})

test('one stream that is reset leaves its siblings alone', async () => {
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] === '/reset') return stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    stream.respond({ ':status': 200 })
    setTimeout(() => stream.end('hello'), 20)
  })
  await using pool = new ConnectionPool(options)
  await get(pool, server.origin)
  const siblings = Array.from({ length: 5 }, () => get(pool, server.origin))
  await expect(get(pool, `${server.origin}/reset`)).rejects.toThrow('NGHTTP2_INTERNAL_ERROR')
  expect(await Promise.all(siblings)).toEqual(Array(5).fill('hello'))
  expect(server.total).toBe(1)
})

test('one stream that is aborted leaves its siblings alone, and the server hears of it', async () => {
  let cancelled = 0
  await using server = await startH2((stream) => {
    stream.on('aborted', () => cancelled++)
    setTimeout(() => {
      if (stream.destroyed) return
      stream.respond({ ':status': 200 })
      stream.end('hello')
    }, 40)
  })
  await using pool = new ConnectionPool(options)
  const siblings = Array.from({ length: 5 }, () => get(pool, server.origin))
  const { heard, done } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
  await eventually(() => server.requests === 6, 'six requests')
  heard.controller?.abort(new Error('gone'))
  expect((await done).error?.message).toBe('gone')
  expect(await Promise.all(siblings)).toEqual(Array(5).fill('hello'))
  expect(cancelled).toBe(1)
})

test('a server without HTTP/2 is spoken to in HTTP/1.1', async () => {
  await using server = await startHttps()
  await using pool = new ConnectionPool({ ...options, maxConnections: 4 })
  await Promise.all(Array.from({ length: 12 }, () => get(pool, server.origin)))
  expect(server).toMatchObject({ requests: 12, total: 4 })
})

test('allowH2: false speaks HTTP/1.1 to everybody', async () => {
  await using server = await startH2(() => {}, { allowHTTP1: true })
  server.server.on('request', (incoming, response) => response.end(incoming.httpVersion))
  await using pool = new ConnectionPool({ ...options, allowH2: false })
  expect(await get(pool, server.origin)).toBe('1.1')
})

test('origins of both kinds share one limit', async () => {
  await using plain = await startHttp((_, response) => void setTimeout(() => response.end('h1'), 3))
  await using multiplexed = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    setTimeout(() => stream.end('h2'), 3)
  })
  const counting = countingConnector({ ...trust, allowH2: true })
  await using pool = new ConnectionPool({ ...options, maxConnections: 4, connect: counting.connect })
  const origins = [plain.origin, multiplexed.origin]
  await soon(Promise.all(Array.from({ length: 120 }, (_, i) => get(pool, origins[i % 2]!))), 'all')
  expect(counting.peak).toBeLessThanOrEqual(4)
  expect([plain.requests, multiplexed.requests]).toEqual([60, 60])
})

test('an idle session is closed in time', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using pool = new ConnectionPool({ ...options, idleTimeout: 60 })
  await get(pool, server.origin)
  expect(server.open).toBe(1)
  await eventually(() => server.open === 0, 'the session is closed', 1_000)
  expect(pool.counters.closed).toEqual({ idle: 1 })
})

test.each(['FIN', 'RST'] as const)('an idle session that ends with a %s is replaced', async (way) => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using pool = new ConnectionPool(options)
  await get(pool, server.origin)
  const [socket] = server.sockets
  if (way === 'FIN') socket!.end()
  else socket!.resetAndDestroy()
  await eventually(() => pool.snapshot().connections === 0, 'the session is gone')
  expect(await get(pool, server.origin)).toBe('hello')
})

test('a session that was never used and that the server closed costs the next request nothing', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using pool = new ConnectionPool(options)
  const { heard } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
  heard.controller?.abort(new Error('gone')) // the dial goes on
  await eventually(() => pool.snapshot().idle === 1, 'an unused session')
  const [socket] = server.sockets
  socket!.destroy()
  await eventually(() => pool.snapshot().connections === 0, 'the session is gone')
  const response = await soon(request(server.origin, { method: 'POST', body: 'x', dispatcher: pool }), 'POST')
  expect(await response.body.text()).toBe('hello')
})

test('destroy ends running streams, also those of a session that said GOAWAY', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.write('never ends')
  })
  server.server.on('stream', (stream) => setTimeout(() => stream.session?.goaway(), 5))
  const pool = new ConnectionPool(options)
  const response = await request(server.origin, { dispatcher: pool })
  await sleep(30)
  const ended = expect(response.body.text()).rejects.toThrow('enough')
  await soon(pool.destroy(new Error('enough')), 'destroy', 1_000)
  await ended
})

test('a request that is given up while its session allows no streams leaves nothing behind', async () => {
  let session: ServerHttp2Session | undefined
  await using server = await startH2((stream) => {
    session = stream.session as ServerHttp2Session
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  const pool = new ConnectionPool({ ...options, maxConnections: 1 })
  await get(pool, server.origin)
  session!.settings({ maxConcurrentStreams: 0 })
  await sleep(50)
  const signal = AbortSignal.timeout(50)
  await expect(request(server.origin, { dispatcher: pool, signal })).rejects.toThrow('timeout')
  expect(pool.snapshot().inFlight).toBe(0)
  await soon(pool.close(), 'closed')
  await eventually(() => server.open === 0, 'the server sees no connection')
})
