/** The forms of a body: characters, nothing at all, what was read before, and what a service says of its errors. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { HttpStatusError } from '../src/errors.ts'
import type { HttpClient } from '../src/client/http-client.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually } from './support/wait.ts'

type Serve = (request: IncomingMessage, response: ServerResponse) => void

async function serve(listener: Serve): Promise<{ server: TestServer; client: HttpClient } & AsyncDisposable> {
  const server = await startHttp(listener)
  const client = clientOf(server)
  const end = async (): Promise<void> => {
    await client.destroy()
    await server[Symbol.asyncDispose]()
  }
  return { server, client, [Symbol.asyncDispose]: end }
}

/** In parts of so many bytes. */
async function inParts(response: ServerResponse, body: Buffer, size: number): Promise<void> {
  for (let at = 0; at < body.length; at += size) {
    response.write(body.subarray(at, at + size))
    await new Promise(setImmediate)
  }
  response.end()
}

test.each([
  ['iso-8859-1', Buffer.from('{"a":"käse"}', 'latin1')],
  ['UTF-16LE', Buffer.from('{"a":"käse"}', 'utf16le')],
  ['"utf-8"', Buffer.from('\ufeff{"a":"käse"}')],
])('text in %s is read as what it is', async (charset, body) => {
  await using scene = await serve((_request, response) => {
    response.setHeader('content-type', `application/json; charset=${charset}`)
    void inParts(response, body, 1)
  })
  const { client } = scene
  expect(await client.get('/').json()).toEqual({ a: 'käse' })
  expect(await client.get('/').text()).toBe('{"a":"käse"}')
  expect((await client.get('/').lines().next()).value).toBe('{"a":"käse"}')
  expect((await client.get('/').ndjson().next()).value).toEqual({ a: 'käse' })
  const response = await client.get('/')
  expect(await response.json()).toEqual({ a: 'käse' })
  expect(await client.get('/').bytes()).toEqual(body)
})

test('a charset that nobody knows is named; bytes need none', async () => {
  await using scene = await serve((_request, response) => {
    response.setHeader('content-type', 'text/plain; charset=klingon').end('Qapla')
  })
  const { client } = scene
  const response = await client.get('/')
  for (const read of [
    () => client.get('/').text(),
    () => client.get('/').json(),
    () => client.get('/').lines().next(),
    () => response.text(),
  ]) {
    const error = await failureOf(read())
    expect(error).toMatchObject({ code: 'decode', phase: 'body' })
    expect(error.message).toContain('its charset "klingon" is not known')
  }
  expect(String(await client.get('/').bytes())).toBe('Qapla')
  expect(String((await failureOf(client.get('/', { query: { x: 1 } }).text())).message)).not.toContain('x=1')
})

test('JSON of an answer that has no body is an error that says why', async () => {
  await using scene = await serve((request, response) => {
    response.writeHead(Number(request.url!.slice(1))).end()
  })
  const { client } = scene
  const cases: [() => PromiseLike<unknown>, string][] = [
    [() => client.get('/204').json(), '/204 answered 204 with an (empty body)'],
    [() => client.get('/205').json(), 'this status has none; use discard()'],
    [() => client.head('/200').json(), 'an answer to HEAD has none'],
    [() => client.get('/304', { headers: { 'if-none-match': '"1"' } }).json(), 'it has not changed'],
    [() => client.get('/200').json(), '(empty body)'],
    [async () => (await client.get('/204')).json(), 'this status has none'],
  ]
  for (const [ask, why] of cases) {
    const error = await failureOf(ask())
    expect(error).toMatchObject({ code: 'decode', phase: 'body' })
    expect(error.message).toContain(why)
  }
  expect(await client.delete('/204').text()).toBe('')
  expect(await client.get('/204').bytes()).toHaveLength(0)
  expect(await client.get('/205').discard()).toBeUndefined()
})

test('304 is no error for a call that names the version it has', async () => {
  await using scene = await serve((request, response) => {
    const { 'if-none-match': tag, 'if-modified-since': since } = request.headers
    if (tag === '"v1"' || since !== undefined || request.url === '/odd') response.writeHead(304).end()
    else response.writeHead(200, { etag: '"v1"' }).end('{"n":1}')
  })
  const { client } = scene
  const headers = { 'If-None-Match': '"v1"' }
  expect((await client.get('/', { headers })).status).toBe(304)
  expect(await client.get('/', { headers }).text()).toBe('')
  expect(await client.get('/', { headers }).discard()).toBeUndefined()
  expect(await (await client.get('/', { headers }).stream()).toArray()).toEqual([])
  const since = { 'if-modified-since': 'Sat, 28 Nov 2026 00:00:00 GMT' }
  expect(await client.get('/', { headers: since }).bytes()).toHaveLength(0)
  expect(await client.get('/', { headers: { 'if-none-match': '"v0"' } }).json()).toEqual({ n: 1 })
  expect(await failureOf(client.get('/odd').text())).toMatchObject({ code: 'status', status: 304 })
  expect(await failureOf(client.get('/odd').stream())).toMatchObject({ code: 'status', status: 304 })
})

