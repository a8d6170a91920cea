/** HTTP/2 sessions are asked for a sign of life, and given up when none comes (undici's trap of pings without an answer). */
import { constants, type ServerHttp2Session } from 'node:http2'
import { ConnectionPool, HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { request } from 'undici'
import { forgetfulWay } from './support/forgetful-way.ts'
import { get } from './support/handlers.ts'
import { startMuteH2 } from './support/mute-h2.ts'
import { runProgram } from './support/program.ts'
import { startH2, trust, type TestServer } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

const quick = { connect: trust, pingAfter: 80, pingTimeout: 80 }

/** Answers `hello`, at /slow after 400 ms, at /half only half; /never not at all. `pinged` is told of each ping. */
async function startServer(pinged: (session: ServerHttp2Session) => void = () => {}): Promise<TestServer> {
  const server = await startH2((stream, headers) => {
    const path = headers[':path']
    if (path === '/never') return
    stream.respond({ ':status': 200 })
    if (path === '/half') stream.write('hel')
    else if (path === '/slow') setTimeout(() => stream.end('hello'), 400)
    else stream.end('hello')
  })
  server.server.on('session', (session: ServerHttp2Session) => {
    session.on('ping', () => pinged(session))
  })
  return server
}

test('a session that goes silent while it is idle is gone before the next request comes', async () => {
  await using server = await startServer()
  await using way = await forgetfulWay(server.origin)
  await using pool = new ConnectionPool(quick)
  const origin = `https://localhost:${way.port}`
  await get(pool, origin)
  way.forget()
  await eventually(() => pool.snapshot().connections === 0, 'the silent session is found')
  expect(pool.counters.closed).toEqual({ silent: 1 })
  expect(await get(pool, origin)).toBe('hello')
})

test('what runs on a session that goes silent fails together, as reset, long before its own deadline', async () => {
  await using server = await startServer()
  await using way = await forgetfulWay(server.origin)
  const baseUrl = `https://localhost:${way.port}`
  await using client = new HttpClient({ ...quick, baseUrl, retry: false })
  await client.get('/').text()
  const half = await client.get('/half')
  const running = [
    client.get('/never').text(),
    client.post('/never', { body: 'once' }).text(),
    half.text(), // an answer that stops in the middle
  ]
  const endings = Promise.allSettled(running)
  await eventually(() => server.requests === 4, 'all of them under way')
  way.forget()
  for (const ending of await soon(endings, 'the failures')) {
    expect(ending).toMatchObject({ status: 'rejected', reason: { code: 'reset' } })
    expect(String((ending as PromiseRejectedResult).reason)).toContain('no answer to a ping within 80 ms')
  }
  await eventually(() => client.pool.snapshot().connections === 0, 'the session is gone')
  expect(client.pool.counters).toMatchObject({ closed: { silent: 1 }, lostRaces: 0 })
})

test('what may be sent twice is sent again on another session, and the caller does not notice', async () => {
  await using server = await startServer()
  await using way = await forgetfulWay(server.origin)
  const baseUrl = `https://localhost:${way.port}`
  await using client = new HttpClient({ ...quick, baseUrl, retry: { base: 1 } })
  await client.get('/').text()
  way.forget()
  expect(await soon(client.get('/').text(), 'the answer')).toBe('hello')
  expect(client.pool.counters).toMatchObject({ opened: 2, closed: { silent: 1 }, lostRaces: 0 })
})

test('who waits for a session that went silent moves to a new one', async () => {
  await using server = await startServer()
  await using way = await forgetfulWay(server.origin)
  await using pool = new ConnectionPool({ ...quick, maxConnections: 1, maxRequestsPerConnection: 2 })
  const origin = `https://localhost:${way.port}`
  await get(pool, origin)
  way.forget()
  const lost = expect(get(pool, origin)).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' })
  const waits = get(pool, origin) // the session takes no third, and there is room for none beside it
  expect(pool.snapshot().waiting).toBe(1)
  await soon(lost, 'the failure')
  expect(await soon(waits, 'the answer')).toBe('hello')
})

test('a server that answers no pings is given up when it says nothing else either', async () => {
  await using server = await startMuteH2()
  await using pool = new ConnectionPool(quick)
  expect(await get(pool, server.origin)).toBe('hello')
  await expect(soon(get(pool, server.origin), 'the failure')).rejects.toThrow('went silent')
  expect(server.pings).toBe(1)
})

test('an answer that takes longer than both times is waited for, as long as pings are answered', async () => {
  let pings = 0
  await using server = await startServer(() => pings++)
  await using pool = new ConnectionPool({ ...quick, pingAfter: 60, pingTimeout: 2_000 })
  expect(await get(pool, `${server.origin}/slow`)).toBe('hello')
  expect(pings).toBeGreaterThan(0)
  expect(pool.counters).toMatchObject({ opened: 1, closed: {} })
})

test('a session on which bytes flow is never pinged', async () => {
  let pings = 0
  await using server = await startServer(() => pings++)
  await using pool = new ConnectionPool({ ...quick, pingAfter: 400, pingTimeout: 2_000 })
  const end = performance.now() + 1_000
  while (performance.now() < end) {
    expect(await get(pool, server.origin)).toBe('hello')
    await sleep(5)
  }
  expect(pings).toBe(0)
})

test('an idle session is pinged at most once in pingAfter', async () => {
  let pings = 0
  await using server = await startServer(() => pings++)
  await using pool = new ConnectionPool({ ...quick, pingTimeout: 2_000 })
  const began = performance.now()
  await get(pool, server.origin)
  await eventually(() => pings >= 3, 'three pings')
  expect(pings).toBeLessThanOrEqual((performance.now() - began) / 80)
  expect(pool.counters).toMatchObject({ opened: 1, closed: {} })
})

test('a server that ends a session because of pings gets no more of them', async () => {
  let pings = 0
  await using server = await startServer((session) => {
    pings++
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM)
  })
  await using pool = new ConnectionPool({ ...quick, pingTimeout: 2_000 })
  await get(pool, server.origin)
  await eventually(() => pool.snapshot().connections === 0, 'the session is ended')
  expect(pings).toBe(1)
  await get(pool, server.origin)
  await sleep(300)
  expect(pings).toBe(1)
  expect(pool.snapshot().connections).toBe(1)
})

