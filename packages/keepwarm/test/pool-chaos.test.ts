/** Ten thousand requests that may be aborted at any moment: nothing hangs, leaks or exceeds a limit. */
import { readdirSync } from 'node:fs'
import { constants } from 'node:http2'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { countingConnector } from './support/connectors.ts'
import { listen } from './support/handlers.ts'
import { seeded } from './support/seeded.ts'
import { startH2, startHttp, trust, type TestServer } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

type Chance = () => number

/** One request, of which chance decides the kind, and whether and when it is aborted. */
async function oneRequest(pool: ConnectionPool, origin: string, chance: Chance): Promise<'done' | 'aborted'> {
  const path = `/${Math.floor(chance() * 4)}`
  const aborts = chance() < 0.5
  // From the same turn over the wait and the dial to the middle of the body.
  const delay = chance() < 0.3 ? 0 : chance() * 14
  const post = chance() < 0.3
  const options = {
    origin,
    path,
    method: post ? 'POST' : 'GET',
    body: post ? 'x'.repeat(2_000) : null,
  } as const
  if (chance() < 0.5) {
    const { heard, done } = listen(pool, options)
    if (aborts) void wait(delay).then(() => heard.controller?.abort(new Error('left')))
    return (await done).error === undefined ? 'done' : endOf(heard.error)
  }
  const leaving = new AbortController()
  if (aborts) void wait(delay).then(() => leaving.abort(new Error('left')))
  try {
    const response = await pool.request({ ...options, signal: leaving.signal })
    await response.body.bytes()
    return 'done'
  } catch (error) {
    return endOf(error)
  }
}

const wait = (delay: number): Promise<unknown> => (delay === 0 ? Promise.resolve() : sleep(delay))

function endOf(error: unknown): 'aborted' {
  if (error instanceof Error && error.message === 'left') return 'aborted'
  throw error
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

async function storm(pool: ConnectionPool, server: TestServer, count: number, seed: number): Promise<void> {
  const chance = seeded(seed)
  const ends = { done: 0, aborted: 0 }
  let left = count
  const loop = async (): Promise<void> => {
    while (left-- > 0) ends[await oneRequest(pool, server.origin, chance)]++
  }
  await soon(Promise.all(Array.from({ length: 40 }, loop)), `a storm of seed ${seed}`, 30_000)
  expect(ends.done + ends.aborted).toBe(count)
  expect(ends.aborted).toBeGreaterThan(count / 10)
  expect(ends.done).toBeGreaterThan(count / 10)
}

/** All that is counted comes out even. */
async function expectEven(pool: ConnectionPool, server: TestServer): Promise<void> {
  await eventually(() => server.open === 0, 'no socket left at the server')
  const { counters, ...now } = pool.snapshot()
  expect(now).toMatchObject({ connections: 0, idle: 0, dialing: 0, waiting: 0, inFlight: 0, origins: [] })
  const closed = Object.values(counters.closed).reduce((sum, count) => sum + count, 0)
  expect(closed).toBe(counters.dialed)
}

test.runIf(process.platform === 'linux')(
  '10,000 requests with aborts at random moments: no hang, no leak, no limit exceeded',
  async () => {
    const before = descriptors()
    {
      await using server = await startHttp((incoming, response) => {
        incoming.resume()
        response.on('error', () => {})
        const slowly = incoming.url === '/1' || incoming.url === '/2'
        response.write('first ')
        if (slowly) setTimeout(() => response.end('rest'), incoming.url === '/1' ? 3 : 9)
        else response.end('rest')
      })
      const counting = countingConnector()
      const pool = new ConnectionPool({
        maxConnections: 10,
        maxIdleConnections: 4,
        idleGrace: 20,
        connect: counting.connect,
      })
      await storm(pool, server, 10_000, 20_260_101)
      expect(counting.peak).toBe(10)
      expect(server.total).toBeLessThanOrEqual(counting.total)
      await eventually(() => pool.snapshot().inFlight === 0, 'nothing in flight')
      await soon(pool.close(), 'close')
      await expectEven(pool, server)
    }
    await eventually(() => descriptors() <= before, 'every file descriptor given back')
  },
  40_000,
)

test('a storm over HTTP/2 neither hangs nor leaks, and every abort resets its stream', async () => {
  let cancelled = 0
  await using server = await startH2(
    (stream, headers) => {
      stream.resume()
      stream.on('aborted', () => stream.rstCode === constants.NGHTTP2_CANCEL && cancelled++)
      stream.respond({ ':status': 200 })
      const slowly = headers[':path'] === '/1' || headers[':path'] === '/2'
      stream.write('first ')
      if (slowly) setTimeout(() => stream.end('rest'), 5)
      else stream.end('rest')
    },
    { streamResetBurst: 100_000, streamResetRate: 100_000 },
  )
  const counting = countingConnector({ ...trust, allowH2: true })
  const pool = new ConnectionPool({ maxConnections: 4, connect: counting.connect })
  await storm(pool, server, 1_500, 7)
  expect(counting.peak).toBeLessThanOrEqual(4)
  expect(cancelled).toBeGreaterThan(50)
  await eventually(() => pool.snapshot().inFlight === 0, 'nothing in flight')
  await soon(pool.close(), 'close')
  await expectEven(pool, server)
})
