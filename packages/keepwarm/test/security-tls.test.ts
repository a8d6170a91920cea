/** Who a server, a proxy and a client are: certificates are checked by default, and for the name that was asked for. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import net, { type LookupFunction } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { ConnectionPool, HttpClient, type HttpClientOptions } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { get } from './support/handlers.ts'
import { startProxy, startSocks5 } from './support/proxy-servers.ts'
import { startH2, startHttps, testOnly, trust, type TestServer } from './support/servers.ts'
import { eventually } from './support/wait.ts'

const expired = {
  ...testOnly,
  cert: readFileSync(new URL('support/test-only-expired-cert.pem', import.meta.url)),
}

/** Every name leads to 127.0.0.1. */
const here = {
  lookup: ((_hostname, options, callback) => {
    if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }])
    else callback(null, '127.0.0.1', 4)
  }) as LookupFunction,
}

/** Notes the names that clients ask for (SNI), and answers with that and the Host header. */
async function startNamed(): Promise<{ server: TestServer; names: unknown[] } & AsyncDisposable> {
  const names: unknown[] = []
  const server = await startHttps((message, response) => {
    names.push((message.socket as TLSSocket & { servername?: unknown }).servername)
    response.end(message.headers.host)
  })
  return { server, names, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const refusals: [
  what: string,
  code: RegExp,
  host: string,
  options: HttpClientOptions,
  server: typeof startHttps,
][] = [
  ['self-signed', /SELF_SIGNED/, '127.0.0.1', {}, startHttps],
  ['for another name', /ALTNAME/, 'wrong.example', { connect: { ...trust, ...here } }, startHttps],
  [
    'expired',
    /EXPIRED/,
    '127.0.0.1',
    { connect: { ca: expired.cert } },
    (listener) => startHttps(listener, expired),
  ],
]

test.each(refusals)(
  'a certificate that is %s is refused before a byte of the request is sent, and not tried again',
  async (_, code, host, options, start) => {
    await using server = await start()
    await using client = new HttpClient({ retry: { base: 1 }, ...options })
    const error = await failureOf(client.get(`https://${host}:${server.port}/`).text())
    expect(error).toMatchObject({ code: 'connect', sent: 'no', attempts: [{ number: 1 }] })
    expect((error.cause as { code?: string }).code).toMatch(code)
    expect(server.requests).toBe(0)
  },
)

test('HTTP/2 is no way around it', async () => {
  await using server = await startH2((stream) => stream.respond({ ':status': 200 }, { endStream: true }))
  await using client = new HttpClient({ retry: false })
  expect(await failureOf(client.get(`${server.origin}/`).text())).toMatchObject({
    code: 'connect',
    sent: 'no',
  })
  expect(server.requests).toBe(0)
})

test.each([
  ['an HTTP proxy', startProxy],
  ['SOCKS', startSocks5],
])('%s that leads elsewhere cannot speak for the origin', async (_, start) => {
  await using server = await startHttps()
  await using proxy = await start()
  await using client = new HttpClient({ connect: trust, proxy: proxy.url, retry: false })
  const error = await failureOf(client.get(`https://bank.example:${server.port}/`).text())
  expect((error.cause as { code?: string }).code).toMatch(/ALTNAME/)
  expect(server.requests).toBe(0)
})

test('the proxy’s own certificate is checked, whatever is said of those of origins', async () => {
  await using server = await startHttps()
  await using proxy = await startProxy('https')
  await using client = new HttpClient({
    connect: { rejectUnauthorized: false },
    proxy: proxy.url,
    retry: false,
  })
  expect(await failureOf(client.get(`${server.origin}/`).text())).toMatchObject({
    code: 'connect',
    sent: 'no',
  })
  expect(proxy.asked).toEqual([])
})

test('only whoever says rejectUnauthorized: false talks to anybody', async () => {
  await using server = await startHttps()
  await using client = new HttpClient({ connect: { rejectUnauthorized: false } })
  expect(await client.get(`${server.origin}/`).text()).toBe('hello')
})

test('what one origin may is no way for its neighbour on the same host, not even by a resumed session', async () => {
  const ticketKeys = randomBytes(48)
  await using lax = await startHttps(undefined, { ticketKeys })
  await using strict = await startHttps(undefined, { ticketKeys })
  await using pool = new ConnectionPool({
    tls: ({ origin }) => (origin === lax.origin ? { rejectUnauthorized: false } : undefined),
    maxRequestsPerConnection: 1,
  })
  for (let i = 0; i < 3; i++) expect(await get(pool, lax.origin)).toBe('hello')
  expect(((await failureOf(get(pool, strict.origin))) as { code: string }).code).toMatch(/SELF_SIGNED/)
  expect(strict.requests).toBe(0)
})

test('a client certificate is shown to its origin alone, not even by a resumed session', async () => {
  const ticketKeys = randomBytes(48)
  const shown: string[] = []
  const asks = { requestCert: true, rejectUnauthorized: false, ticketKeys }
  const note = (name: string): Promise<TestServer> =>
    startHttps((message, response) => {
      const { subject } = (message.socket as TLSSocket).getPeerCertificate() as { subject?: { CN?: string } }
      shown.push(`${name}: ${subject?.CN ?? 'nobody'}`)
      response.end('hello')
    }, asks)
  await using bank = await note('bank')
  await using other = await note('other')
  const own = { key: testOnly.key, cert: testOnly.cert }
  await using pool = new ConnectionPool({
    connect: trust,
    tls: ({ origin }) => (origin === bank.origin ? own : undefined),
    maxRequestsPerConnection: 1,
  })
  for (const { origin } of [bank, other, bank, other]) await get(pool, origin)
  expect(shown).toEqual([
    'bank: keepwarm test only',
    'other: nobody',
    'bank: keepwarm test only',
    'other: nobody',
  ])
})

test('a name is asked for by TLS, an address is not', async () => {
  await using named = await startNamed()
  const { server, names } = named
  await using pool = new ConnectionPool({ connect: { ...trust, ...here } })
  await get(pool, server.origin)
  await get(pool, `https://localhost:${server.port}`)
  await using placed = new ConnectionPool({ connect: { ...trust, ...here }, maxConnectionsPerAddress: 2 })
  await get(placed, server.origin)
  await get(placed, `https://localhost:${server.port}`)
  expect(names).toEqual([false, 'localhost', false, 'localhost'])
})

test('a Host header decides the name that is asked for and checked, and connections are not shared across names', async () => {
  await using named = await startNamed()
  const { server, names } = named
  await using pool = new ConnectionPool({ connect: trust })
  const host = async (name: string): Promise<string> => {
    const { body } = await request(server.origin, { dispatcher: pool, headers: { host: name } })
    return body.text()
  }
  expect(await host('localhost')).toBe('localhost')
  expect(await host('127.0.0.1')).toBe('127.0.0.1')
  expect(names).toEqual(['localhost', false])
  expect(server.total).toBe(2)
  expect(((await failureOf(host('evil.example'))) as { code: string }).code).toMatch(/ALTNAME/)
  expect(server.requests).toBe(2)
})

test('over a proxy the name that TLS asks for is the origin’s', async () => {
  await using named = await startNamed()
  const { server, names } = named
  await using proxy = await startProxy()
  await using pool = new ConnectionPool({ connect: trust, proxy: proxy.url })
  await get(pool, `https://localhost:${server.port}`)
  await get(pool, server.origin)
  expect(names).toEqual(['localhost', false])
})

test('what an origin says in plain text is not taken for TLS', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await using client = new HttpClient({ connect: { rejectUnauthorized: false }, retry: false })
  expect(await failureOf(client.get(`https://127.0.0.1:${port}/`).text())).toMatchObject({
    code: 'connect',
    sent: 'no',
  })
  server.close()
  await eventually(() => !server.listening, 'it is closed')
})
