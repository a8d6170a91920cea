/** A client's snapshot beside what a real server counted. */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ConnectionPool, HttpClient, type ClientSnapshot } from '../src/index.ts'
import { ManualRuntime, SimulatedNetwork } from '../src/testing/index.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp } from './support/servers.ts'
import { eventually } from './support/wait.ts'

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0)

/** The law of every snapshot, at any moment. */
function addsUp({ calls, attempts, attemptsInFlight, attemptsEnded, histograms }: ClientSnapshot): void {
  expect(sum(calls.ended)).toBe(calls.started - calls.inFlight)
  expect(calls.cancelled).toBe(calls.ended['aborted'] ?? 0)
  expect(sum(attemptsEnded)).toBe(sum(attempts) - attemptsInFlight)
  expect(histograms.call.count).toBe(sum(calls.ended))
  expect(histograms.queue.count).toBe(sum(attemptsEnded))
}

test('calls and attempts add up to what the server saw, whatever befalls them, and at any moment', async () => {
  let count = 0
  await using server = await startHttp((request, response) => {
    const turn = ++count
    if (request.url === '/flaky' && turn % 3 === 0) return void response.writeHead(503).end()
    if (request.url === '/lost' && turn % 4 === 0) return void request.socket.destroy()
    if (request.url === '/slow') return void setTimeout(() => response.end('slow'), 150)
    if (request.url === '/never') return
    response.writeHead(request.url === '/missing' ? 404 : 200).end('well')
  })
  const hedge = { after: 20, share: 1 }
  await using client = clientOf(server, {
    ...{ maxConnections: 12, maxConnectionsPerOrigin: 12, hedge, timeout: 2_000, attemptTimeout: 400 },
    ...{ budget: { start: 100 }, breaker: { minimumCompletions: 1_000, connectFailures: 1_000 } },
  })
  const paths = ['/', '/flaky', '/lost', '/slow', '/missing', '/never']
  let begun = 0
  const call = async (): Promise<unknown> => {
    const i = begun++
    const signal = i % 10 === 9 ? AbortSignal.timeout(i) : undefined
    const timeout = i % 7 === 0 ? 60 : 1_500
    return client.get(paths[i % paths.length]!, { ...(signal && { signal }), timeout }).text()
  }
  const caller = async (): Promise<void> => {
    while (begun < 120) await call().catch(() => {})
  }
  const settled = Promise.all(Array.from({ length: 9 }, caller))
  let isOver = false
  void settled.then(() => (isOver = true))
  for (; !isOver; await wait(10)) addsUp(client.snapshot())
  await settled
  const snapshot = client.snapshot()
  addsUp(snapshot)
  const metrics = client.getMetrics()
  expect(snapshot.calls).toMatchObject({ started: 120, inFlight: 0, cancelled: metrics.cancelled_requests })
  expect(sum(snapshot.attempts)).toBe(metrics.total_attempts)
  expect(snapshot.attempts).toMatchObject({ hedge: metrics.hedges_sent, retry: metrics.retries_attempted })
  expect(snapshot.attempts.hedge).toBeGreaterThan(0)
  expect(snapshot.attempts.retry).toBeGreaterThan(0)
  expect(snapshot.retries.byReason).toEqual(metrics.retries_by_reason)
  // An attempt that was sent arrived, but for those that the pool sent once more where a connection was lost.
  const { lostRaces, lostUnsent } = client.pool.counters
  expect(server.requests).toBeLessThanOrEqual(sum(snapshot.attempts) + lostRaces + lostUnsent)
  expect(server.requests).toBeGreaterThanOrEqual(
    snapshot.attemptsEnded['2xx'] + snapshot.attemptsEnded['4xx'],
  )
  expect(snapshot.attemptsEnded['5xx']).toBeGreaterThan(0)
  expect(snapshot.attemptsByOrigin).toMatchObject([{ origin: server.origin, ended: snapshot.attemptsEnded }])
})

