/** What the pool says of itself is what the server sees. */
import type { ServerResponse } from 'node:http'
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { get, listen } from './support/handlers.ts'
import { seeded } from './support/seeded.ts'
import { startHttp } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

test('at any moment: connections, requests in flight and in line are those that the server and the callers count', async () => {
  const held: ServerResponse[] = []
  await using server = await startHttp((_, response) => void held.push(response))
  await using pool = new ConnectionPool({ maxConnections: 3 })
  const asked = Array.from({ length: 10 }, () => get(pool, server.origin))
  let answered = 0
  for (const one of asked) void one.then(() => answered++)
  while (answered < 10) {
    await eventually(() => held.length === Math.min(3, 10 - answered), 'as many as there is room for')
    const { connections, inFlight, waiting } = pool.snapshot()
    expect({ connections, inFlight, waiting }).toEqual({
      connections: server.open,
      inFlight: held.length,
      waiting: 10 - answered - held.length,
    })
    const before = answered
    held.shift()!.end('ok')
    await eventually(() => answered > before, 'one more answer')
  }
  await eventually(() => pool.snapshot().idle === server.open, 'all at rest')
})

test('in the end: what was opened, closed, used again and sent twice adds up with what the server saw', async () => {
  const chance = seeded(100)
  let cut = 0
  await using server = await startHttp((incoming, response) => {
    incoming.resume()
    const what = chance()
    if (what < 0.1) response.setHeader('connection', 'close')
    // Closed under the request, as a server does that thinks the connection idle; never its first.
    if (what > 0.9 && served.has(incoming.socket)) return (cut++, void incoming.socket.destroy())
    served.add(incoming.socket)
    setTimeout(() => response.end('ok'), chance() * 3)
  })
  const served = new WeakSet<object>()
  const pool = new ConnectionPool({ maxConnections: 6, maxRequestsPerConnection: 20, maxIdleConnections: 2 })
  let told = 0
  const one = async (): Promise<void> => {
    const post = chance() < 0.2
    const asking = request(server.origin, {
      method: post ? 'POST' : 'GET',
      body: post ? 'x' : null,
      dispatcher: pool,
    })
    await asking.then(({ body }) => body.text()).catch(() => told++) // a POST is not sent again
  }
  for (let round = 0; round < 20; round++) {
    await soon(Promise.all(Array.from({ length: 30 }, one)), `round ${round}`)
  }
  await soon(pool.close(), 'close')
  await eventually(() => server.open === 0, 'no socket left')
  const { counters, ...now } = pool.snapshot()
  const closed = Object.values(counters.closed).reduce((sum, count) => sum + count, 0)
  expect(now).toMatchObject({ connections: 0, idle: 0, dialing: 0, waiting: 0, inFlight: 0, origins: [] })
  expect(counters.requests).toBe(600)
  expect(counters.opened).toBe(server.total)
  expect(closed).toBe(counters.dialed)
  expect(counters.dialed - (counters.closed.dial_failed ?? 0)).toBe(counters.opened)
  expect(Object.values(counters.dialedFor).reduce((sum, count) => sum + count)).toBe(counters.dialed)
  expect(server.requests).toBe(600 + counters.lostRaces)
  expect(cut).toBe(counters.lostRaces + told)
  expect(counters.lostRaces).toBeGreaterThan(10)
  // Each connection that served has one first request; all others came on a used one.
  const firsts = counters.requests + counters.lostRaces + counters.lostUnsent - counters.reused
  expect(firsts).toBeLessThanOrEqual(counters.opened)
})

test('what one connection sent and received are the bytes that the server received and sent', async () => {
  await using server = await startHttp((incoming, response) => {
    incoming.resume().on('end', () => response.end('x'.repeat(10_000)))
  })
  await using pool = new ConnectionPool()
  for (let i = 0; i < 3; i++) {
    const { body } = await request(server.origin, {
      method: 'POST',
      body: 'y'.repeat(5_000),
      dispatcher: pool,
    })
    await body.text()
  }
  const [socket] = server.sockets
  const { bytesRead, bytesWritten, requests, address } = pool.connections()[0]!
  expect({ bytesRead, bytesWritten, requests }).toEqual({
    bytesRead: socket!.bytesWritten,
    bytesWritten: socket!.bytesRead,
    requests: 3,
  })
  expect(address).toBe(`127.0.0.1:${server.port}`)
})

test('requests that never left are counted as refused, and the server has not seen them', async () => {
  const held: ServerResponse[] = []
  await using server = await startHttp((_, response) => void held.push(response))
  await using pool = new ConnectionPool({ maxConnections: 1, maxQueue: 2, acquireTimeout: 50 })
  await pool.warm(server.origin, 1)
  const first = get(pool, server.origin)
  await eventually(() => held.length === 1, 'the first')
  const options = { origin: server.origin, path: '/', method: 'GET' } as const
  const line = [listen(pool, options), listen(pool, options), listen(pool, options)]
  line[0]!.heard.controller!.abort(new Error('gone'))
  await soon(Promise.all(line.map(({ done }) => done)), 'all told')
  held[0]!.end('ok')
  expect(await first).toBe('ok')
  expect(pool.counters).toMatchObject({
    requests: 4,
    refused: { queue_full: 1, acquire_timeout: 1, dial_failed: 0, closed: 0 },
  })
  expect(server.requests).toBe(1)
})
