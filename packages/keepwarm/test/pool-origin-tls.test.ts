/** TLS options of one origin, and HTTP/2 without TLS. */
import http2 from 'node:http2'
import net from 'node:net'
import type { TLSSocket } from 'node:tls'
import { ConfigError, ConnectionPool, HttpClient, type ConnectionPoolOptions } from 'keepwarm'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { countingConnector } from './support/connectors.ts'
import { get } from './support/handlers.ts'
import { startProxy, startSocks5 } from './support/proxy-servers.ts'
import { startHttps, startRaw, testOnly, trust, type TestServer } from './support/servers.ts'
import { eventually } from './support/wait.ts'

const demanding = { requestCert: true, rejectUnauthorized: true, ca: testOnly.cert }
const own = { key: testOnly.key, cert: testOnly.cert }

/** Says who the client is. */
function startDemanding(): ReturnType<typeof startHttps> {
  return startHttps((request, response) => {
    response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN)
  }, demanding)
}

test.each([
  ['directly', undefined],
  ['through a proxy', startProxy],
  ['through SOCKS', startSocks5],
])('a client certificate for one origin alone, %s', async (_, start) => {
  await using demands = await startDemanding()
  await using modest = await startHttps(
    (request, response) => {
      response.end(JSON.stringify((request.socket as TLSSocket).getPeerCertificate()))
    },
    { requestCert: true, rejectUnauthorized: false },
  )
  await using proxy = await start?.()
  const asked: string[] = []
  await using client = new HttpClient({
    connect: trust,
    ...(proxy && { proxy: proxy.url }),
    tls: ({ origin }) => {
      asked.push(origin)
      return origin === demands.origin ? own : undefined
    },
  })
  for (let i = 0; i < 2; i++) {
    expect(await client.get(`${demands.origin}/`).text()).toBe('keepwarm test only')
    expect(await client.get(`${modest.origin}/`).json()).toEqual({})
  }
  expect(asked.sort()).toEqual([demands.origin, modest.origin].sort())
  expect(proxy?.asked.length ?? 2).toBe(2)
})

test('without a certificate the demanding origin ends the connection', async () => {
  await using demands = await startDemanding()
  await using pool = new ConnectionPool({ connect: trust })
  expect((await failureOf(get(pool, demands.origin))).code).toMatch(
    /^(ERR_SSL_\w+|ECONNRESET|UND_ERR_SOCKET|EPIPE)$/,
  )
})

test('sessions are resumed within a configuration, and asked for once', async () => {
  const resumed: boolean[] = []
  await using origin = await startHttps((request, response) => {
    resumed.push((request.socket as TLSSocket).isSessionReused())
    response.end('hello')
  }, demanding)
  let asked = 0
  const tls = (): object => {
    asked++
    return own
  }
  await using pool = new ConnectionPool({ connect: trust, tls, maxRequestsPerConnection: 1 })
  for (let i = 0; i < 3; i++) {
    await get(pool, origin.origin)
    await eventually(() => pool.snapshot().connections === 0, 'it served its one request')
  }
  expect(resumed).toEqual([false, true, true])
  expect(asked).toBe(1)
})

test('http origins are not asked about', async () => {
  await using server = await startH2c()
  await using pool = new ConnectionPool({ http2PriorKnowledge: true, tls: () => expect.unreachable() })
  expect(await get(pool, server.origin)).toBe('hello')
})

test('what tls() throws is what the request fails with, and it is asked again', async () => {
  await using origin = await startHttps()
  let failures = 1
  const tls = (): undefined => {
    if (failures-- > 0) throw new Error('the vault is closed')
  }
  await using pool = new ConnectionPool({ connect: trust, tls })
  expect((await failureOf(get(pool, origin.origin))).message).toBe('the vault is closed')
  expect(await get(pool, origin.origin)).toBe('hello')
})

test('tls() must give an object', async () => {
  await using pool = new ConnectionPool({ tls: (() => 'no') as never })
  const error = await failureOf(get(pool, 'https://127.0.0.1:9'))
  expect(error.message).toBe(
    'tls(https://127.0.0.1:9) gave a string; it must give an object of TLS options, or undefined',
  )
})

test.each<[ConnectionPoolOptions, RegExp]>([
  [{ connect: countingConnector().connect, proxy: 'http://proxy' }, /proxy = beside a connector/],
  [{ connect: countingConnector().connect, tls: () => undefined }, /tls = beside a connector/],
  [{ connect: countingConnector().connect, http2PriorKnowledge: true }, /http2PriorKnowledge = true, beside/],
  [{ connect: { socketPath: 'socket' }, proxy: 'http://proxy' }, /socketPath = beside a proxy/],
  [{ http2PriorKnowledge: true, allowH2: false }, /http2PriorKnowledge = true, with allowH2: false/],
  [{ tls: own as never }, /tls = object/],
])('options that do not go together: %o', (options, said) => {
  expect(() => new ConnectionPool(options)).toThrow(ConfigError)
  expect(() => new ConnectionPool(options)).toThrow(said)
})

// ── HTTP/2 without TLS ───────────────────────────────────────────────────────────────────────────────────────

type Plain = TestServer<net.Server> & { streams: number }

/** The HTTP/2 server is behind a server of sockets, which counts and closes them. */
async function startH2c(): Promise<Plain> {
  const http = http2.createServer()
  const raw = await startRaw((socket) => void http.emit('connection', socket))
  const server: Plain = Object.assign(raw, { streams: 0 })
  http.on('sessionError', () => {})
  http.on('stream', (stream: http2.ServerHttp2Stream) => {
    server.streams++
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  return server
}

test.each([
  ['directly', undefined],
  ['through a proxy', () => startProxy()],
  ['through an https proxy', () => startProxy('https')],
  ['through SOCKS', () => startSocks5()],
])('HTTP/2 with prior knowledge, %s: all requests share one connection', async (_, start) => {
  await using server = await startH2c()
  await using proxy = await start?.()
  await using pool = new ConnectionPool({
    http2PriorKnowledge: true,
    maxQueue: 100,
    ...(proxy && { proxy: { url: proxy.url, connect: trust } }),
  })
  await get(pool, server.origin)
  const answers = await Promise.all(Array.from({ length: 50 }, () => get(pool, server.origin)))
  expect(new Set(answers)).toEqual(new Set(['hello']))
  expect([server.total, server.streams, proxy?.server.total ?? 1]).toEqual([1, 51, 1])
  await pool.close()
  await eventually(() => server.open + (proxy?.server.open ?? 0) === 0, 'all is closed')
})

test('what the server says before it is asked comes right behind the proxy’s answer, and is not lost', async () => {
  await using server = await startH2c()
  await using proxy = await startRaw((socket) => {
    socket.once('data', () => {
      const origin = net.connect(server.port, '127.0.0.1')
      const end = (): void => void (origin.destroy(), socket.destroy())
      for (const side of [origin, socket]) side.on('close', end).on('error', end)
      origin.once('data', (settings: Buffer) => {
        socket.write(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), settings]))
        origin.pipe(socket).pipe(origin)
      })
    })
  })
  const url = `http://127.0.0.1:${proxy.port}`
  await using pool = new ConnectionPool({ http2PriorKnowledge: true, proxy: url })
  expect(await get(pool, server.origin)).toBe('hello')
  await pool.close()
})
