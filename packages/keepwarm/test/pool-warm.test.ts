/** Warm-up, and limits that change while the pool works. */
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { startHttp } from './support/servers.ts'
import { eventually } from './support/wait.ts'

async function get(pool: ConnectionPool, origin: string): Promise<string> {
  const { body } = await request(origin, { dispatcher: pool })
  return body.text()
}

test('warm opens exactly so many connections, and the requests that follow open none', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  expect(await pool.warm(server.origin, 5)).toBe(5)
  await eventually(() => server.open === 5, 'five connections')
  await Promise.all(Array.from({ length: 5 }, () => get(pool, server.origin)))
  expect(pool.counters.opened).toBe(5)
  expect(pool.snapshot().idle).toBeGreaterThanOrEqual(0)
})

test('warm stays within the limits, and says how many it will have', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ maxConnectionsPerOrigin: 3 })
  expect(await pool.warm(server.origin, 10)).toBe(3)
})

test('warm rejects with the reason when nobody answers', async () => {
  await using pool = new ConnectionPool()
  await expect(pool.warm('http://127.0.0.1:1', 2)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a warm connection that the server closed before its first use is replaced unseen', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  await pool.warm(server.origin, 2)
  server.server.closeAllConnections()
  expect(await get(pool, server.origin)).toBe('hello')
})

test('setLimits: lower ones are reached without cutting anything, wrong ones change nothing', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 20))
  await using pool = new ConnectionPool({ maxConnections: 8 })
  const running = Array.from({ length: 8 }, () => get(pool, server.origin))
  await eventually(() => server.open === 8, 'eight connections')
  expect(() => pool.setLimits({ maxConnections: 0, maxQueue: -1 })).toThrow(/maxConnections[^]*maxQueue/)
  pool.setLimits({ maxConnections: 2 })
  expect(await Promise.all(running)).toEqual(Array.from({ length: 8 }, () => 'ok'))
  await eventually(() => pool.snapshot().connections <= 2, 'two connections')
  expect(pool.snapshot().maxConnections).toBe(2)
  expect(pool.counters.closed.shrunk).toBe(6)
})
