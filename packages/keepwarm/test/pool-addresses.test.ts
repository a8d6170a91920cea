/** Where names lead: limits for each IP address, and connections to addresses that a name no longer has. */
import type { LookupFunction } from 'node:net'
import http from 'node:http'
import { once } from 'node:events'
import { ConnectionPool, HttpClient, type ConnectionPoolOptions } from 'keepwarm'
import { expect, test } from 'vitest'
import { get } from './support/handlers.ts'
import { startHttps, TestServer, trust } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

/** A server at one of the loopback addresses; `port` 0 for any. */
async function startAt(address: string, port = 0, delay = 5): Promise<TestServer> {
  const server = http.createServer((_, response) => void setTimeout(() => response.end(address), delay))
  const counted = new TestServer(server, 'http')
  server.listen(port, address)
  await once(server, 'listening')
  return counted
}

/** Names and where they lead, which can change. */
function book(names: Record<string, string[]>): {
  names: Record<string, string[]>
  connect: { lookup: LookupFunction }
} {
  const lookup: LookupFunction = (hostname, options, callback) => {
    const ips = names[hostname] ?? []
    if (ips.length === 0) return queueMicrotask(() => callback(new Error(`no such host ${hostname}`), ''))
    const all = ips.map((address) => ({ address, family: 4 }))
    queueMicrotask(() => (options.all === true ? callback(null, all) : callback(null, ips[0]!, 4)))
  }
  return { names, connect: { lookup } }
}

const many = (count: number, once: () => Promise<unknown>): Promise<unknown[]> =>
  Promise.all(Array.from({ length: count }, once))

test('a name that leads to two addresses has connections to both, at most so many to each', async () => {
  await using one = await startAt('127.0.0.1')
  await using two = await startAt('127.0.0.2', one.port)
  const { connect } = book({ both: ['127.0.0.1', '127.0.0.2'] })
  await using pool = new ConnectionPool({ connect, maxConnectionsPerAddress: 2 })
  await many(40, () => get(pool, `http://both:${one.port}`))
  expect([one.peak, two.peak]).toEqual([2, 2])
  expect(one.requests + two.requests).toBe(40)
})

test('two names that lead to one address share its limit, and neither starves', async () => {
  await using server = await startAt('127.0.0.1')
  const { connect } = book({ first: ['127.0.0.1'], second: ['127.0.0.1'] })
  await using pool = new ConnectionPool({ connect, maxConnectionsPerAddress: 2 })
  const origins = ['first', 'second'].map((name) => `http://${name}:${server.port}`)
  await Promise.all(origins.map((origin) => many(20, () => get(pool, origin))))
  expect(server.requests).toBe(40)
  expect(pool.snapshot().connections).toBeLessThanOrEqual(2)
})

test('without a limit a name is reached at its second address when the first refuses', async () => {
  await using two = await startAt('127.0.0.2')
  const { connect } = book({ both: ['127.0.0.1', '127.0.0.2'] })
  await using pool = new ConnectionPool({ connect })
  expect(await get(pool, `http://both:${two.port}`)).toBe('127.0.0.2')
})

test('an address that refuses is left for one that does not', async () => {
  await using two = await startAt('127.0.0.2')
  const { connect } = book({ both: ['127.0.0.1', '127.0.0.2'] })
  await using client = new HttpClient({
    baseUrl: `http://both:${two.port}`,
    connect,
    maxConnectionsPerAddress: 5,
    retry: { base: 1 },
  })
  const texts = await many(10, () => client.get('/').text())
  expect(texts).toEqual(Array(10).fill('127.0.0.2'))
})

test('over TLS the certificate is checked against the name, not the address', async () => {
  await using server = await startHttps((_, response) => response.end('hello'))
  const { connect } = book({ localhost: ['127.0.0.1'], other: ['127.0.0.1'] })
  await using pool = new ConnectionPool({ connect: { ...connect, ...trust }, maxConnectionsPerAddress: 2 })
  expect(await get(pool, `https://localhost:${server.port}`)).toBe('hello')
  await expect(get(pool, `https://other:${server.port}`)).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
})