test('without faults of connections every attempt that was answered is one that the server answered', async () => {
  const answered: Record<string, number> = {}
  await using server = await startHttp((request, response) => {
    const status = Number(request.url!.slice(1))
    const name = `${Math.floor(status / 100)}xx`
    answered[name] = (answered[name] ?? 0) + 1
    response.writeHead(status).end()
  })
  await using client = clientOf(server)
  for (const status of [200, 204, 304, 404, 429, 500, 503, 200]) {
    await client.get(`/${status}`, { throwOnStatus: false }).bytes()
  }
  const { attemptsEnded, attempts, calls } = client.snapshot()
  expect(attemptsEnded).toEqual({ '1xx': 0, ...answered })
  expect(sum(attempts)).toBe(server.requests)
  expect(calls.ended).toEqual({ '1xx': 0, '2xx': 3, '3xx': 1, '4xx': 2, '5xx': 2 })
})

test('a breaker that opens, refuses and closes: every way between its states is counted and told', async () => {
  let isIll = true
  await using server = await startHttp(
    (_request, response) => void response.writeHead(isIll ? 500 : 200).end(),
  )
  await using client = clientOf(server, {
    retry: false,
    breaker: { minimumCompletions: 4, openFor: 50, probes: 1 },
  })
  for (let call = 0; call < 6; call++) await failureOf(client.get('/').text())
  isIll = false
  const status = (): Promise<number> =>
    client.get('/').then(
      (response) => response.status,
      () => 0,
    )
  while ((await status()) !== 200) await wait(5)
  const snapshot = client.snapshot()
  expect(snapshot.guards).toMatchObject([
    {
      ...{ origin: server.origin, group: null, breaker: 'closed', forced: null, retryAfter: null },
      transitions: { closed: 1 },
      budget: { cap: 100 },
    },
  ])
  const { opened: times, halfOpened } = snapshot.guards[0]!.transitions
  expect(halfOpened).toBe(times) // more than once where a probe takes too long
  expect(snapshot.calls.ended['breaker_open']).toBeGreaterThanOrEqual(2)
  expect(sum(snapshot.attempts)).toBe(server.requests)
  const told = client.recentEvents().map(({ text }) => text)
  const [opened, refused, closed] = ['breaker opened: status 500', 'refused a call', 'breaker closed'].map(
    (text) => told.findIndex((line) => line.includes(text)),
  )
  expect([opened, refused]).toEqual([0, 1])
  expect(closed).toBe(told.length - 1)
})

test('in virtual time: a breaker is told open, half-open and closed, once each, and the history shows it', async () => {
  const runtime = new ManualRuntime()
  const network = new SimulatedNetwork(runtime)
  const server = network.serve('http://a.test')
  server.behave({ answer: { status: 500 } })
  const client = new HttpClient({
    ...{ baseUrl: 'http://a.test', runtime, network, retry: false },
    breaker: { minimumCompletions: 4, openFor: 3_000, probes: 2 },
  })
  const call = async (): Promise<void> => {
    const over = client
      .get('/')
      .text()
      .then(
        () => {},
        () => {},
      )
    await runtime.run(500)
    await over
  }
  for (let i = 0; i < 6; i++) await call()
  server.behave({ answer: { status: 200 } })
  for (let i = 0; i < 12; i++) await call()
  const events = client.recentEvents().filter(({ kind }) => kind === 'breaker')
  expect(events.map(({ text }) => text.split(':', 1)[0])).toEqual([
    'the breaker opened',
    'the breaker is half-open',
    'the breaker closed',
  ])
  expect(client.snapshot().guards[0]!.transitions).toEqual({ opened: 1, halfOpened: 1, closed: 1 })
  await runtime.run(1_000)
  const { series } = client.history()
  expect(new Set(series.breaker.filter((state) => state !== null))).toEqual(new Set([0, 1, 2]))
  expect(series.c5xx.reduce((all, one) => all! + one!, 0)).toBe(4)
  void client.destroy()
})

