/** The line before the connections: its order, its end for those who leave, and what it costs. */
import type { ServerResponse } from 'node:http'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { get, listen, type Heard } from './support/handlers.ts'
import { collected, heapInUse } from './support/memory.ts'
import { startHttp } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

/** A pool whose only connection will never be made. */
function stuckPool(maxQueue = Infinity): ConnectionPool {
  return new ConnectionPool({ maxConnections: 1, maxQueue, connect: () => {}, acquireTimeout: 60_000 })
}

test('requests arrive in the order in which they were made; who is asked for by an answer comes last', async () => {
  const arrived: string[] = []
  await using server = await startHttp((incoming, response) => {
    arrived.push(incoming.url!)
    response.end('ok')
  })
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const late: Promise<unknown>[] = []
  const first = listen(
    pool,
    { origin: server.origin, path: '/0', method: 'GET' },
    { onResponseEnd: () => late.push(get(pool, `${server.origin}/late`)) },
  )
  const others = Array.from({ length: 20 }, (_, i) => get(pool, `${server.origin}/${i + 1}`))
  await soon(Promise.all([first.done, ...others]), 'all in line')
  await soon(Promise.all(late), 'the late one')
  expect(arrived).toEqual([...Array.from({ length: 21 }, (_, i) => `/${i}`), '/late'])
})

test('acquireTimeout 0: what is free is used, and for nothing else is waited or dialed', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ acquireTimeout: 0 })
  await expect(get(pool, server.origin)).rejects.toMatchObject({ code: 'acquire_timeout', phase: 'wait' })
  expect(pool.counters.dialed).toBe(0)
  await pool.warm(server.origin, 1)
  expect(await get(pool, server.origin)).toBe('hello')
})

test('whoever was refused for waiting too long holds no place: the connection goes to the next', async () => {
  const held: ServerResponse[] = []
  await using server = await startHttp((incoming, response) => {
    if (incoming.url === '/held') held.push(response)
    else response.end('ok')
  })
  await using pool = new ConnectionPool({ maxConnections: 1, acquireTimeout: 30 })
  await pool.warm(server.origin, 1)
  const first = get(pool, `${server.origin}/held`)
  await eventually(() => held.length === 1, 'the held one')
  await expect(get(pool, server.origin)).rejects.toMatchObject({ code: 'acquire_timeout' })
  expect(pool.snapshot()).toMatchObject({ waiting: 0, inFlight: 1, connections: 1 })
  held[0]!.end('held')
  expect(await first).toBe('held')
  await eventually(() => pool.snapshot().idle === 1, 'at rest')
  expect(await get(pool, server.origin)).toBe('ok')
  expect(server).toMatchObject({ total: 1, requests: 2 })
})

test('whoever left the line is forgotten: neither its handler nor its body stays in memory', async () => {
  const pool = stuckPool()
  const remembered: WeakRef<object>[] = []
  const leave = (): void => {
    const body = Buffer.alloc(1_000)
    const handler = {}
    const options = { origin: 'http://127.0.0.1:1', path: '/', method: 'POST', body } as const
    const { heard } = listen(pool, options, handler)
    heard.controller!.abort(new Error('gone'))
    remembered.push(new WeakRef(body), new WeakRef(handler), new WeakRef(heard))
  }
  for (let i = 0; i < 10; i++) leave()
  await collected(() => remembered.every((thing) => thing.deref() === undefined), 'those who left')
  expect(pool.snapshot()).toMatchObject({ waiting: 0, connections: 1 })
  await pool.destroy()
})

test('a hundred thousand wait, and all leave: each hears it once, no socket was touched, the memory is free again', async () => {
  const pool = stuckPool()
  const before = await heapInUse()
  let heard: Heard[] = []
  const options = { origin: 'http://127.0.0.1:1', path: '/', method: 'GET' } as const
  for (let i = 0; i < 100_000; i++) heard.push(listen(pool, options).heard)
  expect(pool.snapshot()).toMatchObject({ waiting: 100_000, connections: 1 })
  const held = (await heapInUse()) - before
  const reason = new Error('gone')
  // From both ends and the middle.
  for (const { controller } of heard.filter((_, i) => i % 3 === 0)) controller!.abort(reason)
  for (const { controller } of heard.toReversed()) controller!.abort(reason)
  expect(heard.every(({ calls, error }) => calls.join() === 'start,error' && error === reason)).toBe(true)
  expect(pool.snapshot()).toMatchObject({ waiting: 0, connections: 1 })
  heard = []
  expect((await heapInUse()) - before).toBeLessThan(held / 20)
  await pool.destroy()
})

test('a signal that many wait with keeps no listener of theirs when they have left or been served', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ maxConnections: 2 })
  const leaving = new AbortController()
  let listeners = 0
  let most = 0
  const { addEventListener, removeEventListener } = leaving.signal
  leaving.signal.addEventListener = function (this: AbortSignal, ...call: never[]) {
    most = Math.max(most, ++listeners)
    return (addEventListener as (...args: never[]) => void).apply(this, call)
  }
  leaving.signal.removeEventListener = function (this: AbortSignal, ...call: never[]) {
    listeners--
    return (removeEventListener as (...args: never[]) => void).apply(this, call)
  }
  const served = Array.from({ length: 50 }, () => get(pool, server.origin, leaving.signal))
  await soon(Promise.all(served), 'all')
  expect(most).toBeGreaterThan(1)
  await eventually(() => listeners === 0, 'no listener left')
})

test('drain comes once for each time that somebody had to wait, also when whoever waited left', async () => {
  const pool = stuckPool()
  let drained = 0
  pool.on('drain', () => drained++)
  const options = { origin: 'http://127.0.0.1:1', path: '/', method: 'GET' } as const
  for (let period = 1; period <= 3; period++) {
    const waiting = [listen(pool, options), listen(pool, options)]
    expect(waiting.map(({ accepted }) => accepted)).toEqual([false, false])
    for (const { heard } of waiting) heard.controller!.abort(new Error('gone'))
    expect(drained).toBe(period)
  }
  await pool.destroy()
})
