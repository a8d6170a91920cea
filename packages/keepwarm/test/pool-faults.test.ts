/** What fails is told, costs nobody else anything, and leaks nothing. */
import net from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildConnector, request } from 'undici'
import { get, listen } from './support/handlers.ts'
import { eachRequest, startHttp, startHttps, startRaw, startRawTls, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

let warnings: Error[] = []
const hear = (warning: Error): void => void warnings.push(warning)
beforeEach(() => void process.on('warning', hear))
afterEach(() => {
  process.off('warning', hear)
  warnings = []
})

async function freePort(): Promise<number> {
  await using server = await startRaw(() => {})
  return server.port
}

test('refused: the error of the socket, and the place is free', async () => {
  const port = await freePort()
  await using pool = new ConnectionPool()
  await expect(get(pool, `http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(pool.snapshot()).toMatchObject({ connections: 0, waiting: 0 })
  expect(pool.counters.closed).toEqual({ dial_failed: 1 })
})

test('an unknown host', async () => {
  const failure = Object.assign(new Error('getaddrinfo ENOTFOUND nowhere.test'), { code: 'ENOTFOUND' })
  const lookup: net.LookupFunction = (_host, _options, found) => found(failure, [])
  await using pool = new ConnectionPool({ connect: { lookup } })
  await expect(get(pool, 'http://nowhere.test')).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('a certificate that nobody vouches for, and one of another name', async () => {
  await using server = await startHttps()
  await using wary = new ConnectionPool()
  await expect(get(wary, server.origin)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  await using pool = new ConnectionPool({ connect: trust })
  expect(await get(pool, server.origin)).toBe('hello')
  const named = { origin: server.origin, path: '/', method: 'GET', headers: { host: 'other.test' } } as const
  const { error } = await listen(pool, named).done
  expect(error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

test('a TLS handshake that the server breaks off, and one with a server that speaks no TLS', async () => {
  await using closing = await startRaw((socket) => socket.once('data', () => socket.destroy()))
  await using plain = await startHttp()
  await using pool = new ConnectionPool({ connect: trust })
  const at = (port: number): Promise<string> => get(pool, `https://127.0.0.1:${port}`)
  await expect(soon(at(closing.port), 'the end')).rejects.toMatchObject({ code: 'ECONNRESET' })
  await expect(soon(at(plain.port), 'the end')).rejects.toThrow(/SSL|EPROTO|wrong version/i)
})

test('a handshake that never ends fails after connectTimeout', async () => {
  await using silent = await startRaw((socket) => socket.resume())
  await using pool = new ConnectionPool({ connect: trust, connectTimeout: 80 })
  const error = await soon(get(pool, silent.origin.replace('http:', 'https:')), 'the end', 1_000).catch(
    (error: unknown) => error,
  )
  expect(error).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' })
  await eventually(() => silent.open === 0, 'the socket is closed')
})

test('a dead origin is not dialed wildly, and recovers', async () => {
  const port = await freePort()
  await using pool = new ConnectionPool({ maxConnections: 2 })
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, () => get(pool, `http://127.0.0.1:${port}`)),
  )
  for (const result of results) expect(result).toMatchObject({ reason: { code: 'ECONNREFUSED' } })
  expect(pool.counters.dialed).toBeLessThanOrEqual(6)
  const server = net.createServer((socket) =>
    eachRequest(socket, () => socket.end('HTTP/1.0 200 OK\r\n\r\nup')),
  )
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  expect(await get(pool, `http://127.0.0.1:${port}`)).toBe('up')
  server.close()
})

const breaks: readonly [string, string, 'FIN' | 'RST'][] = [
  ['before the first byte', '', 'FIN'],
  ['before the first byte, with a reset', '', 'RST'],
  ['in the status line', 'HTTP/1.1 20', 'FIN'],
  ['in the headers', 'HTTP/1.1 200 OK\r\nContent-Le', 'FIN'],
  ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234', 'FIN'],
  ['in the body, with a reset', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234', 'RST'],
  ['between two chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'FIN'],
  ['with something that is not HTTP', 'SMTP ready\r\n\r\n', 'FIN'],
  ['with more bytes than it announced', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokNOT HTTP\r\n', 'FIN'],
]

test.each(breaks)('an answer that ends %s fails, and the line goes on', async (_, bytes, way) => {
  let first = true
  await using server = await startRaw((socket) =>
    eachRequest(socket, () => {
      if (!first) return void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      first = false
      socket.write(bytes)
      setTimeout(() => (way === 'FIN' ? socket.end() : socket.resetAndDestroy()), 5)
    }),
  )
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const [broken, ...others] = await soon(
    Promise.allSettled(Array.from({ length: 4 }, () => get(pool, server.origin))),
    'all',
  )
  if (!bytes.endsWith('NOT HTTP\r\n')) expect(broken?.status).toBe('rejected')
  for (const other of others) expect(other).toEqual({ status: 'fulfilled', value: 'ok' })
  expect(server.total).toBe(2)
})

test('a connector that throws', async () => {
  const failure = new Error('cannot dial')
  await using pool = new ConnectionPool({
    connect: () => {
      throw failure
    },
  })
  await expect(get(pool, 'http://127.0.0.1:1')).rejects.toBe(failure)
  expect(pool.snapshot().connections).toBe(0)
})

test('a connector that gives nothing', async () => {
  await using pool = new ConnectionPool({
    connect: (_target, callback) => callback(null, undefined as unknown as net.Socket),
  })
  await expect(get(pool, 'http://127.0.0.1:1')).rejects.toThrow('the connector gave no socket')
})

test('a connector that gives a socket which is over already', async () => {
  await using server = await startHttp()
  const dead = net.connect(server.port, '127.0.0.1').on('error', () => {})
  dead.destroy()
  await using pool = new ConnectionPool({ connect: (_target, callback) => callback(null, dead) })
  await expect(soon(get(pool, server.origin), 'the end')).rejects.toThrow(
    'the connection ended as it was opened',
  )
  expect(pool.snapshot().connections).toBe(0)
})

test('a connector that calls back twice, with the same socket, another, or an error', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('hello'), 10))
  const dial = buildConnector({})
  await using pool = new ConnectionPool({
    connect: (target, callback) =>
      dial(target, (error, socket) => {
        if (error !== null) return callback(error, null)
        callback(null, socket)
        callback(null, socket)
        callback(new Error('and yet'), null)
        dial(target, (_error, second) => second && callback(null, second))
      }),
  })
  expect(await get(pool, server.origin)).toBe('hello')
  await eventually(() => server.total === 2 && server.open === 1, 'the second socket is closed')
  expect(await get(pool, server.origin)).toBe('hello')
  expect(pool.snapshot()).toMatchObject({ connections: 1, dialing: 0, inFlight: 0 })
})

test('a connector that calls back after it was given up', async () => {
  await using server = await startHttp()
  const dial = buildConnector({})
  await using pool = new ConnectionPool({
    connectTimeout: 20,
    connect: (target, callback) => void setTimeout(() => dial(target, callback), 60),
  })
  await expect(get(pool, server.origin)).rejects.toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' })
  await eventually(() => server.total === 1 && server.open === 0, 'the late socket is closed')
  expect(pool.snapshot().connections).toBe(0)
})

const thrown = new Error('the handler’s own fault')
const thrower = (): never => {
  throw thrown
}

test.each(['onRequestStart', 'onResponseStart', 'onResponseData'] as const)(
  'a handler that throws in %s hears of it in onResponseError',
  async (callback) => {
    await using server = await startHttp()
    await using pool = new ConnectionPool({ maxConnections: 1 })
    const { done } = listen(
      pool,
      { origin: server.origin, path: '/', method: 'GET' },
      { [callback]: thrower },
    )
    expect((await soon(done, 'the end')).error).toBe(thrown)
    expect(await get(pool, server.origin)).toBe('hello')
    expect(pool.snapshot()).toMatchObject({ connections: 1, waiting: 0, inFlight: 0 })
  },
)

test.each(['onBodySent', 'onRequestSent', 'onResponseStarted'] as const)(
  'a handler that throws in %s leaks nothing',
  async (callback) => {
    await using server = await startHttp()
    await using pool = new ConnectionPool({ maxConnections: 1, acquireTimeout: 500 })
    const options = { origin: server.origin, path: '/', method: 'POST', body: 'x' } as const
    const { heard } = listen(pool, options, { [callback]: thrower })
    await eventually(() => heard.error !== undefined, 'the error')
    expect(await get(pool, server.origin)).toBe('hello')
    expect(pool.snapshot()).toMatchObject({ connections: 1, waiting: 0, inFlight: 0 })
  },
)

test('a handler that throws in onResponseEnd hears of it, and the connection is kept', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const { heard } = listen(
    pool,
    { origin: server.origin, path: '/', method: 'GET' },
    { onResponseEnd: thrower },
  )
  await eventually(() => heard.error === thrown, 'the error')
  expect(heard.calls).toEqual(['start', 'headers', 'end', 'error'])
  expect(await get(pool, server.origin)).toBe('hello')
  expect(server.total).toBe(1)
})

