/** Proxies by CONNECT: who goes through them, and what they get to see. */
import { inspect } from 'node:util'
import { ConnectionPool, HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { fetch, request } from 'undici'
import { failureOf } from './support/client-tools.ts'
import { get, listen } from './support/handlers.ts'
import { runProgram } from './support/program.ts'
import { password, startGuardedProxy, startProxy } from './support/proxy-servers.ts'
import { startH2, startHttp, startHttps, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

const connect = trust

test.each([
  ['http', 'http', startHttp],
  ['http', 'https', startHttps],
  ['https', 'http', startHttp],
  ['https', 'https', startHttps],
] as const)('an %s proxy, an %s origin: every caller goes through one tunnel', async (through, _, start) => {
  await using origin = await start()
  await using proxy = await startProxy(through)
  await using pool = new ConnectionPool({ connect, proxy: { url: proxy.url, connect: trust } })
  await using client = new HttpClient({ pool, baseUrl: origin.origin })
  const { body } = await request(origin.origin, { dispatcher: pool })
  expect(await body.text()).toBe('hello')
  expect(await (await fetch(origin.origin, { dispatcher: pool })).text()).toBe('hello')
  expect(await client.get('/').text()).toBe('hello')
  expect(proxy.asked.map(({ authority }) => authority)).toEqual([`127.0.0.1:${origin.port}`])
  expect([proxy.server.total, origin.total, origin.requests]).toEqual([1, 1, 3])
  await pool.close()
  await eventually(() => proxy.server.open + origin.open === 0, 'both ends are closed')
})

test('HTTP/2 is spoken through a tunnel, and its requests share it', async () => {
  await using origin = await startH2((stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await using proxy = await startProxy()
  await using pool = new ConnectionPool({ connect, proxy: proxy.url, maxQueue: 100 })
  await get(pool, origin.origin)
  expect(pool.snapshot().origins[0]).toMatchObject({ connections: 1 })
  const answers = await Promise.all(Array.from({ length: 50 }, () => get(pool, origin.origin)))
  expect(new Set(answers)).toEqual(new Set(['hello']))
  expect([proxy.server.total, origin.requests]).toEqual([1, 51])
})

test('the proxy resolves names; the port of the scheme is said', async () => {
  await using proxy = await startProxy('http', () => '503 Not today')
  await using pool = new ConnectionPool({ proxy: proxy.url })
  for (const url of ['http://name.test', 'https://name.test', 'http://[::1]:81', 'https://[fd00::1]']) {
    await failureOf(get(pool, url))
  }
  expect(proxy.asked.map(({ authority }) => authority)).toEqual([
    'name.test:80',
    'name.test:443',
    '[::1]:81',
    '[fd00::1]:443',
  ])
  expect(proxy.asked[0]!.headers.host).toBe('name.test:80')
})

test('the certificate is checked against the name of the origin, not of the proxy', async () => {
  await using origin = await startHttps()
  await using proxy = await startProxy()
  await using pool = new ConnectionPool({ connect, proxy: proxy.url })
  expect(await get(pool, `https://localhost:${origin.port}`)).toBe('hello')
  const failure = await failureOf(get(pool, `https://elsewhere.test:${origin.port}`))
  expect(failure).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  await pool.close()
  await eventually(() => proxy.server.open === 0, 'all tunnels are closed')
})

test('a pool without the option uses no proxy, whatever the environment says', async () => {
  await using origin = await startHttp()
  const program = `
    import { ConnectionPool } from 'keepwarm'
    import { request } from 'undici'
    await using pool = new ConnectionPool()
    const { body } = await request(process.argv[1], { dispatcher: pool })
    console.log(await body.text())
  `
  const { output } = await runProgram(
    `process.env.HTTP_PROXY = 'http://127.0.0.1:9'; ${program}`,
    origin.origin,
  )
  expect(output).toBe('hello\n')
})

test.each(['http', 'https'] as const)('credentials and headers reach the %s proxy alone', async (scheme) => {
  const got: unknown[] = []
  await using origin = await startHttps((incoming, response) => {
    got.push(incoming.headers)
    response.end('hello')
  })
  await using proxy = await startGuardedProxy(scheme)
  const headers = { 'x-team': 'search' }
  const option = { url: proxy.authorized, headers, connect: trust }
  await using pool = new ConnectionPool({ connect, proxy: option })
  expect(await get(pool, origin.origin)).toBe('hello')
  expect(proxy.asked[0]!.headers['x-team']).toBe('search')
  expect(Object.keys(got[0] as object).sort()).toEqual(['connection', 'host'])
})

test('credentials may be a header of the caller', async () => {
  await using origin = await startHttp()
  await using proxy = await startProxy('http', ({ headers }) =>
    headers['proxy-authorization'] === 'Bearer token' ? undefined : '407 No',
  )
  const headers = { 'Proxy-Authorization': 'Bearer token' }
  await using pool = new ConnectionPool({ proxy: { url: new URL(proxy.url), headers } })
  expect(await get(pool, origin.origin)).toBe('hello')
})

test('nothing that can be seen of a pool, a client and an error shows the credentials', async () => {
  await using proxy = await startProxy('http', () => '407 Wrong')
  await using client = new HttpClient({ proxy: proxy.authorized, retry: false })
  await using pool = new ConnectionPool({
    proxy: { url: proxy.url, headers: { 'proxy-authorization': password } },
  })
  const errors = [
    await failureOf(client.get('http://name.test/').text()),
    await failureOf(get(pool, 'https://name.test')),
  ]
  const { controller } = listen(pool, { origin: 'http://name.test', path: '/', method: 'GET' }).heard
  const seen = [client, pool, errors, pool.snapshot(), client.getMetrics(), controller]
    .map((what) => inspect(what, { depth: Infinity, showHidden: true, getters: true }))
    .join('\n')
  const secrets = [password, encodeURIComponent(password), Buffer.from(`me:${password}`).toString('base64')]
  for (const secret of secrets) expect(seen).not.toContain(secret)
})

test('connections through a proxy count against the limits, and are reused', async () => {
  await using origin = await startHttps((_, response) => void setTimeout(() => response.end('hello'), 5))
  await using proxy = await startProxy()
  await using pool = new ConnectionPool({ connect, proxy: proxy.url, maxConnections: 3 })
  await Promise.all(Array.from({ length: 40 }, () => get(pool, origin.origin)))
  expect(proxy.server.peak).toBeLessThanOrEqual(3)
  expect(origin.requests).toBe(40)
  expect(pool.snapshot().connections).toBeLessThanOrEqual(3)
})

test('warm() opens tunnels to their end', async () => {
  await using origin = await startHttps()
  await using proxy = await startProxy()
  await using pool = new ConnectionPool({ connect, proxy: proxy.url })
  expect(await pool.warm(origin.origin, 4)).toBe(4)
  expect([proxy.asked.length, proxy.server.open]).toEqual([4, 4])
})

test('a tunnel that ends while idle is not used again', async () => {
  await using origin = await startHttps()
  await using proxy = await startProxy()
  await using pool = new ConnectionPool({ connect, proxy: proxy.url })
  await get(pool, origin.origin)
  for (const socket of proxy.server.sockets) socket.destroy()
  await eventually(() => pool.snapshot().connections === 0, 'the pool saw it')
  expect(await get(pool, origin.origin)).toBe('hello')
  expect(proxy.server.total).toBe(2)
})

test.each([
  ['http', startHttp],
  ['https', startHttps],
])('idle tunnels through an https proxy to an %s origin do not keep the process alive', async (_, start) => {
  await using origin = await start()
  await using proxy = await startProxy('https')
  const program = `
    import { ConnectionPool } from 'keepwarm'
    import { request } from 'undici'
    const [, origin, url] = process.argv
    const connect = { rejectUnauthorized: false }
    const pool = new ConnectionPool({ connect, proxy: { url, connect } })
    for (let i = 0; i < 2; i++) {
      const { body } = await request(origin, { dispatcher: pool })
      console.log(await body.text(), pool.snapshot().connections)
    }
  `
  const { code, output } = await runProgram(program, origin.origin, proxy.url)
  expect(output).toBe('hello 1\nhello 1\n')
  expect(code).toBe(0)
})

test('a request through an https proxy keeps the process alive while it waits', async () => {
  await using origin = await startHttps((_, response) => void setTimeout(() => response.end('slow'), 150))
  await using proxy = await startProxy('https')
  const program = `
    import { ConnectionPool } from 'keepwarm'
    import { request } from 'undici'
    const [, origin, url] = process.argv
    const connect = { rejectUnauthorized: false }
    const pool = new ConnectionPool({ connect, proxy: { url, connect } })
    for (let i = 0; i < 2; i++) {
      const { body } = await request(origin, { dispatcher: pool })
      console.log(await body.text())
    }
  `
  expect((await runProgram(program, origin.origin, proxy.url)).output).toBe('slow\nslow\n')
})

test('large bodies pass in both directions, with TLS inside TLS', async () => {
  const large = 'x'.repeat(3_000_000)
  await using origin = await startHttps((incoming, response) => void incoming.pipe(response))
  await using proxy = await startProxy('https')
  await using pool = new ConnectionPool({ connect, proxy: { url: proxy.url, connect: trust } })
  const { body } = await request(origin.origin, { dispatcher: pool, method: 'POST', body: large })
  await sleep(20)
  expect((await soon(body.text(), 'the echo')) === large).toBe(true)
})
