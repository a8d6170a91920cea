/** A client serves everybody who takes a dispatcher or a fetch. */
import { text } from 'node:stream/consumers'
import { fetch as undiciFetch, interceptors, request, stream, type Dispatcher } from 'undici'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import { bodyOf, clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'
import { listen } from './support/handlers.ts'
import { eventually, soon } from './support/wait.ts'

const echo = () =>
  startHttp(async (incoming, response) => {
    response.end(`${incoming.method} ${incoming.url} ${await bodyOf(incoming)}`)
  })

test('undici.request: response, retries, abort, body limit', async () => {
  let answered = 0
  await using server = await startHttp((incoming, response) => {
    if (incoming.url === '/never') return
    response.statusCode = incoming.url === '/flaky' && ++answered < 3 ? 503 : 200
    response.end('hello')
  })
  await using client = clientOf(server, { maxResponseBytes: 100 })
  const { statusCode, body } = await request(`${server.origin}/flaky`, { dispatcher: client })
  expect([statusCode, await body.text()]).toEqual([200, 'hello'])
  expect(client.getMetrics()).toMatchObject({ total_requests: 1, total_attempts: 3 })
  const leave = new AbortController()
  const never = failureOf(request(`${server.origin}/never`, { dispatcher: client, signal: leave.signal }))
  await eventually(() => server.requests === 4, 'it is under way')
  const reason = new Error('enough')
  leave.abort(reason)
  expect(await never).toBe(reason)
  expect(client.getMetrics().cancelled_requests).toBe(1)
  await using hasty = clientOf(server, { timeout: 30 })
  const late = await failureOf(request(`${server.origin}/never`, { dispatcher: hasty }))
  expect(late).toMatchObject({ code: 'deadline', phase: 'headers' })
})

test('what no request can be is told to the handler, too', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  for (const wrong of [
    { path: undefined },
    { path: 'no-slash' },
    { method: 'NO SPACE' },
    { origin: undefined },
    { origin: 'x' },
  ]) {
    const options = {
      origin: server.origin,
      path: '/',
      method: 'GET',
      ...wrong,
    } as Dispatcher.DispatchOptions
    const { error } = await soon(listen(client, options).done, 'the handler is told')
    expect(error).toMatchObject({ code: 'invalid_request', phase: 'admit', sent: 'no' })
  }
})

test('undici.stream and a POST through undici.request', async () => {
  await using server = await echo()
  await using client = clientOf(server)
  let got = ''
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      got += chunk.toString()
      done()
    },
  })
  await stream(`${server.origin}/s`, { dispatcher: client, method: 'GET' }, () => sink)
  expect(got).toBe('GET /s ')
  const { body } = await request(`${server.origin}/p`, { dispatcher: client, method: 'POST', body: 'x' })
  expect(await body.text()).toBe('POST /p x')
})

test('a reader that is slow slows the server down, and reads all of it', async () => {
  const size = 4 * 1024 * 1024
  await using server = await startHttp((_incoming, response) => response.end(Buffer.alloc(size, 'x')))
  await using client = clientOf(server)
  const { body } = await request(server.origin, { dispatcher: client })
  await new Promise((resolve) => setTimeout(resolve, 50))
  let received = 0
  for await (const chunk of body) received += (chunk as Buffer).length
  expect(received).toBe(size)
})

test("undici's fetch, and the platform's own with the client as its dispatcher", async () => {
  await using server = await echo()
  await using client = clientOf(server)
  const init = { method: 'POST', body: 'x' }
  expect(await (await undiciFetch(`${server.origin}/u`, { ...init, dispatcher: client })).text()).toBe(
    'POST /u x',
  )
  const platform = { ...init, dispatcher: client } as unknown as RequestInit
  expect(await (await fetch(`${server.origin}/f`, platform)).text()).toBe('POST /f x')
  expect(client.getMetrics().total_requests).toBe(2)
})

test("compose() with undici's own retry", async () => {
  let answered = 0
  await using server = await startHttp((_incoming, response) => {
    response.statusCode = ++answered < 4 ? 503 : 200
    response.end('hello')
  })
  await using client = clientOf(server, { retry: false })
  const dispatcher: Dispatcher = client.compose(interceptors.retry({ minTimeout: 1, maxRetries: 5 }))
  const { statusCode, body } = await request(server.origin, { dispatcher })
  expect([statusCode, await body.text()]).toEqual([200, 'hello'])
  expect(client.getMetrics()).toMatchObject({ total_requests: 4, retries_attempted: 0 })
})

