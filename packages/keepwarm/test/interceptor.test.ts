/** resilience() over undici's own dispatchers, and over keepwarm's pool. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { Agent, Client, Pool, fetch as undiciFetch, interceptors, request, type Dispatcher } from 'undici'
import { describe, expect, test } from 'vitest'
import { resilience, type ResilienceOptions } from '../src/client/interceptor.ts'
import { withDeadline } from '../src/deadline/ambient.ts'
import { ConnectionPool } from '../src/pool/pool.ts'
import { bodyOf, failureOf } from './support/client-tools.ts'
import { get, listen } from './support/handlers.ts'
import { startH2, startHttp, startRaw, trust, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

interface Closable extends AsyncDisposable {
  readonly dispatcher: Dispatcher
}

const beneath: Readonly<Record<string, (origin: string) => Dispatcher>> = {
  Agent: () => new Agent(),
  Pool: (origin) => new Pool(origin, { connections: 4 }),
  Client: (origin) => new Client(origin),
  ConnectionPool: () => new ConnectionPool(),
}

/** Short waits between attempts. */
function composed(inner: Dispatcher, options: ResilienceOptions = {}): Closable {
  const dispatcher = inner.compose(resilience({ retry: { base: 1 }, timeout: 5_000, ...options }))
  return { dispatcher, [Symbol.asyncDispose]: () => inner.destroy() }
}

/** Answers 503 so many times, then 200 with what it got. */
function flaky(times: number): Promise<TestServer> {
  let left = times
  return startHttp(async (incoming, response) => {
    const body = await bodyOf(incoming)
    response.statusCode = left-- > 0 ? 503 : 200
    response.end(`${incoming.method} ${body}`)
  })
}

