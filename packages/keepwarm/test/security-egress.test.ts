/** Where requests may go: allowedOrigins and privateAddresses, from outside. */
import net, { type LookupFunction } from 'node:net'
import { ConfigError, ConnectionPool, HttpClient, type ConnectionPoolOptions } from 'keepwarm'
import { fetch, request } from 'undici'
import { afterEach, expect, test, vi } from 'vitest'
import { Dialer } from '../src/pool/dial.ts'
import { realRuntime } from '../src/runtime.ts'
import { failureOf } from './support/client-tools.ts'
import { get } from './support/handlers.ts'
import { startProxy } from './support/proxy-servers.ts'
import { startHttp, startHttps, trust } from './support/servers.ts'
import { sleep } from './support/wait.ts'

afterEach(() => void vi.restoreAllMocks())

/** A look-up that answers from a list, one after another, and counts. */
function answers(...each: readonly (readonly string[])[]): { lookup: LookupFunction; asked: string[] } {
  const asked: string[] = []
  const lookup: LookupFunction = (hostname, options, callback) => {
    const ips = each[Math.min(asked.push(hostname), each.length) - 1]!
    const all = ips.map((address) => ({ address, family: net.isIP(address) }))
    queueMicrotask(() =>
      options.all === true ? callback(null, all) : callback(null, ips[0]!, all[0]!.family),
    )
  }
  return { lookup, asked }
}

/** The internet of this test: whatever address a dial decides on is noted, and leads to 127.0.0.1. */
function internet(): string[] {
  const dialed: string[] = []
  const connect = net.connect.bind(net) as (options: net.TcpNetConnectOpts) => net.Socket
  vi.spyOn(net, 'connect').mockImplementation(((options: net.TcpNetConnectOpts) => {
    if (net.isIP(options.host!) !== 0) {
      dialed.push(options.host!)
      return connect({ ...options, host: '127.0.0.1' })
    }
    const lookup: LookupFunction = (hostname, how, callback) =>
      options.lookup!(hostname, how, (error, found) => {
        if (error) return callback(error, found)
        const all = typeof found === 'string' ? [found] : found.map(({ address }) => address)
        dialed.push(...all)
        callback(null, [{ address: '127.0.0.1', family: 4 }])
      })
    return connect({ ...options, lookup })
  }) as typeof net.connect)
  return dialed
}

/** What undici's fetch has to say is in the cause of its TypeError. */
function rejectWithCause(error: unknown): never {
  throw (error as Error).cause
}

const refused = { name: 'KeepwarmError', code: 'invalid_request', sent: 'no' }

// ── allowedOrigins ───────────────────────────────────────────────────────────────────────────────────────────

test('an origin that is not allowed is refused before its name is looked up, for every kind of caller', async () => {
  await using server = await startHttp()
  const { lookup, asked } = answers(['127.0.0.1'])
  const connect = { lookup }
  await using client = new HttpClient({ allowedOrigins: [server.origin], connect, retry: { base: 1 } })
  const { pool } = client
  const url = `http://other:${server.port}/`
  const kinds: Record<string, () => Promise<unknown>> = {
    client: () => client.get(url).text(),
    stream: () => client.get(url).stream(),
    request: () => request(url, { dispatcher: pool }),
    'request over the client': () => request(url, { dispatcher: client }),
    fetch: () => fetch(url, { dispatcher: pool }).catch(rejectWithCause),
    'the client’s fetch': () => client.fetch(url).catch(rejectWithCause),
    warm: () => client.warm(1, url),
    maintain: async () => pool.maintain(url, 1),
  }
  for (const [kind, call] of Object.entries(kinds)) {
    const error = await failureOf(call())
    expect(error, kind).toMatchObject(refused)
    expect(error.message, kind).toContain(`http://other:${server.port} is not among the allowedOrigins`)
  }
  expect([asked, server.total]).toEqual([[], 0])
  expect(await client.get(`${server.origin}/`).text()).toBe('hello')
})

test('it is the caller’s mistake: not tried again, and the breaker does not hear of it', async () => {
  await using client = new HttpClient({
    allowedOrigins: ['http://good'],
    breaker: { minimumCompletions: 1, connectFailures: 1 },
    retry: { base: 1 },
  })
  for (let i = 0; i < 5; i++) {
    expect(await failureOf(client.get('http://evil/').text())).toMatchObject({
      ...refused,
      attempts: [{ number: 1 }],
    })
  }
  expect(client.getMetrics().circuit_breaker_state).toBe('closed')
})