test('a name that leads nowhere fails with the error of the look-up, and holds no place', async () => {
  const { connect } = book({})
  await using pool = new ConnectionPool({ connect, maxConnectionsPerAddress: 1 })
  await expect(get(pool, 'http://nobody:1')).rejects.toThrow('no such host nobody')
  expect(pool.snapshot()).toMatchObject({ connections: 0, dialing: 0 })
})

test('the limit can be changed at run time, and counts what is there already', async () => {
  await using server = await startAt('127.0.0.1')
  const { connect } = book({ host: ['127.0.0.1'] })
  await using pool = new ConnectionPool({ connect, maxConnectionsPerOrigin: 6 })
  const origin = `http://host:${server.port}`
  await pool.warm(origin, 3)
  pool.setLimits({ maxConnectionsPerAddress: 4 })
  await many(40, () => get(pool, origin))
  expect(server.peak).toBe(4)
})

test('when a name leads elsewhere, old connections finish what they carry and new requests go there', async () => {
  await using old = await startAt('127.0.0.1', 0, 400)
  await using young = await startAt('127.0.0.2', old.port)
  const { names, connect } = book({ host: ['127.0.0.1'] })
  await using pool = new ConnectionPool({ connect, dnsRefresh: 40 })
  const origin = `http://host:${old.port}`
  const long = get(pool, origin)
  await pool.warm(origin, 2)
  names['host'] = ['127.0.0.2']
  await eventually(() => pool.counters.closed.moved === 1, 'the idle one is retired')
  expect(await get(pool, origin)).toBe('127.0.0.2')
  expect(await long).toBe('127.0.0.1')
  await eventually(() => old.open === 0, 'the busy one as well')
  expect(pool.counters.closed.moved).toBe(2)
  expect(young.total).toBe(1)
})

test('an address that is missing once, or a look-up that fails, drains nothing', async () => {
  await using server = await startAt('127.0.0.1')
  const { names, connect } = book({ host: ['127.0.0.1'] })
  let looks = 0
  const lookup: LookupFunction = (hostname, options, callback) => {
    looks++
    names['host'] = looks % 3 === 0 ? ['127.0.0.2'] : looks % 3 === 1 ? [] : ['127.0.0.1']
    if (looks === 1) names['host'] = ['127.0.0.1']
    connect.lookup(hostname, options, callback)
  }
  await using pool = new ConnectionPool({ connect: { lookup }, dnsRefresh: 10 })
  await get(pool, `http://host:${server.port}`)
  await eventually(() => looks > 12, 'a dozen looks')
  expect(pool.snapshot()).toMatchObject({ connections: 1, counters: { closed: {} } })
})

test('nothing is looked up for a host that is an address, nor after the last connection is gone', async () => {
  await using server = await startAt('127.0.0.1')
  let looks = 0
  const { connect } = book({ host: ['127.0.0.1'] })
  const lookup: LookupFunction = (...call) => {
    looks++
    connect.lookup(...call)
  }
  await using pool = new ConnectionPool({ connect: { lookup }, dnsRefresh: 10, maxConnectionsPerAddress: 3 })
  await get(pool, server.origin)
  await sleep(50)
  expect(looks).toBe(0)
  await get(pool, `http://host:${server.port}`)
  pool.evict()
  await eventually(() => pool.snapshot().connections === 0, 'none left')
  await sleep(30)
  const before = looks
  await sleep(50)
  expect(looks).toBe(before)
})

test.each([
  [{ proxy: 'http://proxy:1' }, 'it is the proxy that chooses'],
  [{ connect: () => undefined }, 'a connector of your own does the whole dial'],
])('a limit for addresses beside %j is refused: the pool does not choose them', (options, why) => {
  const all = { ...options, maxConnectionsPerAddress: 2 } as unknown as ConnectionPoolOptions
  expect(() => new ConnectionPool(all)).toThrow(why)
})
