/** Servers that break the rules of HTTP/1.1: what they send is refused, and is never given to another request. */
import type { Socket } from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { get } from './support/handlers.ts'
import { eachRequest, rawResponse, startRaw, type TestServer } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`
const hello = '5\r\nhello\r\n0\r\n\r\n'
const evil = rawResponse('evil')

/** The first request on the first connection is answered with these bytes, all others well. */
function startHostile(answer: string | ((socket: Socket) => void)): Promise<TestServer> {
  let first = true
  return startRaw((socket) => {
    eachRequest(socket, () => {
      if (!first) return void socket.write(rawResponse('clean'))
      first = false
      if (typeof answer === 'string') socket.write(answer)
      else answer(socket)
    })
  })
}

test.each([
  ['two lengths', `${ok}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!${evil}`],
  ['two lengths, nothing first', `${ok}content-length: 0\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  ['the same length twice', `${ok}content-length: 5\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  ['a list of lengths', `${ok}content-length: 5, 5\r\n\r\nhello${evil}`],
  ['a length with a sign', `${ok}content-length: +5\r\n\r\nhello${evil}`],
  ['a negative length', `${ok}content-length: -5\r\n\r\nhello${evil}`],
  ['a length in hexadecimal', `${ok}content-length: 0x5\r\n\r\nhello${evil}`],
  ['a length beyond all numbers', `${ok}content-length: 99999999999999999999999\r\n\r\nhello${evil}`],
  ['a length and then chunks', `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${hello}${evil}`],
  ['chunks and then a length', `${ok}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n${hello}${evil}`],
  [
    'no length and then chunks',
    `${ok}content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n${hello}${evil}`,
  ],
  ['a folded header', `${ok}x: a\r\n content-length: 99\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  ['a folded transfer-encoding', `${ok}transfer-encoding:\r\n chunked\r\n\r\n${hello}${evil}`],
  ['a space before the colon', `${ok}content-length : 5\r\n\r\nhello${evil}`],
  ['line feeds alone', `HTTP/1.1 200 OK\ncontent-length: 5\n\nhello${evil}`],
  ['a carriage return alone', `${ok}x: a\rcontent-length: 9\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  ['a zero byte in a header', `${ok}x: a\0b\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  ['a negative chunk', `${chunked}-5\r\nhello\r\n0\r\n\r\n${evil}`],
  ['a chunk of 0x5', `${chunked}0x5\r\nhello\r\n0\r\n\r\n${evil}`],
  ['a chunk whose size overflows', `${chunked}10000000000000005\r\nhello\r\n0\r\n\r\n${evil}`],
  ['chunks with line feeds alone', `${chunked}5\nhello\n0\n\n${evil}`],
  ['a chunk extension with a line feed', `${chunked}5;a\nb\r\nhello\r\n0\r\n\r\n${evil}`],
  ['a chunk extension that is none', `${chunked}5;a=b;"c"\r\nhello\r\n0\r\n\r\n${evil}`],
  ['a chunk that is longer than it says', `${chunked}3\r\nhello\r\n0\r\n\r\n${evil}`],
  ['a chunk without an end', `${chunked}5\r\nhelloX0\r\n\r\n${evil}`],
  ['HTTP/0.9', '<html>hello</html>'],
  ['a version that is none', `HTTP/9.9 200 OK\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  ['another protocol', `ICY 200 OK\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  ['a request', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['a status of two digits', `HTTP/1.1 99 OK\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  ['a status of four digits', `HTTP/1.1 2000 OK\r\ncontent-length: 5\r\n\r\nhello${evil}`],
  [
    'an interim answer with a body',
    `HTTP/1.1 103 Early\r\ncontent-length: 5\r\n\r\nhello${ok}content-length: 4\r\n\r\nevil`,
  ],
  ['garbage', '\0\u0001\u0002\u0003\r\n\r\n'],
])('%s is no answer, and what follows is nobody’s', async (_, bytes) => {
  await using server = await startHostile(bytes)
  await using client = clientOf(server, { retry: false })
  expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'protocol', sent: 'maybe' })
  expect(await client.get('/').text()).toBe('clean')
  expect(server.total).toBe(2)
})

test.each([
  ['a second answer', `${rawResponse('hello')}${evil}`, 'hello'],
  ['stray bytes', `${rawResponse('hello')}XX`, 'hello'],
  ['a body after 204', 'HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\nevil', ''],
  [
    'chunks after 204',
    `HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n`,
    '',
  ],
  ['an answer of HTTP/1.0', `HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello${evil}`, 'hello'],
  ['an answer that said close', `${ok}connection: close\r\ncontent-length: 5\r\n\r\nhello${evil}`, 'hello'],
])('%s: the connection is not used again', async (_, bytes, body) => {
  await using server = await startHostile(bytes)
  await using client = clientOf(server, { retry: false })
  expect(await client.get('/').text()).toBe(body)
  expect(await client.get('/').text()).toBe('clean')
  expect(server.total).toBe(2)
})

test('a body after the answer to HEAD is nobody’s', async () => {
  await using server = await startHostile(`${ok}content-length: 4\r\n\r\nevil${evil}`)
  await using client = clientOf(server, { retry: false })
  expect(await client.head('/').text()).toBe('')
  expect(await client.get('/').text()).toBe('clean')
  expect(server.total).toBe(2)
})

test.each([
  ['before any request', () => evil, undefined],
  ['on a connection that has served', undefined, () => evil],
])('an answer that nobody asked for, %s, ends the connection', async (_, early, late) => {
  const sockets: Socket[] = []
  await using server = await startRaw((socket) => {
    sockets.push(socket)
    if (early !== undefined && sockets.length === 1) socket.write(early())
    eachRequest(socket, () => void socket.write(rawResponse('clean')))
  })
  await using pool = new ConnectionPool()
  if (early !== undefined) await pool.warm(server.origin, 1)
  else expect(await get(pool, server.origin)).toBe('clean')
  if (late !== undefined) sockets[0]!.write(late())
  await eventually(() => pool.snapshot().connections === 0, 'it is closed')
  expect(await get(pool, server.origin)).toBe('clean')
  expect(server.total).toBe(2)
})

test('a protocol that nobody asked for is not changed to', async () => {
  await using server = await startHostile(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n${evil}`,
  )
  await using client = clientOf(server, { retry: false })
  expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'reset' })
  expect(await client.get('/').text()).toBe('clean')
})

