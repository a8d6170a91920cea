/** What a pool's snapshot says of each origin: what a diagnosis is made from. */
import { createServer } from 'node:net'
import { ConnectionPool, type OriginSnapshot } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { ManualRuntime } from '../src/testing/manual-runtime.ts'
import { SimulatedNetwork } from '../src/testing/network.ts'
import { get, listen } from './support/handlers.ts'
import { startH2, startHttp, trust } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

function only(pool: ConnectionPool, holders = false): OriginSnapshot {
  const { origins } = pool.snapshot({ holders })
  expect(origins).toHaveLength(1)
  return origins[0]!
}

test('counters are those of the origin: two origins add up to the pool', async () => {
  await using one = await startHttp((_, response) => response.end('one'))
  await using other = await startHttp((_, response) => response.end('other'))
  await using pool = new ConnectionPool()
  for (let i = 0; i < 3; i++) {
    await get(pool, one.origin)
    await sleep(5)
  }
  await get(pool, other.origin)
  const { origins, counters } = pool.snapshot()
  expect(origins.map((origin) => origin.counters)).toMatchObject([
    { requests: 3, reused: 2, dialed: 1, opened: 1, dialedFor: { first: 1 } },
    { requests: 1, reused: 0, dialed: 1, opened: 1 },
  ])
  expect(counters).toMatchObject({ requests: 4, reused: 2, dialed: 2, opened: 2 })
})

test('dials that fail are counted by the code of the platform, and their origin stays in sight', async () => {
  const closed = createServer()
  closed.listen(0, '127.0.0.1')
  await new Promise((resolve) => closed.once('listening', resolve))
  const { port } = closed.address() as { port: number }
  await new Promise((resolve) => closed.close(resolve))
  await using pool = new ConnectionPool({
    connect: {
      lookup: (_host, _options, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), ''),
    },
  })
  await get(pool, `http://127.0.0.1:${port}`).catch(() => {})
  await get(pool, 'http://nowhere.test').catch(() => {})
  const [unknown, refused] = pool.snapshot().origins // what happened last comes first
  expect(refused!.dials).toMatchObject({ failed: { ECONNREFUSED: 1 }, failedInARow: 1, count: 0 })
  expect(unknown!.dials).toMatchObject({ failed: { ENOTFOUND: 1 } })
  expect(unknown).toMatchObject({ connections: 0, ended: { connections: 0 } })
  expect(unknown!.counters.closed).toEqual({ dial_failed: 1 })
})

test('how long requests had their connection, and how many each connection served', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('well'), 30))
  await using pool = new ConnectionPool({ maxRequestsPerConnection: 2 })
  for (let i = 0; i < 4; i++) await get(pool, server.origin)
  await eventually(() => pool.snapshot().connections === 0, 'both connections are closed')
  const { use, ended, dials } = only(pool)
  expect(use.count).toBe(4)
  expect(use.total).toBeGreaterThanOrEqual(4 * 25)
  expect(ended).toEqual({ connections: 2, requests: 4 })
  expect([dials.count, dials.total > 0, dials.tcp > 0]).toEqual([2, true, true])
  const { histograms } = pool.snapshot()
  const counts = Object.fromEntries(Object.entries(histograms).map(([name, { count }]) => [name, count]))
  expect(counts).toEqual({ dial: 2, wait: 4, use: 4, lifetime: 2, requests: 2 })
  expect(histograms.requests).toMatchObject({ unit: 'requests', sum: 4 })
  expect(histograms.use.sum).toBeCloseTo(use.total / 1_000, 6)
  expect(JSON.parse(JSON.stringify(pool.snapshot()))).toEqual(pool.snapshot())
})

test('who holds connections longest: what it asked for, for how long, and how far it is', async () => {
  const large = Buffer.alloc(4_000_000)
  await using server = await startHttp((incoming, response) => {
    if (incoming.url!.startsWith('/large')) response.end(large)
  })
  await using pool = new ConnectionPool({
    leakAfter: 20,
    groups: { slow: { paths: ['/slow'], maxInFlight: 4 } },
  })
  const silent = listen(pool, { origin: server.origin, method: 'GET', path: '/slow?token=secret' })
  await eventually(() => server.requests === 1, 'the first is there')
  const { body } = await request(`${server.origin}/large?token=secret`, { dispatcher: pool })
  await eventually(() => pool.counters.leaks === 1, 'it is a leak')
  const { holders, stalled } = only(pool, true)
  expect(holders).toMatchObject([
    { method: 'GET', path: '/slow', group: 'slow', phase: 'headers', stalledFor: 0 },
    { method: 'GET', path: '/large', phase: 'body' },
  ])
  expect(holders![0]!.heldFor).toBeGreaterThanOrEqual(holders![1]!.heldFor)
  expect(holders![1]!.stalledFor).toBeGreaterThanOrEqual(20)
  expect(stalled).toMatchObject({ count: 1, leaked: 1 })
  expect(JSON.stringify(holders)).not.toContain('secret')
  expect(only(pool).holders).toBeUndefined()
  silent.heard.controller!.abort(new Error('left'))
  body.on('error', () => {}).destroy()
  await eventually(() => only(pool, true).holders!.length === 0, 'nobody holds one')
})

