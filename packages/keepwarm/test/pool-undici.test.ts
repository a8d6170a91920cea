/** A drop-in for undici's own dispatchers: every way into undici works over the pool. */
import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { pipeline as pipe } from 'node:stream/promises'
import { ConnectionPool } from 'keepwarm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FormData, fetch, pipeline, request, stream } from 'undici'
import { get, listen } from './support/handlers.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

let server: TestServer
let pool: ConnectionPool

beforeAll(async () => {
  server = await startHttp((incoming, response) => {
    if (incoming.url === '/slow') return void setTimeout(() => response.end('slow'), 300)
    response.setHeader('content-type', incoming.headers['content-type'] ?? 'text/plain')
    response.setHeader('x-method', incoming.method ?? '')
    if (incoming.method === 'GET') response.end('hello')
    else incoming.pipe(response)
  })
  pool = new ConnectionPool({ maxConnections: 4 })
})

afterAll(async () => {
  await pool.close()
  await server[Symbol.asyncDispose]()
})

test('undici.request', async () => {
  const response = await request(server.origin, { method: 'POST', body: 'there', dispatcher: pool })
  expect(response.statusCode).toBe(200)
  expect(response.headers['x-method']).toBe('POST')
  expect(await response.body.text()).toBe('there')
})

test('undici.request with a stream as body', async () => {
  const body = Readable.from(['a', 'b', 'c'])
  const response = await request(server.origin, { method: 'PUT', body, dispatcher: pool })
  expect(await response.body.text()).toBe('abc')
})

test('undici.stream', async () => {
  const sink = new PassThrough()
  const collected = text(sink)
  await stream(server.origin, { method: 'GET', dispatcher: pool }, () => sink)
  expect(await collected).toBe('hello')
})

test('undici.pipeline', async () => {
  const chunks: Buffer[] = []
  await pipe(
    Readable.from(['through ', 'the ', 'pipe']),
    pipeline(server.origin, { method: 'POST', dispatcher: pool }, ({ body }) => body),
    new Writable({ write: (chunk: Buffer, _, next) => (chunks.push(chunk), next()) }),
  )
  expect(Buffer.concat(chunks).toString()).toBe('through the pipe')
})

test('undici.fetch: GET, and POST with a string, a form and a stream', async () => {
  const answer = await fetch(server.origin, { dispatcher: pool })
  expect([answer.status, await answer.text()]).toEqual([200, 'hello'])

  const string = await fetch(server.origin, { method: 'POST', body: 'string', dispatcher: pool })
  expect(await string.text()).toBe('string')

  const form = new FormData()
  form.set('name', 'value')
  const formAnswer = await fetch(server.origin, { method: 'POST', body: form, dispatcher: pool })
  expect((await formAnswer.formData()).get('name')).toBe('value')

  const body = ReadableStream.from(['str', 'eam'].map((part) => new TextEncoder().encode(part)))
  const streamed = await fetch(server.origin, { method: 'POST', body, duplex: 'half', dispatcher: pool })
  expect(await streamed.text()).toBe('stream')
})

test.each(['request', 'fetch'] as const)(
  '%s that waits can be aborted at once, and no socket is touched',
  async (way) => {
    await using narrow = new ConnectionPool({ maxConnections: 1 })
    const first = get(narrow, `${server.origin}/slow`)
    const { total, requests } = server
    await eventually(() => server.requests > requests, 'the first is under way')
    const leaving = new AbortController()
    const options = { dispatcher: narrow, signal: leaving.signal }
    const second = way === 'request' ? request(server.origin, options) : fetch(server.origin, options)
    const refused = expect(second).rejects.toThrow('changed my mind')
    await eventually(() => narrow.snapshot().waiting === 1, 'the second waits')
    leaving.abort(new Error('changed my mind'))
    await soon(refused, 'the abort')
    expect(narrow.snapshot()).toMatchObject({ waiting: 0, inFlight: 1, connections: 1 })
    expect(await first).toBe('slow')
    expect(await get(narrow, server.origin)).toBe('hello')
    expect(server.total - total).toBe(1)
    expect(server.requests - requests).toBe(2)
    expect(narrow.counters.closed).toEqual({})
  },
)

test('the handler hears each callback once and in order', async () => {
  const { done, accepted } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
  expect(accepted).toBeTypeOf('boolean')
  const heard = await done
  expect(heard.calls).toEqual(['start', 'headers', 'end'])
  expect(heard).toMatchObject({ status: 200, body: 'hello' })
})

test('dispatch answers false while the request waits, and true when it went out', async () => {
  await using fresh = new ConnectionPool()
  const first = listen(fresh, { origin: server.origin, path: '/', method: 'GET' })
  expect(first.accepted).toBe(false)
  await first.done
  await eventually(() => fresh.snapshot().idle === 1, 'an idle connection')
  const second = listen(fresh, { origin: server.origin, path: '/', method: 'GET' })
  expect(second.accepted).toBe(true)
  await second.done
})

test('a body can be paused and resumed, and what waits for the reader is not lost', async () => {
  await using big = await startHttp((_, response) => response.end(Buffer.alloc(3_000_000, 'x')))
  const response = await request(big.origin, { dispatcher: pool })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect((await buffer(response.body)).length).toBe(3_000_000)
})

test.each([
  ['no origin', { path: '/', method: 'GET' }, 'the request names no origin'],
  [
    'an origin of another scheme',
    { origin: 'ftp://host', path: '/', method: 'GET' },
    '"ftp://host" is not an',
  ],
  ['a path that is none', { origin: 'ORIGIN', path: 'x', method: 'GET' }, 'path must be'],
  [
    'a header undici refuses',
    { origin: 'ORIGIN', path: '/', method: 'GET', headers: { expect: 'x' } },
    'expect',
  ],
  [
    'a body of another length',
    { origin: 'ORIGIN', path: '/', method: 'POST', body: 'four', headers: { 'content-length': '9' } },
    'body length does not match',
  ],
] as const)('%s is the fault of the caller: told, and no connection is lost', async (_, options, message) => {
  await get(pool, server.origin)
  const { total } = server
  const origin = 'origin' in options ? options.origin.replace('ORIGIN', server.origin) : undefined
  const heard = await soon(
    listen(pool, { ...options, origin } as Parameters<typeof pool.dispatch>[0]).done,
    'the refusal',
  )
  expect(heard.error?.message.toLowerCase()).toContain(message)
  expect(await get(pool, server.origin)).toBe('hello')
  expect(server.total).toBe(total)
})

test('options that are none, and a handler that is none, are refused as undici does it', async () => {
  const nothing = null as unknown as Parameters<typeof pool.dispatch>[0]
  expect((await listen(pool, nothing).done).error?.message).toContain('must be an object')
  const noHandler = null as unknown as Parameters<typeof pool.dispatch>[1]
  const dispatching = (): boolean =>
    pool.dispatch({ origin: server.origin, path: '/', method: 'GET' }, noHandler)
  expect(dispatching).toThrow('handler must be an object')
})
