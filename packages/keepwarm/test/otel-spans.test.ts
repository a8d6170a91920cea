/** The spans of calls, attempts, waits and dials, as the SDK of OpenTelemetry gets them. */
import type http from 'node:http'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { HttpClient, type HttpClientOptions } from 'keepwarm'
import { instrument, type InstrumentOptions } from 'keepwarm/opentelemetry'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { startH2, startHttp, trust, type TestServer } from './support/servers.ts'
import { idOf, parentOf, Telemetry } from './support/telemetry.ts'
import { eventually, sleep } from './support/wait.ts'

/** Answers `/503` with that status; remembers what was asked for. */
interface Scene extends AsyncDisposable {
  readonly telemetry: Telemetry
  readonly client: HttpClient
  readonly server: TestServer
  readonly seen: http.IncomingMessage[]
}

interface Setting {
  readonly answer?: http.RequestListener
  readonly client?: HttpClientOptions
  readonly told?: Partial<InstrumentOptions>
}

const byPath: http.RequestListener = ({ url = '' }, response) => {
  response.writeHead(Number(/\d{3}/.exec(url)?.[0] ?? 200)).end('body')
}

async function start({ answer = byPath, client: options, told }: Setting = {}): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  const telemetry = stack.use(new Telemetry())
  const seen: http.IncomingMessage[] = []
  const listener: http.RequestListener = (request, response) => {
    seen.push(request)
    answer(request, response)
  }
  const server = stack.use(await startHttp(listener))
  const client = stack.use(
    new HttpClient({ name: 'orders', baseUrl: server.origin, retry: { base: 1 }, ...options }),
  )
  const { tracerProvider, meterProvider, propagator } = telemetry
  stack.use(instrument({ clients: client, tracerProvider, meterProvider, propagator, ...told }))
  return { telemetry, client, server, seen, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const traceparentOf = ({ headers }: http.IncomingMessage): string[] =>
  String(headers['traceparent']).split('-')

test('a call is an INTERNAL span in that of its caller, with a CLIENT span for its attempt, whose context goes out', async () => {
  await using scene = await start()
  const { telemetry, client, server, seen } = scene
  await telemetry.within('caller', () => client.get('/orders/7?page=2', { operation: 'orders.get' }).text())
  const call = telemetry.span('orders.get')
  const attempt = telemetry.span('GET')
  expect(parentOf(call)).toBe(idOf(telemetry.span('caller')))
  expect(call).toMatchObject({ kind: SpanKind.INTERNAL, status: { code: SpanStatusCode.UNSET } })
  expect(call.attributes).toMatchObject({
    'keepwarm.client.name': 'orders',
    'http.response.status_code': 200,
  })
  expect(parentOf(attempt)).toBe(idOf(call))
  expect(attempt).toMatchObject({ kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } })
  expect(attempt.attributes).toMatchObject({
    'http.request.method': 'GET',
    'server.address': '127.0.0.1',
    'server.port': server.port,
    'url.full': `${server.origin}/orders/7?page=2`,
    'http.response.status_code': 200,
    'network.protocol.version': '1.1',
    'network.peer.address': '127.0.0.1',
    'network.peer.port': server.port,
    'keepwarm.attempt.reason': 'initial',
    'keepwarm.connection.reused': false,
  })
  for (const absent of ['error.type', 'http.request.resend_count', 'http.request.method_original'])
    expect(attempt.attributes).not.toHaveProperty([absent])
  const [, traceId, spanId, flags] = traceparentOf(seen[0]!)
  expect([traceId, spanId, flags]).toEqual([call.spanContext().traceId, idOf(attempt), '01'])
})

test('each attempt has a span and a context of its own, and says which re-send it is', async () => {
  let asked = 0
  const answer: http.RequestListener = (_, response) => response.writeHead(asked++ === 0 ? 503 : 200).end()
  await using scene = await start({ answer })
  await scene.client.get('/').discard()
  const { telemetry, seen } = scene
  const [first, second, ...others] = telemetry.spans(SpanKind.CLIENT)
  expect(others).toEqual([])
  expect(first).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': '503' } })
  expect(second!.attributes).toMatchObject({
    'http.request.resend_count': 1,
    'keepwarm.attempt.reason': 'status_503',
  })
  expect(seen.map((request) => traceparentOf(request)[2])).toEqual([idOf(first!), idOf(second!)])
  const call = telemetry.span('GET orders')
  expect(call.status.code).toBe(SpanStatusCode.UNSET)
  expect(call.attributes['keepwarm.attempts']).toBe(2)
})

