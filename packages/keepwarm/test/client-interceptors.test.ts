/** undici's interceptors between a client's calls and its pool: they see each attempt, and take nothing from the calls. */
import { setTimeout as sleep } from 'node:timers/promises'
import { interceptors, type Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { ConfigError } from '../src/errors.ts'
import { ConnectionPool } from '../src/pool/pool.ts'
import { bodyOf, clientOf, failureOf } from './support/client-tools.ts'
import { startH2, startHttp, trust, type TestServer } from './support/servers.ts'
import { eventually } from './support/wait.ts'

type Interceptor = Dispatcher.DispatcherComposeInterceptor

/** Adds a header with the number of the attempt that it sees. */
function counting(seen: string[] = []): Interceptor {
  return (dispatch) => (options, handler) => {
    seen.push(String(options.path))
    const headers = { ...(options.headers as Record<string, string>), 'x-seen': String(seen.length) }
    return dispatch({ ...options, headers }, handler)
  }
}

/** Stands in between, as undici's own do: what a handler of keepwarm's knows besides does not come through. */
const opaque: Interceptor = (dispatch) => (options, handler) => dispatch(options, forwarding(handler))

function forwarding(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...all) => handler.onRequestStart?.(...all),
    onResponseStart: (...all) => handler.onResponseStart?.(...all),
    onResponseData: (...all) => handler.onResponseData?.(...all),
    onResponseEnd: (...all) => handler.onResponseEnd?.(...all),
    onResponseError: (...all) => handler.onResponseError?.(...all),
  }
}

/** Lets each request wait. */
const slow =
  (ms: number): Interceptor =>
  (dispatch) =>
  (options, handler) => {
    void sleep(ms).then(() => dispatch(options, handler))
    return true
  }

function through(
  server: TestServer,
  list: readonly Interceptor[],
  options: HttpClientOptions = {},
): HttpClient {
  return clientOf(server, { interceptors: list, ...options })
}

function flaky(times: number): Promise<TestServer> {
  return startHttp(async (incoming, response) => {
    await bodyOf(incoming)
    response.statusCode = times-- > 0 ? 503 : 200
    response.end(String(incoming.headers['x-seen'] ?? ''))
  })
}

test.each([
  ['one that hands the handler on', [counting()]],
  ['one that stands in between', [opaque, counting()]],
])('they see each attempt: %s', async (_, list) => {
  await using server = await flaky(2)
  await using client = through(server, list)
  const response = await client.get('/p')
  expect(await response.text()).toBe('3')
  expect(response).toMatchObject({ attempt: 3, connection: { reused: true, requestsServed: 3 } })
})

test('the last of the list sees an attempt first, as with compose()', async () => {
  await using server = await flaky(0)
  const told: string[] = []
  const saying =
    (name: string): Interceptor =>
    (dispatch) =>
    (options, handler) => {
      told.push(name)
      return dispatch(options, handler)
    }
  await using client = through(server, [saying('a'), saying('b')])
  await client.get('/').text()
  expect(told).toEqual(['b', 'a'])
})

test("undici's dns: the name is looked up by it, the connection leads to the address", async () => {
  await using server = await flaky(1)
  const dns = interceptors.dns({
    dualStack: false,
    affinity: 4,
    lookup: (_origin, _options, callback) =>
      callback(null, [{ address: '127.0.0.1', ttl: 1_000, family: 4 }]),
  } as Parameters<typeof interceptors.dns>[0])
  await using client = new HttpClient({
    baseUrl: `http://nowhere.invalid:${server.port}`,
    interceptors: [dns],
    retry: { base: 1 },
  })
  const response = await client.get('/')
  await response.text()
  expect(response).toMatchObject({ status: 200, attempt: 2 })
  expect(response.connection!.address).toBe(`127.0.0.1:${server.port}`)
})

test('one with a controller of its own: the connection is known all the same', async () => {
  const own: Interceptor = (dispatch) => (options, handler) =>
    dispatch(options, {
      ...forwarding(handler),
      onRequestStart: (inner, context) =>
        handler.onRequestStart?.(
          {
            ...{ aborted: false, paused: false, reason: null, rawHeaders: [], rawTrailers: [] },
            ...{
              abort: (reason) => inner.abort(reason),
              pause: () => inner.pause(),
              resume: () => inner.resume(),
            },
          },
          context,
        ),
    })
  await using server = await startHttp((_incoming, response) => void response.write('x'))
  await using client = through(server, [own], { retry: false })
  const response = await client.get('/', { bodyIdleTimeout: 40 })
  expect(response.connection).toMatchObject({ requestsServed: 1 })
  expect(await failureOf(response.text())).toMatchObject({ code: 'attempt_timeout', sent: 'maybe' })
  await eventually(() => server.open === 0, 'its connection is closed')
})

test('the phases of an attempt are known behind one that tells nothing of them', async () => {
  await using server = await startHttp(() => {})
  await using client = through(server, [opaque], { retry: false })
  const error = await failureOf(client.get('/', { headersTimeout: 60 }).text())
  expect(error).toMatchObject({ code: 'attempt_timeout', phase: 'headers', sent: 'maybe' })
  expect(error.timings!.headers).toBeGreaterThanOrEqual(59)
  await eventually(() => server.open === 0, 'its connection is closed')
})

