/** Answers that are too much: announced, packed, or as headers of HTTP/2. */
import type http2 from 'node:http2'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { eachRequest, startH2, startHttp, startRaw, trust } from './support/servers.ts'
import { eventually } from './support/wait.ts'

// ── announced ────────────────────────────────────────────────────────────────────────────────────────────────

test('a body that is announced as larger than maxResponseBytes is refused before it comes', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n'
  await using server = await startRaw((socket) => eachRequest(socket, () => void socket.write(head)))
  await using client = clientOf(server)
  for (const read of ['text', 'json', 'bytes', 'discard'] as const) {
    const error = await failureOf(client.get('/')[read]())
    expect(error).toMatchObject({ code: 'body_too_large', attempts: [{ number: 1 }] })
    expect(error.message).toContain('maxResponseBytes')
  }
  await eventually(() => server.open === 0, 'its connections are closed')
})

test('what is announced for HEAD, or is streamed, or belongs to an error, may be as large as it likes', async () => {
  await using server = await startRaw((socket) =>
    eachRequest(socket, (head) => {
      const status = head.includes('/missing') ? '404 Not Found' : '200 OK'
      socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 999999999999\r\n\r\n`)
      if (!head.startsWith('HEAD')) socket.end('some of it')
    }),
  )
  await using client = clientOf(server, { retry: false })
  expect(await client.head('/').text()).toBe('')
  const response = await client.get('/')
  expect(response.headers['content-length']).toBe('999999999999')
  await response.discard()
  expect((await failureOf(client.get('/missing').text())).code).not.toBe('body_too_large')
})

test('a body that says nothing of its size is ended at maxResponseBytes', async () => {
  await using server = await startHttp((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    }
    response.on('drain', more)
    more()
  })
  await using client = clientOf(server, { retry: false, maxResponseBytes: 1_000_000 })
  expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'body_too_large' })
  const streamed = (await client.get('/').stream()).toArray()
  expect(await failureOf(streamed)).toMatchObject({ code: 'body_too_large' })
  await eventually(() => server.open === 0, 'its connections are closed')
})

// ── packed ───────────────────────────────────────────────────────────────────────────────────────────────────

const bomb = gzipSync(Buffer.alloc(50_000_000))

test.each([
  ['one bomb', 'gzip', bomb],
  ['a bomb in a bomb', 'gzip, gzip', gzipSync(bomb)],
])('%s is ended long before it is unpacked, whoever reads it', async (_, coding, bytes) => {
  await using server = await startHttp((_request, response) => {
    response.writeHead(200, { 'content-encoding': coding, 'content-type': 'application/json' }).end(bytes)
  })
  await using client = clientOf(server, { retry: false })
  const tooLarge = {
    code: 'body_too_large',
    message: expect.stringContaining('maxDecompressionRatio') as string,
  }
  expect(await failureOf(client.get('/').text())).toMatchObject(tooLarge)
  expect(await failureOf(client.get('/').json())).toMatchObject(tooLarge)
  const read = async (): Promise<number> => {
    let size = 0
    for await (const part of await client.get('/').stream()) size += (part as Buffer).length
    return size
  }
  expect(await failureOf(read())).toMatchObject(tooLarge)
  const fetched = client.fetch(`${server.origin}/`).then((response) => response.arrayBuffer())
  expect(await failureOf(fetched)).toBeInstanceOf(TypeError)
})

test('what unpacks well but to too much is ended at maxResponseBytes', async () => {
  const bytes = gzipSync(Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${i * 7919}\n`).join('')))
  await using server = await startHttp((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes)
  })
  await using client = clientOf(server, { retry: false, maxResponseBytes: 300_000 })
  expect(bytes.length).toBeLessThan(300_000)
  expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'body_too_large' })
})

test('a hundred codings are not undone', async () => {
  const codings = Array.from({ length: 100 }, () => 'gzip').join(', ')
  await using server = await startHttp((_, response) => {
    response.writeHead(200, { 'content-encoding': codings }).end('x')
  })
  await using client = clientOf(server, { retry: false })
  expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'decode' })
})

// ── headers of HTTP/2 ────────────────────────────────────────────────────────────────────────────────────────

const many = (count: number, value: string): http2.OutgoingHttpHeaders =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, value]))

test.each<[string, (stream: http2.ServerHttp2Stream) => void]>([
  ['many headers', (stream) => stream.respond(many(3_000, '1'), { endStream: true })],
  ['large headers', (stream) => stream.respond(many(100, 'a'.repeat(15_000)), { endStream: true })],
  [
    'many trailers',
    (stream) =>
      // Only then are those heard of who would send others.
      void setImmediate(() => {
        stream.removeAllListeners('wantTrailers')
        stream.on('wantTrailers', () => stream.sendTrailers(many(3_000, '1')))
        stream.respond({}, { waitForTrailers: true })
        stream.end('hello')
      }),
  ],
])('%s of HTTP/2 are refused, and the next request is served', async (_, answer) => {
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] === '/evil') answer(stream)
    else stream.respond({ ':status': 200 }, { endStream: true })
  })
  await using client = clientOf(server, { connect: trust, retry: false })
  expect(await failureOf(client.get('/evil').text())).toMatchObject({
    code: expect.stringMatching(/protocol|reset/),
  })
  expect(await client.get('/').text()).toBe('')
})

test('interim answers of HTTP/2 without end end in time', async () => {
  await using server = await startH2((stream) => {
    const more = (): void => {
      if (stream.destroyed) return
      stream.additionalHeaders({ ':status': 103, link: 'x' })
      setTimeout(more, 1)
    }
    more()
  })
  await using client = clientOf(server, { connect: trust, retry: false, headersTimeout: 200 })
  expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'attempt_timeout' })
})
