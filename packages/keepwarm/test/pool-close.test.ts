/** The end of a pool: gentle, in time, or at once. */
import type { Socket } from 'node:net'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { buildConnector, request } from 'undici'
import { realRuntime, type Runtime } from '../src/runtime.ts'
import { get, listen } from './support/handlers.ts'
import { startHttp } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

const slow = (ms: number) => startHttp((_, response) => void setTimeout(() => response.end('done'), ms))

const end = (pool: ConnectionPool, how: 'close' | 'destroy'): Promise<void> =>
  how === 'close' ? pool.close() : pool.destroy()

test('close() finishes what runs and what waits, and resolves when the last socket is gone', async () => {
  await using server = await slow(20)
  const pool = new ConnectionPool({ maxConnections: 2 })
  const all = Array.from({ length: 8 }, () => get(pool, server.origin))
  await eventually(() => server.requests === 2, 'two running')
  const closing = pool.close()
  await expect(get(pool, server.origin)).rejects.toMatchObject({ code: 'closed', phase: 'wait', sent: 'no' })
  await soon(closing, 'close')
  expect(pool.snapshot()).toMatchObject({ connections: 0, waiting: 0, inFlight: 0 })
  expect(await Promise.all(all)).toEqual(Array(8).fill('done'))
  await eventually(() => server.open === 0, 'no socket at the server')
  expect(server).toMatchObject({ requests: 8, total: 2 })
})

test('close() closes idle connections at once, and a second call waits for the same', async () => {
  await using server = await startHttp()
  const pool = new ConnectionPool()
  await Promise.all(Array.from({ length: 3 }, () => get(pool, server.origin)))
  await eventually(() => pool.snapshot().idle === 3, 'three idle')
  expect(pool.closed).toBe(false)
  await soon(Promise.all([pool.close(), pool.close(), pool.close({ timeout: 5_000 })]), 'close', 500)
  expect(pool.closed).toBe(true)
  expect(pool.counters.closed).toEqual({ shutdown: 3 })
  await soon(pool.close(), 'close again', 100)
})

test('close() of a pool that never did anything', async () => {
  await soon(new ConnectionPool().close(), 'close', 100)
  await soon(new ConnectionPool().destroy(), 'destroy', 100)
})

test('close({ timeout }) destroys what is left then', async () => {
  await using server = await startHttp((_, response) => void response.write('never ends'))
  const pool = new ConnectionPool()
  const response = await request(server.origin, { dispatcher: pool })
  const ended = expect(response.body.text()).rejects.toMatchObject({
    code: 'closed',
    message: 'the pool was still busy 50 ms after close()',
  })
  await soon(pool.close({ timeout: 50 }), 'close', 1_000)
  await ended
  await eventually(() => server.open === 0, 'no socket at the server')
})

test('destroy(error) ends what runs, waits and dials with this error', async () => {
  await using server = await startHttp((_, response) => void response.write('never ends'))
  const dial = buildConnector({})
  let dials = 0
  const pool = new ConnectionPool({
    maxConnections: 2,
    connect: (target, callback) => (++dials === 1 ? dial(target, callback) : undefined),
  })
  const running = await request(server.origin, { dispatcher: pool })
  const waiting = Array.from({ length: 3 }, () => get(pool, server.origin))
  await eventually(() => dials === 2, 'a dial under way')
  const error = new Error('enough')
  const all = Promise.allSettled([running.body.text(), ...waiting])
  await soon(pool.destroy(error), 'destroy', 1_000)
  for (const result of await all) expect(result).toEqual({ status: 'rejected', reason: error })
  await soon(pool.destroy(), 'destroy again', 100)
  await expect(get(pool, server.origin)).rejects.toMatchObject({ code: 'closed' })
  await eventually(() => server.open === 0, 'no socket at the server')
  expect(pool.snapshot()).toMatchObject({ connections: 0, waiting: 0 })
})

