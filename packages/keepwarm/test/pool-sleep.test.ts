/** A clock that is suddenly ahead, as on a machine that slept or a process that was stopped: no timer has rung. */
import { ConnectionPool, type Runtime } from 'keepwarm'
import { expect, test } from 'vitest'
import { realRuntime } from '../src/runtime.ts'
import { ScriptedRuntime } from './support/client-exchange-bench.ts'
import { get } from './support/handlers.ts'
import { startHttp } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

test.each([
  ['rested too long', { idleTimeout: 15_000, maxConnectionAge: 3_600_000 }, 'idle'],
  ['are too old', { idleTimeout: 3_600_000, maxConnectionAge: 15_000 }, 'age'],
])('after a sleep connections that %s are not used again', async (_, options, reason) => {
  await using server = await startHttp()
  const runtime = new ScriptedRuntime()
  await using pool = new ConnectionPool({ ...options, runtime })
  await pool.warm(server.origin, 3)
  expect(await get(pool, server.origin)).toBe('hello')
  await eventually(() => pool.snapshot().idle === 3, 'all at rest')
  runtime.late = 60_000
  expect(await get(pool, server.origin)).toBe('hello')
  expect(server.total).toBe(4)
  await eventually(() => server.open === 1, 'those of before are closed')
  expect(pool.counters.closed).toEqual({ [reason]: 3 })
})

test('a sleep that only the wall clock shows ends what rested, and what runs goes on', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('slow'), 200))
  let slept = 0
  const runtime: Runtime = { ...realRuntime, wallClock: () => Date.now() + slept }
  await using pool = new ConnectionPool({ runtime })
  await pool.warm(server.origin, 3)
  const running = get(pool, server.origin)
  await eventually(() => server.requests === 1, 'one runs')
  await sleep(60)
  slept = 3_600_000
  expect(await Promise.all([running, get(pool, server.origin)])).toEqual(['slow', 'slow'])
  expect(server.total).toBe(4)
  expect(pool.counters.closed).toEqual({ suspect: 2 })
})

test('who waited through the sleep is told that it took too long, and holds no place', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('slow'), 30))
  const runtime = new ScriptedRuntime()
  await using pool = new ConnectionPool({ maxConnections: 1, acquireTimeout: 5_000, runtime })
  const first = get(pool, server.origin)
  await eventually(() => server.requests === 1, 'the first')
  const second = get(pool, server.origin).catch((error: unknown) => error)
  await eventually(() => pool.snapshot().waiting === 1, 'the second waits')
  runtime.advance(60_000) // the alarm rings late
  expect(await second).toMatchObject({ code: 'acquire_timeout' })
  expect(await first).toBe('slow')
  expect(await get(pool, server.origin)).toBe('slow')
  expect(server.total).toBe(1)
})
