/** Headers that come after the body. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startH2, startHttp, startRaw, trust, type TestServer } from './support/servers.ts'

const body = JSON.stringify({ rows: 3 })

/** `/none` has no trailers, `/gzip` is packed, `/503` fails at first. */
async function start(protocol: 'HTTP/1.1' | 'HTTP/2'): Promise<TestServer> {
  let failures = 1
  const answer = ({ url }: IncomingMessage, response: ServerResponse): void => {
    const isFailure = url === '/503' && failures-- > 0
    const isPacked = url === '/gzip'
    response.writeHead(isFailure ? 503 : 200, isPacked ? { 'content-encoding': 'gzip' } : {})
    if (isFailure) response.addTrailers({ 'x-sum': 'of the first' })
    else if (url !== '/none') response.addTrailers({ 'X-Sum': 'abc', 'Server-Timing': 'db;dur=5' })
    response.write(isPacked ? gzipSync(body) : body)
    response.end()
  }
  if (protocol === 'HTTP/1.1') return startHttp(answer)
  const server = await startH2(() => {})
  server.server.on('request', answer as never)
  return server
}

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('%s', (protocol) => {
  test.each(['/some', '/gzip'])('%s: the response has them once its body was read', async (path) => {
    await using server = await start(protocol)
    await using client = clientOf(server, { connect: trust })
    const response = await client.get(path)
    expect(await response.json()).toEqual({ rows: 3 })
    expect(response.trailers).toMatchObject({ 'x-sum': 'abc', 'server-timing': 'db;dur=5' })
    expect(response.headers['x-sum']).toBeUndefined()
    const none = await client.get('/none')
    expect(none.trailers).toEqual({})
    await none.text()
    expect({ ...none.trailers }).toEqual({})
  })

  test.each(['/some', '/gzip', '/503'])(
    '%s: a collected call is told them before it resolves',
    async (path) => {
      await using server = await start(protocol)
      await using client = clientOf(server, { connect: trust })
      const told: unknown[] = []
      const onTrailers = (trailers: object): number => told.push(trailers)
      expect(await client.get(path, { onTrailers }).json()).toEqual({ rows: 3 })
      expect(told).toEqual([expect.objectContaining({ 'x-sum': 'abc' })])
      await client.get('/none', { onTrailers }).text()
      expect(told.length).toBe(1)
    },
  )
})

test('a trailer that would frame a message is no HTTP, and its connection carries nothing more', async () => {
  await using server = await startRaw((socket) => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
    socket.on('data', () => socket.write(`${head}2\r\nok\r\n0\r\ncontent-length: 99\r\n\r\n`))
  })
  await using client = clientOf(server, { retry: false })
  for (let call = 0; call < 3; call++)
    expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'protocol' })
  expect(server.total).toBe(3)
})

test('trailers of a request cannot be sent, and the header that would announce them says so', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  const error = await failureOf(client.post('/', { body: 'x', headers: { Trailer: 'x-sum' } }).text())
  expect(error).toMatchObject({ code: 'invalid_request', sent: 'no' })
  expect(error.message).toContain('trailers of a request cannot be sent: undici writes none')
  expect(server.requests).toBe(0)
})
