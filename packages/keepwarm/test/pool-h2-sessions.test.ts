/** HTTP/2 sessions that end, or should: what they had is not lost, and nothing of them stays. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientHttp2Session, ClientHttp2Stream, ServerHttp2Stream } from 'node:http2'
import { Readable } from 'node:stream'
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { get, listen } from './support/handlers.ts'
import { collected } from './support/memory.ts'
import { startH2, trust } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

function hello(stream: ServerHttp2Stream): void {
  stream.resume()
  stream.respond({ ':status': 200 })
  stream.end('hello')
}

/** Calls back with every stream that a client makes; to be ended. */
function onStreams(hear: (stream: ClientHttp2Stream) => void): Disposable {
  const listener = (message: unknown): void => hear((message as { stream: ClientHttp2Stream }).stream)
  subscribe('http2.client.stream.created', listener)
  return { [Symbol.dispose]: () => unsubscribe('http2.client.stream.created', listener) }
}

async function sessionOf(pool: ConnectionPool, origin: string): Promise<ClientHttp2Session> {
  let session: ClientHttp2Session | undefined
  using _ = onStreams((stream) => (session = stream.session as ClientHttp2Session))
  expect(await get(pool, origin)).toBe('hello')
  return session!
}

test('a session that is destroyed is given nothing more, from that moment on', async () => {
  await using server = await startH2(hello)
  await using pool = new ConnectionPool({ connect: trust })
  const session = await sessionOf(pool, server.origin)
  await eventually(() => pool.snapshot().idle === 1, 'at rest')
  session.destroy()
  expect(pool.connections()).toMatchObject([{ state: 'retiring' }])
  const { body } = await request(server.origin, {
    method: 'POST',
    body: Readable.from(['a', 'b']),
    dispatcher: pool,
  })
  expect(await body.text()).toBe('hello')
  expect(server.total).toBe(2)
})

test.each([
  ['no body', () => null],
  ['a text', () => 'ab'],
  ['a stream', () => Readable.from(['a', 'b'])],
])(
  'what a session is given that takes no more streams goes elsewhere at once: a POST with %s',
  async (_, body) => {
    const arrived: string[] = []
    await using server = await startH2((stream, headers) => {
      if (headers[':path'] === '/slow') return void setTimeout(() => hello(stream), 100)
      if (headers[':method'] === 'GET') return hello(stream)
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      stream.on('end', () => {
        arrived.push(text)
        hello(stream)
      })
    })
    await using pool = new ConnectionPool({ connect: trust })
    const session = await sessionOf(pool, server.origin)
    const slow = get(pool, `${server.origin}/slow`)
    await eventually(() => server.requests === 2, 'the slow one')
    session.close() // as Node does by itself after some errors: what runs goes on, and it takes no more
    const posted = await request(server.origin, { method: 'POST', body: body(), dispatcher: pool })
    expect(await posted.body.text()).toBe('hello')
    expect(await slow).toBe('hello')
    expect(arrived).toEqual([body() === null ? '' : 'ab'])
    expect(server.total).toBe(2)
  },
)

test('aborts without end cost nobody a request: the session is replaced before its server ends it', async () => {
  const limits = { streamResetBurst: 500, streamResetRate: 33 } // half of Node's own
  let hanging = 0
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] === '/slow') setTimeout(() => stream.destroyed || hello(stream), 30)
    else hanging++
  }, limits)
  await using pool = new ConnectionPool({ connect: trust })
  let isOver = false
  let answered = 0
  const neighbour = async (): Promise<void> => {
    while (!isOver) {
      const { body } = await request(`${server.origin}/slow`, { method: 'POST', body: 'x', dispatcher: pool })
      expect(await body.text()).toBe('hello')
      answered++
    }
  }
  const neighbours = Promise.all(Array.from({ length: 5 }, neighbour))
  neighbours.catch(() => (isOver = true))
  for (let round = 0; round < 25 && !isOver; round++) {
    const leaving = Array.from({ length: 50 }, () =>
      listen(pool, { origin: server.origin, path: '/hang', method: 'GET' }),
    )
    await eventually(() => hanging === 50 * (round + 1) || isOver, 'all hang')
    for (const { heard } of leaving) heard.controller!.abort(new Error('enough'))
    await soon(Promise.all(leaving.map(({ done }) => done)), 'the aborts')
  }
  isOver = true
  await soon(neighbours, 'the neighbours')
  expect(answered).toBeGreaterThan(10)
  expect(pool.counters.closed.resets).toBeGreaterThan(1)
})

test('uploads that are aborted half-sent poison no session for the answers of others', async () => {
  await using server = await startH2((stream, headers) => {
    if (headers[':method'] === 'GET') hello(stream)
  })
  await using pool = new ConnectionPool({ connect: trust, maxConnections: 1 })
  for (let i = 0; i < 15; i++) {
    expect(await soon(get(pool, server.origin), 'the next')).toBe('hello')
    // A part of a stream is queued as it comes.
    const body = Readable.from([Buffer.alloc(1_000_000)])
    const { heard, done } = listen(pool, { origin: server.origin, path: '/', method: 'POST', body })
    await eventually(() => server.requests === 2 * (i + 1), 'the upload has begun')
    heard.controller!.abort(new Error('enough'))
    await done
  }
  expect(await get(pool, server.origin)).toBe('hello')
  expect(server.total).toBeGreaterThan(1)
  expect(server.total).toBeLessThan(10)
})

test('nothing stays in memory of a session that ended with a request', async () => {
  const refs: WeakRef<object>[] = []
  {
    using _ = onStreams((stream) => {
      refs.push(new WeakRef(stream), new WeakRef(stream.session!))
    })
    await using server = await startH2((stream) => stream.session!.destroy())
    const pool = new ConnectionPool({ connect: trust })
    for (let i = 0; i < 5; i++) {
      await expect(request(server.origin, { method: 'POST', body: 'x', dispatcher: pool })).rejects.toThrow()
    }
    await pool.close()
  }
  expect(refs).toHaveLength(10)
  await collected(() => refs.every((ref) => ref.deref() === undefined), 'streams and sessions')
})
