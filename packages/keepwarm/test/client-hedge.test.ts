/** Hedging over real sockets: what both servers' sides see of a race, and what is left after it. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { bodyOf, clientOf, failureOf } from './support/client-tools.ts'
import { startH2, startHttp, trust, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers its first request with `first`, all later ones with `others`. */
async function serverOf(first: Answer, others: Answer): Promise<TestServer> {
  let number = 0
  const server = await startHttp((request, response) => (number++ === 0 ? first : others)(request, response))
  closing.push(() => server[Symbol.asyncDispose]())
  return server
}

function hedging(server: TestServer, options: HttpClientOptions = {}): HttpClient {
  const client = clientOf(server, { hedge: { after: 30, share: 1 }, ...options })
  closing.push(() => client.close())
  return client
}

const never: Answer = () => {}
const good: Answer = (request, response) => {
  request.resume()
  response.end('good')
}

test('the server of the attempt that lost sees its connection close, and can stop working', async () => {
  let stopped = 0
  const server = await serverOf((_, response) => response.on('close', () => stopped++), good)
  const client = hedging(server)
  expect(await soon(client.get('/').text(), 'the hedge answers')).toBe('good')
  await eventually(() => stopped === 1, 'the server was told')
  expect(client.getMetrics()).toMatchObject({
    total_requests: 1,
    successful_requests: 1,
    total_attempts: 2,
    hedges_sent: 1,
    hedges_won: 1,
    retries_attempted: 0,
  })
  await eventually(() => server.open === 1, 'one connection is left')
  expect(client.pool.snapshot()).toMatchObject({ idle: 1, inFlight: 0, waiting: 0 })
})

test('over HTTP/2 the stream that lost is reset, and the session serves on', async () => {
  const closed: number[] = []
  let streams = 0
  const server = await startH2((stream) => {
    if (streams++ > 0) return void stream.end('good')
    stream.on('close', () => closed.push(stream.rstCode))
  })
  closing.push(() => server[Symbol.asyncDispose]())
  const client = hedging(server, { connect: trust, maxConnections: 1 })
  expect(await soon(client.get('/').text(), 'the hedge answers')).toBe('good')
  await eventually(() => closed.length === 1, 'the stream was reset')
  expect(closed).toEqual([8]) // CANCEL
  expect(await client.get('/').text()).toBe('good')
  expect(server.total).toBe(1)
})

test('the first attempt may win: the hedge is cancelled, and its server sees that', async () => {
  let stopped = 0
  const server = await serverOf(
    (_, response) => void after(90).then(() => response.end('first')),
    (_, response) => response.on('close', () => stopped++),
  )
  const client = hedging(server)
  expect(await soon(client.get('/').text(), 'the first answers')).toBe('first')
  await eventually(() => stopped === 1, 'the server was told')
  expect(client.getMetrics()).toMatchObject({ hedges_sent: 1, hedges_won: 0, successful_requests: 1 })
})

test.each<[string, Answer]>([
  ['a 503', (_, response) => void after(70).then(() => response.writeHead(503).end('busy'))],
  ['a lost connection', ({ socket }) => void after(70).then(() => socket.resetAndDestroy())],
])("%s while the hedge is out: the result is the hedge's", async (_, first) => {
  const server = await serverOf(first, (__, response) => void after(90).then(() => response.end('hedge')))
  const client = hedging(server)
  expect(await soon(client.get('/').text(), 'the hedge answers')).toBe('hedge')
  expect(client.getMetrics()).toMatchObject({ total_attempts: 2, hedges_sent: 1, retries_attempted: 0 })
})

test.each<[string, Answer]>([
  ['a 503', (_, response) => response.writeHead(503).end('busy')],
  ['a lost connection', ({ socket }) => socket.resetAndDestroy()],
])('%s of the hedge leaves the first attempt alone', async (_, others) => {
  const server = await serverOf((__, response) => void after(120).then(() => response.end('first')), others)
  const client = hedging(server)
  expect(await soon(client.get('/').text(), 'the first answers')).toBe('first')
  expect(client.getMetrics()).toMatchObject({ total_attempts: 2, hedges_sent: 1, hedges_won: 0 })
})

