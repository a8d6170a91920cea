/** Upgrades, tunnels and WebSockets: the socket is the caller's then, and counts until it is closed. */
import { once } from 'node:events'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { connect, upgrade, WebSocket } from 'undici'
import { get } from './support/handlers.ts'
import { startH2, startHttp, trust } from './support/servers.ts'
import { echo, startUpgrading } from './support/upgrading.ts'
import { eventually, soon } from './support/wait.ts'

test('an upgraded socket is the caller’s, and counts until it is closed', async () => {
  await using server = await startUpgrading()
  await using pool = new ConnectionPool({ maxConnections: 1, acquireTimeout: 250 })
  const { socket } = await upgrade(server.origin, { protocol: 'echo', dispatcher: pool })
  expect(await echo(socket, 'hello')).toBe('hello')
  expect(pool.snapshot()).toMatchObject({ connections: 1, idle: 0, inFlight: 0 })
  await expect(get(pool, server.origin)).rejects.toMatchObject({ code: 'acquire_timeout' })
  socket.destroy()
  await eventually(() => pool.snapshot().connections === 0, 'its place is free')
  expect(await get(pool, server.origin)).toBe('hello')
  expect(pool.counters.closed).toEqual({ upgrade: 1 })
})

test('a CONNECT tunnel', async () => {
  await using server = await startUpgrading()
  await using pool = new ConnectionPool()
  const { statusCode, socket } = await connect({
    origin: server.origin,
    path: 'example.test:80',
    dispatcher: pool,
  } as Parameters<typeof connect>[0])
  expect(statusCode).toBe(200)
  expect(await echo(socket, 'through')).toBe('through')
  socket.destroy()
})

test.each([
  ['ws', false],
  ['wss', true],
])('a WebSocket (%s)', async (scheme, secure) => {
  await using server = await startUpgrading(secure)
  await using pool = new ConnectionPool({ connect: trust })
  const socket = new WebSocket(`${scheme}://127.0.0.1:${server.port}/`, { dispatcher: pool })
  await soon(once(socket, 'open'), 'open')
  socket.send('over the pool')
  const [event] = (await soon(once(socket, 'message'), 'an echo')) as [{ data: unknown }]
  expect(event.data).toBe('over the pool')
  socket.close()
  await soon(once(socket, 'close'), 'the close')
  await eventually(() => server.open === 0, 'the socket is gone')
})

test('a connection that was upgraded keeps nobody else from getting room', async () => {
  await using a = await startUpgrading()
  await using b = await startHttp()
  await using c = await startHttp()
  await using pool = new ConnectionPool({ maxConnections: 2, acquireTimeout: 1_000 })
  const { socket } = await upgrade(a.origin, { protocol: 'echo', dispatcher: pool })
  expect(await get(pool, b.origin)).toBe('hello')
  expect(await get(pool, c.origin)).toBe('hello') // the idle connection to b makes room
  expect(pool.counters.closed).toEqual({ evicted: 1 })
  socket.destroy()
})

test('close() waits for an upgraded socket, and destroy() ends it', async () => {
  await using server = await startUpgrading()
  const pool = new ConnectionPool()
  const { socket } = await upgrade(server.origin, { protocol: 'echo', dispatcher: pool })
  socket.on('error', () => {})
  let closed = false
  void pool.close().then(() => (closed = true))
  expect(await echo(socket, 'still')).toBe('still')
  expect(closed).toBe(false)
  await soon(pool.destroy(new Error('enough')), 'destroy')
  expect(socket.destroyed).toBe(true)
})

test('a tunnel over HTTP/2 counts until it is closed, and its siblings go on', async () => {
  await using server = await startH2(
    (stream, headers) => {
      stream.respond({ ':status': 200 })
      if (headers[':method'] === 'CONNECT') stream.pipe(stream)
      else stream.end('hello')
    },
    { settings: { enableConnectProtocol: true } },
  )
  await using pool = new ConnectionPool({ maxConnections: 1, connect: trust })
  const { socket } = await connect({
    origin: server.origin,
    path: 'example.test:80',
    dispatcher: pool,
  } as Parameters<typeof connect>[0])
  expect(await get(pool, server.origin)).toBe('hello')
  expect(pool.snapshot()).toMatchObject({ connections: 1, inFlight: 1 })
  socket.destroy()
  await eventually(() => pool.snapshot().inFlight === 0, 'the tunnel is counted no more')
})
