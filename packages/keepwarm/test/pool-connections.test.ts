/** What the pool tells of each connection, and retiring them by hand. */
import { ConnectionPool } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { startHttp } from './support/servers.ts'
import { eventually } from './support/wait.ts'

async function get(pool: ConnectionPool, origin: string): Promise<string> {
  const { body } = await request(origin, { dispatcher: pool })
  return body.text()
}

test('each connection says what it is, what it did, and why it was opened', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('slow'), 50))
  await using pool = new ConnectionPool()
  const running = [get(pool, server.origin), get(pool, server.origin)]
  await eventually(() => server.requests === 2, 'two requests')
  expect(pool.connections()).toMatchObject([
    { id: 1, state: 'busy', openedFor: 'first', inFlight: 1, requests: 1, idle: 0 },
    { id: 2, state: 'busy', openedFor: 'all_busy' },
  ])
  await Promise.all(running)
  await eventually(
    () => pool.connections().every(({ state, idle }) => state === 'idle' && idle > 0),
    'idle ones',
  )
  const [first] = pool.connections()
  expect(first).toMatchObject({ origin: server.origin, protocol: 'h1', requests: 1 })
  expect(first!.address).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(first!.bytesRead).toBeGreaterThan(0)
  expect(first!.bytesWritten).toBeGreaterThan(0)
  expect(JSON.parse(JSON.stringify(pool.connections()))).toHaveLength(2)
  expect(pool.counters.dialedFor).toMatchObject({ first: 1, all_busy: 1, lost_race: 0, warm_up: 0 })
})

test('evict retires one, those of an origin, or all; what runs is finished', async () => {
  await using a = await startHttp((_, response) => void setTimeout(() => response.end('slow'), 50))
  await using b = await startHttp()
  await using pool = new ConnectionPool()
  await pool.warm(a.origin, 3)
  await pool.warm(b.origin, 2)
  expect(pool.evict({ id: pool.connections()[0]!.id })).toBe(1)
  await eventually(() => pool.connections().length === 4, 'one less')
  const running = get(pool, a.origin)
  await eventually(() => a.requests === 1, 'a request')
  expect(pool.evict({ origin: a.origin })).toBe(2)
  expect(await running).toBe('slow')
  await eventually(() => pool.connections().length === 2, 'those of b')
  expect(() => pool.evict({ orign: b.origin } as object)).toThrow(/orign[^]*did you mean origin/)
  expect(pool.evict()).toBe(2)
  await eventually(() => pool.connections().length === 0, 'none')
  expect(pool.counters.closed).toEqual({ evicted: 5 })
})
