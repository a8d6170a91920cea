/** 100 Continue: a large body waits until the server has seen the headers and wants it. */
import { once } from 'node:events'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startH2, startHttp, startHttps, trust } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

test.each([
  ['a string', (): string => 'the body'],
  ['a Blob', (): Blob => new Blob(['the body'])],
  ['a stream', (): Readable => Readable.from(['the ', 'body'])],
])('HTTP/2: %s goes out when the server says continue, and not before', async (_, body) => {
  let before = -1
  await using server = await startH2(() => {})
  server.server.on('checkContinue', (request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.on('end', () => response.end(`${request.headers.expect} ${bytes}`))
    setTimeout(() => {
      before = bytes
      response.writeContinue()
    }, 30)
  })
  await using client = clientOf(server, { connect: trust })
  const answer = await client.post('/', { body: body(), expectContinue: true }).text()
  expect(answer).toBe('100-continue 8')
  expect(before).toBe(0)
})

test('HTTP/2: a server that refuses by its headers gets no body, and the session serves the next', async () => {
  let bytes = 0
  await using server = await startH2((stream, headers) => {
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
    stream.respond({ ':status': headers['expect'] === undefined ? 200 : 413 })
    stream.end('no')
  })
  await using client = clientOf(server, { connect: trust })
  const body = Readable.from(['the ', 'body'])
  const error = await failureOf(client.put('/', { body, expectContinue: true }).text())
  expect(error).toMatchObject({ status: 413 })
  await eventually(() => body.destroyed, 'the source is closed')
  expect(await client.get('/').text()).toBe('no')
  expect(bytes).toBe(0)
  expect(server.total).toBe(1)
})

test('HTTP/2: a server that says nothing does not hold the call beyond writeTimeout', async () => {
  await using server = await startH2(() => {})
  server.server.on('checkContinue', () => {}) // otherwise Node says it
  await using client = clientOf(server, { connect: trust, retry: false })
  const posting = client.post('/', { body: 'x', expectContinue: true, writeTimeout: 100 }).text()
  expect(await failureOf(posting)).toMatchObject({ code: 'attempt_timeout', phase: 'send' })
})

test('without a body there is nothing to wait with', async () => {
  await using server = await startH2((stream, headers) => {
    stream.respond({ ':status': 200 })
    stream.end(String(headers['expect']))
  })
  await using client = clientOf(server, { connect: trust })
  for (const body of [undefined, '', new Blob([])])
    expect(await client.post('/', { ...(body !== undefined && { body }), expectContinue: true }).text()).toBe(
      'undefined',
    )
})

test('TLS, and the server speaks HTTP/1.1: refused before a byte is written, the connection stays', async () => {
  await using server = await startHttps()
  await using client = clientOf(server, { connect: trust })
  await client.get('/').text()
  for (let call = 0; call < 3; call++) {
    const error = await failureOf(client.post('/', { body: 'x', expectContinue: true }).text())
    expect(error).toMatchObject({ code: 'invalid_request', sent: 'no' })
    expect(error.message).toContain('expectContinue needs HTTP/2')
  }
  await sleep(10)
  expect(await client.get('/').text()).toBe('hello')
  expect(server.requests).toBe(2)
  expect(server.total).toBe(1)
  expect(client.pool.snapshot().inFlight).toBe(0)
})

test('HTTP/2 without TLS can do it, where the pool speaks it', async () => {
  const server = http2.createServer()
  server.on('checkContinue', (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => {
    response.writeContinue()
    request.resume()
    request.on('end', () => response.end('continued'))
  })
  server.on('request', () => {}) // without it Node tells of no requests
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  {
    await using client = new HttpClient({ baseUrl: `http://127.0.0.1:${port}`, http2PriorKnowledge: true })
    expect(await client.post('/', { body: 'x', expectContinue: true }).text()).toBe('continued')
  }
  server.close()
  await once(server, 'close')
})

test("an Expect header of one's own is refused, and says what to do", async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  const option = await failureOf(client.post('/', { body: 'x', expectContinue: true }).text())
  expect(option).toMatchObject({ code: 'invalid_request', sent: 'no' })
  const header = await failureOf(client.post('/', { body: 'x', headers: { Expect: '100-continue' } }).text())
  expect(header).toMatchObject({ code: 'invalid_request', sent: 'no', phase: 'admit' })
  expect(header.message).toContain('the header "expect" is not for a call')
  expect(header.message).toContain('`expectContinue: true`')
  expect(server.requests).toBe(0)
  await expect(client.post('/', { expectContinue: 'yes' as never }).text()).rejects.toThrow('expectContinue')
  expect(() => new HttpClient({ headers: { expect: '100-continue' } })).toThrow('"expect"')
})