test('client.fetch: URL, Request object, JSON, errors as fetch has them', async () => {
  await using server = await echo()
  await using client = clientOf(server)
  const { fetch: detached } = client // SDKs take it off its object
  expect(await (await detached(`${server.origin}/a`)).text()).toBe('GET /a ')
  const asked = new Request(`${server.origin}/b`, { method: 'PUT', body: 'y' })
  expect(await (await detached(asked)).text()).toBe('PUT /b y')
  expect(await (await detached(new URL(`${server.origin}/c`), { method: 'DELETE' })).text()).toBe(
    'DELETE /c ',
  )
  const response = await detached(`${server.origin}/d`)
  expect(response).toBeInstanceOf(Response)
  await response.body?.cancel()
  const gone = await startHttp()
  const nowhere = gone.origin
  await gone[Symbol.asyncDispose]()
  const error = await failureOf(detached(nowhere))
  expect(error).toBeInstanceOf(TypeError)
  expect(error.cause).toMatchObject({ code: 'connect', sent: 'no' })
})

test('client.fetch: abort before, while waiting, and in the body', async () => {
  await using server = await startHttp((incoming, response) => {
    if (incoming.url === '/half') response.write('half')
  })
  await using client = clientOf(server)
  const before = await failureOf(client.fetch(`${server.origin}/x`, { signal: AbortSignal.abort() }))
  expect(before.name).toBe('AbortError')
  expect(server.total).toBe(0)
  const leave = new AbortController()
  const waiting = failureOf(client.fetch(`${server.origin}/never`, { signal: leave.signal }))
  await eventually(() => server.requests === 1, 'it is under way')
  leave.abort()
  expect((await waiting).name).toBe('AbortError')
  const inBody = new AbortController()
  const response = await client.fetch(`${server.origin}/half`, { signal: inBody.signal })
  inBody.abort()
  expect((await failureOf(response.text())).name).toBe('AbortError')
  await eventually(() => server.open === 0, 'no socket is left')
  expect(client.getMetrics()).toMatchObject({ cancelled_requests: 2, failed_requests: 0 })
})

test('client.fetch: streams both ways at once', async () => {
  await using server = await startHttp((incoming, response) => {
    incoming.on('data', (chunk: Buffer) => response.write(chunk.toString().toUpperCase()))
    incoming.on('end', () => response.end())
  })
  await using client = clientOf(server)
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  void writer.write(Buffer.from('a'))
  const init = { method: 'POST', body: readable, duplex: 'half' } as unknown as RequestInit
  const response = await client.fetch(server.origin, init)
  const reader = response.body!.getReader()
  expect(Buffer.from((await reader.read()).value!).toString()).toBe('A')
  void writer.write(Buffer.from('b'))
  expect(Buffer.from((await reader.read()).value!).toString()).toBe('B')
  void writer.close()
  expect((await reader.read()).done).toBe(true)
})

test('a WebSocket-like upgrade passes through', async () => {
  await using server = await startHttp()
  server.server.on('upgrade', (_incoming, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  await using client = clientOf(server)
  const { socket } = await client.upgrade({ origin: server.origin, path: '/', protocol: 'echo' } as never)
  socket.end('ping')
  expect(await text(socket)).toBe('ping')
  expect(client.getMetrics().successful_requests).toBe(1)
})

test('information before the response reaches whoever listens for it', async () => {
  await using server = await startHttp((_incoming, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('hello'))
  })
  await using client = clientOf(server)
  const heard: number[] = []
  const { body } = await request(server.origin, {
    dispatcher: client,
    onInfo: ({ statusCode }) => heard.push(statusCode),
  })
  expect(await body.text()).toBe('hello')
  expect(heard).toEqual([103])
  expect(await client.get('/').text()).toBe('hello')
})

test('a request without an origin is refused by word, also where endpoint groups have to be looked up', async () => {
  await using client = new HttpClient({ groups: { slow: { paths: ['/slow'], maxInFlight: 1 } } })
  const error = await new Promise<Error>((resolve) => {
    const handler = {
      onRequestStart: () => {},
      onResponseError: (_: unknown, failure: Error) => resolve(failure),
    }
    client.dispatch({ path: '/', method: 'GET' }, handler)
  })
  expect(error).toMatchObject({ code: 'invalid_request' })
})
