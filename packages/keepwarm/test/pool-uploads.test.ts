/** Bodies on their way to a server that does not want them, or whose source fails. */
import { once } from 'node:events'
import { constants } from 'node:http2'
import { Readable } from 'node:stream'
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { get } from './support/handlers.ts'
import { runProgram } from './support/program.ts'
import { startH2, startHttps, trust, type TestServer } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

/** A body without end, a little at a time. */
async function* endless(): AsyncGenerator<string> {
  for (;;) {
    yield 'x'.repeat(1_000)
    await sleep(1)
  }
}

async function* failing(error: Error): AsyncGenerator<string> {
  yield 'part'
  await sleep(5)
  throw error
}

type Refusal = 'answers 413 at once' | 'closes the connection' | 'says nothing'

/** Refuses uploads in one way or another, answers everything else. */
function start(protocol: 'HTTP/1.1' | 'HTTP/2', refusal: Refusal): Promise<TestServer> {
  if (protocol === 'HTTP/1.1') {
    return startHttps((incoming, response) => {
      if (incoming.method === 'GET') return void response.end('hello')
      incoming.on('error', () => {})
      if (refusal === 'closes the connection')
        return void once(incoming, 'data').then(() => incoming.socket.destroy())
      if (refusal === 'answers 413 at once') response.writeHead(413, { connection: 'close' }).end('too large')
    })
  }
  return startH2((stream, headers) => {
    if (headers[':method'] === 'GET') {
      stream.respond({ ':status': 200 })
      return void stream.end('hello')
    }
    if (refusal === 'closes the connection')
      return void once(stream, 'data').then(() => stream.session!.destroy())
    if (refusal !== 'answers 413 at once') return
    stream.respond({ ':status': 413 })
    stream.end('too large')
  })
}

const pooled = (): ConnectionPool => new ConnectionPool({ connect: trust, maxConnections: 1 })

/** Nothing of an upload is left, and the next request is answered. */
async function expectEven(pool: ConnectionPool, server: TestServer): Promise<void> {
  expect(await soon(get(pool, server.origin), 'the next')).toBe('hello')
  await eventually(() => pool.snapshot().inFlight === 0, 'nothing in flight')
  await soon(pool.close(), 'close', 2_000)
}

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('%s', (protocol) => {
  test('a server that answers before it has read the upload: the answer is told, and the upload ends', async () => {
    await using server = await start(protocol, 'answers 413 at once')
    const pool = pooled()
    const body = Readable.from(endless())
    const posting = request(server.origin, { method: 'POST', body, dispatcher: pool })
    const response = await soon(posting, 'the answer')
    expect(response.statusCode).toBe(413)
    await response.body.text().catch(() => {}) // the end of the connection may come first
    await eventually(() => body.destroyed, 'the upload is over')
    await expectEven(pool, server)
  })

  test('a server that closes the connection in the middle of an upload: told, the upload ends, nothing goes again', async () => {
    await using server = await start(protocol, 'closes the connection')
    const pool = pooled()
    await get(pool, server.origin)
    const body = Readable.from(endless())
    const posting = request(server.origin, { method: 'PUT', body, dispatcher: pool })
    await expect(soon(posting, 'the end')).rejects.toMatchObject({ code: /./ })
    await eventually(() => body.destroyed, 'the upload is over')
    expect(server.requests).toBe(2)
    await expectEven(pool, server)
  })

  test('a body whose source fails: its own error is told, and the next is answered', async () => {
    await using server = await start(protocol, 'says nothing')
    const pool = pooled()
    await get(pool, server.origin)
    const fault = new Error('the source failed')
    const posting = request(server.origin, {
      method: 'POST',
      body: Readable.from(failing(fault)),
      dispatcher: pool,
    })
    await expect(soon(posting, 'the end')).rejects.toBe(fault)
    await expectEven(pool, server)
  })

  test('an upload that is aborted in the middle ends its source, and the next is answered', async () => {
    await using server = await start(protocol, 'says nothing')
    const pool = pooled()
    const body = Readable.from(endless())
    const leaving = new AbortController()
    const posting = request(server.origin, { method: 'POST', body, dispatcher: pool, signal: leaving.signal })
    const refused = expect(posting).rejects.toThrow('enough')
    await eventually(() => server.requests === 1, 'the upload has begun')
    leaving.abort(new Error('enough'))
    await soon(refused, 'the abort')
    await eventually(() => body.destroyed, 'the upload is over')
    await expectEven(pool, server)
  })

  test('a body that waits in line with its request is ended when the request leaves', async () => {
    await using server = await start(protocol, 'says nothing')
    const pool = new ConnectionPool({ connect: () => {}, acquireTimeout: 30 })
    const body = Readable.from(endless())
    const posting = request(server.origin, { method: 'POST', body, dispatcher: pool })
    await expect(soon(posting, 'the end')).rejects.toMatchObject({ code: 'acquire_timeout' })
    await eventually(() => body.destroyed, 'the body is over')
    await pool.destroy()
  })
})