test('in virtual time: the history of a pool that is exhausted, while somebody looks once a second', async () => {
  const runtime = new ManualRuntime()
  const network = new SimulatedNetwork(runtime, { 'http://a.test': { answer: { ends: 'never' } } })
  const client = new HttpClient({
    ...{ baseUrl: 'http://a.test', runtime, network, acquireTimeout: 60_000 },
    ...{ maxConnections: 2, maxConnectionsPerOrigin: 2 },
  })
  for (let i = 0; i < 5; i++)
    void client
      .get('/')
      .text()
      .catch(() => {})
  for (let second = 0; second < 5; second++) {
    client.history()
    await runtime.run(1_000)
  }
  const { series, seconds } = client.history()
  expect(seconds).toBeGreaterThanOrEqual(4)
  const last = seconds - 1
  expect([series.inUse[last], series.limit[last], series.waiting[last]]).toEqual([2, 2, 3])
  const waits = series.oldestWait.slice(1).map((wait) => wait!)
  expect(waits).toEqual(waits.toSorted((one, two) => one - two))
  expect(waits.at(-1)).toBeGreaterThanOrEqual(3_000)
  expect(series.opened.reduce((all, one) => all! + one!, 0)).toBe(2)
  void client.destroy()
  await runtime.run(10)
})

test('of a pool that is shared a client sees the connections to the origins that it calls', async () => {
  await using one = await startHttp((_request, response) => void setTimeout(() => response.end(), 300))
  await using two = await startHttp((_request, response) => void setTimeout(() => response.end(), 300))
  await using pool = new ConnectionPool()
  await using a = new HttpClient({ name: 'a', pool, baseUrl: one.origin })
  await using b = new HttpClient({ name: 'b', pool, baseUrl: two.origin })
  const calls = [a.get('/').text(), b.get('/').text(), b.get('/').text()]
  await eventually(() => pool.snapshot().inFlight === 3, 'all are under way')
  const gauges = (client: HttpClient): number | undefined =>
    pool.gauges((key) => key === client.snapshot().endpoints[0]).inUse
  expect([gauges(a), gauges(b), pool.gauges().inUse]).toEqual([1, 2, 3])
  await Promise.all(calls)
  const seen = (client: HttpClient): number =>
    Math.max(0, ...client.history().series.inUse.flatMap((value) => value ?? []))
  await eventually(() => a.history().seconds > 0 && b.history().seconds > 0, 'a second is over')
  expect(seen(a)).toBeLessThanOrEqual(1)
  expect(seen(b)).toBeLessThanOrEqual(2)
})

test('a snapshot is JSON, whatever the client has done, and says nothing that is secret', async () => {
  await using server = await startHttp((_request, response) => void response.writeHead(503).end())
  const baseUrl = new URL(`${server.origin}/hidden`)
  baseUrl.username = 'me'
  baseUrl.password = 'hunter2'
  await using client = new HttpClient({
    baseUrl,
    timeout: Infinity,
    retry: { base: 1 },
    acquireTimeout: Infinity,
  })
  await failureOf(
    client.get('/a?token=hunter2', { headers: { authorization: 'hunter2' }, operation: 'a' }).text(),
  )
  const snapshot = client.snapshot()
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  expect(JSON.stringify([snapshot, client.recentEvents(), client.history()])).not.toMatch(
    /hunter2|hidden|token=/,
  )
  expect(snapshot).toMatchObject({
    ...{ version: 1, name: new URL(server.origin).host, endpoints: [server.origin] },
    settings: {
      timeout: null,
      acquireTimeout: null,
      attempts: 3,
      hedged: false,
      idleTimeout: 15_000,
      envPrefix: null,
    },
    operations: { a: { total_requests: 1 } },
  })
})

