/** When a connection is used again, when it must not be, and which one is taken. */
import { gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { buildConnector, request } from 'undici'
import { expect, test } from 'vitest'
import { get, listen } from './support/handlers.ts'
import { eachRequest, rawResponse, startHttp, startRaw } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

const bodies: readonly [string, string | Buffer][] = [
  ['204, which has none', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['304, which has none', 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'],
  ['an empty one', rawResponse('')],
  ['one in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ['no chunk but the last', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['gzip of a known length', zipped((length) => `Content-Length: ${length}\r\n\r\n`)],
  [
    'gzip in chunks, with a trailer',
    zipped(
      (length) => `Transfer-Encoding: chunked\r\n\r\n${length.toString(16)}\r\n`,
      '\r\n0\r\nX-End: 1\r\n\r\n',
    ),
  ],
]

function zipped(framing: (length: number) => string, end = ''): Buffer {
  const body = gzipSync('ok')
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n${framing(body.length)}`
  return Buffer.concat([Buffer.from(head), body, Buffer.from(end)])
}

test.each(bodies)('after a complete body the connection is used again: %s', async (_, bytes) => {
  await using server = await startRaw((socket) => eachRequest(socket, () => socket.write(bytes)))
  await using pool = new ConnectionPool()
  for (let i = 0; i < 3; i++) {
    const { body } = await request(server.origin, { dispatcher: pool })
    await body.bytes()
  }
  expect(server.total).toBe(1)
  expect(pool.counters.reused).toBe(2)
})

test('a body that is let go of before its end takes its connection along, and the next is dialed', async () => {
  await using server = await startHttp((incoming, response) => {
    if (incoming.url === '/endless') response.write('begins')
    else response.end('hello')
  })
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const { body } = await request(`${server.origin}/endless`, { dispatcher: pool })
  body.on('error', () => {}).destroy()
  expect(await soon(get(pool, server.origin), 'the next')).toBe('hello')
  expect(server.total).toBe(2)
  expect(pool.counters.closed).toEqual({ aborted: 1 })
})

test('a body that ends only with its connection is read whole, and the connection is not used again', async () => {
  await using server = await startRaw((socket) =>
    eachRequest(socket, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nof unknown ')
      setTimeout(() => socket.end('length'), 5)
    }),
  )
  await using pool = new ConnectionPool({ maxConnections: 1 })
  for (let i = 0; i < 2; i++) expect(await get(pool, server.origin)).toBe('of unknown length')
  expect(server.total).toBe(2)
})

test('a request that asks for Connection: close ends its connection, and those in line go on', async () => {
  const heads: string[] = []
  await using server = await startRaw((socket) =>
    eachRequest(socket, (head) => {
      heads.push(head)
      socket.write(rawResponse('ok'))
    }),
  )
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const closing = request(server.origin, { dispatcher: pool, reset: true }).then(({ body }) => body.text())
  const answers = [closing, get(pool, server.origin), get(pool, server.origin)]
  expect(await soon(Promise.all(answers), 'all')).toEqual(['ok', 'ok', 'ok'])
  expect(heads[0]).toMatch(/^connection: close$/im)
  expect(server.total).toBe(2)
  expect(pool.counters.closed).toEqual({ connection_close: 1 })
})

test('an open idle connection comes before a new one, whichever of its siblings have ended', async () => {
  const sockets: Socket[] = []
  await using server = await startRaw((socket) => {
    sockets.push(socket)
    eachRequest(socket, () => socket.write(rawResponse('ok')))
  })
  await using pool = new ConnectionPool()
  await pool.warm(server.origin, 4)
  await eventually(() => sockets.length === 4, 'four connections')
  for (const ended of [0, 3, 1]) {
    sockets[ended]!.end()
    await eventually(
      () => pool.snapshot().connections === sockets.filter(({ writable }) => writable).length,
      'one less',
    )
    expect(await get(pool, server.origin)).toBe('ok')
  }
  expect(server.total).toBe(4)
  expect(pool.counters.dialed).toBe(4)
})

test('a connection that is freed while another is dialed serves who waits, and the dialed one is kept', async () => {
  await using server = await startHttp()
  const dial = buildConnector({})
  const held: (() => void)[] = []
  await using pool = new ConnectionPool({
    connect: (target, callback) => {
      if (held.length === 0) dial(target, callback)
      else held.push(() => dial(target, callback))
      held.push(() => {})
    },
  })
  const first = get(pool, server.origin)
  const { done } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
  expect(pool.snapshot()).toMatchObject({ dialing: 2, waiting: 2 })
  expect([await soon(first, 'the first'), (await soon(done, 'the second')).body]).toEqual(['hello', 'hello'])
  expect(server.total).toBe(1)
  for (const go of held) go()
  await eventually(() => pool.snapshot().idle === 2, 'both are kept')
  expect(pool.counters).toMatchObject({ dialed: 2, opened: 2, closed: {} })
})
