/** What a client says of its health without asking anybody. */
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { ConfigError } from '../src/errors.ts'
import type { ServerBehaviour } from '../src/testing/network-behaviour.ts'
import { ManualRuntime } from '../src/testing/manual-runtime.ts'
import { SimulatedNetwork } from '../src/testing/network.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'

const A = 'http://a'

interface Stage extends AsyncDisposable {
  readonly runtime: ManualRuntime
  readonly network: SimulatedNetwork
  readonly client: HttpClient
}

function stage(server: ServerBehaviour, options: HttpClientOptions = {}): Stage {
  const runtime = new ManualRuntime()
  const network = new SimulatedNetwork(runtime, { [A]: server })
  const client = new HttpClient({ baseUrl: A, retry: false, runtime, network, ...options })
  const dispose = async (): Promise<void> => {
    const over = client.destroy()
    await runtime.run(10)
    await over
    expect(runtime.pending).toBe(0)
  }
  return { runtime, network, client, [Symbol.asyncDispose]: dispose }
}

/** So many calls at once. */
async function ask({ runtime, client }: Stage, count: number, path = '/'): Promise<void> {
  const calls = Array.from({ length: count }, () => client.get(path).text())
  await Promise.all([Promise.allSettled(calls), runtime.run(50)])
}

test('a client that was never used is well', async () => {
  await using scene = stage({})
  expect(scene.client.health()).toEqual({
    version: 1,
    status: 'healthy',
    reasons: [],
    origins: {
      [A]: {
        status: 'healthy',
        reasons: [],
        breaker: 'closed',
        completions: 0,
        failureRatio: 0,
        connections: 0,
        waiting: 0,
        check: null,
        endpoint: null,
      },
    },
  })
})

test('how calls ended lately, and what became of it', async () => {
  await using scene = stage({ answer: ({ number }) => ({ status: number % 4 === 0 ? 500 : 200 }) })
  await ask(scene, 40)
  expect(scene.client.health()).toMatchObject({
    status: 'degraded',
    reasons: ['10 of 40 requests failed (25 %) in the last 10 s'],
    origins: { [A]: { completions: 40, failureRatio: 0.25, breaker: 'closed' } },
  })
  expect(scene.client.health({ degradedRatio: 0.3 }).status).toBe('healthy')
  expect(scene.client.health({ unhealthyRatio: 0.2 }).status).toBe('unhealthy')
  scene.network.server(A).behave({ answer: { status: 503 } })
  await ask(scene, 60)
  const opened = scene.client.health()
  expect(opened.status).toBe('unhealthy')
  expect(opened.reasons[0]).toMatch(
    /^the breaker is open, the next probe in .* s; the last failure was status 503$/,
  )
  scene.network.server(A).behave({ answer: {} })
  await scene.runtime.run(30_000)
  for (let i = 0; i < 5; i++) await ask(scene, 1)
  expect(scene.client.health()).toMatchObject({ status: 'healthy', reasons: [] })
})

test('who waits for a connection, and who was turned away', async () => {
  await using scene = stage(
    { answer: { after: 4_000 } },
    { maxConnections: 2, acquireTimeout: 3_000, breaker: false },
  )
  const calls = Promise.allSettled(Array.from({ length: 5 }, () => scene.client.get('/').text()))
  await scene.runtime.run(2_000)
  expect(scene.client.health()).toMatchObject({
    status: 'degraded',
    reasons: ['3 waiting, the longest for 2 s; 2 of 2 connections in use'],
    origins: { [A]: { waiting: 3, connections: 2 } },
  })
  await scene.runtime.run(1_500)
  expect(scene.client.health().reasons).toEqual(['3 turned away; 2 of 2 connections in use'])
  await scene.runtime.run(1_000)
  await calls
  expect(scene.client.health().reasons).toEqual(['3 turned away; 0 of 2 connections in use'])
  for (let s = 0; s < 3; s++) {
    await scene.runtime.run(10_000)
    scene.client.health()
  }
  expect(scene.client.health()).toMatchObject({ status: 'healthy', reasons: [] })
})

