/** SOCKS 5. */
import type { Socket } from 'node:net'
import { ConnectionPool, HttpClient, ProxyError } from 'keepwarm'
import { expect, test } from 'vitest'
import { fetch } from 'undici'
import { failureOf } from './support/client-tools.ts'
import { get } from './support/handlers.ts'
import { startSocks5 } from './support/proxy-servers.ts'
import { startH2, startHttp, startHttps, startRaw, trust } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

test.each([
  ['http', startHttp],
  ['https', startHttps],
])('an %s origin, for every caller, through one way', async (scheme, start) => {
  await using origin = await start()
  await using proxy = await startSocks5()
  await using pool = new ConnectionPool({ connect: trust, proxy: proxy.url })
  await using client = new HttpClient({ pool })
  const url = `${scheme}://localhost:${origin.port}/`
  expect(await get(pool, url)).toBe('hello')
  expect(await (await fetch(url, { dispatcher: pool })).text()).toBe('hello')
  expect(await client.get(url).text()).toBe('hello')
  expect(proxy.asked.map(({ authority }) => authority)).toEqual([`localhost:${origin.port}`])
  expect(origin.requests).toBe(3)
  await pool.close()
  await eventually(() => proxy.server.open + origin.open === 0, 'both ends are closed')
})

test('HTTP/2 is spoken through it', async () => {
  await using origin = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using proxy = await startSocks5()
  await using pool = new ConnectionPool({ connect: trust, proxy: proxy.url })
  expect(await get(pool, origin.origin)).toBe('hello')
  expect(origin.requests).toBe(1)
})

test('names go as names, addresses as addresses', async () => {
  await using proxy = await startSocks5({ reply: 4 })
  await using pool = new ConnectionPool({ proxy: proxy.url })
  for (const host of ['name.test', '10.1.2.3:81', '[fd00::1:2]', '[::ffff:10.0.0.1]', '[1:2:3:4:5:6:7:8]']) {
    await failureOf(get(pool, `http://${host}`))
  }
  expect(proxy.asked.map(({ authority }) => authority)).toEqual([
    'name.test:80',
    '10.1.2.3:81',
    '[fd000000000000000000000000010002]:80',
    '[00000000000000000000ffff0a000001]:80',
    '[00010002000300040005000600070008]:80',
  ])
})

test('a user name and password', async () => {
  await using origin = await startHttp()
  await using proxy = await startSocks5({ guarded: true })
  await using pool = new ConnectionPool({ proxy: proxy.authorized })
  expect(await get(pool, origin.origin)).toBe('hello')
})

test.each([
  ['me:wrong@', 'refused the user name and password'],
  ['', 'accepts no way of ours to authenticate'],
])('with the credentials "%s" it lets nobody in', async (credentials, said) => {
  await using proxy = await startSocks5({ guarded: true })
  await using pool = new ConnectionPool({ proxy: proxy.url.replace('//', `//${credentials}`) })
  const error = await failureOf(get(pool, 'http://name.test'))
  expect(error).toBeInstanceOf(ProxyError)
  expect(error.message).toBe(`the proxy ${proxy.url} ${said}`)
  await eventually(() => proxy.server.open === 0, 'the socket is closed')
})

test.each([
  [2, 'not allowed by its rules'],
  [5, 'connection refused'],
  [99, 'reply 99'],
])('reply %i: %s', async (reply, said) => {
  await using proxy = await startSocks5({ reply })
  await using client = new HttpClient({ proxy: proxy.authorized, retry: false })
  const error = await failureOf(client.get('http://name.test:81/').text())
  expect(error).toMatchObject({ code: 'connect', sent: 'no' })
  expect(error.message).toContain(`the proxy ${proxy.url} cannot reach name.test:81: ${said}`)
  await eventually(() => proxy.server.open === 0, 'the socket is closed')
})

test.each<[string, (socket: Socket) => unknown]>([
  ['closes at once', (socket) => socket.destroy()],
  ['ends after the greeting', (socket) => socket.once('data', () => socket.end())],
  ['ends in the middle of an answer', (socket) => socket.once('data', () => socket.end('\x05'))],
  ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['speaks HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['speaks SOCKS 4', (socket) => socket.write('\x00\x5b\x00\x00\x00\x00\x00\x00')],
  ['wants another method', (socket) => socket.write('\x05\x01')],
  ['changes its version', (socket) => socket.write('\x05\x00\x04\x00\x00\x01')],
  ['has an unknown kind of address', (socket) => socket.write('\x05\x00\x05\x00\x00\x09')],
])('a proxy that %s', async (_, behave) => {
  await using server = await startRaw((socket) => behave(socket.resume()))
  await using pool = new ConnectionPool({ proxy: `socks5://127.0.0.1:${server.port}` })
  const error = await soon(failureOf(get(pool, 'http://name.test')), 'the error', 3_000)
  expect(error).toBeInstanceOf(ProxyError)
  expect(error.message).toContain(`the proxy socks5://127.0.0.1:${server.port} `)
  await eventually(() => server.open === 0, 'the socket is closed')
})

test.each<[string, (socket: Socket) => unknown]>([
  ['says nothing', () => {}],
  ['stops in the middle', (socket) => socket.write('\x05\x00\x05')],
])('a proxy that %s: the connect timeout covers it', async (_, behave) => {
  await using server = await startRaw((socket) => behave(socket.resume()))
  await using pool = new ConnectionPool({ proxy: `socks5://127.0.0.1:${server.port}`, connectTimeout: 100 })
  const error = await soon(failureOf(get(pool, 'http://name.test')), 'the error', 3_000)
  expect(error.message).toContain(`through the proxy socks5://127.0.0.1:${server.port} within 100 ms`)
  await eventually(() => server.open === 0, 'the socket is closed')
})