describe.each(Object.entries(beneath))('over %s', (_, make) => {
  test('a request is tried again, with its body', async () => {
    await using server = await flaky(2)
    await using through = composed(make(server.origin))
    expect(await get(through.dispatcher, server.origin)).toBe('GET ')
    expect(server.requests).toBe(3)
    const init = { dispatcher: through.dispatcher, method: 'PUT', body: 'x' } as const
    expect(await (await request(`${server.origin}/p`, init)).body.text()).toBe('PUT x')
  })

  test('a POST is not sent twice, and one with a key is', async () => {
    await using server = await flaky(2)
    await using through = composed(make(server.origin))
    const post = { dispatcher: through.dispatcher, method: 'POST', body: 'x' } as const
    const refused = await request(server.origin, post)
    expect([refused.statusCode, await refused.body.text()]).toEqual([503, 'POST x'])
    const keyed = await request(server.origin, { ...post, headers: { 'idempotency-key': '1' } })
    expect([keyed.statusCode, await keyed.body.text()]).toEqual([200, 'POST x'])
    expect(server.requests).toBe(3)
  })

  test("fetch, undici's and the platform's", async () => {
    await using server = await flaky(1)
    await using through = composed(make(server.origin))
    const { dispatcher } = through
    expect(await (await undiciFetch(server.origin, { dispatcher })).text()).toBe('GET ')
    const init = { method: 'POST', body: 'y', dispatcher } as unknown as RequestInit
    expect(await (await fetch(server.origin, init)).text()).toBe('POST y')
    expect(server.requests).toBe(3)
  })

  test('a server that does not answer: the attempt ends, and then the call', async () => {
    await using server = await startHttp(() => {})
    await using through = composed(make(server.origin), {
      headersTimeout: 20,
      retry: { attempts: 2, base: 1 },
    })
    const error = await failureOf(request(server.origin, { dispatcher: through.dispatcher }))
    expect(error).toMatchObject({ code: 'attempt_timeout', phase: 'headers', sent: 'maybe' })
    expect(error.attempts).toHaveLength(2)
    await using hasty = composed(make(server.origin), { timeout: 40 })
    const late = await failureOf(request(server.origin, { dispatcher: hasty.dispatcher }))
    expect(late).toMatchObject({ code: 'deadline', phase: 'headers' })
    await eventually(() => server.open === 0, 'no socket is left')
  })

  test('a deadline around it', async () => {
    await using server = await startHttp(() => {})
    await using through = composed(make(server.origin))
    const late = await failureOf(
      withDeadline(30, () => request(server.origin, { dispatcher: through.dispatcher })),
    )
    expect(late).toMatchObject({ code: 'deadline' })
  })

  test('nobody listens there: it was not sent, and any method is tried again; then the breaker opens', async () => {
    const gone = await startHttp()
    const { origin } = gone
    await gone[Symbol.asyncDispose]()
    await using through = composed(make(origin))
    const post = { dispatcher: through.dispatcher, method: 'POST', body: 'x' } as const
    const error = await failureOf(request(origin, post))
    expect(error).toMatchObject({ code: 'connect', phase: 'connect', sent: 'no' })
    expect(error.attempts).toHaveLength(3)
    expect(error.message).toContain('ECONNREFUSED')
    expect(await failureOf(request(origin, post))).toMatchObject({ code: 'breaker_open' })
    expect(await failureOf(request(origin, post))).toMatchObject({ code: 'breaker_open', sent: 'no' })
  })

  test('a connection that breaks off', async () => {
    await using server = await startRaw((socket) => socket.once('data', () => socket.destroy()))
    await using through = composed(make(server.origin), { retry: { attempts: 2, base: 1 } })
    const error = await failureOf(request(server.origin, { dispatcher: through.dispatcher }))
    expect(error).toMatchObject({ code: 'reset', sent: 'maybe' })
    expect(error.attempts.map(({ ending }) => ending)).toEqual(['reset', 'reset'])
    const post = { dispatcher: through.dispatcher, method: 'POST', body: 'x' } as const
    expect((await failureOf(request(server.origin, post))).attempts).toHaveLength(1)
  })

  test('abort: before, while it waits for an answer, in the body', async () => {
    await using server = await startHttp((incoming, response) => {
      if (incoming.url === '/half') response.write('half')
    })
    await using through = composed(make(server.origin))
    const { dispatcher } = through
    const before = AbortSignal.abort(new Error('before'))
    await expect(request(server.origin, { dispatcher, signal: before })).rejects.toThrow('before')
    expect(server.total).toBe(0)
    const leave = new AbortController()
    const never = failureOf(request(server.origin, { dispatcher, signal: leave.signal }))
    await eventually(() => server.requests === 1, 'it is under way')
    leave.abort(new Error('enough'))
    expect((await never).message).toBe('enough')
    const inBody = new AbortController()
    const { body } = await request(`${server.origin}/half`, { dispatcher, signal: inBody.signal })
    inBody.abort(new Error('no more'))
    await expect(body.text()).rejects.toThrow('no more')
    await eventually(() => server.open === 0, 'no socket is left')
  })

  test('a reader that is slow reads all of it', async () => {
    const size = 2 * 1024 * 1024
    await using server = await startHttp((_incoming, response) => response.end(Buffer.alloc(size, 'x')))
    await using through = composed(make(server.origin))
    const { body } = await request(server.origin, { dispatcher: through.dispatcher })
    await sleep(30)
    let received = 0
    for await (const chunk of body) received += (chunk as Buffer).length
    expect(received).toBe(size)
  })

  test('a body that is too large, and no request at all', async () => {
    await using server = await startHttp((_incoming, response) => response.end('0123456789'))
    await using through = composed(make(server.origin), { maxResponseBytes: 5 })
    const { body } = await request(server.origin, { dispatcher: through.dispatcher })
    await expect(body.text()).rejects.toMatchObject({ code: 'body_too_large' })
    const wrong = { origin: server.origin, path: 'no-slash', method: 'GET' } as const
    const { error } = await soon(listen(through.dispatcher, wrong).done, 'the handler is told')
    expect(error).toMatchObject({ code: 'invalid_request', phase: 'admit', sent: 'no' })
  })

  test('closed: what is under way ends as usual, what comes then is told', async () => {
    await using server = await startHttp(
      (_incoming, response) => void setTimeout(() => response.end('x'), 20),
    )
    const inner = make(server.origin)
    const { dispatcher } = composed(inner)
    const last = get(dispatcher, server.origin)
    await eventually(() => server.requests === 1, 'it is under way')
    const closing = dispatcher.close()
    expect(await last).toBe('x')
    await soon(closing, 'it closes')
    expect(await failureOf(request(server.origin, { dispatcher }))).toMatchObject({ code: 'closed' })
    await eventually(() => server.open === 0, 'no socket is left')
  })
})