test.each([
  [404, '404'],
  [500, '500'],
  [304, undefined],
])('a status of %s makes the span an error: %s', async (status, type) => {
  await using scene = await start({ client: { retry: false } })
  await scene.client.get(`/${status}`, { throwOnStatus: false }).discard()
  for (const span of scene.telemetry.spans().filter(({ name }) => name.startsWith('GET'))) {
    expect(span.status.code).toBe(type === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR)
    expect(span.attributes['error.type']).toBe(type)
  }
})

test('a call that its caller cancels is no error, nor is its attempt', async () => {
  await using scene = await start({ answer: () => {} })
  const { telemetry, client, seen } = scene
  const abort = new AbortController()
  const call = failureOf(client.get('/', { signal: abort.signal }).discard())
  await eventually(() => seen.length === 1, 'the request came')
  abort.abort()
  await call
  const spans = [telemetry.span('GET'), telemetry.span('GET orders')]
  for (const { status, attributes } of spans) {
    expect(status.code).toBe(SpanStatusCode.UNSET)
    expect(attributes).not.toHaveProperty(['error.type'])
    expect(attributes['keepwarm.cancelled']).toBe(true)
  }
})

test('an attempt that gets no answer has the code of its error', async () => {
  await using scene = await start({ answer: (request) => request.socket.destroy(), client: { retry: false } })
  await failureOf(scene.client.get('/').discard())
  const attempt = scene.telemetry.span('GET')
  expect(attempt).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'reset' },
  })
  expect(attempt.status.message).not.toBeUndefined()
})

test('a call that an open breaker refuses has a span and no attempt', async () => {
  await using scene = await start()
  using _ = scene.client.breakers.force('open')
  await failureOf(scene.client.get('/').discard())
  expect(scene.telemetry.spans().map(({ name }) => name)).toEqual(['GET orders'])
  expect(scene.telemetry.span('GET orders')).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'breaker_open', 'keepwarm.attempts': 0 },
  })
})

test('a hedge is a CLIENT span beside the other, and the one that lost is no error', async () => {
  let asked = 0
  const answer: http.RequestListener = (_, response) => void (asked++ > 0 && response.end('fast'))
  await using scene = await start({ answer, client: { hedge: { after: 20, share: 1 } } })
  await scene.client.get('/').text()
  await eventually(() => scene.telemetry.spans(SpanKind.CLIENT).length === 2, 'both are over')
  const [lost, won] = scene.telemetry.spans(SpanKind.CLIENT)
  expect(parentOf(lost!)).toBe(parentOf(won!))
  expect(lost).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'keepwarm.cancelled': true },
  })
  expect(won!.attributes).toMatchObject({
    'keepwarm.attempt.reason': 'hedge',
    'http.request.resend_count': 1,
  })
})

test('where a redirect leads is a call beside the first, in the same caller, that counts on', async () => {
  const answer: http.RequestListener = ({ url }, response) =>
    url === '/old' ? response.writeHead(302, { location: '/new' }).end() : response.end('there')
  await using scene = await start({ answer })
  const { telemetry, client, seen } = scene
  await telemetry.within('caller', () => client.get('/old', { followRedirects: true }).text())
  const calls = telemetry.spans('GET orders')
  const caller = idOf(telemetry.span('caller'))
  expect(calls.map(parentOf)).toEqual([caller, caller])
  const [first, second] = telemetry.spans(SpanKind.CLIENT)
  expect(first!.attributes['http.response.status_code']).toBe(302)
  expect(second!.attributes).toMatchObject({
    'http.request.resend_count': 1,
    'http.response.status_code': 200,
  })
  expect(traceparentOf(seen[1]!)[2]).toBe(idOf(second!))
})

