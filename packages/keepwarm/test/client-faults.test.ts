/** Whatever goes wrong has a name, says where and what to do, ends in time, and leaves no socket behind. */
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ConnectionPool } from '../src/pool/pool.ts'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import type { KeepwarmError } from '../src/errors.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, startHttps, startRaw, trust, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function client(options: HttpClientOptions): HttpClient {
  const made = new HttpClient({ retry: { base: 1 }, timeout: 5_000, ...options })
  closing.push(() => made.close())
  return made
}

/** A server of raw bytes: answers every request with `bytes`, and hangs up afterwards if asked to. */
async function raw(bytes: string, hangUp = false): Promise<TestServer> {
  const server = await startRaw((socket: Socket) => {
    socket.on('data', () => (hangUp ? socket.end(bytes) : socket.write(bytes)))
  })
  closing.push(() => server[Symbol.asyncDispose]())
  return server
}

async function failsWith(
  made: HttpClient,
  expected: Partial<KeepwarmError>,
  ...texts: string[]
): Promise<KeepwarmError> {
  const error = await soon(failureOf(made.get('/a').text()), 'the call ends')
  expect(error).toMatchObject(expected)
  for (const text of texts) expect(error.message).toContain(text)
  return error
}

test('a port where nothing listens', async () => {
  const gone = await startHttp()
  const made = client({ baseUrl: gone.origin })
  await gone[Symbol.asyncDispose]()
  const error = await failsWith(
    made,
    { code: 'connect', phase: 'connect', sent: 'no', notRetried: 'all attempts are used' },
    'GET http://127.0.0.1:',
    'failed on attempt 3 after ',
    ': could not connect: connect ECONNREFUSED',
    'is the service started',
  )
  expect(error.attempts).toHaveLength(3)
  expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
})

test('a host that nobody knows', async () => {
  const lookup = (name: string, _options: object, done: (error: Error) => void): void =>
    done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }))
  const made = client({ baseUrl: 'http://nobody.test', connect: { lookup } as never, retry: false })
  await failsWith(
    made,
    { code: 'connect', phase: 'connect', sent: 'no' },
    'ENOTFOUND nobody.test',
    'spelled right',
  )
})

test('a host that does not answer', async () => {
  const connect = (): void => {} // its packets are lost
  const made = client({ baseUrl: 'http://127.0.0.1:9', connect, connectTimeout: 50, retry: false })
  await failsWith(
    made,
    { code: 'connect', phase: 'connect', sent: 'no' },
    'no connection to http://127.0.0.1:9 within 50 ms',
    'connectTimeout',
  )
  expect(made.getMetrics().timeout_errors).toBe(1)
})

test('a certificate that nobody trusts is told at once, with what to do', async () => {
  await using server = await startHttps()
  await using made = clientOf(server)
  const error = await failsWith(
    made,
    { code: 'connect', phase: 'connect', sent: 'no' },
    'a certificate was refused',
    'connect: { ca }',
  )
  expect(error.attempts).toHaveLength(1)
  await using trusting = clientOf(server, { connect: trust })
  expect(await trusting.get('/').text()).toBe('hello')
})

test('TLS to a server that speaks plain HTTP', async () => {
  await using server = await startHttp()
  await using made = clientOf(server, { baseUrl: server.origin.replace('http:', 'https:'), retry: false })
  const said = 'could not connect: wrong version number (ERR_SSL_WRONG_VERSION_NUMBER)'
  await failsWith(made, { code: 'connect', sent: 'no' }, said, 'http:// is right')
})

test('a server that hangs up without an answer', async () => {
  const server = await raw('', true)
  const made = client({ baseUrl: server.origin })
  const error = await failsWith(
    made,
    { code: 'reset', phase: 'headers', sent: 'maybe' },
    'before the response',
  )
  expect(error.attempts).toHaveLength(3)
  expect(await failureOf(made.post('/a', { json: 1 }).text())).toMatchObject({
    code: 'reset',
    attempts: [{ number: 1 }],
    notRetried: expect.stringContaining('may have processed it') as string,
  })
  await eventually(() => server.open === 0, 'no socket is left')
})