test('HTTP/2: a large upload in one piece that its server takes slowly keeps no answer from anybody', async () => {
  let arrived = 0
  let begin = (): void => {}
  await using server = await startH2((stream, headers) => {
    stream.respond({ ':status': 200, 'x-length': headers['content-length'] ?? 'none' })
    if (headers[':method'] === 'GET') return void stream.end('hello')
    begin = () => stream.on('data', (chunk: Buffer) => (arrived += chunk.length))
    stream.on('end', () => stream.end('stored'))
  })
  await using pool = pooled()
  const posting = request(server.origin, { method: 'POST', body: Buffer.alloc(12_000_000), dispatcher: pool })
  await eventually(() => server.requests === 1, 'the upload has begun')
  for (let i = 0; i < 3; i++) {
    expect(await soon(get(pool, server.origin), 'an answer meanwhile')).toBe('hello')
    await sleep(10)
  }
  begin()
  const { body, headers } = await posting
  expect(await soon(body.text(), 'the upload', 10_000)).toBe('stored')
  expect(arrived).toBe(12_000_000)
  expect(headers['x-length']).toBe('12000000')
  expect(server.total).toBe(1)
})

test.each([
  ['a text', 'ü'.repeat(200_000)],
  ['a buffer', Buffer.alloc(400_000, 'ü')],
  ['a part of a larger buffer', Buffer.alloc(500_000, 'ü').subarray(50_000, 450_000)],
  ['an ArrayBuffer', new Uint8Array(Buffer.alloc(400_000, 'ü')).buffer],
])('HTTP/2: a large upload in one piece arrives as it was, with its length: %s', async (_, body) => {
  await using server = await startH2((stream, headers) => {
    const parts: Buffer[] = []
    stream.on('data', (chunk: Buffer) => parts.push(chunk))
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'x-type': headers['content-type'] ?? 'none' })
      stream.end(`${headers['content-length']} ${Buffer.concat(parts).equals(Buffer.alloc(400_000, 'ü'))}`)
    })
  })
  await using pool = pooled()
  const options = { method: 'POST', body: body as Buffer, dispatcher: pool } as const
  const answer = await request(server.origin, options)
  expect(await soon(answer.body.text(), 'the upload')).toBe('400000 true')
  expect(answer.headers['x-type']).toBe('none')
})

// In a process of its own: what this is about could only be ended from outside.
test('HTTP/2: uploads that are aborted at any moment are reset, each, and the session goes on', async () => {
  let resets = 0
  await using server = await startH2((stream, headers) => {
    if (headers[':method'] === 'POST') {
      return void stream.resume().on('close', () => stream.rstCode === constants.NGHTTP2_CANCEL && resets++)
    }
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  const program = `
    import { Readable } from 'node:stream'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { ConnectionPool } from 'keepwarm'
    import { request } from 'undici'
    const [, origin] = process.argv
    async function* endless() {
      for (;;) {
        yield 'x'.repeat(1_000)
        await sleep(1)
      }
    }
    const pool = new ConnectionPool({ connect: { rejectUnauthorized: false }, maxConnections: 1 })
    const get = async () => (await request(origin, { dispatcher: pool })).body.text()
    await get()
    for (let i = 0; i < 60; i++) {
      const leaving = new AbortController()
      const options = { method: 'POST', body: Readable.from(endless()), dispatcher: pool, signal: leaving.signal }
      const upload = request(origin, options).catch((error) => error.message)
      await sleep(2 + (i % 8))
      leaving.abort(new Error('enough'))
      if ((await upload) !== 'enough' || (await get()) !== 'hello') throw new Error('not as it should be')
    }
    console.log(pool.counters.opened, pool.snapshot().inFlight)
    await pool.close()
  `
  const { code, output } = await runProgram(program, server.origin)
  expect({ code, output }).toEqual({ code: 0, output: '1 0\n' })
  expect(resets).toBe(60)
})
