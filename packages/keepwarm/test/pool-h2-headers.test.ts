/** A header that HTTP/2 has no place for costs its own request, and nobody else's. */
import { ConnectionPool, HttpClient } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { get } from './support/handlers.ts'
import { startH2, startHttps, trust } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

const headersOfHttp1 = [{ te: 'gzip' }, { 'HTTP2-Settings': 'x' }, { 'proxy-connection': 'keep-alive' }]

test('HTTP/2: it is refused before its stream is opened, and the session and its other requests go on', async () => {
  let answer = (): void => {}
  await using server = await startH2((stream, headers) => {
    const end = (): void => {
      stream.respond({ ':status': 200 })
      stream.end('hello')
    }
    if (headers[':path'] === '/slow') answer = end
    else end()
  })
  await using pool = new ConnectionPool({ connect: trust, maxConnections: 1 })
  const slow = get(pool, `${server.origin}/slow`)
  await eventually(() => server.requests === 1, 'the slow one is under way')
  for (const headers of headersOfHttp1) {
    const refused = request(server.origin, { headers: headers as never, dispatcher: pool })
    await expect(soon(refused, 'the refusal')).rejects.toMatchObject({
      code: 'UND_ERR_INVALID_ARG',
      message: expect.stringMatching(/HTTP\/2 has no place for the header "[a-z2-]+"/),
    })
  }
  expect(await get(pool, server.origin)).toBe('hello')
  answer()
  expect(await soon(slow, 'the slow one')).toBe('hello')
  expect(server.total).toBe(1)
  expect(server.requests).toBe(2)
  expect(pool.snapshot().inFlight).toBe(0)
})

test('over HTTP/1.1 it is sent', async () => {
  await using server = await startHttps((incoming, response) => response.end(incoming.headers['te']))
  await using pool = new ConnectionPool({ connect: trust })
  const { body } = await request(server.origin, { headers: { te: 'gzip' }, dispatcher: pool })
  expect(await body.text()).toBe('gzip')
})

test('the fetch of a client is told once, and nothing is tried again', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using client = new HttpClient({ baseUrl: server.origin, connect: trust })
  const failing = client.fetch(server.origin, { headers: { 'http2-settings': 'x' } })
  await expect(failing).rejects.toMatchObject({ cause: { code: 'invalid_request', sent: 'no' } })
  expect(await (await client.fetch(server.origin)).text()).toBe('hello')
  expect(server.requests).toBe(1)
  expect(server.total).toBe(1)
})
