/** Connections that lead nowhere: no end, no reset, no byte (undici's traps of a silent peer and of pings without an answer). */
import type { ServerHttp2Session } from 'node:http2'
import { HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { forgetfulWay } from './support/forgetful-way.ts'
import { startMuteH2 } from './support/mute-h2.ts'
import { startH2, startHttp, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

test('an HTTP/2 session that went silent costs the request that found out; the next goes out on a new one', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using way = await forgetfulWay(server.origin)
  await using client = new HttpClient({
    baseUrl: `https://localhost:${way.port}`,
    connect: trust,
    retry: false,
  })
  expect(await client.get('/').text()).toBe('hello')
  way.forget()
  await expect(client.get('/', { timeout: 400 }).text()).rejects.toMatchObject({ code: 'deadline' })
  expect(await client.get('/', { timeout: 5_000 }).text()).toBe('hello')
  expect(client.pool.counters.opened).toBe(2)
  expect(client.pool.connections().some(({ state }) => state === 'idle' || state === 'busy')).toBe(true)
})

test('with a time limit for an attempt the caller does not even notice', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using way = await forgetfulWay(server.origin)
  const limits = { headersTimeout: 400, retry: { base: 1 } }
  await using client = new HttpClient({ baseUrl: `https://localhost:${way.port}`, connect: trust, ...limits })
  await client.get('/').text()
  way.forget()
  expect(await client.get('/').text()).toBe('hello')
})

test('a session on which others are answered is only slow for one, and stays', async () => {
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] === '/never') return
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using client = new HttpClient({ baseUrl: server.origin, connect: trust, retry: false })
  await client.get('/').text()
  const never = client.get('/never', { timeout: 500 }).text()
  const failed = expect(never).rejects.toMatchObject({ code: 'deadline' })
  for (let i = 0; i < 5; i++) await client.get('/').text()
  await failed
  await client.get('/').text()
  expect(client.pool.counters.opened).toBe(1)
})

test('a session that answers a ping stays, though a request on it was given up in silence', async () => {
  let pings = 0
  await using server = await startH2((stream, headers) => {
    if (headers[':path'] === '/never') return
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  server.server.on('session', (session: ServerHttp2Session) => session.on('ping', () => pings++))
  await using client = new HttpClient({ baseUrl: server.origin, connect: trust, retry: false })
  await client.get('/').text()
  for (let given = 1; given <= 2; given++) {
    const never = client.get('/never', { timeout: 400 }).text()
    await expect(never).rejects.toMatchObject({ code: 'deadline' })
    await eventually(() => pings === given, 'the ping')
    await sleep(50) // for the answer
    expect(await client.get('/').text()).toBe('hello')
  }
  expect(client.pool.counters).toMatchObject({ opened: 1, closed: {} })
})

test('one that does not answer takes nothing new, and what still runs on it fails', async () => {
  await using server = await startMuteH2()
  const limits = { pingTimeout: 400, connect: trust, retry: false } as const
  await using client = new HttpClient({ baseUrl: server.origin, ...limits })
  await client.get('/').text()
  const running = expect(client.get('/').text()).rejects.toMatchObject({ code: 'reset' })
  await expect(client.get('/', { timeout: 300 }).text()).rejects.toMatchObject({ code: 'deadline' })
  expect(await client.get('/').text()).toBe('hello')
  await soon(running, 'the failure of the other')
  await eventually(() => client.pool.counters.closed.silent === 1, 'the session is gone')
  expect(client.pool.counters.opened).toBe(2)
  expect(server.pings).toBe(1)
})

test('without pings it is given up for good', async () => {
  await using server = await startMuteH2()
  const limits = { pingAfter: Infinity, connect: trust, retry: false } as const
  await using client = new HttpClient({ baseUrl: server.origin, ...limits })
  await client.get('/').text()
  await expect(client.get('/', { timeout: 300 }).text()).rejects.toMatchObject({ code: 'deadline' })
  await eventually(() => client.pool.counters.closed.silent === 1, 'the session is given up')
  expect(server.pings).toBe(0)
})

test('requests that are given up soon are no less of a sign: a silent session cannot eat them one after the other', async () => {
  await using server = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using way = await forgetfulWay(server.origin)
  const baseUrl = `https://localhost:${way.port}`
  await using client = new HttpClient({ baseUrl, connect: trust, retry: false })
  await client.get('/').text()
  way.forget()
  let lost = 0
  while (client.pool.counters.opened === 1) {
    const answer = await client
      .get('/', { timeout: 100 })
      .text()
      .catch(() => undefined)
    if (answer === undefined) lost++
    expect(lost).toBeLessThan(20) // 250 ms are three of them; the new connection takes its time too
  }
  expect(await client.get('/').text()).toBe('hello')
})

test('over HTTP/1.1 a connection that went silent is never used again', async () => {
  await using server = await startHttp()
  await using way = await forgetfulWay(server.origin)
  await using client = new HttpClient({ baseUrl: `http://127.0.0.1:${way.port}`, retry: false })
  await client.get('/').text()
  way.forget()
  await expect(client.get('/', { timeout: 300 }).text()).rejects.toMatchObject({ code: 'deadline' })
  expect(await client.get('/').text()).toBe('hello')
})
