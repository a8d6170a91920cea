/** Warm connections: ready to the last handshake, counted like all others, and called off with the pool. */
import type { Socket } from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { buildConnector, errors } from 'undici'
import { expect, test } from 'vitest'
import { get } from './support/handlers.ts'
import { startH2, startHttp, startHttps, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

test.each([
  ['https', () => startHttps(), 3],
  [
    'HTTP/2',
    () =>
      startH2((stream) => {
        stream.respond({ ':status': 200 })
        stream.end('hello')
      }),
    3,
  ],
] as const)(
  'warm() over %s: the handshakes are done when it resolves, and no request makes another',
  async (_, start, count) => {
    await using server = await start()
    let handshakes = 0
    server.server.on('secureConnection', () => handshakes++)
    await using pool = new ConnectionPool({ connect: trust })
    expect(await pool.warm(server.origin, count)).toBe(count)
    expect(pool.snapshot()).toMatchObject({ connections: count, idle: count, dialing: 0 })
    expect(pool.connections().every(({ openedFor }) => openedFor === 'warm_up')).toBe(true)
    await eventually(() => handshakes === count, 'the server has them too')
    for (let i = 0; i < 3; i++) expect(await get(pool, server.origin)).toBe('hello')
    expect(handshakes).toBe(count)
  },
)

test('warm connections count against the limits, and make room for a request to another origin', async () => {
  await using warm = await startHttp()
  await using other = await startHttp()
  await using pool = new ConnectionPool({ maxConnections: 3 })
  expect(await pool.warm(warm.origin, 5)).toBe(3)
  expect(await soon(get(pool, other.origin), 'the other', 1_000)).toBe('hello')
  expect(pool.snapshot().connections).toBe(3)
  expect(pool.counters.closed).toEqual({ evicted: 1 })
})

test('warm connections rest like all others: they are closed when nobody comes', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ idleTimeout: 50 })
  await pool.warm(server.origin, 3)
  await eventually(() => server.total === 3 && server.open === 0, 'all closed', 1_000)
  expect(pool.counters.closed).toEqual({ idle: 3 })
})

test('of warm connections that the server closed some, the others are used, and nothing is reported', async () => {
  const sockets: Socket[] = []
  await using server = await startHttp()
  server.server.on('connection', (socket) => sockets.push(socket))
  await using pool = new ConnectionPool()
  await pool.warm(server.origin, 3)
  await eventually(() => sockets.length === 3, 'three')
  sockets[2]!.destroy()
  sockets[1]!.resetAndDestroy()
  await eventually(() => pool.snapshot().connections === 1, 'one is left')
  for (let i = 0; i < 3; i++) expect(await get(pool, server.origin)).toBe('hello')
  expect(server.total).toBe(3)
})

test.each(['close', 'destroy'] as const)(
  '%s() during a warm-up: the dials are called off, and it is told',
  async (how) => {
    const sockets: Socket[] = []
    await using server = await startHttp()
    const dial = buildConnector({})
    const pool = new ConnectionPool({
      connect: (target, callback) => {
        const socket = dial(target, () => {}) as unknown as Socket // it connects, and is not handed over
        sockets.push(socket)
        void callback
        return socket
      },
    })
    const warming = pool.warm(server.origin, 3)
    const told = Promise.allSettled([warming])
    expect(pool.snapshot().dialing).toBe(3)
    await soon(how === 'close' ? pool.close() : pool.destroy(new Error('enough')), how, 1_000)
    const [result] = await soon(told, 'the warm-up', 1_000)
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(Error) })
    expect(sockets.every(({ destroyed }) => destroyed)).toBe(true)
    await expect(pool.warm(server.origin, 1)).rejects.toMatchObject({ code: 'closed' })
  },
)

test('a warm-up in which one dial fails is told at once; what was opened is kept', async () => {
  await using server = await startHttp()
  const dial = buildConnector({})
  let dials = 0
  await using pool = new ConnectionPool({
    connect: (target, callback) => {
      if (++dials !== 2) return dial(target, callback)
      setTimeout(callback, 20, new errors.SocketError('no'), null)
    },
  })
  await expect(pool.warm(server.origin, 3)).rejects.toThrow('no')
  await sleep(20)
  expect(pool.snapshot()).toMatchObject({ connections: 2, idle: 2, dialing: 0 })
})
