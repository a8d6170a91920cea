/** As the global dispatcher: of undici, of Node's own fetch and WebSocket, and after undici's install(). */
import { once } from 'node:events'
import { ConnectionPool, HttpClient } from 'keepwarm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as undici from 'undici'
import { startHttp } from './support/servers.ts'
import { startUpgrading } from './support/upgrading.ts'
import { eventually, soon } from './support/wait.ts'

const installed = [
  'fetch',
  'Headers',
  'Response',
  'Request',
  'FormData',
  'WebSocket',
  'CloseEvent',
  'ErrorEvent',
  'MessageEvent',
  'EventSource',
] as const
const before = undici.getGlobalDispatcher()
let globals: PropertyDescriptorMap

beforeEach(() => {
  globals = Object.getOwnPropertyDescriptors(globalThis)
})
afterEach(() => {
  undici.setGlobalDispatcher(before)
  for (const name of installed) {
    if (globals[name] === undefined) Reflect.deleteProperty(globalThis, name)
    else Object.defineProperty(globalThis, name, globals[name])
  }
})

/** A GET and a POST by each of undici's ways that name no dispatcher. */
async function askUndici(origin: string): Promise<void> {
  expect(await (await undici.request(origin)).body.text()).toBe('hello')
  expect(await (await undici.fetch(origin)).text()).toBe('hello')
  expect(await (await undici.fetch(origin, { method: 'POST', body: 'x' })).text()).toBe('hello')
}

test("setGlobalDispatcher: undici's request and fetch go through the pool", async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  undici.setGlobalDispatcher(pool)
  await askUndici(server.origin)
  expect(pool.counters).toMatchObject({ requests: 3, opened: 1 })
})

test("setGlobalDispatcher: undici's request and fetch go through a client", async () => {
  await using server = await startHttp()
  await using client = new HttpClient()
  undici.setGlobalDispatcher(client)
  await askUndici(server.origin)
  expect(client.getMetrics()).toMatchObject({ total_requests: 3, successful_requests: 3 })
  expect(server.total).toBe(1)
})

test("setGlobalDispatcher: Node's own fetch goes through a client, with its retries", async () => {
  let asked = 0
  await using server = await startHttp((incoming, response) => {
    response.statusCode = ++asked % 2 === 1 ? 503 : 200
    incoming.pipe(response)
  })
  await using client = new HttpClient({ retry: { base: 1 } })
  undici.setGlobalDispatcher(client)
  expect((await fetch(server.origin)).status).toBe(200)
  expect(client.getMetrics()).toMatchObject({ total_requests: 1, total_attempts: 2 })
  // fetch makes a stream of every body: a client cannot send it twice, and client.fetch can.
  const put = { method: 'PUT', body: 'kept' }
  expect((await fetch(server.origin, put)).status).toBe(503)
  asked = 0
  expect(await (await client.fetch(server.origin, put)).text()).toBe('kept')
})

test("setGlobalDispatcher: what Node's own fetch could not send at all is sent again, with its body", async () => {
  await using server = await startHttp((incoming, response) => void incoming.pipe(response))
  const dial = undici.buildConnector({})
  let dials = 0
  const connect: undici.buildConnector.connector = (options, callback) => {
    if (++dials > 1) return dial(options, callback)
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    setTimeout(() => callback(refused, null), 1)
  }
  await using client = new HttpClient({ connect, retry: { base: 1 } })
  undici.setGlobalDispatcher(client)
  expect(await (await fetch(server.origin, { method: 'POST', body: 'kept' })).text()).toBe('kept')
  expect(client.getMetrics()).toMatchObject({ total_requests: 1, total_attempts: 2 })
})

test.each(['pool', 'client'])(
  "setGlobalDispatcher: Node's own WebSocket goes through the %s",
  async (which) => {
    await using server = await startUpgrading()
    await using dispatcher = which === 'pool' ? new ConnectionPool() : new HttpClient()
    const pool = dispatcher instanceof HttpClient ? dispatcher.pool : dispatcher
    undici.setGlobalDispatcher(dispatcher)
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`)
    await soon(once(socket, 'open'), 'open')
    expect(pool.snapshot()).toMatchObject({ connections: 1 })
    socket.send('hello')
    const [event] = (await soon(once(socket, 'message'), 'an echo')) as [MessageEvent]
    expect(event.data).toBe('hello')
    socket.close()
    await soon(once(socket, 'close'), 'the close')
    await eventually(() => pool.snapshot().connections === 0, 'its place is free')
  },
)

test("install(): undici's fetch as the global one goes through the pool", async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  undici.install()
  undici.setGlobalDispatcher(pool)
  expect(await (await fetch(new Request(server.origin, { method: 'POST', body: 'x' }))).text()).toBe('hello')
  expect(pool.counters).toMatchObject({ requests: 1, opened: 1 })
})

test("install(): undici's fetch as the global one goes through a client", async () => {
  await using server = await startHttp()
  await using client = new HttpClient()
  undici.install()
  undici.setGlobalDispatcher(client)
  expect(await (await fetch(new Request(server.origin, { method: 'POST', body: 'x' }))).text()).toBe('hello')
  expect(client.getMetrics().successful_requests).toBe(1)
})

test('install(): client.fetch takes the requests and forms of the new globals', async () => {
  await using server = await startHttp((incoming, response) => void incoming.pipe(response))
  await using client = new HttpClient()
  undici.install()
  const body = new FormData()
  body.set('name', 'value')
  const asked = new Request(server.origin, { method: 'POST', body: 'x', headers: new Headers({ a: 'b' }) })
  expect(await (await client.fetch(asked)).text()).toBe('x')
  expect(await (await client.fetch(server.origin, { method: 'POST', body })).text()).toContain('name="name"')
})