test.each([
  ['user information', 'http://good@evil/'],
  ['another port', 'http://good:81/'],
  ['another scheme', 'https://good/'],
  ['a longer name', 'http://good.evil/'],
  ['a dot at the end', 'http://good./'],
  ['a script that looks alike', 'http://gооd/'],
])('%s is no way around it', async (_, url) => {
  await using pool = new ConnectionPool({ allowedOrigins: ['http://good'] })
  expect(await failureOf(request(url, { dispatcher: pool }))).toMatchObject(refused)
})

test('what looks like the pool’s own keys leads nowhere else', async () => {
  await using server = await startHttps()
  await using pool = new ConnectionPool({ allowedOrigins: [server.origin], connect: trust })
  expect(await get(pool, server.origin)).toBe('hello')
  for (const origin of [`https://evil#${server.origin}`, 'https://evil#sni=127.0.0.1', 'https://evil#h1']) {
    const failing = request({ origin, path: '/' } as never, { dispatcher: pool })
    expect(await failureOf(failing)).toMatchObject(refused)
  }
})

test('through a proxy it holds, too: the proxy is not even asked', async () => {
  await using server = await startHttp()
  await using proxy = await startProxy()
  await using pool = new ConnectionPool({ allowedOrigins: [server.origin], proxy: proxy.url })
  expect(await failureOf(get(pool, 'http://169.254.169.254'))).toMatchObject(refused)
  expect(proxy.asked).toEqual([])
  expect(await get(pool, server.origin)).toBe('hello')
})

// ── privateAddresses ─────────────────────────────────────────────────────────────────────────────────────────

test.each([
  'http://127.0.0.1/',
  'http://127.1/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://2130706433/',
  'http://0/',
  'http://127.0.0.1./',
  'http://１２７.0.0.1/',
  'http://127。0。0。1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[64:ff9b::a00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
])('%s is not dialed where private addresses are refused', async (url) => {
  const dialed = internet()
  await using client = new HttpClient({ privateAddresses: 'refuse', retry: { base: 1 } })
  expect(await failureOf(client.get(url).text())).toMatchObject({ ...refused, attempts: [{ number: 1 }] })
  expect(dialed).toEqual([])
})

test.each([['http'], ['https']])(
  'a name that leads to this machine alone is not dialed (%s)',
  async (scheme) => {
    await using server = await (scheme === 'http' ? startHttp() : startHttps())
    const { lookup } = answers(['127.0.0.1', '::1', '10.0.0.7'])
    await using client = new HttpClient({
      privateAddresses: 'refuse',
      connect: { ...trust, lookup },
      retry: { base: 1 },
    })
    const error = await failureOf(client.get(`${scheme}://trap.example:${server.port}/`).text())
    expect(error).toMatchObject({ ...refused, attempts: [{ number: 1 }] })
    expect(error.message).toContain('trap.example leads to no address of the public internet')
    expect(error.message).not.toContain('10.0.0.7')
    expect(server.total).toBe(0)
    expect(client.getMetrics().circuit_breaker_state).toBe('closed')
  },
)

test('localhost of the system’s own look-up is refused', async () => {
  await using pool = new ConnectionPool({ privateAddresses: 'refuse' })
  expect(await failureOf(get(pool, 'http://localhost'))).toMatchObject(refused)
})

test('of several addresses only the public ones are tried', async () => {
  await using server = await startHttp()
  const dialed = internet()
  const { lookup } = answers(['10.0.0.7', '93.184.215.14', '::1', '2606:2800::1'])
  await using pool = new ConnectionPool({ privateAddresses: 'refuse', connect: { lookup } })
  expect(await get(pool, `http://mixed.example:${server.port}`)).toBe('hello')
  expect(dialed).toEqual(['93.184.215.14', '2606:2800::1'])
})