test('a handler that throws in onResponseError ends nothing: the fault becomes a warning', async () => {
  const port = await freePort()
  await using server = await startHttp((incoming) => incoming.socket.destroy())
  await using pool = new ConnectionPool()
  for (const origin of [server.origin, `http://127.0.0.1:${port}`]) {
    const { done } = listen(pool, { origin, path: '/', method: 'GET' }, { onResponseError: thrower })
    await soon(done, 'the end')
  }
  await eventually(() => warnings.filter((warning) => warning === thrown).length === 2, 'two warnings')
  expect(pool.snapshot()).toMatchObject({ waiting: 0, inFlight: 0 })
})

test('a handler that throws in onRequestUpgrade', async () => {
  await using server = await startHttp()
  server.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  await using pool = new ConnectionPool()
  const options = { origin: server.origin, path: '/', method: 'GET', upgrade: 'echo' } as const
  const { heard } = listen(pool, options, { onRequestUpgrade: thrower })
  await eventually(() => server.total === 1 && server.open === 0, 'the socket is closed')
  await eventually(() => pool.snapshot().connections === 0, 'its place is free')
  expect(heard.error).toBe(thrown)
})

test('an upgrade for a handler without onRequestUpgrade', async () => {
  await using server = await startHttp()
  server.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  await using pool = new ConnectionPool()
  const { done } = listen(pool, { origin: server.origin, path: '/', method: 'GET', upgrade: 'echo' })
  expect((await soon(done, 'the end')).error?.message).toContain('onRequestUpgrade')
})

test('options for undici’s Client that are wrong are refused when the pool is made', () => {
  expect(() => new ConnectionPool({ client: { headersTimeout: -1 } })).toThrow('headersTimeout')
})

test('a server that is torn down in the middle of everything', async () => {
  const server = await startRawTls((socket) => {
    socket.on('error', () => {})
    eachRequest(socket, () =>
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 3),
    )
  })
  await using pool = new ConnectionPool({ connect: trust, maxConnections: 4, acquireTimeout: 300 })
  const { origin } = server
  const all = Array.from({ length: 60 }, () => get(pool, origin))
  const settled = Promise.allSettled(all)
  await sleep(20)
  await server[Symbol.asyncDispose]()
  await soon(settled, 'all')
  await expect(request(origin, { dispatcher: pool })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(pool.snapshot()).toMatchObject({ waiting: 0, inFlight: 0, connections: 0 })
})
