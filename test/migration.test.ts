/** docs/migration.md says how other libraries behave: they do, in the versions of the lock file. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { HttpAgent } from 'agentkeepalive'
import axios from 'axios'
import got from 'got'
import { HttpClient, HTTPClientConfig } from 'keepwarm'
import ky from 'ky'
import { ofetch } from 'ofetch'
import { Agent, request, RetryAgent } from 'undici'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

let server: Server
let origin = ''
let asked: string[] = []
const sockets = new Set<Socket>()

beforeAll(async () => {
  server = createServer((incoming, response) => {
    asked.push(incoming.url ?? '')
    sockets.add(incoming.socket)
    if (incoming.url === '/hang') return
    if (incoming.url === '/drip') return void drip((part) => response.write(part)).then(() => response.end())
    if (incoming.url === '/moved') return void response.writeHead(302, { location: '/there' }).end()
    if (incoming.url === '/ill') return void response.writeHead(503, { 'retry-after': '0' }).end()
    response.end('{"ok":true}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked = []
  sockets.clear()
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

/** A body that takes a second, and never pauses for long. */
async function drip(write: (part: string) => unknown): Promise<void> {
  for (let part = 0; part < 20; part++) {
    write('x')
    await pause(50)
  }
}

const times = (path: string): number => asked.filter((url) => url.endsWith(path)).length
const settled = async (work: PromiseLike<unknown>): Promise<string> =>
  await Promise.resolve(work).then(
    () => 'done',
    (error: unknown) => {
      const { code, name } = error as { code?: string; name: string }
      return code ?? name
    },
  )
const crowd = (call: () => PromiseLike<unknown>): Promise<unknown[]> =>
  Promise.all(Array.from({ length: 100 }, call))

test('axios: on Node its timeout is a pause, over its fetch adapter and here it is the whole', async () => {
  await using client = new HttpClient({ baseUrl: origin, timeout: 700 })
  expect(await settled(axios.get(`${origin}/drip`, { timeout: 700 }))).toBe('done')
  expect(await settled(axios.get(`${origin}/drip`, { timeout: 700, adapter: 'fetch' }))).toBe('ETIMEDOUT')
  expect(await settled(client.get('/drip').text())).toBe('deadline')
})

test('axios: lists have brackets there and none here; objects are refused here', async () => {
  await using client = new HttpClient({ baseUrl: origin })
  await axios.get(`${origin}/`, { params: { tag: ['a', 'b'] } })
  await client.get('/', { query: { tag: ['a', 'b'] } }).json()
  await client.get('/', { query: { 'tag[]': ['a', 'b'] } }).json()
  expect(asked.map(decodeURIComponent)).toEqual(['/?tag[]=a&tag[]=b', '/?tag=a&tag=b', '/?tag[]=a&tag[]=b'])
  const object = { filter: { a: 1 } } as unknown as Record<string, string>
  expect(await settled(client.get('/', { query: object }).json())).toBe('invalid_request')
})

test('axios, got: redirects are followed there, and here when they are asked for', async () => {
  await using client = new HttpClient({ baseUrl: origin })
  await axios.get(`${origin}/moved`)
  await got(`${origin}/moved`)
  expect(times('/there')).toBe(2)
  expect((await client.get('/moved').response()).status).toBe(302)
  await client.get('/moved', { followRedirects: true }).json()
  expect(times('/there')).toBe(3)
})

test('axios, got: a hundred calls at once are far more sockets than twenty; here they wait', async () => {
  await crowd(() => axios.get(`${origin}/`))
  expect(sockets.size).toBeGreaterThan(20)
  sockets.clear()
  await crowd(() => got(`${origin}/`))
  expect(sockets.size).toBeGreaterThan(20)
  sockets.clear()
  await using client = new HttpClient()
  await crowd(() => client.get(`${origin}/`).json())
  expect(sockets.size).toBeLessThanOrEqual(20)
})

test('axios heeds HTTP_PROXY by itself, and a client when it is told to', async () => {
  await using plain = new HttpClient()
  try {
    process.env['HTTP_PROXY'] = origin
    expect(await settled(axios.get('http://127.0.0.1:1/through'))).toBe('done')
    expect(await settled(plain.get('http://127.0.0.1:1/through', { retry: false }).json())).toBe('connect')
  } finally {
    delete process.env['HTTP_PROXY']
  }
  expect(asked).toEqual(['http://127.0.0.1:1/through'])
})

test('got: limit 2 is three attempts, a POST has one, and the time is that of each attempt', async () => {
  const soon = { limit: 2, backoffLimit: 1 }
  await settled(got(`${origin}/ill`, { retry: soon }))
  await settled(got.post(`${origin}/ill`, { retry: soon }))
  expect(times('/ill')).toBe(4)
  const began = performance.now()
  expect(await settled(got(`${origin}/hang`, { retry: soon, timeout: { request: 200 } }))).toBe('ETIMEDOUT')
  expect(times('/hang')).toBe(3)
  expect(performance.now() - began).toBeGreaterThan(550)
})

test('here attempts count all, the variable counts what comes after the first, and the time is that of the whole', async () => {
  await using coded = new HttpClient({ baseUrl: origin, retry: { attempts: 3, throttledBase: 1 } })
  await settled(coded.get('/ill').json())
  expect(times('/ill')).toBe(3)
  const variables = { HTTP_CLIENT_MAX_RETRIES: '3', HTTP_CLIENT_RETRY_THROTTLED_BASE: '1ms' }
  await using configured = HTTPClientConfig.fromEnv('HTTP_CLIENT', variables).createClient({
    baseUrl: origin,
  })
  await settled(configured.get('/ill').json())
  expect(times('/ill')).toBe(3 + 4)
  expect(await settled(coded.get('/hang', { timeout: 200 }).json())).toBe('deadline')
  expect(times('/hang')).toBe(1)
})

test('ky: retry 2 is three attempts, and a timeout is not tried again', async () => {
  await settled(ky.get(`${origin}/ill`, { retry: { limit: 2, backoffLimit: 1 } }))
  expect(times('/ill')).toBe(3)
  expect(await settled(ky.get(`${origin}/hang`, { retry: 2, timeout: 200 }))).toBe('TimeoutError')
  expect(times('/hang')).toBe(1)
})

test('ofetch: retry 1 is two attempts', async () => {
  await settled(ofetch(`${origin}/ill`, { retry: 1 }))
  expect(times('/ill')).toBe(2)
})

test('RetryAgent: five retries by default are six attempts', async () => {
  const agent = new RetryAgent(new Agent(), { minTimeout: 1, maxTimeout: 2 })
  await settled(request(`${origin}/ill`, { dispatcher: agent }))
  expect(times('/ill')).toBe(6)
  await agent.close()
})

test('agentkeepalive: its defaults', () => {
  const agent = new HttpAgent() as HttpAgent & { readonly options: object }
  const { options, maxSockets, maxTotalSockets, maxFreeSockets } = agent
  expect({ maxSockets, maxTotalSockets, maxFreeSockets, ...options }).toMatchObject({
    maxSockets: Infinity,
    maxTotalSockets: Infinity,
    maxFreeSockets: 256,
    freeSocketTimeout: 4_000,
    timeout: 8_000,
  })
})