test('spans lead to that of the dial, which is the root of a trace of its own', async () => {
  await using scene = await start()
  const { telemetry, client } = scene
  await telemetry.within('caller', async () => {
    await client.get('/').discard()
    await client.get('/').discard()
  })
  const dial = telemetry.span('connection_setup')
  expect(dial.parentSpanContext).toBeUndefined()
  expect(dial.attributes).toMatchObject({
    'keepwarm.dial.outcome': 'opened',
    'keepwarm.dial.reason': 'first',
  })
  const links = telemetry.spans(SpanKind.CLIENT).map((span) => span.links.map((link) => link.context.spanId))
  expect(links).toEqual([[idOf(dial)], [idOf(dial)]])
  expect(
    telemetry.spans(SpanKind.CLIENT).map((span) => span.attributes['keepwarm.connection.reused']),
  ).toEqual([false, true])
})

test('a dial that fails says why, and so does the attempt that waited for it', async () => {
  await using scene = await start({ client: { retry: false } })
  await scene.server[Symbol.asyncDispose]()
  await failureOf(scene.client.get('/').discard())
  expect(scene.telemetry.span('connection_setup')).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'ECONNREFUSED' },
  })
  expect(scene.telemetry.span('GET').attributes['error.type']).toBe('connect')
})

test('who waits for a connection has a span for it, in that of the attempt, in its own trace', async () => {
  const slow: http.RequestListener = (_, response) => void setTimeout(() => response.end(), 40)
  await using scene = await start({ answer: slow, client: { maxConnections: 1 } })
  const { telemetry, client, seen } = scene
  await Promise.all(
    ['a', 'b', 'c'].map((name) => telemetry.within(name, () => client.get(`/${name}`).discard())),
  )
  for (const name of ['a', 'b', 'c']) {
    const { traceId } = telemetry.span(name).spanContext()
    const own = telemetry.spans().filter((span) => span.spanContext().traceId === traceId)
    const attempt = own.find(({ kind }) => kind === SpanKind.CLIENT)!
    const wait = own.find((span) => span.name === 'wait_for_connection')
    expect(parentOf(wait!)).toBe(idOf(attempt))
    expect(durationOf(wait!)).toBeLessThanOrEqual(durationOf(attempt))
    expect(traceparentOf(seen.find(({ url }) => url === `/${name}`)!)[1]).toBe(traceId)
  }
  const waited = telemetry.spans('wait_for_connection').map(durationOf)
  expect(Math.max(...waited)).toBeGreaterThan(30)
})

test('a request that the pool turns away has its wait marked', async () => {
  await using scene = await start({
    answer: () => {},
    client: { maxConnections: 1, retry: false, acquireTimeout: 30 },
  })
  const { telemetry, client, seen } = scene
  const first = failureOf(client.get('/', { timeout: 300 }).discard())
  await eventually(() => seen.length === 1, 'the first is out')
  await failureOf(client.get('/').discard())
  const refused = telemetry
    .spans('wait_for_connection')
    .find(({ status }) => status.code === SpanStatusCode.ERROR)
  expect(refused!.attributes['error.type']).toBe('acquire_timeout')
  await first
})

test('secrets do not get into url.full, and nothing of a query where all of it is to be hidden', async () => {
  await using known = await start({ told: { redactQuery: ['token'] } })
  await known.client.get('/a?page=1&sig=secret&token=secret').discard()
  expect(known.telemetry.span('GET').attributes['url.full']).toBe(
    `${known.server.origin}/a?page=1&sig=REDACTED&token=REDACTED`,
  )
  await using hidden = await start({ told: { redactQuery: 'all' } })
  await hidden.client.get('/a?page=1').discard()
  expect(hidden.telemetry.span('GET').attributes['url.full']).toBe(`${hidden.server.origin}/a?page=REDACTED`)
})

test('an unknown method is _OTHER, and what it was is kept', async () => {
  await using scene = await start()
  await scene.client.call('PROPFIND' as 'GET', '/').discard()
  expect(scene.telemetry.span('HTTP').attributes).toMatchObject({
    'http.request.method': '_OTHER',
    'http.request.method_original': 'PROPFIND',
  })
})