test('at most five holders of an origin; over HTTP/2 each stream is one', async () => {
  await using server = await startH2(() => {})
  await using pool = new ConnectionPool({ connect: trust })
  const asked = Array.from({ length: 8 }, (_, i) =>
    listen(pool, { origin: server.origin, method: 'GET', path: `/${i}` }),
  )
  await eventually(() => server.requests === 8, 'all are there')
  const { holders, protocol, maxInFlight, inFlight } = only(pool, true)
  expect(holders!.map(({ path }) => path)).toEqual(['/0', '/1', '/2', '/3', '/4'])
  expect([protocol, inFlight]).toEqual(['h2', 8])
  expect(maxInFlight).toBeGreaterThanOrEqual(8)
  for (const { heard } of asked) heard.controller!.abort(new Error('left'))
  await eventually(() => only(pool, true).holders!.length === 0, 'nobody holds one')
})

test('what blocks those who wait, since when, and how many were turned away', async () => {
  await using server = await startHttp(() => {})
  await using pool = new ConnectionPool({
    maxConnections: 3,
    maxConnectionsPerOrigin: 2,
    acquireTimeout: 60_000,
    maxQueue: 1,
    groups: { slow: { paths: ['/slow'], maxInFlight: 1 } },
  })
  const ask = (path: string): ReturnType<typeof listen> =>
    listen(pool, { origin: server.origin, method: 'GET', path })
  const asked = [ask('/slow'), ask('/'), ask('/')]
  await eventually(() => only(pool).dialing === 0, 'both dials are over')
  expect(only(pool)).toMatchObject({ blockedBy: 'maxConnectionsPerOrigin', waiting: 1 })
  asked.push(ask('/slow'))
  expect(only(pool).groups[0]).toMatchObject({ blockedBy: 'group', waiting: 1 })
  await sleep(20)
  const { waitingFor, groups, refused } = only(pool)
  expect([waitingFor, groups[0]!.waitingFor].every((ms) => ms >= 15)).toBe(true)
  expect(refused).toEqual({ queue_full: 0, acquire_timeout: 0 })
  await ask('/').done
  expect(only(pool).refused).toEqual({ queue_full: 1, acquire_timeout: 0 })
  expect(only(pool).counters.refused.queue_full).toBe(1)
  for (const { heard } of asked) heard.controller!.abort(new Error('left'))
  expect(only(pool)).toMatchObject({ blockedBy: null, waitingFor: 0, waiting: 0 })
})

test('a dial under way, no room in all, and a server that is not there each have their word', async () => {
  await using server = await startHttp(() => {})
  await using slow = new ConnectionPool({ connect: () => {}, maxConnections: 5 })
  const waits = listen(slow, { origin: server.origin, method: 'GET', path: '/' })
  expect(only(slow).blockedBy).toBe('dialing')
  waits.heard.controller!.abort(new Error('left'))
  await slow.destroy()
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const first = listen(pool, { origin: server.origin, method: 'GET', path: '/' })
  await eventually(() => server.requests === 1, 'the only connection is in use')
  const second = listen(pool, { origin: 'http://127.0.0.1:1', method: 'GET', path: '/' })
  const blocked = pool.snapshot().origins.map(({ blockedBy }) => blockedBy)
  expect(blocked).toEqual([null, 'maxConnections'])
  for (const { heard } of [first, second]) heard.controller!.abort(new Error('left'))
})

test('how long the server keeps idle connections', async () => {
  const runtime = new ManualRuntime()
  const network = new SimulatedNetwork(runtime)
  const origin = 'http://one'
  network.serve(origin, { idleTimeout: 5_000, latency: 0 })
  await using pool = new ConnectionPool({ runtime, network, idleTimeout: 20_000 })
  for (let i = 1; i <= 2; i++) {
    listen(pool, { origin, method: 'GET', path: '/' })
    await runtime.run(8_000)
  }
  expect(only(pool)).toMatchObject({
    serverIdle: 5_000,
    serverCloses: { count: 2, moments: 2, restTotal: 10_000 },
  })
})

test('a restart closes many at one moment', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end(), 5))
  await using pool = new ConnectionPool()
  await Promise.all([1, 2, 3].map(() => get(pool, server.origin)))
  for (const socket of server.sockets) socket.destroy()
  await eventually(() => pool.snapshot().connections === 0, 'all are closed')
  expect(only(pool)).toMatchObject({ serverIdle: null, serverCloses: { count: 3, moments: 1 } })
})