test('who waits for a connection behind one has the limits of its call', async () => {
  await using server = await startHttp(() => {})
  await using client = through(server, [opaque], { maxConnections: 1, retry: false })
  const first = failureOf(client.get('/', { timeout: 400 }).text())
  const error = await failureOf(client.get('/', { acquireTimeout: 40 }).text())
  expect(error).toMatchObject({ code: 'acquire_timeout', phase: 'wait', sent: 'no' })
  expect(error.message).toContain('within 40 ms (acquireTimeout)')
  await first
})

test.each([
  ['in line', [opaque]],
  ['at an interceptor', [opaque, slow(50)]],
])(
  'a call that is cancelled while it waits %s leaves at once, and takes no connection along',
  async (_, list) => {
    await using server = await startHttp(
      (_incoming, response) => void setTimeout(() => response.end('ok'), 100),
    )
    await using client = through(server, list, { maxConnections: 1 })
    const first = client.get('/').text()
    await eventually(() => server.requests === 1, 'the first is under way')
    const leave = new AbortController()
    const second = failureOf(client.get('/', { signal: leave.signal }).text())
    await sleep(5)
    leave.abort()
    expect(await second).toMatchObject({ code: 'aborted', phase: 'wait', sent: 'no' })
    expect(client.getMetrics().total_requests).toBe(1)
    expect(await first).toBe('ok')
    await sleep(60)
    expect(server).toMatchObject({ total: 1, requests: 1 })
    expect(await client.get('/').text()).toBe('ok')
  },
)

test('a breaker that opened meanwhile turns an attempt away before it is written', async () => {
  await using server = await startHttp(
    (_incoming, response) => void setTimeout(() => response.writeHead(500).end(), 60),
  )
  await using client = through(server, [opaque], {
    maxConnections: 1,
    retry: false,
    breaker: { minimumCompletions: 1, failureRatio: 0.1 },
  })
  const first = failureOf(client.get('/').text())
  const second = await failureOf(client.get('/').text())
  expect(second).toMatchObject({ code: 'breaker_open', sent: 'no' })
  await first
  expect(server).toMatchObject({ total: 1, requests: 1 })
})

test('one that throws ends the call, which is not the fault of the server, and holds nothing', async () => {
  await using server = await flaky(0)
  const thrown = new Error('no trace')
  const breaking: Interceptor = () => (_options, _handler) => {
    throw thrown
  }
  await using client = through(server, [breaking], { breaker: { minimumCompletions: 1, failureRatio: 0.1 } })
  const error = await failureOf(client.get('/p').text())
  expect(error).toMatchObject({ code: 'hook', sent: 'no', attempts: [{ number: 1, ending: 'hook' }] })
  expect(error.message).toContain('an interceptor threw: no trace')
  expect(client.breakers.snapshot()[server.origin]).toMatchObject({ state: 'closed' })
  expect(server.total).toBe(0)
})

test('a hedge goes through them, too', async () => {
  let asked = 0
  await using server = await startHttp((_incoming, response) => void (++asked > 1 && response.end('fast')))
  const seen: string[] = []
  await using client = through(server, [opaque, counting(seen)], { hedge: { after: 30, share: 1 } })
  expect(await client.get('/').text()).toBe('fast')
  expect(seen).toHaveLength(2)
})

test('one that goes elsewhere after a POST was sent: it is not sent a second time', async () => {
  const nowhere = 'http://127.0.0.1:1/'
  await using server = await startHttp(
    (_incoming, response) => void response.writeHead(307, { location: nowhere }).end(),
  )
  const redirect = interceptors.redirect({ maxRedirections: 2 })
  await using client = through(server, [redirect])
  const error = await failureOf(client.post('/first', { body: 'x' }).text())
  expect(error).toMatchObject({ sent: 'maybe' })
  expect(server.requests).toBe(1)
})

test('close() waits for what is under way in them; destroy() does not', async () => {
  await using server = await flaky(0)
  const client = through(server, [slow(40)])
  const call = client.get('/').text()
  await client.close()
  expect(await call).toBe('')
  const other = through(server, [slow(40)])
  const ended = failureOf(other.get('/').text())
  await other.destroy()
  expect(await ended).toMatchObject({ code: 'closed' })
  await sleep(60)
  expect(server.requests).toBe(1)
})

test('HTTP/2 goes through them', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('h2')
  })
  await using client = through(server, [opaque], { connect: trust })
  const answers = await Promise.all(Array.from({ length: 5 }, async () => client.get('/')))
  expect(await Promise.all(answers.map((response) => response.text()))).toEqual(Array(5).fill('h2'))
  expect(answers[0]!.connection).toMatchObject({ protocol: 'h2' })
})

test('of a client that shares its pool: others do not go through them', async () => {
  await using server = await flaky(0)
  await using pool = new ConnectionPool()
  const seen: string[] = []
  const client = through(server, [counting(seen)], { pool })
  const other = clientOf(server, { pool })
  await client.get('/mine').text()
  await other.get('/other').text()
  expect(seen).toEqual(['/mine'])
})

test('one that gives no dispatch function is refused', () => {
  const wrong = (() => () => true) as unknown as Interceptor
  expect(() => new HttpClient({ interceptors: [wrong] })).toThrow(ConfigError)
})

test.each(['dns', [undefined], [interceptors]])('interceptors: %j is refused', (list) => {
  expect(() => new HttpClient({ interceptors: list as never })).toThrow(ConfigError)
  expect(() => new HttpClient({ interceptors: list as never })).toThrow(
    /interceptors = .*\n.*a list of undici's/,
  )
})