test('with pingAfter: Infinity there are no pings', async () => {
  let pings = 0
  await using server = await startServer(() => pings++)
  await using pool = new ConnectionPool({ connect: trust, pingAfter: Infinity, pingTimeout: 10 })
  expect(await get(pool, `${server.origin}/slow`)).toBe('hello')
  expect(pings).toBe(0)
})

test('pings of idle sessions do not keep the process alive', async () => {
  await using server = await startServer()
  const program = `
    import { ConnectionPool } from 'keepwarm'
    import { request } from 'undici'
    const pool = new ConnectionPool({ connect: { rejectUnauthorized: false }, pingAfter: 20, pingTimeout: 5_000 })
    const { body } = await request(process.argv[1], { dispatcher: pool })
    console.log(await body.text())
    setTimeout(() => console.log(pool.connections()[0].protocol), 300)
  `
  const { code, output, took } = await runProgram(program, server.origin)
  expect({ code, output }).toEqual({ code: 0, output: 'hello\nh2\n' })
  expect(took).toBeLessThan(5_000)
})

test('a session that was only warmed has nothing to ask, and serves when it is used', async () => {
  let pings = 0
  await using server = await startServer(() => pings++)
  await using pool = new ConnectionPool({ ...quick, pingTimeout: 2_000 })
  expect(await pool.warm(server.origin, 1)).toBe(1)
  await sleep(300)
  expect(pings).toBe(0)
  const { statusCode, body } = await request(server.origin, { dispatcher: pool })
  expect([statusCode, await body.text()]).toEqual([200, 'hello'])
  await eventually(() => pings > 0, 'a ping of the session')
  expect(pool.counters.opened).toBe(1)
})
