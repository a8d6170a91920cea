/** Connections that lead nowhere: no end, no reset, no byte (undici's traps of a silent peer and of pings without an answer). */
import { HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { forgetfulWay } from './support/forgetful-way.ts'
import { startH2, startHttp, trust } from './support/servers.ts'

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

test('over HTTP/1.1 a connection that went silent is never used again', async () => {
  await using server = await startHttp()
  await using way = await forgetfulWay(server.origin)
  await using client = new HttpClient({ baseUrl: `http://127.0.0.1:${way.port}`, retry: false })
  await client.get('/').text()
  way.forget()
  await expect(client.get('/', { timeout: 300 }).text()).rejects.toMatchObject({ code: 'deadline' })
  expect(await client.get('/').text()).toBe('hello')
})