test('a name that changes its mind is judged by the answer that is dialed', async () => {
  await using server = await startHttp()
  const dialed = internet()
  const { lookup, asked } = answers(['93.184.215.14'], ['127.0.0.1'], ['93.184.215.15'])
  const options = { connect: { lookup }, maxRequestsPerConnection: 1, dnsRefresh: Infinity }
  await using pool = new ConnectionPool({ privateAddresses: 'refuse', ...options })
  const url = `http://rebinding.example:${server.port}`
  expect(await get(pool, url)).toBe('hello')
  expect([asked.length, dialed]).toEqual([1, ['93.184.215.14']])
  expect(await failureOf(get(pool, url))).toMatchObject(refused)
  expect(dialed).toEqual(['93.184.215.14'])
  expect(await get(pool, url)).toBe('hello')
  expect([asked.length, dialed]).toEqual([3, ['93.184.215.14', '93.184.215.15']])
})

test('where the pool chooses the address, it chooses among public ones', async () => {
  await using server = await startHttp()
  const dialed = internet()
  const { lookup } = answers(['10.0.0.7', '93.184.215.14'], ['127.0.0.1'])
  const options = { connect: { lookup }, maxConnectionsPerAddress: 5, maxRequestsPerConnection: 1 }
  await using pool = new ConnectionPool({ privateAddresses: 'refuse', ...options, dnsRefresh: 5 })
  for (let i = 0; i < 5; i++) {
    expect(await get(pool, `http://mixed.example:${server.port}`)).toBe('hello')
    await sleep(10)
  }
  expect(new Set(dialed)).toEqual(new Set(['93.184.215.14']))
})

test('the look-up of one origin’s own TLS options is judged, too', async () => {
  const { lookup } = answers(['127.0.0.1'])
  await using pool = new ConnectionPool({ privateAddresses: 'refuse', tls: () => ({ lookup }) as never })
  expect(await failureOf(get(pool, 'https://trap.example'))).toMatchObject(refused)
  await using path = new ConnectionPool({
    privateAddresses: 'refuse',
    tls: () => ({ socketPath: '/socket' }),
  })
  expect((await failureOf(get(path, 'https://trap.example'))).message).toContain('socket path')
})

test('the dial itself judges an address that it is given, whoever gave it', async () => {
  const dialer = new Dialer(realRuntime, { privateAddresses: 'refuse' })
  const target = { url: new URL('http://good.example'), servername: undefined, http1Only: false }
  for (const address of ['127.0.0.1', '::1']) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    dialer.dial({ ...target, address }, 1_000, { opened: resolve, failed: reject })
    expect(await failureOf(promise)).toMatchObject(refused)
  }
})

test('without the options everything is as it was', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool({ privateAddresses: 'allow' })
  expect(await get(pool, server.origin)).toBe('hello')
})

// ── what does not go together ────────────────────────────────────────────────────────────────────────────────

const problemsOf = (make: () => unknown): readonly string[] => {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ variable }) => variable)
    throw error
  }
  return []
}

test.each<[string, ConnectionPoolOptions]>([
  ['a proxy', { proxy: 'http://proxy:3128' }],
  ['the proxy of the environment', { proxy: 'environment' }],
  ['a connector', { connect: () => {} }],
  ['a socket path', { connect: { socketPath: '/socket' } }],
  ['a path, which is the same', { connect: { path: '/socket' } as never }],
])('private addresses cannot be refused beside %s', (_, options) => {
  expect(problemsOf(() => new ConnectionPool({ privateAddresses: 'refuse', ...options }))).toEqual([
    'privateAddresses',
  ])
})

test('a client tells at once what it could never call, and what its shared pool would not hear of', async () => {
  await using pool = new ConnectionPool()
  const allowedOrigins = ['http://good']
  expect(problemsOf(() => new HttpClient({ allowedOrigins, baseUrl: 'http://other/api' }))).toEqual([
    'baseUrl',
  ])
  expect(problemsOf(() => new HttpClient({ privateAddresses: 'refuse', baseUrl: 'http://127.1' }))).toEqual([
    'baseUrl',
  ])
  expect(problemsOf(() => new HttpClient({ allowedOrigins, privateAddresses: 'refuse', pool }))).toEqual([
    'allowedOrigins',
    'privateAddresses',
  ])
  expect(problemsOf(() => new HttpClient({ privateAddresses: 'none' as never }))).toEqual([
    'privateAddresses',
  ])
  expect(problemsOf(() => new ConnectionPool({ allowedOrigins: ['good'] }))).toEqual(['allowedOrigins'])
  expect(problemsOf(() => new ConnectionPool({ alowedOrigins: ['http://good'] } as never))).toEqual([
    'alowedOrigins',
  ])
})
