/** How many connections there are, counted by the server. */
import { ConnectionPool, KeepwarmError } from 'keepwarm'
import { expect, test } from 'vitest'
import { request } from 'undici'
import { countingConnector } from './support/connectors.ts'
import { get } from './support/handlers.ts'
import { startHttp } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

/** `workers` loops that take from `count` requests until none is left. */
async function work(count: number, workers: number, one: () => Promise<unknown>): Promise<void> {
  let left = count
  const loop = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: workers }, loop))
}

test('400 requests of 20 workers use exactly 20 connections, and 5 of them are kept', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 4))
  await using pool = new ConnectionPool({ maxConnections: 20, maxIdleConnections: 5, idleGrace: 100 })
  await work(400, 20, () => get(pool, server.origin))
  expect(server).toMatchObject({ requests: 400, total: 20, peak: 20 })
  await eventually(() => server.open === 5, 'five connections left')
  expect(pool.snapshot()).toMatchObject({ connections: 5, idle: 5, waiting: 0, inFlight: 0 })
  await sleep(50)
  expect(server.open).toBe(5)
  expect(pool.counters.closed).toEqual({ idle_limit: 15 })
})

test('50 requests one after another use one connection', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  for (let i = 0; i < 50; i++) expect(await get(pool, server.origin)).toBe('hello')
  expect(server).toMatchObject({ requests: 50, total: 1 })
  expect(pool.counters).toMatchObject({ requests: 50, reused: 49, dialed: 1, opened: 1 })
})

test('POSTs with bodies one after another use one connection', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  for (const body of ['text', '', Buffer.from('bytes'), undefined]) {
    const response = await request(server.origin, { method: 'POST', body: body ?? null, dispatcher: pool })
    await response.body.dump()
  }
  expect(server).toMatchObject({ requests: 4, total: 1 })
})

test('the limit of all connections holds over several origins, and none of them starves', async () => {
  await using a = await startHttp((_, response) => void setTimeout(() => response.end('a'), 2))
  await using b = await startHttp((_, response) => void setTimeout(() => response.end('b'), 2))
  await using c = await startHttp((_, response) => void setTimeout(() => response.end('c'), 2))
  const counting = countingConnector()
  const { connect } = counting
  await using pool = new ConnectionPool({ maxConnections: 6, maxConnectionsPerOrigin: 4, connect })
  const origins = [a.origin, b.origin, c.origin]
  await Promise.all(origins.map((origin) => work(60, 10, () => get(pool, origin))))
  expect(counting.peak).toBeLessThanOrEqual(6)
  expect(Math.max(...counting.peaks.values())).toBeLessThanOrEqual(4)
  expect([a.requests, b.requests, c.requests]).toEqual([60, 60, 60])
})

test('an idle connection of another origin makes room for one that is needed', async () => {
  await using a = await startHttp()
  await using b = await startHttp()
  await using pool = new ConnectionPool({ maxConnections: 1 })
  for (let i = 0; i < 3; i++) {
    await get(pool, a.origin)
    await get(pool, b.origin)
  }
  expect(pool.counters.closed).toEqual({ evicted: 5 })
})

test('the line is bounded: the next in it fails at once, with the numbers', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 60))
  await using pool = new ConnectionPool({ maxConnections: 2, maxQueue: 3 })
  const running = [get(pool, server.origin), get(pool, server.origin)]
  await eventually(() => server.requests === 2, 'two requests')
  const waiting = Array.from({ length: 3 }, () => get(pool, server.origin))
  const results = await Promise.allSettled([get(pool, server.origin), get(pool, server.origin)])
  expect(await Promise.all([...running, ...waiting])).toEqual(['ok', 'ok', 'ok', 'ok', 'ok'])
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  )
  expect(refused).toHaveLength(2)
  for (const error of refused) {
    expect(error).toBeInstanceOf(KeepwarmError)
    expect(error).toMatchObject({ code: 'queue_full', phase: 'wait', sent: 'no' })
    expect((error as Error).message).toContain(server.origin)
    expect((error as Error).message).toMatch(/of 2 connections in use.*3 waiting, oldest/)
  }
  expect(pool.counters.refused.queue_full).toBe(2)
})

test('who waits too long is told what held the connections', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 700))
  await using pool = new ConnectionPool({ maxConnections: 1, acquireTimeout: 60 })
  const first = get(pool, server.origin)
  await eventually(() => server.requests === 1, 'the first request')
  const began = performance.now()
  const error = await get(pool, server.origin).catch((error: unknown) => error)
  expect(performance.now() - began).toBeLessThan(650)
  expect(error).toMatchObject({ code: 'acquire_timeout', phase: 'wait', sent: 'no' })
  expect((error as Error).message).toMatch(
    /^no connection to http:\S+ within 60 ms \(acquireTimeout\): 1 of 1 connections in use, 0 waiting, blocked by maxConnectionsPerOrigin$/,
  )
  expect(await first).toBe('ok')
  expect(await get(pool, server.origin)).toBe('ok')
})

test('drain is emitted once per busy period, when nobody waits any more', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 5))
  await using pool = new ConnectionPool({ maxConnections: 2 })
  let drained = 0
  pool.on('drain', () => drained++)
  for (let period = 1; period <= 3; period++) {
    await Promise.all(Array.from({ length: 20 }, () => get(pool, server.origin)))
    expect(drained).toBe(period)
  }
  await eventually(() => pool.snapshot().idle === 2, 'both connections idle')
  await get(pool, server.origin)
  expect(drained).toBe(3) // it did not wait
})

test('the newest idle connection is used first, so that the others can end', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('ok'), 10))
  await using pool = new ConnectionPool({ maxConnections: 4, idleTimeout: 200 })
  await Promise.all(Array.from({ length: 4 }, () => get(pool, server.origin)))
  await work(30, 1, () => get(pool, server.origin))
  await eventually(() => server.open === 1, 'three connections ended')
  expect(server.total).toBe(4)
})