test('destroy() in the very turn in which requests were given a connection', async () => {
  await using server = await startHttp()
  const pool = new ConnectionPool()
  await Promise.all([get(pool, server.origin), get(pool, server.origin)])
  await eventually(() => pool.snapshot().idle === 2, 'two idle')
  const all = Promise.allSettled(Array.from({ length: 4 }, () => get(pool, server.origin)))
  const error = new Error('enough')
  await soon(pool.destroy(error), 'destroy', 1_000)
  for (const result of await all) expect(result).toEqual({ status: 'rejected', reason: error })
  await sleep(20)
  expect(server.open).toBe(0)
})

test.each(['close', 'destroy'] as const)('%s during a dial that nobody waits for any more', async (how) => {
  const sockets: Socket[] = []
  await using server = await startHttp()
  const dial = buildConnector({})
  const pool = new ConnectionPool({
    connect: (target, callback) =>
      setTimeout(() => sockets.push(dial(target, callback) as unknown as Socket), 40),
  })
  const { heard } = listen(pool, { origin: server.origin, path: '/', method: 'GET' })
  heard.controller?.abort(new Error('gone'))
  await soon(end(pool, how), how, 1_000)
  await eventually(() => sockets.length === 1 && sockets[0]!.destroyed, 'what was dialed is closed')
  expect(pool.snapshot().connections).toBe(0)
})

test('close() during a dial that somebody waits for', async () => {
  await using server = await startHttp()
  const pool = new ConnectionPool()
  const answer = get(pool, server.origin)
  await soon(pool.close(), 'close')
  expect(await answer).toBe('hello')
})

test.each([
  'onRequestStart',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
] as const)('close() and destroy() from inside %s', async (callback) => {
  await using server = await startHttp((incoming, response) => {
    if (callback === 'onResponseError') incoming.socket.destroy()
    else response.end('hello')
  })
  for (const how of ['close', 'destroy'] as const) {
    const pool = new ConnectionPool()
    let closing: Promise<void> | undefined
    const stop = (): void => void (closing ??= end(pool, how))
    const first = listen(pool, { origin: server.origin, path: '/', method: 'GET' }, { [callback]: stop })
    const others = Array.from({ length: 5 }, () => get(pool, server.origin))
    await soon(Promise.allSettled([first.done, ...others]), 'all requests')
    await soon(closing!, how)
    expect(pool.snapshot()).toMatchObject({ connections: 0, waiting: 0 })
  }
})

test('await using closes the pool', async () => {
  await using server = await startHttp()
  let seen: ConnectionPool
  {
    await using pool = new ConnectionPool()
    seen = pool
    await get(pool, server.origin)
  }
  expect(seen.closed).toBe(true)
  expect(seen.snapshot().connections).toBe(0)
})

test('a Client of undici that never closes is destroyed after five seconds, and its place is free', async () => {
  await using server = await startHttp()
  const runtime: Runtime = {
    ...realRuntime,
    after: (delay, action) => realRuntime.after(delay === 5_000 ? 30 : delay, action),
  }
  const pool = new ConnectionPool({ runtime, acquireTimeout: 2_000, maxConnections: 1 })
  pool.once('connect', (_origin, [, client]) => {
    client!.close = (): Promise<void> => new Promise(() => {})
  })
  await get(pool, server.origin)
  await eventually(() => pool.snapshot().idle === 1, 'at rest')
  pool.evict()
  expect(await get(pool, server.origin)).toBe('hello')
  expect(pool.counters.closed).toEqual({ evicted: 1 })
  await soon(pool.close(), 'close', 1_000)
})

test('the events tell of connections that came and went', async () => {
  await using server = await startHttp()
  const pool = new ConnectionPool()
  const events: string[] = []
  pool.on('connect', (origin, targets) => events.push(`connect ${origin.origin} ${targets.length}`))
  pool.on('disconnect', (origin, targets, error) =>
    events.push(`disconnect ${origin.origin} ${targets.length} ${error.message}`),
  )
  await get(pool, server.origin)
  await pool.close()
  expect(events).toEqual([`connect ${server.origin} 2`, `disconnect ${server.origin} 2 shutdown`])
})