test('a traceparent that the caller gave does not go out beside ours', async () => {
  await using scene = await start()
  const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await scene.client.get('/', { headers: { traceparent: given } }).discard()
  expect(traceparentOf(scene.seen[0]!)[2]).toBe(idOf(scene.telemetry.span('GET')))
})

test('fetch over the client is traced as calls are', async () => {
  await using scene = await start()
  const { telemetry, client, server } = scene
  await telemetry.within('caller', async () => (await client.fetch(`${server.origin}/f`)).text())
  expect(parentOf(telemetry.span('GET orders'))).toBe(idOf(telemetry.span('caller')))
  expect(traceparentOf(scene.seen[0]!)[2]).toBe(idOf(telemetry.span('GET')))
})

test('over HTTP/2 the version is 2, each stream has its own context, and both lead to the one dial', async () => {
  await using telemetry = new Telemetry()
  const contexts: unknown[] = []
  await using server = await startH2((stream, headers) => {
    contexts.push(headers['traceparent'])
    stream.respond({ ':status': 200 })
    stream.end('two')
  })
  await using client = new HttpClient({ name: 'two', baseUrl: server.origin, connect: trust })
  const { tracerProvider, propagator } = telemetry
  using _ = instrument({ clients: [client], tracerProvider, propagator, metrics: false })
  await client.warm(1)
  await Promise.all([client.get('/a').text(), client.get('/b').text()])
  const attempts = telemetry.spans(SpanKind.CLIENT)
  expect(attempts.map(({ attributes }) => attributes['network.protocol.version'])).toEqual(['2', '2'])
  expect(contexts.map((one) => String(one).split('-')[2]).sort()).toEqual(attempts.map(idOf).sort())
  const dial = idOf(telemetry.span('connection_setup'))
  expect(attempts.map(({ links }) => links.map((link) => link.context.spanId))).toEqual([[dial], [dial]])
})

test('health checks and other clients have no spans, nor has anybody once it is disposed of', async () => {
  await using telemetry = new Telemetry()
  await using server = await startHttp(byPath)
  await using client = new HttpClient({ name: 'mine', baseUrl: server.origin })
  await using other = new HttpClient({ name: 'other', baseUrl: server.origin })
  const { tracerProvider, propagator } = telemetry
  const instrumented = instrument({ clients: [client], tracerProvider, propagator, metrics: false })
  await client.checkHealth()
  await other.get('/').discard()
  await sleep(5)
  expect(telemetry.spans().filter(({ name }) => name !== 'connection_setup')).toEqual([])
  instrumented[Symbol.dispose]()
  await client.get('/').discard()
  expect(telemetry.spans('GET')).toEqual([])
})

test('what is under way when it is disposed of ends there', async () => {
  await using scene = await start({ answer: () => {} })
  const { telemetry, client, seen } = scene
  const { tracerProvider, propagator } = telemetry
  const again = instrument({ clients: client, tracerProvider, propagator, metrics: false })
  const call = failureOf(client.get('/', { timeout: 200 }).discard())
  await eventually(() => seen.length === 1, 'the request came')
  again[Symbol.dispose]()
  expect(telemetry.spans('GET')).toHaveLength(1)
  await call
})

test('what is told wrong is named', () => {
  expect(() => instrument(undefined as never)).toThrow('options = undefined')
  expect(() => instrument({ clients: [], request: 'auto' } as never)).toThrow('requests')
  expect(() => instrument({ clients: [], requests: 'sometimes' } as never)).toThrow('auto, always or never')
  expect(() => instrument({ clients: [], optIn: ['http.client.sockets'] } as never)).toThrow(
    'open_connections',
  )
  expect(() => instrument({ clients: [], redactQuery: true } as never)).toThrow("'all', or a list of names")
  expect(() => instrument({ clients: 7 } as never)).toThrow('clients')
})

function durationOf({ duration: [seconds, nanos] }: ReadableSpan): number {
  return seconds * 1_000 + nanos / 1_000_000
}