test('each endpoint group has its own breaker, and its name in the reason', async () => {
  const groups = { reports: { paths: ['/reports/*'], maxInFlight: 10 } }
  const answer: ServerBehaviour['answer'] = ({ path }) => ({
    status: path.startsWith('/reports') ? 500 : 200,
  })
  await using scene = stage({ answer }, { groups })
  await ask(scene, 10)
  await ask(scene, 30, '/reports/7')
  const { status, reasons } = scene.client.health()
  expect(status).toBe('degraded')
  expect(reasons).toEqual([
    expect.stringMatching(/^reports: the breaker is open/),
    expect.stringMatching(/^reports: \d+ of \d+ requests failed \(100 %\) in the last 10 s$/),
  ])
})

test('without a base URL it speaks of all that was called', async () => {
  await using well = await startHttp()
  await using client = new HttpClient({ retry: false })
  await client.get(`${well.origin}/`).text()
  for (let i = 0; i < 5; i++) await failureOf(client.get('http://127.0.0.1:1/').text())
  const { status, reasons, origins } = client.health()
  expect(status).toBe('degraded')
  expect(reasons[0]).toMatch(/^http:\/\/127\.0\.0\.1:1: the breaker is open/)
  expect(Object.keys(origins).sort()).toEqual([well.origin, 'http://127.0.0.1:1'].sort())
})

test('what checkHealth() found counts for a minute', async () => {
  await using scene = stage({ answer: { status: 500 } })
  const asked = scene.client.checkHealth()
  await scene.runtime.run(100)
  await asked
  expect(scene.client.health()).toMatchObject({
    status: 'unhealthy',
    reasons: ['1 check failed, the last 96 ms ago'],
  })
  await scene.runtime.run(60_000)
  expect(scene.client.health().status).toBe('healthy')
})

test('thresholds that cannot be are refused', async () => {
  await using scene = stage({})
  expect(() => scene.client.health({ degradedRatio: 2 })).toThrow(ConfigError)
})

test('of several endpoints checkHealth() asks all; one that is well speaks for the service', async () => {
  await using ill = await startHttp((_request, response) => void response.writeHead(500).end())
  await using well = await startHttp((_request, response) => void response.end('{"status":"healthy"}'))
  await using client = clientOf(ill, { baseUrl: [ill.origin, well.origin] })
  const health = await client.checkHealth()
  expect(health).toMatchObject({
    healthy: true,
    status_code: 200,
    status: 'healthy',
    endpoints: {
      [ill.origin]: { healthy: false, status_code: 500 },
      [well.origin]: { healthy: true, status_code: 200 },
    },
  })
  expect([ill.requests, well.requests]).toEqual([1, 1])
  expect(client.getMetrics()).toMatchObject({ is_healthy: true, total_requests: 0 })
  expect(client.health()).toMatchObject({
    status: 'degraded',
    origins: { [ill.origin]: { status: 'unhealthy' } },
  })
})

test('of several endpoints that are all ill the first speaks', async () => {
  await using client = new HttpClient({ baseUrl: ['http://127.0.0.1:1', 'http://127.0.0.1:9'] })
  const health = await client.checkHealth()
  expect(health).toMatchObject({ healthy: false, error: expect.stringContaining('127.0.0.1:1') as string })
  expect(Object.values(health.endpoints ?? {}).map(({ healthy }) => healthy)).toEqual([false, false])
})

// ── connections that are there before anybody asks ─────────────────────────────────────────────────────────────

test('warmUp dials at once, and the first call opens nothing', async () => {
  await using scene = stage({}, { warmUp: 3 })
  await scene.runtime.run(10)
  expect(scene.network.server(A).accepted).toBe(3)
  await ask(scene, 3)
  expect(scene.network.server(A).accepted).toBe(3)
  expect(scene.client.health()).toMatchObject({ status: 'healthy', origins: { [A]: { connections: 3 } } })
})