test.each<[string, Record<string, string>, number]>([
  ['a POST', {}, 1],
  ['a POST with a key', { 'idempotency-key': 'k1' }, 2],
])('%s and the server: the body comes as often as it may', async (_, headers, requests) => {
  const bodies: string[] = []
  const server = await startHttp(async (request, response) => {
    bodies.push(await bodyOf(request))
    await after(bodies.length === 1 ? 150 : 0)
    response.end('done')
  })
  closing.push(() => server[Symbol.asyncDispose]())
  const client = hedging(server)
  expect(await client.post('/', { json: { a: 1 }, headers }).text()).toBe('done')
  expect(bodies).toEqual(Array.from({ length: requests }, () => '{"a":1}'))
})

test('the body of a hedge is made anew and comes whole, while that of the first is still being sent', async () => {
  const bodies: string[] = []
  const server = await serverOf(never, async (request, response) => {
    bodies.push(await bodyOf(request))
    response.end('good')
  })
  const client = hedging(server)
  let made = 0
  const body = (): Readable => {
    const first = made++ === 0
    return Readable.from(
      (async function* () {
        yield 'a'
        await after(first ? 200 : 0) // the first is still being sent when the call is over
        yield 'b'
      })(),
    )
  }
  expect(await soon(client.put('/', { body }).text(), 'the hedge answers')).toBe('good')
  expect(bodies).toEqual(['ab'])
})

test('a stream that the hedge won brings every byte once, to a reader who takes its time', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
  const server = await serverOf(never, (_, response) => void response.end(bytes))
  const client = hedging(server)
  const stream = await soon(client.get('/').stream(), 'the hedge answers')
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk)
    length += chunk.length
    await after(1)
  }
  expect(length).toBe(bytes.length)
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
})

test('so does fetch', async () => {
  const server = await serverOf(never, good)
  const client = hedging(server)
  const response = await soon(client.fetch(`${server.origin}/`), 'the hedge answers')
  expect(await response.text()).toBe('good')
  expect(client.getMetrics().hedges_won).toBe(1)
})

test('who leaves during a race leaves nothing open', async () => {
  const server = await serverOf(never, never)
  const client = hedging(server)
  const leave = new AbortController()
  const call = failureOf(client.get('/', { signal: leave.signal }).text())
  await eventually(() => server.requests === 2, 'both are out')
  leave.abort()
  expect(await soon(call, 'the call ends')).toMatchObject({ code: 'aborted' })
  await eventually(() => server.open === 0, 'both connections are closed')
  expect(client.getMetrics()).toMatchObject({ cancelled_requests: 1, total_attempts: 2, hedges_won: 0 })
})

test('the deadline ends both', async () => {
  const server = await serverOf(never, never)
  const client = hedging(server, { timeout: 120 })
  expect(await soon(failureOf(client.get('/').text()), 'it ends')).toMatchObject({ code: 'deadline' })
  await eventually(() => server.open === 0, 'both connections are closed')
})

test('a call that wants no hedge gets none, and who has none to give says so', async () => {
  const server = await serverOf((_, response) => void after(100).then(() => response.end('slow')), good)
  const client = hedging(server)
  expect(await client.get('/', { hedge: false }).text()).toBe('slow')
  expect(server.requests).toBe(1)
  const plain = clientOf(server)
  closing.push(() => plain.close())
  const error = await failureOf(plain.get('/', { hedge: true }).text())
  expect(error.message).toContain('hedge')
  expect(error).toMatchObject({
    problems: [{ variable: 'hedge', received: 'true', expected: expect.stringContaining('new HttpClient') }],
  })
})

test('where there is one connection nobody gets a second one, and nothing waits in the line for it', async () => {
  const server = await startHttp((_, response) => void after(80).then(() => response.end('good')))
  closing.push(() => server[Symbol.asyncDispose]())
  const client = hedging(server, { maxConnections: 1 })
  const texts = Promise.all(Array.from({ length: 3 }, () => client.get('/').text()))
  expect(await soon(texts, 'all are served')).toEqual(['good', 'good', 'good'])
  expect(client.getMetrics()).toMatchObject({ hedges_sent: 0, total_attempts: 3 })
})

test('with an empty budget it waits on, and never fails for it', async () => {
  const server = await serverOf((_, response) => void after(120).then(() => response.end('slow')), good)
  const client = hedging(server, { budget: { start: 0, perSecond: 0 } })
  expect(await client.get('/').text()).toBe('slow')
  expect(client.getMetrics()).toMatchObject({ hedges_sent: 0, successful_requests: 1 })
})
