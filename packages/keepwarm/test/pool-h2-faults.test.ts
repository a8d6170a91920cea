/** What goes wrong over HTTP/2 costs its own stream; the session and its other streams go on. */
import { constants } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { ConnectionPool } from 'keepwarm'
import { request, type Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { get, listen } from './support/handlers.ts'
import { startH2, trust, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

const options = { connect: trust, maxConnections: 1, acquireTimeout: 1_000 }

function echo(stream: ServerHttp2Stream): void {
  stream.resume()
  stream.respond({ ':status': 200 })
  setTimeout(() => stream.destroyed || stream.end('hello'), 10)
}

const fault = new Error('the fault of the handler')
const thrower = (): never => {
  throw fault
}

test.each([
  'onRequestStart',
  'onBodySent',
  'onRequestSent',
  'onResponseStarted',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
] as const)(
  'a handler that throws in %s is told, and the siblings of its stream are answered',
  async (callback) => {
    await using server = await startH2(echo)
    await using pool = new ConnectionPool(options)
    await get(pool, server.origin)
    const siblings = Array.from({ length: 3 }, () => get(pool, server.origin))
    const { heard } = listen(
      pool,
      { origin: server.origin, path: '/', method: 'POST', body: 'x' },
      { [callback]: thrower },
    )
    await eventually(() => heard.error !== undefined, 'the error')
    expect(heard.error).toBe(fault)
    expect(await soon(Promise.all(siblings), 'the siblings')).toEqual(['hello', 'hello', 'hello'])
    expect(await get(pool, server.origin)).toBe('hello')
    await eventually(() => pool.snapshot().inFlight === 0, 'nothing in flight')
    expect(server.total).toBe(1)
  },
)

test.each(['onRequestStart', 'onBodySent', 'onRequestSent', 'onResponseStarted', 'onResponseStart'] as const)(
  'a handler that aborts in %s costs its stream alone, and the session can be closed',
  async (callback) => {
    await using server = await startH2(echo)
    const pool = new ConnectionPool(options)
    await get(pool, server.origin)
    const sibling = get(pool, server.origin)
    const reason = new Error('enough')
    let controller: Dispatcher.DispatchController | undefined
    const abort = (): void => controller!.abort(reason)
    const { done } = listen(
      pool,
      { origin: server.origin, path: '/', method: 'POST', body: 'x' },
      {
        [callback]: abort,
        onRequestStart: (given) => {
          controller = given
          if (callback === 'onRequestStart') abort()
        },
      },
    )
    expect((await soon(done, 'the end')).error).toBe(reason)
    expect(await sibling).toBe('hello')
    expect(await get(pool, server.origin)).toBe('hello')
    await soon(pool.close(), 'close', 2_000)
    expect(server.total).toBe(1)
  },
)

test.each<[string, (stream: ServerHttp2Stream, server: TestServer) => unknown]>([
  ['before its headers', (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
  [
    'in its body',
    (stream) => {
      stream.respond({ ':status': 200, 'content-length': 10 })
      stream.write('half', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
    },
  ],
  [
    'with its session',
    (stream) => {
      stream.respond({ ':status': 200 })
      stream.write('half', () => stream.session!.destroy())
    },
  ],
  [
    'with a reset of its socket',
    (stream, server) => {
      stream.respond({ ':status': 200 })
      stream.write('half', () => server.sockets.forEach((socket) => socket.resetAndDestroy()))
    },
  ],
])('an answer that ends %s fails, and the next is answered', async (_, end) => {
  let first = true
  await using server = await startH2((stream) => {
    if (!first) return echo(stream)
    first = false
    end(stream, server)
  })
  await using pool = new ConnectionPool(options)
  const broken = request(server.origin, { dispatcher: pool }).then(({ body }) => body.text())
  await expect(soon(broken, 'the broken one')).rejects.toThrow()
  expect(await soon(get(pool, server.origin), 'the next')).toBe('hello')
  await eventually(() => pool.snapshot().inFlight === 0, 'nothing in flight')
})

test('who aborts after it was given a session and before it was written harms nobody', async () => {
  await using server = await startH2(echo)
  await using pool = new ConnectionPool(options)
  await get(pool, server.origin)
  for (let i = 0; i < 10; i++) {
    const sibling = get(pool, server.origin)
    const { heard } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
    heard.controller!.abort(new Error('gone'))
    expect(heard.calls).toEqual(['start', 'error'])
    expect(await sibling).toBe('hello')
  }
  expect(server.total).toBe(1)
  await eventually(() => pool.snapshot().inFlight === 0, 'nothing in flight')
})

test('a body that is let go of takes its stream along, and not its session', async () => {
  let cancelled = 0
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] !== '/endless') return echo(stream)
    stream.on('aborted', () => cancelled++)
    stream.respond({ ':status': 200 })
    stream.write('begins')
  })
  await using pool = new ConnectionPool(options)
  const { body } = await request(`${server.origin}/endless`, { dispatcher: pool })
  body.on('error', () => {}).destroy()
  await eventually(() => cancelled === 1, 'the server hears of it')
  expect(await get(pool, server.origin)).toBe('hello')
  expect(server.total).toBe(1)
})

test('a body that nobody reads is reported once, and holds up none of its siblings', async () => {
  const large = Buffer.alloc(4_000_000)
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] !== '/large') return echo(stream)
    stream.respond({ ':status': 200 })
    stream.end(large)
  })
  await using pool = new ConnectionPool({ ...options, leakAfter: 60 })
  const warnings: Error[] = []
  const hear = (warning: Error): void => void warnings.push(warning)
  process.on('warning', hear)
  const unread = await request(`${server.origin}/large`, { dispatcher: pool })
  await eventually(() => pool.counters.leaks === 1, 'the leak')
  for (let i = 0; i < 3; i++) expect(await get(pool, server.origin)).toBe('hello')
  expect((await unread.body.bytes()).length).toBe(large.length)
  process.off('warning', hear)
  expect(warnings.filter(({ name }) => name === 'KeepwarmLeakWarning')).toHaveLength(1)
  expect(server.total).toBe(1)
})