test('phases add up to what the calls said of themselves', async () => {
  await using server = await startHttp((_request, response) => void setTimeout(() => response.end('x'), 5))
  let told = { before: 0, queued: 0, connect: 0, send: 0, headers: 0, download: 0 }
  await using client = clientOf(server, {
    maxConnections: 2,
    hooks: {
      afterCall: ({ timings }) => {
        told = {
          ...{ before: told.before + timings.before, queued: told.queued + timings.queued },
          ...{ connect: told.connect + (timings.connect?.total ?? 0), send: told.send + (timings.send ?? 0) },
          headers: told.headers + (timings.headers ?? 0),
          download: told.download + (timings.download ?? 0),
        }
      },
    },
  })
  await Promise.all(Array.from({ length: 12 }, () => client.get('/').text()))
  const { phases, histograms } = client.snapshot()
  for (const [name, total] of Object.entries(phases)) {
    expect([name, total]).toEqual([name, expect.closeTo(told[name as keyof typeof told], 6)])
  }
  const { connect: _, ...parts } = phases
  expect(sum(parts)).toBeCloseTo(histograms.call.sum * 1_000, 3)
})

test('resetMetrics: the figures begin anew with what is under way, and go on adding up', async () => {
  await using server = await startHttp((_request, response) => void setTimeout(() => response.end(), 50))
  await using client = clientOf(server)
  await client.get('/').text()
  const { since } = client.snapshot()
  const underWay = client.get('/').text()
  await eventually(() => client.snapshot().attemptsInFlight === 1, 'the second is under way')
  client.resetMetrics()
  addsUp(client.snapshot())
  expect(client.snapshot()).toMatchObject({ calls: { started: 1, inFlight: 1 }, attempts: { initial: 1 } })
  await underWay
  addsUp(client.snapshot())
  expect(client.snapshot()).toMatchObject({ calls: { started: 1, inFlight: 0 }, phases: { before: 0 } })
  expect(client.snapshot().since).toBeGreaterThanOrEqual(since)
})

test('health checks are no traffic', async () => {
  await using server = await startHttp((_request, response) => void response.end('{"status":"healthy"}'))
  await using client = clientOf(server)
  await client.checkHealth()
  expect(client.snapshot()).toMatchObject({
    calls: { started: 0 },
    attempts: { initial: 0 },
    attemptsInFlight: 0,
  })
})

test.each([
  ['an option that does not exist', { bukets: 'default' }, /did you mean metrics\.buckets/],
  ['a preset that does not exist', { buckets: 'model' }, /default, generations, or 1 to 100 upper bounds/],
  ['bounds that do not grow', { buckets: [1, 1] }, /growing/],
  ['a bound of nothing', { buckets: [0, 1] }, /above 0/],
  ['no bounds', { buckets: [] }, /1 to 100/],
])('metrics: %s is refused', (_, metrics, text) => {
  expect(() => new HttpClient({ metrics: metrics as never })).toThrow(text)
})

test('histograms have the bounds that were asked for', async () => {
  await using client = new HttpClient({ metrics: { buckets: [0.1, 1] } })
  await using generations = new HttpClient({ metrics: { buckets: 'generations' } })
  expect(client.snapshot().histograms.queue).toMatchObject({ bounds: [0.1, 1], counts: [0, 0, 0] })
  expect(generations.snapshot().histograms.call.bounds.at(-1)).toBe(600)
})

test('a history of real calls: the seconds that are over, and no timer', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  expect(client.history()).toMatchObject({ client: client.name, seconds: 0 })
  for (let call = 0; call < 5; call++) await client.get('/').text()
  await eventually(() => client.history().series.ok.some((count) => (count ?? 0) > 0), 'a second is over')
  const { series, from, seconds } = client.history()
  expect(series.ok.reduce((all, one) => all! + one!, 0)).toBeLessThanOrEqual(5)
  expect(series.limit.find((limit) => limit !== null)).toBe(client.pool.snapshot().maxConnectionsPerOrigin)
  expect(client.history(from + seconds).seconds).toBeLessThanOrEqual(1)
})