describe("with undici's own interceptors", () => {
  test('redirect above it: each hop is a call of its own', async () => {
    await using target = await flaky(1)
    await using server = await startHttp((_incoming, response) => {
      response.writeHead(302, { location: `${target.origin}/there` }).end()
    })
    await using through = composed(new Agent())
    const both = through.dispatcher.compose(interceptors.redirect({ maxRedirections: 2 }))
    expect(await get(both, server.origin)).toBe('GET ')
    expect([server.requests, target.requests]).toEqual([1, 2])
  })

  test('redirect and decompress beneath it', async () => {
    await using server = await startHttp((incoming, response) => {
      if (incoming.url === '/') response.writeHead(302, { location: '/there' }).end()
      else response.setHeader('content-encoding', 'gzip').end(gzipSync('unpacked'))
    })
    for (const inner of [new Agent(), new ConnectionPool()]) {
      const { redirect, decompress } = interceptors
      const all = inner.compose(decompress(), redirect({ maxRedirections: 2 }), resilience())
      expect(await get(all, server.origin)).toBe('unpacked')
      await inner.close()
    }
  })

  test('beneath one that does not say when a request was sent: a slow answer is no slow upload', async () => {
    await using server = await startHttp(
      (_incoming, response) => void setTimeout(() => response.end('x'), 80),
    )
    const silent: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
      dispatch(options, {
        onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
        onResponseStart: (...args) => handler.onResponseStart?.(...args),
        onResponseData: (...args) => handler.onResponseData?.(...args),
        onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
        onResponseError: (...args) => handler.onResponseError?.(...args),
      })
    for (const inner of [new Agent(), new ConnectionPool()]) {
      const all = inner.compose(silent, resilience({ writeTimeout: 20, retry: false }))
      expect(await get(all, server.origin)).toBe('x')
      await inner.close()
    }
  })
})

test.each(['Agent', 'Pool', 'ConnectionPool'])(
  'over %s: a second attempt goes out beside a slow one, and its answer counts',
  async (name) => {
    let asked = 0
    await using server = await startHttp((_incoming, response) => {
      if (++asked > 1) response.end('fast')
    })
    await using through = composed(beneath[name]!(server.origin), { hedge: { after: 20, share: 1 } })
    expect(await get(through.dispatcher, server.origin)).toBe('fast')
    await eventually(() => server.open === 1, 'the slow one was cancelled')
  },
)

test('what is given up in the line of a Client never goes out, and leaves the connection to the others', async () => {
  await using server = await startHttp((incoming, response) => {
    setTimeout(() => response.end(incoming.url), 30)
  })
  await using through = composed(new Client(server.origin), { retry: false })
  const { dispatcher } = through
  const leave = new AbortController()
  const first = get(dispatcher, `${server.origin}/first`)
  const second = failureOf(get(dispatcher, `${server.origin}/second`, leave.signal))
  const third = get(dispatcher, `${server.origin}/third`)
  leave.abort(new Error('enough'))
  expect((await second).message).toBe('enough')
  expect([await first, await third]).toEqual(['/first', '/third'])
  expect([server.requests, server.total]).toEqual([2, 1])
})

test('the breaker opens while a request waits: it is turned away, and the connection stays', async () => {
  await using server = await startHttp((_incoming, response) => {
    response.statusCode = 500
    setTimeout(() => response.end('x'), 10)
  })
  const breaker = { minimumCompletions: 2, openFor: 60_000 }
  await using through = composed(new Client(server.origin), { retry: false, breaker })
  const { dispatcher } = through
  const answers = await Promise.allSettled(
    Array.from({ length: 6 }, () => request(server.origin, { dispatcher })),
  )
  const refused = answers.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(2)
  for (const each of refused) expect(each).toMatchObject({ reason: { code: 'breaker_open', sent: 'no' } })
  expect(server.requests).toBe(6 - refused.length)
  expect(server.total).toBe(1)
})

