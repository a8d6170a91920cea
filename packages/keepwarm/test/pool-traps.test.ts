/** What is known to go wrong with undici's Client underneath (each seen there), and does not over the pool. */
import { once } from 'node:events'
import net from 'node:net'
import type { Socket } from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { buildConnector, errors, request } from 'undici'
import { get, listen } from './support/handlers.ts'
import { eachRequest, rawResponse, startHttp, startHttps, startRaw, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

test('T1: a connector that calls back at once', async () => {
  await using server = await startHttp()
  const socket = net.connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  await using pool = new ConnectionPool({ connect: (_target, callback) => callback(null, socket) })
  expect(await soon(get(pool, server.origin), 'the answer')).toBe('hello')
})

test.each(['UND_ERR_SOCKET', 'UND_ERR_INFO', 'ECONNREFUSED'])(
  'T2: a dial that fails with %s fails those who wait for it, promptly and with few dials',
  async (code) => {
    let dials = 0
    const failure = Object.assign(new Error('no way'), { code })
    await using pool = new ConnectionPool({
      maxConnections: 4,
      connect: (_target, callback) => (dials++, setImmediate(callback, failure, null)),
    })
    const results = await soon(
      Promise.allSettled(Array.from({ length: 50 }, () => get(pool, 'http://127.0.0.1:1'))),
      'fifty refusals',
      1_000,
    )
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: failure })
    expect(dials).toBeLessThanOrEqual(8) // for those who came before the dials began, and for the others
    expect(pool.snapshot()).toMatchObject({ connections: 0, waiting: 0 })
  },
)

test('T3: who aborted before it was dispatched never dials', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  await expect(get(pool, server.origin, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  await sleep(10)
  expect(server.total).toBe(0)
  expect(pool.counters).toMatchObject({ dialed: 0 })
})

test('T3: who aborts after it was given a connection and before it was written harms nobody', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ maxConnections: 1 })
  for (let i = 0; i < 10; i++) {
    await get(pool, server.origin)
    await eventually(() => pool.snapshot().idle === 1, 'an idle connection')
    const { heard, accepted } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
    expect(accepted).toBe(true) // undici looks once more at the idle socket before it writes
    heard.controller?.abort(new Error('gone'))
    expect(heard.calls).toEqual(['start', 'error'])
  }
  expect(await get(pool, server.origin)).toBe('hello')
  expect(server).toMatchObject({ total: 1, requests: 11 })
  expect(pool.snapshot()).toMatchObject({ connections: 1, inFlight: 0 })
})

test('T3: who aborts during the dial leaves the dial to the next', async () => {
  await using server = await startHttp()
  const dial = buildConnector({})
  await using pool = new ConnectionPool({
    maxConnections: 1,
    connect: (target, callback) => void setTimeout(() => dial(target, callback), 30),
  })
  const first = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
  const second = get(pool, server.origin)
  first.heard.controller?.abort(new Error('gone'))
  expect((await first.done).error?.message).toBe('gone')
  expect(await second).toBe('hello')
  expect(server).toMatchObject({ total: 1, requests: 1 })
})

test('T4: a reset that waits in the kernel as the next request goes out costs it nothing', async () => {
  const sockets: Socket[] = []
  await using server = await startRaw((socket) => {
    sockets.push(socket)
    eachRequest(socket, () => socket.write(rawResponse('ok')))
  })
  await using pool = new ConnectionPool({ maxConnections: 1 })
  for (let i = 0; i < 20; i++) {
    expect(await get(pool, server.origin)).toBe('ok')
    await eventually(() => pool.snapshot().idle === 1, 'an idle connection')
    sockets.at(-1)!.resetAndDestroy() // the client's side has not looked yet
    const post = request(server.origin, { method: 'POST', body: 'x', dispatcher: pool })
    expect(await (await soon(post, 'the POST')).body.text()).toBe('ok')
    sockets.at(-1)!.end()
  }
})

test('T5: HEAD keeps its connection', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  for (let i = 0; i < 5; i++) {
    const response = await request(server.origin, { method: 'HEAD', dispatcher: pool })
    expect(response.statusCode).toBe(200)
    await response.body.dump()
  }
  expect(server).toMatchObject({ total: 1, requests: 5 })
})

test('T7: a dial that takes too long fails on time, and its place is free again', async () => {
  await using server = await startHttp()
  const dial = buildConnector({})
  let never = true
  await using pool = new ConnectionPool({
    maxConnections: 1,
    connectTimeout: 120,
    connect: (target, callback) => (never ? undefined : dial(target, callback)),
  })
  const began = performance.now()
  const error = await get(pool, server.origin).catch((error: unknown) => error)
  const took = performance.now() - began
  expect(error).toBeInstanceOf(errors.ConnectTimeoutError)
  expect(took).toBeGreaterThanOrEqual(119)
  expect(took).toBeLessThan(2_000)
  never = false
  expect(await get(pool, server.origin)).toBe('hello')
})

