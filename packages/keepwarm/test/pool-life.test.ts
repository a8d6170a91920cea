/** Connections get old and are renewed, kept in readiness, and doubted, over real sockets. */
import { ConnectionPool, HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { forgetfulWay } from './support/forgetful-way.ts'
import { get } from './support/handlers.ts'
import { startH2, startHttp, trust, type TestServer } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

/** One request after the other for so long. */
async function keepBusy(pool: ConnectionPool, origin: string, ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end;) {
    await get(pool, origin)
    await sleep(3)
  }
}

const hello2 = (): Promise<TestServer> =>
  startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })

test.each([
  ['HTTP/1.1', startHttp],
  ['HTTP/2', hello2],
] as const)(
  '%s: under steady use connections are renewed at their age, and no request waits for it',
  async (_, start) => {
    await using server = await start()
    await using pool = new ConnectionPool({ maxConnectionAge: 1_000, connect: trust })
    await keepBusy(pool, server.origin, 2_600)
    const { dialedFor, closed } = pool.counters
    expect(dialedFor.renewal).toBeGreaterThanOrEqual(2)
    expect(dialedFor).toEqual({ ...dialedFor, first: 1, all_busy: 0, lost_race: 0 })
    expect(closed.age).toBeGreaterThanOrEqual(dialedFor.renewal - 1)
    expect(server.peak).toBeLessThanOrEqual(2)
  },
)

test('a maintained minimum is there before the first request, comes back when the server drops it, and can end', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ idleTimeout: 100 })
  pool.maintain(server.origin, 2)
  await eventually(() => pool.snapshot().idle === 2, 'two')
  await get(pool, server.origin)
  expect(server.total).toBe(2)
  const [used] = pool.connections().filter(({ requests }) => requests > 0)
  for (const socket of server.sockets) if (`127.0.0.1:${server.port}` === used!.address) socket.destroy()
  await eventually(() => server.total >= 3, 'what was of use is dialed again at once')
  pool.maintain(server.origin, 0)
  await eventually(() => server.open === 0, 'then none', 3_000)
})

test('a minimum that cannot be had is tried with pauses, and does not keep the process or close() waiting', async () => {
  const server = await startHttp()
  const { origin } = server
  await server[Symbol.asyncDispose]()
  await using pool = new ConnectionPool()
  pool.maintain(origin, 3)
  await sleep(350)
  expect(pool.counters.dialedFor.minimum).toBeGreaterThanOrEqual(4)
  expect(pool.counters.dialedFor.minimum).toBeLessThanOrEqual(12)
})

test('maintain() takes whole numbers from 0, and no closed pool', async () => {
  const pool = new ConnectionPool()
  expect(() => pool.maintain('http://host', -1)).toThrow('count = -1')
  expect(() => pool.maintain('ftp://host', 1)).toThrow('"ftp://host" is not an http or https origin')
  await pool.close()
  expect(() => pool.maintain('http://host', 1)).toThrow('closed')
})

test('HTTP/1.1: after one request without an answer those that rested on the same forgotten way are not tried', async () => {
  await using server = await startHttp()
  await using way = await forgetfulWay(server.origin)
  await using client = new HttpClient({ baseUrl: `http://127.0.0.1:${way.port}`, retry: false })
  await client.warm(4)
  await Promise.all([1, 2, 3, 4].map(() => client.get('/').text()))
  await eventually(() => client.pool.snapshot().idle === 4, 'all at rest')
  way.forget()
  await expect(client.get('/', { timeout: 400 }).text()).rejects.toMatchObject({ code: 'deadline' })
  await eventually(() => client.pool.counters.closed.suspect === 3, 'the siblings go')
  expect(await client.get('/', { timeout: 2_000 }).text()).toBe('hello')
})

test('a slow request that is given up says nothing of an origin that answers others', async () => {
  await using server = await startHttp((request, response) => {
    if (request.url !== '/never') response.end('hello')
  })
  await using client = new HttpClient({ baseUrl: server.origin, retry: false })
  await client.warm(3)
  const never = client.get('/never', { timeout: 400 }).text()
  const failed = expect(never).rejects.toMatchObject({ code: 'deadline' })
  await sleep(100)
  await client.get('/').text()
  await failed
  await eventually(() => client.pool.counters.closed.aborted === 1, 'its own connection goes')
  expect(client.pool.counters.closed).toEqual({ aborted: 1 })
})

test('with adaptive size the next request of a growing load finds a connection that was dialed ahead', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('hello'), 60))
  await using pool = new ConnectionPool({ adaptive: true })
  const running: Promise<string>[] = []
  for (let n = 0; n < 6; n++) {
    running.push(get(pool, server.origin))
    await sleep(15) // longer than a dial takes here
  }
  await Promise.all(running)
  expect(pool.counters.dialedFor.ahead).toBeGreaterThan(0)
  expect(pool.counters.dialedFor).toMatchObject({ first: 1, all_busy: 0 })
})