test('a body is read once, and who reads it again is told who was first', async () => {
  await using scene = await serve((request, response) => {
    if (request.url === '/endless') response.write('{')
    else response.end('{"n":1}\n')
  })
  const { client } = scene
  const readers = {
    'text()': (response) => response.text(),
    'json()': (response) => response.json(),
    'bytes()': (response) => response.bytes(),
    'lines()': (response) => response.lines().next(),
    'ndjson()': (response) => response.ndjson().next(),
    'discard()': (response) => response.discard(),
    'its stream': (response) => response.body.toArray(),
  } satisfies Record<string, (response: Awaited<ReturnType<HttpClient['get']>>) => unknown>
  for (const [first, read] of Object.entries(readers)) {
    for (const [second, again] of Object.entries(readers)) {
      if (second === 'its stream' || second === 'discard()') continue
      const response = await client.get('/')
      await read(response)
      const error = await failureOf(again(response) as Promise<unknown>)
      expect(error).toMatchObject({ code: 'invalid_request', phase: 'body', sent: 'maybe' })
      expect(error.message).toContain(`the body of GET ${scene.server.origin}/ was read already, by ${first}`)
    }
  }
  const begun = await client.get('/endless')
  await new Promise((resolve) => begun.body.once('data', () => resolve(begun.body.pause())))
  expect((await failureOf(begun.text())).message).toContain('was read already, by its stream')
  const response = await client.get('/')
  const both = await Promise.allSettled([response.text(), response.json()])
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('a response that goes out of scope lets go of its body, read or not', async () => {
  await using scene = await serve((request, response) => {
    if (request.url === '/endless') response.write('x')
    else response.end('x'.repeat(1_000))
  })
  const { client, server } = scene
  {
    await using whole = await client.get('/whole')
    expect(await whole.text()).toHaveLength(1_000)
    await using unread = await client.get('/whole')
    expect(unread.ok).toBe(true)
    await using endless = await client.get('/endless')
    expect(endless.ok).toBe(true)
  }
  await eventually(
    () => client.pool.snapshot().origins.every(({ inFlight }) => inFlight === 0),
    'nothing is held',
  )
  await eventually(() => server.open <= 2, 'the endless one is closed')
})

const details = {
  type: 'https://example.com/probs/out-of-credit',
  title: 'You do not have enough credit.',
  status: 403,
  detail: 'Your balance is 30,\u001b[31m but that\ncosts 50.',
  instance: '/account/12345/msgs/abc',
  balance: 30,
}

test('problem details are the error, with what the service adds', async () => {
  await using scene = await serve((request, response) => {
    const type =
      request.url === '/xml' ? 'application/problem+xml' : 'application/problem+json; charset=utf-8'
    response.writeHead(403, { 'content-type': request.url === '/plain' ? 'application/json' : type })
    response.end(request.url === '/xml' ? '<problem><title>No</title></problem>' : JSON.stringify(details))
  })
  const { client } = scene
  for (const ask of [() => client.get('/?secret=1').json(), () => client.get('/').stream()]) {
    const error = await failureOf(ask())
    expect(error).toBeInstanceOf(HttpStatusError)
    const { problem, body } = error as HttpStatusError
    expect(problem).toEqual(details)
    expect(body).toEqual(details)
    expect(error.message).toBe(
      `GET ${scene.server.origin}/ answered 403: You do not have enough credit.: Your balance is 30, [31m but that costs 50.`,
    )
  }
  const xml = (await failureOf(client.get('/xml').text())) as HttpStatusError
  expect(xml).toMatchObject({ body: '<problem><title>No</title></problem>', problem: undefined })
  expect(xml.message).toContain('<problem>')
  expect(((await failureOf(client.get('/plain').text())) as HttpStatusError).problem).toBeUndefined()
})

test('what a server says in an error cannot colour a terminal or turn a line', async () => {
  await using scene = await serve((_request, response) => {
    response.writeHead(500, { 'content-type': 'text/plain' })
    response.end('a\r\nb\u001b[2Jc\u0000d\u202ee\u2028f\u009bg')
  })
  const { client } = scene
  const error = await failureOf(client.get('/', { retry: false }).text())
  expect(error.message).toBe(`GET ${scene.server.origin}/ answered 500: a b [2Jc d e f g`)
})

test('of the body of an error no more than a MiB is read, however much there is', async () => {
  let closed = 0
  await using scene = await serve((_request, response) => {
    response.writeHead(404, { 'content-type': 'text/plain' })
    response.on('close', () => closed++)
    const chunk = Buffer.alloc(65_536, 'x')
    const write = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', write)
    }
    write()
  })
  const { client, server } = scene
  for (const ask of [() => client.get('/').json(), () => client.get('/').stream()]) {
    const error = (await failureOf(ask())) as HttpStatusError
    expect(error).toMatchObject({ code: 'status', status: 404 })
    expect(error.message).toMatch(/^GET http:\S+\/ answered 404: x{200}…$/)
    expect(String(error.body).length).toBeGreaterThanOrEqual(1024 * 1024)
    expect(String(error.body).length).toBeLessThan(2 * 1024 * 1024)
  }
  await eventually(() => closed === 2 && server.open === 0, 'the endless answers are let go')
})