test.each([
  ['garbage', 'SSH-2.0-OpenSSH_9.6\r\n', 'headers', 'is this an HTTP server'],
  ['a status line that is none', 'HTTP/1.1 twohundred OK\r\n\r\n', 'headers', 'not valid HTTP'],
  [
    'a wrong chunk size',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n',
    'body',
    'not valid HTTP',
  ],
  ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`, 'headers', 'maxHeaderSize'],
] as const)('%s', async (_, bytes, phase, text) => {
  const server = await raw(bytes)
  const made = client({ baseUrl: server.origin, retry: false })
  await failsWith(made, { code: 'protocol', phase, sent: 'maybe' }, text)
  await eventually(() => server.open === 0, 'no socket is left')
})

test.each([
  ['a body shorter than promised', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
  ['chunks without the last', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
])('%s', async (_, bytes) => {
  const server = await raw(bytes, true)
  const made = client({ baseUrl: server.origin })
  const error = await failsWith(
    made,
    { code: 'reset', phase: 'body', sent: 'maybe' },
    'in the middle of the response',
  )
  expect(error.attempts).toHaveLength(3) // nobody had seen a part of it
  const response = await made.get('/a')
  expect(await soon(failureOf(response.text()), 'the body ends')).toMatchObject({
    code: 'reset',
    notRetried: expect.stringContaining('already has a part') as string,
  })
  await eventually(() => server.open === 0, 'no socket is left')
})

test('a body that is cut off once is asked for again', async () => {
  let answered = 0
  await using server = await startHttp((_request, response) => {
    response.writeHead(200, { 'content-length': '5' })
    if (answered++ > 0) response.end('whole')
    else response.write('wh', () => response.destroy())
  })
  await using made = clientOf(server)
  expect(await made.get('/').text()).toBe('whole')
})

test('a method cannot write lines of its own into a log', async () => {
  await using made = new HttpClient({ baseUrl: 'http://127.0.0.1:1', retry: false })
  const error = await failureOf(made.call('GET\r\n\u001b[31mX' as 'GET', '/').text())
  expect(error.message).toContain('GET···[31mX http://127.0.0.1:1/')
  expect(error.message).not.toMatch(/\p{Cc}/u)
})

test('a body that is larger than allowed', async () => {
  await using server = await startHttp((_request, response) => {
    for (let part = 0; part < 20; part++) response.write('x'.repeat(1_000))
  })
  await using made = clientOf(server, { maxResponseBytes: 10_240 })
  await failsWith(
    made,
    { code: 'body_too_large', phase: 'body' },
    'larger than maxResponseBytes, 10 KiB (10240 bytes)',
    'raise maxResponseBytes',
  )
  await eventually(() => server.open === 0, 'no socket is left')
  expect(await failureOf(made.get('/', { maxResponseBytes: 0 }).text())).toMatchObject({
    code: 'body_too_large',
  })
  expect(made.getMetrics().circuit_breaker_state).toBe('closed')
})

test('a server that never answers, and one that stops in the middle', async () => {
  await using server = await startHttp((request, response) => {
    if (request.url === '/half') response.write('half')
  })
  await using made = clientOf(server, { retry: false })
  const never = await failureOf(made.get('/never', { headersTimeout: 50 }).text())
  expect(never).toMatchObject({ code: 'attempt_timeout', phase: 'headers', sent: 'maybe' })
  expect(never.message).toContain('no response headers within 50 ms (headersTimeout)')
  const half = await failureOf(made.get('/half', { bodyIdleTimeout: 50 }).text())
  expect(half).toMatchObject({ code: 'attempt_timeout', phase: 'body', sent: 'maybe' })
  expect(half.message).toContain('(bodyIdleTimeout)')
  const late = await failureOf(made.get('/half', { timeout: 50 }).text())
  expect(late).toMatchObject({ code: 'deadline', phase: 'body', sent: 'maybe' })
  await eventually(() => server.open === 0, 'no socket is left')
  expect(made.getMetrics()).toMatchObject({ timeout_errors: 3, failed_requests: 3 })
})

test('a request that the server does not read', async () => {
  await using server = await startRaw(() => {})
  await using made = clientOf(server, { retry: false, writeTimeout: 100 })
  const endless = async function* (): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.alloc(65_536)
  }
  const error = await failureOf(made.post('/', { body: endless() }).text())
  expect(error).toMatchObject({ code: 'attempt_timeout', phase: 'send', sent: 'maybe' })
  expect(error.message).toContain('(writeTimeout)')
  await eventually(() => made.pool.snapshot().connections === 0, 'no socket is left')
})

test('more calls than the pool serves: the numbers say why', async () => {
  await using server = await startHttp(() => {})
  const limits = { maxConnections: 1, maxQueue: 1, acquireTimeout: 50, timeout: 300, retry: false as const }
  await using made = clientOf(server, limits)
  const busy = failureOf(made.get('/busy').text())
  await eventually(() => server.requests === 1, 'the connection is taken')
  const waiting = failureOf(made.get('/waiting').text())
  const full = await failureOf(made.get('/full').text())
  expect(full).toMatchObject({ code: 'queue_full', phase: 'wait', sent: 'no' })
  expect(full.message).toMatch(
    /^GET http:\/\/127.0.0.1:\d+\/full failed after \d+ ms: the line for .* is full: 1 of 1 connections/,
  )
  expect(await waiting).toMatchObject({ code: 'acquire_timeout', phase: 'wait', sent: 'no' })
  expect(await busy).toMatchObject({ code: 'deadline' })
  expect(made.getMetrics()).toMatchObject({ circuit_breaker_state: 'closed', timeout_errors: 2 })
})

test('a total that is shorter than the wait for a connection is called so, whichever clock rings first', async () => {
  await using server = await startHttp(() => {})
  await using made = clientOf(server, { maxConnections: 1, retry: false })
  const busy = failureOf(made.get('/busy', { timeout: 400 }).text())
  const codes = await Promise.all(
    Array.from(
      { length: 20 },
      async (_, index) => (await failureOf(made.get('/', { timeout: 50 + index }).text())).code,
    ),
  )
  expect(new Set(codes)).toEqual(new Set(['deadline']))
  await busy
})

test('a pool that was closed under its client', async () => {
  const pool = new ConnectionPool()
  const made = client({ baseUrl: 'http://127.0.0.1:1', pool })
  await pool.close()
  await failsWith(made, { code: 'closed', sent: 'no' }, 'the connection pool is closed')
})

test('503, 503, 200 over a real socket is one success, and one connection', async () => {
  let answered = 0
  await using server = await startHttp((_request, response) => {
    response.statusCode = ++answered < 3 ? 503 : 200
    response.end(String(answered))
  })
  await using made = clientOf(server)
  expect(await made.get('/').text()).toBe('3')
  expect(server.total).toBe(1)
  expect(made.getMetrics()).toMatchObject({
    total_requests: 1,
    total_attempts: 3,
    successful_requests: 1,
    retries_attempted: 2,
    retries_by_reason: { status_503: 2 },
  })
})

test.each([
  ['GET', undefined, 3],
  ['GET', false, 2],
  ['POST', undefined, 2],
  ['POST', true, 3],
] as const)(
  'a kept connection that the server closes under a %s that may arrive twice: %s',
  async (method, twice, seen) => {
    let came = 0
    await using server = await startHttp((request, response) => {
      if (++came === 2)
        request.socket.destroy() // hung up on, without an answer
      else response.end('hello')
    })
    await using made = clientOf(server, { retry: false })
    await made.get('/').text()
    const call = made.call(method, '/', twice === undefined ? {} : { idempotent: twice }).text()
    if (seen === 3) expect(await call).toBe('hello')
    else expect(await failureOf(call)).toMatchObject({ code: 'reset', sent: 'maybe', phase: 'headers' })
    expect(came).toBe(seen)
  },
)