test('each origin, and each group of paths, has a breaker of its own', async () => {
  await using ill = await startHttp((incoming, response) => {
    response.statusCode = incoming.url === '/ill' ? 500 : 200
    response.end()
  })
  await using well = await startHttp()
  const breaker = { minimumCompletions: 2 }
  const groups = { ill: { paths: ['/ill'] } }
  await using through = composed(new Agent(), { retry: false, breaker, groups })
  const { dispatcher } = through
  for (let i = 0; i < 2; i++)
    expect((await request(`${ill.origin}/ill`, { dispatcher })).statusCode).toBe(500)
  expect(await failureOf(request(`${ill.origin}/ill`, { dispatcher }))).toMatchObject({
    code: 'breaker_open',
  })
  expect((await request(`${ill.origin}/well`, { dispatcher })).statusCode).toBe(200)
  expect(await get(dispatcher, well.origin)).toBe('hello')
})

test('the deadline is told to the server, anew for each attempt', async () => {
  const heard: number[] = []
  await using server = await startHttp((incoming, response) => {
    heard.push(Number(incoming.headers['x-envoy-expected-rq-timeout-ms']))
    response.statusCode = heard.length < 2 ? 503 : 200
    response.end('x')
  })
  const options = {
    timeout: 2_000,
    deadlineHeader: 'x-envoy-expected-rq-timeout-ms',
    retry: { base: 50 },
  } as const
  await using through = composed(new Agent(), options)
  expect(await get(through.dispatcher, server.origin)).toBe('x')
  expect(heard).toHaveLength(2)
  expect(heard[0]).toBeLessThan(2_000)
  expect(heard[1]).toBeLessThanOrEqual(heard[0]!)
})

test('HTTP/2, as undici speaks it', async () => {
  let answered = 0
  await using server = await startH2((stream) => {
    stream.respond({ ':status': ++answered < 3 ? 503 : 200 })
    stream.end('x')
  })
  await using through = composed(new Agent({ allowH2: true, connect: trust }))
  expect(await get(through.dispatcher, server.origin)).toBe('x')
  expect([server.requests, server.total]).toEqual([3, 1])
})

test('a stream is uploaded, slower than it may pause, and sent once', async () => {
  await using server = await flaky(1)
  await using through = composed(new Agent(), { writeTimeout: 150 })
  const parts = async function* (): AsyncGenerator<string> {
    for (const part of ['a', 'b', 'c', 'd']) {
      await sleep(60)
      yield part
    }
  }
  const upload = { dispatcher: through.dispatcher, method: 'PUT', body: Readable.from(parts()) } as const
  const { statusCode, body } = await request(server.origin, upload)
  expect([statusCode, await body.text()]).toEqual([503, 'PUT abcd'])
  expect(server.requests).toBe(1)
})

test('a stream that nobody could be given goes to whoever comes back', async () => {
  const gone = await startHttp()
  const { origin, port } = gone
  await gone[Symbol.asyncDispose]()
  await using through = composed(new Agent(), { retry: { attempts: 10, base: 40, jitter: 0 } })
  const upload = { dispatcher: through.dispatcher, method: 'POST', body: Readable.from(['abc']) } as const
  const answer = request(origin, upload)
  await sleep(20)
  const bodies: string[] = []
  const server = createServer(async (incoming, response) => {
    bodies.push(await bodyOf(incoming))
    response.setHeader('connection', 'close').end('there')
  }).listen(port, '127.0.0.1')
  const { body } = await answer
  expect(await body.text()).toBe('there')
  expect(bodies).toEqual(['abc'])
  await new Promise((resolve) => server.close(resolve))
})

test('an upgrade passes through', async () => {
  await using server = await startHttp()
  server.server.on('upgrade', (_incoming, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  await using through = composed(new Pool(server.origin))
  const { socket } = await through.dispatcher.upgrade({ path: '/', protocol: 'echo' })
  socket.end('ping')
  expect(await text(socket)).toBe('ping')
})

test('what no request can be', async () => {
  await using through = composed(new Agent(), { groups: { a: { paths: ['/a'] } } })
  for (const wrong of [{ origin: undefined }, { origin: 'x' }, { path: undefined }, { method: 'NO SPACE' }]) {
    const options = {
      origin: 'http://a.test',
      path: '/',
      method: 'GET',
      ...wrong,
    } as Dispatcher.DispatchOptions
    const { error } = await soon(listen(through.dispatcher, options).done, 'the handler is told')
    expect(error).toMatchObject({ code: 'invalid_request', sent: 'no' })
  }
})