test('a warm-up that fails is a reason until somebody gets a connection', async () => {
  await using scene = stage({ dial: { fails: 'ECONNREFUSED' } }, { warmUp: 2 })
  await scene.runtime.run(1_000)
  expect(scene.client.health()).toMatchObject({
    status: 'degraded',
    reasons: [expect.stringMatching(/^its warm-up failed 99\d ms ago: .*ECONNREFUSED/) as string],
  })
  scene.network.server(A).behave({ dial: {} })
  await ask(scene, 1)
  expect(scene.client.health()).toMatchObject({ status: 'healthy', reasons: [] })
  expect(scene.client.pool.listenerCount('connect')).toBe(0)
})

test('a client that is closed does not listen to its pool any more', async () => {
  const { client, runtime } = stage({ dial: { fails: 'ECONNREFUSED' } }, { warmUp: 1 })
  await runtime.run(100)
  expect(client.pool.listenerCount('connect')).toBe(1)
  await client.close()
  expect(client.pool.listenerCount('connect')).toBe(0)
})

test('closing while it warms up is no failure', async () => {
  const { client, runtime } = stage({ dial: { takes: 5_000 } }, { warmUp: 2 })
  const closed = client.close()
  await runtime.run(10_000)
  await closed
  expect(client.health().reasons).toEqual(['the client is closed'])
  expect(client.pool.listenerCount('connect')).toBe(0)
  expect(runtime.pending).toBe(0)
})

test('minConnections are dialed again when the server closes them, and given up with the client', async () => {
  const { client, runtime, network } = stage({}, { minConnections: 2 })
  const server = network.server(A)
  await runtime.run(20_000)
  expect(server.accepted).toBe(2)
  expect(server.closeIdle()).toBe(2)
  await runtime.run(20_000)
  expect(server.accepted).toBe(4)
  expect(client.health().origins[A]?.connections).toBe(2)
  const closed = client.close()
  await runtime.run(10)
  await closed
  const { accepted } = server
  await runtime.run(60_000)
  expect(server.accepted).toBe(accepted)
  expect(runtime.pending).toBe(0)
})

test('a pool that is shared need not keep them for a client that is closed', async () => {
  await using server = await startHttp()
  await using owner = new HttpClient()
  const client = new HttpClient({ baseUrl: server.origin, pool: owner.pool, minConnections: 2 })
  await client.warm(2)
  await client.close()
  expect(owner.pool.closed).toBe(false)
  expect(owner.pool.evict()).toBe(2)
  expect(owner.pool.snapshot().dialing).toBe(0)
})

test.each([
  [{ healthChecks: true }, 'healthChecks', 'a client with a baseUrl'],
  [{ warmUp: 2 }, 'warmUp', 'a client with a baseUrl'],
  [{ minConnections: 2 }, 'minConnections', 'a client with a baseUrl'],
  [{ baseUrl: A, warmUp: -1 }, 'warmUp', 'a whole number of connections from 0'],
  [{ baseUrl: A, minConnections: 1.5 }, 'minConnections', 'a whole number of connections from 0'],
  [
    { baseUrl: A, healthChecks: { timeout: 20_000 } },
    'healthChecks.timeout',
    'less than healthChecks.interval',
  ],
  [{ baseUrl: A, healthChecks: { interval: 0 } }, 'healthChecks.interval', 'milliseconds above 0'],
  [
    { baseUrl: A, healthChecks: { intervall: 5 } },
    'healthChecks.intervall',
    'did you mean healthChecks.interval?',
  ],
  [{ baseUrl: A, healthChecks: 'often' }, 'healthChecks', 'an object'],
])('%j is refused', (options, variable, expected) => {
  const refused = expect.objectContaining({
    variable,
    expected: expect.stringContaining(expected) as string,
  }) as object
  expect(() => new HttpClient(options as unknown as HttpClientOptions)).toThrow(
    expect.objectContaining({
      code: 'config',
      problems: expect.arrayContaining([refused]) as object[],
    }) as Error,
  )
})

test('what is switched off needs no base URL', async () => {
  await using client = new HttpClient({ healthChecks: false, warmUp: 0, minConnections: 0 })
  expect(client.health().status).toBe('healthy')
})
