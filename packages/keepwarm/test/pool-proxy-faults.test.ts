/** Proxies that refuse, stall, lie or go away: a clear error, and no socket is left. */
import type { Socket } from 'node:net'
import { ConnectionPool, HttpClient, ProxyError } from 'keepwarm'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { get, listen } from './support/handlers.ts'
import { startProxy } from './support/proxy-servers.ts'
import { startHttps, startRaw, startRawTls, trust } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

const target = 'https://orders.test:8443'

test.each([
  [407, 'Proxy Authentication Required', '; it asks for (other) credentials'],
  [403, 'Forbidden', ''],
  [502, 'Bad Gateway', ''],
  [302, 'Found', ''],
  [101, 'Switching Protocols', ''],
])('the answer %i %s is a connect error that names the proxy', async (statusCode, reason, advice) => {
  await using proxy = await startProxy('http', () => `${statusCode} ${reason}\r\nContent-Length: 0`)
  await using client = new HttpClient({ proxy: proxy.authorized, retry: false })
  const error = await failureOf(client.post(`${target}/orders`).text())
  const said = `the proxy ${proxy.url} answered ${statusCode} ${reason} to CONNECT orders.test:8443${advice}`
  expect(error).toMatchObject({ code: 'connect', phase: 'connect', sent: 'no' })
  expect(error.message).toContain(said)
  expect(error.cause).toBeInstanceOf(ProxyError)
  expect(error.cause).toMatchObject({ message: said, statusCode, proxy: proxy.url, code: 'UND_ERR_PRX_CONN' })
  await eventually(() => proxy.server.open === 0, 'the socket is closed')
})

test('a refusal is not sent to the origin, and any method may try again', async () => {
  let refusals = 2
  await using origin = await startHttps()
  await using proxy = await startProxy('http', () => (refusals-- > 0 ? '503 Busy' : undefined))
  await using client = new HttpClient({ connect: trust, proxy: proxy.url, retry: { base: 1 } })
  expect(await client.post(`${origin.origin}/`).text()).toBe('hello')
  expect([proxy.asked.length, origin.requests]).toEqual([3, 1])
})

test('nobody listens: the platform’s code, and the name of the proxy', async () => {
  const gone = await startRaw(() => {})
  const address = `127.0.0.1:${gone.port}`
  await gone[Symbol.asyncDispose]()
  await using pool = new ConnectionPool({ proxy: `http://me:secret@${address}` })
  const error = await failureOf(get(pool, target))
  expect(error).toMatchObject({ name: 'ProxyError', code: 'ECONNREFUSED' })
  expect(error.message).toBe(`no connection to the proxy http://${address}: connect ECONNREFUSED ${address}`)
})

test('the certificate of an https proxy is checked, and such a fault is not tried again', async () => {
  await using proxy = await startProxy('https')
  await using client = new HttpClient({ connect: trust, proxy: proxy.url })
  const error = await failureOf(client.get(`${target}/`).text())
  expect(error).toMatchObject({ code: 'connect' })
  expect(error.attempts).toHaveLength(1)
  expect(error.message).toContain(`no connection to the proxy ${proxy.url}`)
  expect(proxy.asked).toEqual([])
})

test.each<[string, (socket: Socket) => unknown]>([
  ['closes at once', (socket) => socket.destroy()],
  ['ends after the question', (socket) => socket.once('data', () => socket.end())],
  ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['ends in the middle of its answer', (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 Con'))],
  ['sends garbage', (socket) => socket.write('\x05\x00 what is this?\r\n\r\n')],
  ['speaks first', (socket) => socket.write('220 mail.test ESMTP\r\n')],
  ['sends an endless head', (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1_000_000)}`)],
  ['sends endless headers', (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'X: x\r\n'.repeat(100_000)}`)],
])('a proxy that %s', async (_, behave) => {
  await using server = await startRaw((socket) => behave(socket.resume()))
  await using pool = new ConnectionPool({ proxy: `http://127.0.0.1:${server.port}` })
  const error = await soon(failureOf(get(pool, target)), 'the error', 3_000)
  expect(error).toBeInstanceOf(ProxyError)
  expect(error.message).toContain(`the proxy http://127.0.0.1:${server.port}`)
  await eventually(() => server.open === 0, 'the socket is closed')
  expect(pool.snapshot().connections).toBe(0)
})

test.each<[string, (socket: Socket) => unknown]>([
  ['says nothing', () => {}],
  ['stops in the middle of its answer', (socket) => socket.write('HTTP/1.1 200 ')],
  [
    'opens a way that leads nowhere',
    (socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n')),
  ],
])('a proxy that %s: the connect timeout covers it, and names it', async (_, behave) => {
  await using server = await startRaw((socket) => behave(socket.resume()))
  const url = `http://me:secret@127.0.0.1:${server.port}`
  await using pool = new ConnectionPool({ proxy: url, connectTimeout: 100 })
  const error = await soon(failureOf(get(pool, target)), 'the error', 3_000)
  expect(error).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' })
  expect(error.message).toBe(
    `no connection to ${target} through the proxy http://127.0.0.1:${server.port} within 100 ms`,
  )
  await eventually(() => server.open === 0, 'the socket is closed')
})

test('an https proxy, spoken to in HTTP/1.1, that says nothing after its handshake', async () => {
  let spoken: unknown
  const answer = { ALPNProtocols: ['h2', 'http/1.1'] }
  await using server = await startRawTls((socket) => {
    spoken = socket.resume().alpnProtocol
  }, answer)
  const proxy = { url: `https://127.0.0.1:${server.port}`, connect: trust }
  await using pool = new ConnectionPool({ proxy, connectTimeout: 200 })
  const error = await soon(failureOf(get(pool, target)), 'the error', 3_000)
  expect(error).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' })
  expect(spoken).toBe('http/1.1')
  await eventually(() => server.open === 0, 'the socket is closed')
})

test.each<[string, string]>([
  ['closes', ''],
  ['speaks in the place of the origin', 'not TLS at all, and long enough to be a record header'],
])('a proxy that opens the way and then %s', async (_, then) => {
  await using server = await startRaw((socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${then}`))
  })
  await using pool = new ConnectionPool({ proxy: `http://127.0.0.1:${server.port}` })
  const error = await soon(failureOf(get(pool, target)), 'the error', 3_000)
  expect(error.code).toMatch(/^(ECONNRESET|EPIPE|UND_ERR_PRX_CONN|ERR_SSL_\w+)$/)
  await eventually(() => server.open === 0, 'the socket is closed')
  expect(pool.snapshot().connections).toBe(0)
})

test.each<[string, (socket: Socket) => unknown]>([
  ['before the answer', () => {}],
  ['in the middle of TLS', (socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))],
])('destroy() calls off a dial %s', async (_, behave) => {
  let bytes = 0
  await using server = await startRaw((socket) => {
    socket.on('data', (chunk) => (bytes += chunk.length))
    behave(socket)
  })
  const pool = new ConnectionPool({ proxy: `http://127.0.0.1:${server.port}` })
  const { done } = listen(pool, { origin: target, path: '/', method: 'GET' })
  await eventually(() => bytes > 0, 'the proxy was asked')
  await soon(pool.destroy(), 'the end of the pool')
  expect((await done).error).toMatchObject({ code: 'closed' })
  await eventually(() => server.open === 0, 'the socket is closed')
})