test('T8: an old connection is retired by itself when idle, and the limit holds meanwhile', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ maxConnections: 2, maxConnectionAge: 120 })
  await Promise.all([get(pool, server.origin), get(pool, server.origin)])
  await eventually(() => server.open === 0, 'both retired without traffic', 1_000)
  expect(pool.counters.closed).toEqual({ age: 2 })
  const until = performance.now() + 400
  while (performance.now() < until) {
    await Promise.all([get(pool, server.origin), get(pool, server.origin), get(pool, server.origin)])
    expect(pool.snapshot().connections).toBeLessThanOrEqual(2)
  }
  expect(pool.counters.closed.age).toBeGreaterThanOrEqual(4)
})

test('T9: a body that nobody reads holds its own connection only, and the numbers show it', async () => {
  await using server = await startHttp((incoming, response) => {
    if (incoming.url === '/big') response.end(Buffer.alloc(8_000_000))
    else response.end('small')
  })
  await using pool = new ConnectionPool({ maxConnections: 2, acquireTimeout: 400 })
  const unread = await request(`${server.origin}/big`, { dispatcher: pool })
  for (let i = 0; i < 5; i++) expect(await get(pool, server.origin)).toBe('small')
  expect(server.total).toBe(2)
  const alsoUnread = await request(`${server.origin}/big`, { dispatcher: pool })
  const late = await get(pool, server.origin).catch((error: unknown) => error)
  expect(late).toMatchObject({ code: 'acquire_timeout' })
  expect((late as Error).message).toContain(
    '2 of 2 connections in use, 2 of them by responses that nobody reads on, 0 waiting',
  )
  expect((await unread.body.bytes()).length).toBe(8_000_000)
  expect(await get(pool, server.origin)).toBe('small')
  await alsoUnread.body.dump({ limit: 10_000_000 })
})

// T10 (a silent server) and T11 (a ping without an answer) are in pool-silence.test.ts.

test('T13: TLS sessions are resumed by later connections', async () => {
  await using server = await startHttps(undefined, { maxVersion: 'TLSv1.3' })
  const resumed: boolean[] = []
  server.server.on('secureConnection', (socket) => resumed.push(socket.isSessionReused()))
  await using pool = new ConnectionPool({ connect: trust, maxRequestsPerConnection: 1 })
  for (let i = 0; i < 4; i++) await get(pool, server.origin)
  expect(resumed).toEqual([false, true, true, true])
})

test('T14: TLS sessions outlive the last socket of an origin', async () => {
  await using server = await startHttps()
  const resumed: boolean[] = []
  server.server.on('secureConnection', (socket) => resumed.push(socket.isSessionReused()))
  await using pool = new ConnectionPool({ connect: trust, idleTimeout: 30 })
  for (let i = 0; i < 2; i++) {
    await get(pool, server.origin)
    await eventually(() => server.open === 0, 'no socket left')
  }
  expect(resumed).toEqual([false, true])
})

test('T15: origins and callers that may not share a connection are kept and counted apart', async () => {
  await using server = await startHttps()
  const named = `https://localhost:${server.port}`
  await using pool = new ConnectionPool({ connect: trust })
  const ask = (origin: string, more: object = {}): Promise<unknown> =>
    listen(pool, { origin, path: '/', method: 'GET', ...more }).done
  await ask(server.origin)
  await ask(named)
  await ask(server.origin, { allowH2: false })
  await ask(server.origin, { headers: { host: `localhost:${server.port}` } })
  await ask(server.origin, { headers: ['HOST', `localhost:${server.port}`] })
  await ask(server.origin, { headers: new Map([['Host', `localhost:${server.port}`]]) })
  await ask(server.origin, { headers: { host: `127.0.0.1:${server.port}` } }) // an address is no name
  expect(server).toMatchObject({ total: 4, requests: 7 })
  const { origins } = pool.snapshot()
  expect(origins.map(({ origin, connections }) => [origin, connections])).toEqual([
    [server.origin, 1],
    [named, 1],
    [`${server.origin}#h1`, 1],
    [`${server.origin}#sni=localhost`, 1],
  ])
})

test('T15: spellings of one origin share their connections', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  await get(pool, server.origin)
  await listen(pool, { origin: new URL(server.origin), path: '/', method: 'GET' }).done
  await listen(pool, { origin: `${server.origin}/`.replace('http', 'HTTP'), path: '/', method: 'GET' }).done
  expect(server).toMatchObject({ total: 1, requests: 3 })
})

test('T17: requests are never pipelined', async () => {
  let most = 0
  let running = 0
  await using server = await startRaw((socket) => {
    eachRequest(socket, () => {
      most = Math.max(most, ++running)
      setTimeout(() => {
        running--
        socket.write(rawResponse('ok'))
      }, 2)
    })
  })
  await using pool = new ConnectionPool({ maxConnections: 1 })
  await Promise.all(Array.from({ length: 20 }, () => get(pool, server.origin)))
  expect(most).toBe(1)
})
