/** How long idle connections are kept, and what becomes of those that the server ends. */
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { request } from 'undici'
import { get, listen } from './support/handlers.ts'
import { eachRequest, rawResponse, startHttp, startHttps, startRaw, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

const answering = (headers: string) => (socket: Socket) =>
  eachRequest(socket, () => socket.write(rawResponse('ok', headers)))

test('an idle connection is closed after idleTimeout', async () => {
  await using server = await startRaw(answering(''))
  await using pool = new ConnectionPool({ idleTimeout: 80 })
  await get(pool, server.origin)
  const began = performance.now()
  await eventually(() => server.open === 0, 'closed', 1_000)
  expect(performance.now() - began).toBeGreaterThan(60)
  expect(pool.counters.closed).toEqual({ idle: 1 })
})

test('a connection in use is not idle, however long it takes', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('slow'), 150))
  await using pool = new ConnectionPool({ idleTimeout: 40 })
  expect(await get(pool, server.origin)).toBe('slow')
  expect(server.total).toBe(1)
})

test('T6: Keep-Alive: timeout=1 leaves no time after the margin, and the connection is not used again', async () => {
  await using server = await startRaw(answering('Keep-Alive: timeout=1\r\n'))
  await using pool = new ConnectionPool()
  for (let i = 0; i < 3; i++) await get(pool, server.origin)
  expect(server.total).toBe(3)
  await eventually(() => pool.snapshot().connections === 0, 'all closed')
  expect(pool.counters.closed).toEqual({ keep_alive_hint: 3 })
})

test('T6: a hint lengthens the time up to the cap, and shortens it less the margin', async () => {
  await using longer = await startRaw(answering('Keep-Alive: timeout=60\r\n'))
  await using shorter = await startRaw(answering('Keep-Alive: max=100, timeout=2\r\n'))
  await using pool = new ConnectionPool({ idleTimeout: 60, maxIdleTimeout: 250 })
  await using patient = new ConnectionPool({ idleTimeout: 10_000 })
  await Promise.all([get(pool, longer.origin), get(patient, shorter.origin)])
  const began = performance.now()
  await eventually(() => longer.open === 0, 'the cap', 2_000)
  expect(performance.now() - began).toBeGreaterThan(200)
  await eventually(() => shorter.open === 0, 'one second less than the two that the server named', 2_000)
  expect(performance.now() - began).toBeGreaterThan(900)
  expect(pool.counters.closed).toEqual({ idle: 1 })
  expect(patient.counters.closed).toEqual({ idle: 1 })
})

test('T6: without an option of its own a hint is believed only up to the idle timeout that was set', async () => {
  await using server = await startRaw(answering('Keep-Alive: timeout=60\r\n'))
  await using pool = new ConnectionPool({ idleTimeout: 60 })
  await get(pool, server.origin)
  await eventually(() => server.open === 0, 'closed', 1_000)
})

test('Connection: close is heeded, and those in line go on', async () => {
  await using server = await startRaw(answering('Connection: close\r\n'))
  await using pool = new ConnectionPool({ maxConnections: 2 })
  await soon(Promise.all(Array.from({ length: 10 }, () => get(pool, server.origin))), 'all')
  expect(server).toMatchObject({ total: 10 })
  await eventually(() => pool.snapshot().connections === 0, 'all closed')
  expect(pool.counters.closed).toEqual({ connection_close: 10 })
})

test('a connection serves no more requests than it may', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ maxRequestsPerConnection: 3 })
  for (let i = 0; i < 9; i++) await get(pool, server.origin)
  expect(server.total).toBe(3)
  await eventually(() => pool.snapshot().connections === 0, 'all closed')
  expect(pool.counters.closed).toEqual({ requests: 3 })
})

const endings: readonly [string, (socket: Socket) => void][] = [
  ['a FIN', (socket) => socket.end()],
  ['a RST', (socket) => socket.resetAndDestroy()],
  ['an answer 408', (socket) => socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')],
  ['an answer nobody asked for', (socket) => socket.write(rawResponse('poison'))],
  ['stray bytes', (socket) => socket.write('garbage\r\n')],
]

test.each(endings)(
  '%s on an idle connection that has served: dropped, and nobody is harmed',
  async (_, end) => {
    const sockets: Socket[] = []
    await using server = await startRaw((socket) => {
      sockets.push(socket)
      answering('')(socket)
    })
    await using pool = new ConnectionPool()
    await get(pool, server.origin)
    await eventually(() => pool.snapshot().idle === 1, 'an idle connection')
    end(sockets[0]!)
    await eventually(() => pool.snapshot().connections === 0, 'dropped')
    expect(await get(pool, server.origin)).toBe('ok')
    expect(server.total).toBe(2)
  },
)

test.each(endings)('%s on a connection that never served: dropped, and nobody is harmed', async (_, end) => {
  const sockets: Socket[] = []
  await using server = await startRaw((socket) => {
    sockets.push(socket)
    answering('')(socket)
  })
  await using pool = new ConnectionPool()
  const { heard } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
  heard.controller?.abort(new Error('gone')) // the dial goes on
  await eventually(() => pool.snapshot().idle === 1 && sockets.length === 1, 'an unused connection')
  end(sockets[0]!)
  await eventually(() => pool.snapshot().connections === 0, 'dropped')
  expect(await get(pool, server.origin)).toBe('ok')
  expect(server.total).toBe(2)
})

test('the same over TLS', async () => {
  await using server = await startHttps()
  await using pool = new ConnectionPool({ connect: trust })
  for (let i = 0; i < 3; i++) {
    expect(await get(pool, server.origin)).toBe('hello')
    for (const socket of server.sockets) socket.destroy()
    await eventually(() => pool.snapshot().connections === 0, 'dropped')
  }
})

test('an answer that comes in the same packet as the one before never reaches the next request', async () => {
  await using server = await startRaw((socket) => {
    eachRequest(socket, (_, number) =>
      socket.write(rawResponse(`own ${number}`) + (number === 1 ? rawResponse('poison') : '')),
    )
  })
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const answers = await Promise.all([1, 2, 3].map(() => get(pool, server.origin).catch(() => 'failed')))
  expect(answers).not.toContain('poison')
  expect(await get(pool, server.origin)).toMatch(/^own/)
})

test('an answer before the request was written ends the connection', async () => {
  await using server = await startRaw((socket) =>
    socket.once('data', () => socket.write(rawResponse('early'))),
  )
  await using pool = new ConnectionPool()
  async function* slow(): AsyncGenerator<string> {
    yield 'part'
    await sleep(30)
    yield 'part'
  }
  const early = await request(server.origin, {
    method: 'POST',
    body: Readable.from(slow()),
    dispatcher: pool,
  }).then(
    ({ body }) => body.text(),
    (error: unknown) => error,
  )
  expect(early === 'early' || early instanceof Error).toBe(true)
  await eventually(() => pool.snapshot().connections === 0, 'dropped')
})