// ── sizes ────────────────────────────────────────────────────────────────────────────────────────────────────

const overflow = /Headers Overflow|maxHeaderSize/

test.each([
  ['one header', `${ok}x: ${'a'.repeat(20_000)}\r\ncontent-length: 5\r\n\r\nhello`],
  ['many headers', `${ok}${'x: 1\r\n'.repeat(10_000)}content-length: 5\r\n\r\nhello`],
  ['a header’s name', `${ok}${'a'.repeat(20_000)}: x\r\ncontent-length: 5\r\n\r\nhello`],
  [
    'an interim answer',
    `HTTP/1.1 103 Early Hints\r\nlink: ${'a'.repeat(20_000)}\r\n\r\n${rawResponse('hello')}`,
  ],
  ['one trailer', `${chunked}5\r\nhello\r\n0\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['many trailers', `${chunked}5\r\nhello\r\n0\r\n${'x: 1\r\n'.repeat(10_000)}\r\n`],
])('more than 16 KiB of headers are refused, and the option is named: %s', async (_, bytes) => {
  await using server = await startHostile(bytes)
  await using client = clientOf(server, { retry: false })
  const error = await failureOf(client.get('/').text())
  expect(error).toMatchObject({ code: 'protocol' })
  expect(error.message).toMatch(overflow)
  expect(await client.get('/').text()).toBe('clean')
})

test('15 KiB of headers are no trouble', async () => {
  await using server = await startHostile(`${ok}x: ${'a'.repeat(15_000)}\r\ncontent-length: 5\r\n\r\nhello`)
  await using client = clientOf(server, { retry: false })
  expect(await client.get('/').text()).toBe('hello')
})

/** Writes as long as somebody takes it. */
function endlessly(part: string, before: string = ''): (socket: Socket) => void {
  return (socket) => {
    socket.write(before)
    const more = (): void => {
      while (!socket.destroyed && socket.write(part)) if (part.length < 1_000) return void setTimeout(more, 1)
    }
    socket.on('drain', more)
    more()
  }
}

test.each([
  ['headers', endlessly('x: 1\r\n'.repeat(1_000), ok), 'protocol'],
  ['trailers', endlessly('x: 1\r\n'.repeat(1_000), `${chunked}0\r\n`), 'protocol'],
  ['interim answers', endlessly('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'), 'attempt_timeout'],
  ['a reason', endlessly('a'.repeat(10_000), 'HTTP/1.1 200 '), 'attempt_timeout'],
  ['a chunk’s extension', endlessly('a'.repeat(10_000), `${chunked}5;`), 'attempt_timeout'],
  ['a body', endlessly('a'.repeat(10_000), `${ok}\r\n`), 'body_too_large'],
  ['chunks', endlessly('5\r\nhello\r\n'.repeat(100), chunked), 'body_too_large'],
])('%s without end end, and the connection with them', async (_, answer, code) => {
  await using server = await startHostile(answer)
  const limits = { headersTimeout: 200, bodyIdleTimeout: 200, maxResponseBytes: 100_000 }
  await using client = clientOf(server, { retry: false, ...limits })
  expect(await failureOf(client.get('/').text())).toMatchObject({ code })
  await eventually(() => server.open === 0, 'the connection is closed')
})

/** A byte at a time. */
function dripping(text: string): (socket: Socket) => void {
  return async (socket) => {
    for (const byte of text.repeat(1_000)) {
      if (socket.destroyed) return
      socket.write(byte)
      await sleep(10)
    }
  }
}

test.each([
  ['headers that drip', dripping(`${ok}x: 1\r\n`), { headersTimeout: 150 }, 'attempt_timeout'],
  [
    'a body that rests',
    (socket: Socket) => void socket.write(`${ok}content-length: 9\r\n\r\nhell`),
    { bodyIdleTimeout: 100 },
    'attempt_timeout',
  ],
  [
    'a body that drips',
    (socket: Socket) => (socket.write(`${ok}\r\n`), dripping('a')(socket)),
    { timeout: 300 },
    'deadline',
  ],
])('%s end in time', async (_, answer, limits, code) => {
  await using server = await startHostile(answer as (socket: Socket) => void)
  await using client = clientOf(server, { retry: false, ...limits })
  expect(await failureOf(client.get('/').text())).toMatchObject({ code })
  await eventually(() => server.open === 0, 'the connection is closed')
})

// ── names that mean something to JavaScript ──────────────────────────────────────────────────────────────────

test('headers and trailers named __proto__ and the like are headers, and nothing else', async () => {
  const names = '__proto__: evil\r\n__proto__: twice\r\nconstructor: evil\r\ntoString: evil\r\n'
  await using server = await startHostile(
    `${ok}${names}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n${names}\r\n`,
  )
  await using client = clientOf(server, { retry: false })
  const response = await client.get('/')
  expect(Object.keys(response.headers)).toEqual(['__proto__', 'constructor', 'tostring', 'transfer-encoding'])
  expect(Object.getPrototypeOf({ ...response.headers })).toBe(Object.prototype)
  expect(await response.text()).toBe('hello')
  expect(({} as Record<string, unknown>)['evil']).toBe(undefined)
})

test('a key __proto__ in JSON is a property, and nothing else', async () => {
  await using server = await startHostile(rawResponse('{"__proto__": {"admin": true}, "a": 1}'))
  await using client = clientOf(server, { retry: false })
  const value = (await client.get('/').json()) as object
  expect(Object.hasOwn(value, '__proto__')).toBe(true)
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(({} as { admin?: unknown }).admin).toBe(undefined)
})
