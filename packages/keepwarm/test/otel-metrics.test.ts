/** The metrics that the SDK of OpenTelemetry gets: names, units, attributes and values. */
import type http from 'node:http'
import { SpanKind } from '@opentelemetry/api'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { ConnectionPool, HttpClient, prometheusText, observe, type HttpClientOptions } from 'keepwarm'
import { carriesTrace, instrument, type InstrumentOptions } from 'keepwarm/opentelemetry'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { Telemetry, type Metric } from './support/telemetry.ts'
import { eventually } from './support/wait.ts'

interface Scene extends AsyncDisposable {
  readonly telemetry: Telemetry
  readonly client: HttpClient
  readonly server: TestServer
}

const byPath: http.RequestListener = ({ url = '' }, response) => {
  response.writeHead(Number(/\d{3}/.exec(url)?.[0] ?? 200)).end('body')
}

async function start(
  told: Partial<InstrumentOptions> = {},
  options: HttpClientOptions = {},
  answer: http.RequestListener = byPath,
): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  const telemetry = stack.use(new Telemetry())
  const server = stack.use(await startHttp(answer))
  const client = stack.use(
    new HttpClient({ name: 'orders', baseUrl: server.origin, retry: { base: 1 }, ...options }),
  )
  const { tracerProvider, meterProvider, propagator } = telemetry
  stack.use(instrument({ clients: client, tracerProvider, meterProvider, propagator, ...told }))
  return { telemetry, client, server, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** The value of the only point that has these attributes. */
function valueOf(metric: Metric | undefined, attributes: Record<string, unknown> = {}): number | undefined {
  const fitting = metric?.points.filter((point) =>
    Object.entries(attributes).every(([name, value]) => point.attributes[name] === value),
  )
  if (fitting !== undefined && fitting.length > 1) throw new Error(`${fitting.length} points fit`)
  return fitting?.[0]?.value
}

test('each attempt is counted with the attributes of the conventions, each call with its outcome', async () => {
  let asked = 0
  const answer: http.RequestListener = (_, response) => response.writeHead(asked++ === 0 ? 503 : 200).end()
  await using scene = await start({}, {}, answer)
  await scene.client.get('/', { operation: 'list' }).discard()
  const metrics = await scene.telemetry.metrics()
  const server = { 'server.address': '127.0.0.1', 'server.port': scene.server.port }
  const common = { 'http.request.method': 'GET', ...server, 'network.protocol.version': '1.1' }
  const requests = metrics['http.client.request.duration']!
  expect(requests).toMatchObject({ kind: 'histogram', unit: 's', scope: 'keepwarm' })
  expect(requests.points.map(({ attributes, value }) => ({ attributes, value }))).toEqual([
    {
      attributes: {
        ...common,
        'http.response.status_code': 503,
        'error.type': '503',
        'keepwarm.client.name': 'orders',
      },
      value: 1,
    },
    {
      attributes: { ...common, 'http.response.status_code': 200, 'keepwarm.client.name': 'orders' },
      value: 1,
    },
  ])
  expect(requests.points[0]!.bounds).toEqual([
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ])
  expect(valueOf(metrics['http.client.request.time_in_queue'], common)).toBe(2)
  const calls = { 'keepwarm.client.name': 'orders', 'keepwarm.operation': 'list', outcome: '2xx' }
  expect(metrics['keepwarm.client.operation.duration']).toMatchObject({ kind: 'histogram', unit: 's' })
  expect(valueOf(metrics['keepwarm.client.operation.duration'], calls)).toBe(1)
  expect(metrics['keepwarm.client.retries']).toMatchObject({ kind: 'counter', unit: '{attempt}' })
  expect(valueOf(metrics['keepwarm.client.retries'], { reason: 'status_503' })).toBe(1)
  expect(valueOf(metrics['keepwarm.client.attempts'], { reason: 'initial' })).toBe(1)
  expect(valueOf(metrics['keepwarm.client.connection.create_time'], server)).toBe(1)
})

test('durations are seconds, and the queue is not in that of the request', async () => {
  const slow: http.RequestListener = (_, response) => void setTimeout(() => response.end(), 50)
  await using scene = await start({}, { maxConnections: 1 }, slow)
  await Promise.all([1, 2, 3].map(() => scene.client.get('/').discard()))
  const metrics = await scene.telemetry.metrics()
  const [request] = metrics['http.client.request.duration']!.points
  const [queue] = metrics['http.client.request.time_in_queue']!.points
  const [operation] = metrics['keepwarm.client.operation.duration']!.points
  expect(request!.sum).toBeGreaterThan(0.14)
  expect(request!.sum! + queue!.sum!).toBeLessThanOrEqual(operation!.sum! + 0.001)
  expect(queue!.sum).toBeGreaterThan(0.14)
})

test('what Prometheus shows of counters and gauges is what OpenTelemetry has', async () => {
  await using scene = await start({ optIn: ['http.client.open_connections', 'http.client.active_requests'] })
  const { client, telemetry, server } = scene
  for (let i = 0; i < 4; i++) await client.get('/200').discard()
  await failureOf(client.get('/404').discard())
  await eventually(() => client.pool.snapshot().idle === 1, 'all is done')
  const metrics = await telemetry.metrics()
  using observed = observe(client)
  const lines = prometheusText(observed)
    .split('\n')
    .filter((line) => !line.startsWith('#') && line !== '')
  const at = { 'server.address': '127.0.0.1', 'server.port': server.port }
  expect(valueOf(metrics['http.client.open_connections'], { ...at, 'http.connection.state': 'idle' })).toBe(1)
  expect(metrics['http.client.open_connections']).toMatchObject({ kind: 'sum', unit: '{connection}' })
  expect(metrics['keepwarm.client.retry.budget']).toMatchObject({ kind: 'gauge', unit: '1' })
  expect(metrics['keepwarm.client.connection.oldest_wait']).toMatchObject({ kind: 'gauge', unit: 's' })
  const shown = Object.entries(metrics).filter(
    ([name, { kind }]) => kind === 'counter' && name.startsWith('keepwarm.'),
  )
  expect(shown.length).toBeGreaterThan(10)
  for (const [name, { points, unit }] of shown) {
    const spelled = `${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}_total`
    const values = lines
      .filter((line) => line.startsWith(`${spelled}{`))
      .map((line) => Number(line.split(' ').at(-1)))
    expect([name, values.sort()]).toEqual([name, points.map(({ value }) => value).sort()])
  }
})

test('metrics that are to be asked for are off', async () => {
  await using scene = await start()
  await scene.client.get('/').discard()
  scene.client.pool.evict()
  await eventually(() => scene.server.open === 0, 'closed')
  const metrics = await scene.telemetry.metrics()
  for (const name of ['open_connections', 'active_requests', 'connection.duration'])
    expect(metrics[`http.client.${name}`]?.points ?? []).toEqual([])
  expect(metrics).not.toHaveProperty(['nodejs.eventloop.delay.p99'])
})

test('the life of connections is told when it is over', async () => {
  await using scene = await start({ optIn: ['http.client.connection.duration'] })
  const { client, telemetry, server } = scene
  await client.get('/').discard()
  await client.get('/').discard()
  client.pool.evict()
  await eventually(() => client.pool.counters.closed.evicted === 1, 'closed')
  const metrics = await telemetry.metrics()
  const at = { 'server.address': '127.0.0.1', 'server.port': server.port, 'network.protocol.version': '1.1' }
  expect(valueOf(metrics['http.client.connection.duration'], at)).toBe(1)
  expect(metrics['http.client.connection.duration']!.points[0]!.bounds).toContain(300)
  const [served] = metrics['keepwarm.client.connection.requests']!.points
  expect(served).toMatchObject({ value: 1, sum: 2, attributes: { reason: 'evicted' } })
})

test('a client whose histograms are divided otherwise has a meter of its own for them', async () => {
  await using scene = await start({}, { metrics: { buckets: 'generations' } })
  await scene.client.get('/').discard()
  const metrics = await scene.telemetry.metrics()
  expect(metrics['http.client.request.duration']).toMatchObject({ scope: 'keepwarm.orders' })
  expect(metrics['http.client.request.duration']!.points[0]!.bounds).toContain(600)
  expect(metrics['keepwarm.client.calls']!.scope).toBe('keepwarm')
})

test('what got no connection is a request that failed, what we refused ourselves is none', async () => {
  await using scene = await start({}, { retry: false })
  const { client, server, telemetry } = scene
  await server[Symbol.asyncDispose]()
  await failureOf(client.get('/').discard())
  using _ = client.breakers.force('open')
  await failureOf(client.get('/').discard())
  const metrics = await telemetry.metrics()
  expect(
    metrics['http.client.request.duration']!.points.map(({ attributes }) => attributes['error.type']),
  ).toEqual(['connect'])
  expect(valueOf(metrics['keepwarm.client.rejections'], { reason: 'breaker_open' })).toBe(1)
})

test('an attempt that we turned away waited, and was no request', async () => {
  const options = { maxConnections: 1, retry: false, acquireTimeout: 20 } as const
  await using scene = await start({}, options, () => {})
  const { client, telemetry, server } = scene
  const first = failureOf(client.get('/', { timeout: 150 }).discard())
  await eventually(() => server.requests === 1, 'the first is out')
  await failureOf(client.get('/').discard())
  const metrics = await telemetry.metrics()
  expect(metrics['http.client.request.duration']?.points ?? []).toEqual([])
  expect(valueOf(metrics['http.client.request.time_in_queue'])).toBe(1)
  await first
})

test('gauges of what is gone are 0, for the SDK would keep their last value', async () => {
  await using scene = await start()
  const { client, telemetry } = scene
  await client.get('/').discard()
  const closed = { 'keepwarm.client.name': 'orders', state: 'closed' }
  expect(valueOf((await telemetry.metrics())['keepwarm.client.circuit.state'], closed)).toBe(1)
  await client.close()
  expect(valueOf((await telemetry.metrics())['keepwarm.client.circuit.state'], closed)).toBe(0)
})

test('nothing is told once it is disposed of', async () => {
  await using scene = await start({ metrics: false })
  const { client, telemetry } = scene
  const instrumented = instrument({ clients: client, meterProvider: telemetry.meterProvider, traces: false })
  await client.get('/').discard()
  await telemetry.metrics()
  instrumented[Symbol.dispose]()
  await client.get('/').discard()
  const metrics = await telemetry.metrics()
  expect(valueOf(metrics['keepwarm.client.calls.started'])).toBe(1)
  expect(valueOf(metrics['http.client.request.duration'])).toBe(1)
})

interface Doubled {
  readonly spans: number
  readonly requests: number
  /** Of requests, by the scope that counted them. */
  readonly scopes: readonly string[]
  readonly traceparents: number
}

/** What is told of two requests, one of them made without keepwarm, beside the real instrumentation of undici. */
async function besideUndici(requests: InstrumentOptions['requests'], config: object = {}): Promise<Doubled> {
  const undici = new UndiciInstrumentation(config)
  const traceparents: string[] = []
  const answer: http.RequestListener = ({ rawHeaders }, response) => {
    traceparents.push(...rawHeaders.filter((name) => name.toLowerCase() === 'traceparent'))
    response.end('here')
  }
  await using scene = await start(requests === undefined ? {} : { requests }, {}, answer)
  const { telemetry, client } = scene
  undici.setTracerProvider(telemetry.tracerProvider)
  undici.setMeterProvider(telemetry.meterProvider)
  undici.enable()
  try {
    await client.get('/').text()
    const all = await telemetry.metrics()
    const { points = [] } = all['http.client.request.duration'] ?? {}
    return {
      spans: telemetry.spans(SpanKind.CLIENT).length,
      requests: points.reduce((sum, { value }) => sum + value, 0),
      scopes: telemetry.spans(SpanKind.CLIENT).map((span) => span.instrumentationScope.name),
      traceparents: traceparents.length,
    }
  } finally {
    undici.disable()
  }
}

const theirs = '@opentelemetry/instrumentation-undici'

test('beside instrumentation-undici each request is counted once: by that', async () => {
  expect(await besideUndici(undefined)).toMatchObject({ spans: 1, requests: 1, scopes: [theirs] })
})

test('where both are wanted both count', async () => {
  expect(await besideUndici('always')).toMatchObject({ spans: 2, requests: 2 })
})

test('carriesTrace leaves the requests of an instrumented client to keepwarm', async () => {
  const told = await besideUndici('always', { ignoreRequestHook: carriesTrace })
  expect(told).toEqual({ spans: 1, requests: 1, scopes: ['keepwarm'], traceparents: 1 })
})

test('without it, keepwarm counts each request once', async () => {
  await using scene = await start()
  await scene.client.get('/').discard()
  expect(scene.telemetry.spans(SpanKind.CLIENT)).toHaveLength(1)
  expect((await scene.telemetry.metrics())['http.client.request.duration']!.points).toHaveLength(1)
})

test('never means never, and leaves the rest', async () => {
  await using scene = await start({ requests: 'never' })
  await scene.client.get('/').discard()
  const metrics = await scene.telemetry.metrics()
  expect(metrics['http.client.request.duration']?.points ?? []).toEqual([])
  expect(metrics['http.client.request.time_in_queue']!.points).toHaveLength(1)
  expect(scene.telemetry.spans().map(({ name }) => name)).toContain('GET orders')
  expect(scene.telemetry.spans(SpanKind.CLIENT)).toEqual([])
})

test('sizes of bodies are bytes on the wire, of those that were whole', async () => {
  const answer: http.RequestListener = (request, response) => {
    request.resume().on('end', () => response.end('x'.repeat(5_000)))
  }
  const optIn = ['http.client.request.body.size', 'http.client.response.body.size'] as const
  await using scene = await start({ optIn }, {}, answer)
  await scene.client.post('/', { body: 'y'.repeat(300) }).discard()
  await scene.client.get('/').discard()
  const metrics = await scene.telemetry.metrics()
  const sums = (name: string): unknown =>
    metrics[name]!.points.map(({ attributes, sum }) => [attributes['http.request.method'], sum])
  expect(metrics['http.client.request.body.size']).toMatchObject({ kind: 'histogram', unit: 'By' })
  expect(sums('http.client.request.body.size')).toEqual([
    ['POST', 300],
    ['GET', 0],
  ])
  expect(sums('http.client.response.body.size')).toEqual([
    ['POST', 5_000],
    ['GET', 5_000],
  ])
})

test('a pool that no client uses has its connections and dials measured', async () => {
  await using telemetry = new Telemetry()
  await using server = await startHttp(byPath)
  await using pool = new ConnectionPool()
  const { tracerProvider, meterProvider, propagator } = telemetry
  using _ = instrument({ clients: pool, tracerProvider, meterProvider, propagator })
  await request(server.origin, { dispatcher: pool }).then(({ body }) => body.dump())
  const metrics = await telemetry.metrics()
  expect(valueOf(metrics['keepwarm.client.connection.opened'])).toBe(1)
  expect(metrics['keepwarm.client.connection.opened']!.points[0]!.attributes['keepwarm.pool.name']).toMatch(
    /^pool \d+$/,
  )
})
