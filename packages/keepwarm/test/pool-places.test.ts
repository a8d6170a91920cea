/** The places under the limits: who holds one, and when it is given back. The sockets are counted on our side. */
import type { ServerHttp2Session } from 'node:http2'
import { ConnectionPool } from 'keepwarm'
import { buildConnector } from 'undici'
import { expect, test } from 'vitest'
import { countingConnector } from './support/connectors.ts'
import { get } from './support/handlers.ts'
import { collected } from './support/memory.ts'
import { startH2, startHttp, trust } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

test('a hundred requests at once have as many connections as one origin may, no more and no fewer', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 3))
  const counting = countingConnector()
  const { connect } = counting
  await using pool = new ConnectionPool({ maxConnectionsPerOrigin: 7, connect })
  await soon(Promise.all(Array.from({ length: 100 }, () => get(pool, server.origin))), 'all')
  expect(counting).toMatchObject({ peak: 7, total: 7 })
  expect(server.requests).toBe(100)
})

test('dials that hang hold their places: there are never more of them than connections allowed', async () => {
  await using server = await startHttp()
  const dial = buildConnector({})
  const hanging: (() => void)[] = []
  await using pool = new ConnectionPool({
    maxConnectionsPerOrigin: 3,
    connect: (target, callback) => void hanging.push(() => dial(target, callback)),
  })
  const answers = Array.from({ length: 20 }, () => get(pool, server.origin))
  expect(hanging).toHaveLength(3)
  expect(pool.snapshot()).toMatchObject({ connections: 3, dialing: 3, waiting: 20 })
  for (const go of hanging) go()
  expect(new Set(await soon(Promise.all(answers), 'all'))).toEqual(new Set(['hello']))
  expect(hanging).toHaveLength(3)
  expect(server.peak).toBeLessThanOrEqual(3)
})

test('the places of dials that failed are free at once, for whichever origin', async () => {
  await using server = await startHttp()
  const dial = buildConnector({})
  await using pool = new ConnectionPool({
    maxConnections: 2,
    connect: (target, callback) => {
      if (target.hostname !== 'dead.test') return dial(target, callback)
      setImmediate(callback, Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), null)
    },
  })
  const dead = Promise.allSettled([1, 2].map(() => get(pool, 'http://dead.test')))
  const alive = Promise.all([1, 2, 3].map(() => get(pool, server.origin)))
  expect(await soon(alive, 'those of the other origin', 2_000)).toEqual(['hello', 'hello', 'hello'])
  for (const result of await dead) expect(result).toMatchObject({ reason: { code: 'ECONNREFUSED' } })
})

test('the places of idle connections that the server closed are free, and nobody has to make room', async () => {
  await using closing = await startHttp()
  await using other = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 10))
  await using pool = new ConnectionPool({ maxConnections: 3 })
  await pool.warm(closing.origin, 3)
  await Promise.all([1, 2, 3].map(() => get(pool, closing.origin)))
  closing.server.closeAllConnections()
  await eventually(() => pool.snapshot().connections === 0, 'all gone')
  await soon(Promise.all([1, 2, 3].map(() => get(pool, other.origin))), 'three at once')
  expect(other.peak).toBe(3)
  expect(pool.counters.closed.evicted ?? 0).toBe(0)
})

test('a session that finishes a long stream after a GOAWAY holds its place, and the limit holds', async () => {
  let finish = (): void => {}
  await using server = await startH2((stream, headers) => {
    stream.respond({ ':status': 200 })
    if (headers[':path'] !== '/long') return void stream.end('short')
    stream.write('began, ')
    finish = () => stream.end('finished')
  })
  const sessions: ServerHttp2Session[] = []
  server.server.on('session', (session) => sessions.push(session))
  const counting = countingConnector({ ...trust, allowH2: true })
  await using pool = new ConnectionPool({ maxConnections: 1, connect: counting.connect })
  const long = get(pool, `${server.origin}/long`)
  await eventually(() => server.requests === 1, 'the long one')
  sessions[0]!.goaway()
  await eventually(() => pool.connections()[0]?.state === 'retiring', 'the session retires')
  const short = get(pool, server.origin)
  expect(pool.snapshot()).toMatchObject({ connections: 1, waiting: 1 })
  finish()
  expect(await soon(Promise.all([long, short]), 'both')).toEqual(['began, finished', 'short'])
  expect(counting).toMatchObject({ peak: 1, total: 2 })
})

test('no idle connections allowed: a connection is used again within the grace and closed after it', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ maxIdleConnections: 0, idleGrace: 40 })
  await get(pool, server.origin)
  await get(pool, server.origin)
  expect(server.total).toBe(1)
  await eventually(() => server.open === 0, 'closed')
  expect(pool.counters.closed).toEqual({ idle_limit: 1 })
})

test('no idle time allowed: each request has a connection of its own', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ idleTimeout: 0, acquireTimeout: 1_000 })
  for (let i = 0; i < 3; i++) expect(await get(pool, server.origin)).toBe('hello')
  expect(server.total).toBe(3)
})

test('after a burst nothing is left of the connections that went, not even in memory', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 3))
  const dial = buildConnector({})
  const sockets: WeakRef<object>[] = []
  await using pool = new ConnectionPool({
    maxConnectionsPerOrigin: 50,
    maxDials: 50,
    maxIdleConnections: 2,
    idleGrace: 20,
    connect: (target, callback) => {
      const socket = dial(target, callback) as unknown as object
      sockets.push(new WeakRef(socket))
      return socket
    },
  })
  await Promise.all(Array.from({ length: 50 }, () => get(pool, server.origin)))
  expect(sockets).toHaveLength(50)
  await eventually(() => pool.snapshot().connections === 2, 'two are left')
  expect(pool.connections()).toHaveLength(2)
  await collected(() => sockets.filter((socket) => socket.deref() !== undefined).length <= 2, 'sockets')
})
