/** Credentials, header values, queries and bodies are seen by the server alone: not by errors, logs, warnings or figures. */
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { ConnectionPool, HttpClient, type CallOptions, type HttpClientOptions } from 'keepwarm'
import { request } from 'undici'
import { expect, onTestFinished, test, vi } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { startGuardedProxy } from './support/proxy-servers.ts'
import { startHttp, startHttps, startRaw, testOnly, type TestServer } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

/** What must be found nowhere. Each place has its own, so that a failure says where the leak begins. */
const canary = (place: string): string => `CANARY-${place}`

/** Everything that somebody may print of a value, and of the errors that it holds. */
function printed(value: unknown): string {
  const texts = [inspect(value, { depth: null }), inspect(value), String(value), jsonOf(value)]
  if (value instanceof Error) texts.push(value.message, value.stack ?? '', printed(value.cause))
  return texts.join('\n')
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch (error) {
    return (error as Error).message // a circle: what it says of that is printed, too
  }
}

function expectNoCanary(what: string, value: unknown): void {
  const text = printed(value)
  const at = text.indexOf('CANARY')
  const around = at === -1 ? '' : text.slice(Math.max(0, at - 100), at + 50)
  expect(around, `${what} shows a secret`).toBe('')
}

const withCredentials = (origin: string): string =>
  origin.replace('://', `://${canary('user')}:${canary('password')}@`)

function secretClient(origin: string, options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({
    baseUrl: withCredentials(origin),
    headers: { 'x-api-key': canary('key'), cookie: `session=${canary('cookie')}` },
    connect: { passphrase: canary('passphrase') } as never,
    retry: { base: 1, attempts: 2 },
    timeout: 3_000,
    ...options,
  })
}

const path = `/path?token=${canary('query')}#${canary('fragment')}`
const secrets = (more: CallOptions = {}): CallOptions => ({
  query: { key: canary('query-option') },
  headers: { 'x-secret': canary('header'), 'idempotency-key': canary('idempotency') },
  json: { secret: canary('body') },
  ...more,
})

type Failing = (server: TestServer) => Promise<unknown>

const answering = (head: string): (() => Promise<TestServer>) => {
  return () => startRaw((socket) => void socket.on('data', () => void socket.end(head)))
}
const hanging = (): Promise<TestServer> => startRaw((socket) => void socket.on('data', () => {}))
const hello = (): Promise<TestServer> => startHttp()

const failing = async (
  server: Pick<TestServer, 'origin'>,
  options: HttpClientOptions,
  call: CallOptions = {},
): Promise<Error> => {
  await using client = secretClient(server.origin, options)
  const error = await failureOf(client.post(path, secrets(call)).json())
  expectNoCanary('the client', client)
  return error
}

const cases: Record<string, [start: () => Promise<TestServer>, fail: Failing]> = {
  'refused connection': [hello, () => failing({ origin: 'http://127.0.0.1:1' }, {})],
  'unknown host': [hello, () => failing({ origin: 'http://no-such-host.invalid' }, {})],
  'self-signed certificate': [() => startHttps(), (s) => failing(s, {})],
  status: [() => startHttp((_, response) => void response.writeHead(500).end('oops')), (s) => failing(s, {})],
  'not found': [() => startHttp((_, response) => void response.writeHead(404).end()), (s) => failing(s, {})],
  'no JSON': [hello, (s) => failing(s, {})],
  'reset before the answer': [
    () => startRaw((socket) => void socket.on('data', () => socket.destroy())),
    (s) => failing(s, {}),
  ],
  'no HTTP': [answering('220 smtp ready\r\n'), (s) => failing(s, {})],
  'broken body': [answering('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf'), (s) => failing(s, {})],
  'no answer in time': [hanging, (s) => failing(s, { headersTimeout: 30 })],
  'call too slow': [hanging, (s) => failing(s, { timeout: 30 })],
  'attempt too slow': [hanging, (s) => failing(s, { attemptTimeout: 30, timeout: 200 })],
  cancelled: [hanging, (s) => failing(s, {}, { signal: AbortSignal.timeout(30) })],
  'too large': [hello, (s) => failing(s, { maxResponseBytes: 2 })],
  'upload that breaks off': [
    hanging,
    (s) => {
      const body = Readable.from(
        (async function* () {
          yield canary('body')
          await sleep(5)
          throw new Error('no more of it')
        })(),
      )
      return failing(s, {}, { json: undefined, body })
    },
  ],
  'another origin': [
    hello,
    async (s) =>
      failureOf(
        secretClient(s.origin)
          .get(`http://evil/?a=${canary('other')}`)
          .text(),
      ),
  ],
  'credentials in a URL': [
    hello,
    async (s) =>
      failureOf(
        secretClient(s.origin)
          .get(`${withCredentials(s.origin)}/?a=${canary('other')}`)
          .text(),
      ),
  ],
  'control characters in the path': [
    hello,
    async (s) =>
      failureOf(
        secretClient(s.origin)
          .get(`/pa\nth?token=${canary('query')}`)
          .text(),
      ),
  ],
  'line break in a header': [
    hello,
    (s) => failing(s, {}, { headers: { 'x-secret': `${canary('header')}\r\nx: y` } }),
  ],
  'circular JSON': [
    hello,
    (s) => {
      const json: Record<string, unknown> = { secret: canary('body') }
      json['self'] = json
      return failing(s, {}, { json })
    },
  ],
  'an option that does not exist': [
    hello,
    (s) => failing(s, {}, { autorization: canary('option') } as CallOptions),
  ],
  'the line is full': [
    hanging,
    async (s) => {
      await using client = secretClient(s.origin, { maxConnections: 1, maxQueue: 0 })
      const first = client
        .post(path, secrets())
        .text()
        .catch(() => {})
      const error = await failureOf(client.post(path, secrets()).text())
      await client.destroy()
      await first
      return error
    },
  ],
  'no connection in time': [
    hanging,
    async (s) => {
      await using client = secretClient(s.origin, { maxConnections: 1, acquireTimeout: 30 })
      const first = client
        .post(path, secrets())
        .text()
        .catch(() => {})
      const second = client
        .post(path, secrets())
        .text()
        .catch((error: unknown) => error)
      await sleep(5)
      expectNoCanary('a client whose calls wait', client)
      expectNoCanary('a pool whose requests wait', client.pool)
      expectNoCanary('breakers', client.breakers)
      const error = await second
      await client.destroy()
      await first
      return error
    },
  ],
  'open breaker': [
    hello,
    async () => {
      await using client = secretClient('http://127.0.0.1:1', { breaker: { connectFailures: 1 } })
      await failureOf(client.post(path, secrets()).text())
      const error = await failureOf(client.post(path, secrets()).text())
      expect(error.code).toBe('breaker_open')
      expectNoCanary('breakers', client.breakers)
      return error
    },
  ],
  closed: [
    hello,
    async (s) => {
      const client = secretClient(s.origin)
      await client.close()
      return await failureOf(client.post(path, secrets()).text())
    },
  ],
  'a rule that does not fit': [
    () => startHttp((_, response) => void response.end('{}')),
    async (s) => {
      await using client = secretClient(s.origin)
      const validate = (): object => ({ issues: [{ message: 'no' }] })
      const schema = { '~standard': { version: 1, vendor: 'test', validate } }
      return await failureOf(client.post(path, secrets()).json(schema as never))
    },
  ],
  'undici’s request over the pool': [
    hello,
    async () => {
      await using pool = new ConnectionPool()
      const url = `${withCredentials('http://127.0.0.1:1')}${path}`
      return await failureOf(request(url, { dispatcher: pool, headers: { 'x-secret': canary('header') } }))
    },
  ],
  'an origin that is none': [
    hello,
    async () => {
      await using pool = new ConnectionPool()
      return await failureOf(
        pool.warm(`ftp://${canary('user')}:${canary('password')}@host/?${canary('query')}`, 1),
      )
    },
  ],
  'the client’s fetch': [
    hello,
    async () => {
      await using client = secretClient('http://127.0.0.1:1')
      return await failureOf(
        client.fetch(`http://127.0.0.1:1${path}`, { headers: { 'x-secret': canary('header') } }),
      )
    },
  ],
  'a proxy that refuses': [
    hello,
    async (s) => {
      await using proxy = await startGuardedProxy()
      const url = proxy.url.replace('://', `://${canary('proxy-user')}:${canary('proxy-password')}@`)
      return await failing(s, { proxy: url })
    },
  ],
  'a proxy that is not there': [
    hello,
    (s) =>
      failing(s, {
        proxy: { url: 'http://127.0.0.1:1', headers: { 'proxy-authorization': canary('proxy') } },
      }),
  ],
}

/** How each of them ends. That of fetch is a TypeError without a code. */
const codes: Readonly<Record<string, string>> = {
  'refused connection': 'connect',
  'unknown host': 'connect',
  'self-signed certificate': 'connect',
  status: 'status',
  'not found': 'status',
  'no JSON': 'decode',
  'reset before the answer': 'reset',
  'no HTTP': 'protocol',
  'broken body': 'reset',
  'no answer in time': 'attempt_timeout',
  'call too slow': 'deadline',
  'attempt too slow': 'attempt_timeout',
  cancelled: 'aborted',
  'too large': 'body_too_large',
  'upload that breaks off': 'invalid_request',
  'another origin': 'invalid_request',
  'credentials in a URL': 'invalid_request',
  'control characters in the path': 'invalid_request',
  'line break in a header': 'invalid_request',
  'circular JSON': 'invalid_request',
  'an option that does not exist': 'config',
  'the line is full': 'queue_full',
  'no connection in time': 'acquire_timeout',
  'open breaker': 'breaker_open',
  closed: 'closed',
  'a rule that does not fit': 'validation',
  'undici’s request over the pool': 'ECONNREFUSED',
  'an origin that is none': 'UND_ERR_INVALID_ARG',
  'a proxy that refuses': 'connect',
  'a proxy that is not there': 'connect',
}

test.each(Object.keys(cases))('no secret is in the error: %s', async (name) => {
  const [start, fail] = cases[name]!
  await using server = await start()
  const error = await fail(server)
  expect((error as { code?: string }).code, 'it is the failure that is meant').toBe(codes[name])
  expectNoCanary('the error', error)
})

test.each<[string, HttpClientOptions]>([
  ['a base URL with a query', { baseUrl: `${withCredentials('http://host')}/?a=${canary('query')}` }],
  ['a base URL of another scheme', { baseUrl: withCredentials('ftp://host') }],
  ['a base URL without a scheme', { baseUrl: withCredentials('://host').slice(3) }],
  [
    'base URLs with different passwords',
    { baseUrl: [withCredentials('http://a'), `${withCredentials('http://b').replace('@', 'x@')}`] },
  ],
  ['a password that is badly encoded', { baseUrl: `http://me:${canary('password')}%zz@host` }],
  ['a proxy with a path', { proxy: `${withCredentials('http://proxy')}/path?${canary('query')}` }],
  [
    'a header of a proxy',
    { proxy: { url: 'http://proxy', headers: { authorization: `${canary('proxy')}\n` } } },
  ],
  [
    'a health path that is a URL',
    { healthPath: `${withCredentials('http://host')}/health?${canary('query')}` },
  ],
  [
    'an origin that is allowed',
    { allowedOrigins: [`${withCredentials('https://host')}?${canary('query')}`] },
  ],
  ['an option that does not exist', { apiKey: canary('key') } as HttpClientOptions],
])('no secret is in a ConfigError: %s', (_, options) => {
  let error: unknown
  try {
    new HttpClient(options)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({ name: 'ConfigError' })
  expectNoCanary('the error', error)
})

test('no secret is in what a client, its pool, a call, a response and the figures print', async () => {
  await using server = await startHttp((_, response) => void response.end('hello'.repeat(100_000)))
  await using client = secretClient(server.origin, { tls: () => ({ key: canary('tls') }) })
  const call = client.post(path, secrets())
  const response = await call
  for (const [what, value] of Object.entries({
    client,
    call,
    response,
    'its body': response.body,
    pool: client.pool,
    breakers: client.breakers,
    'saved breakers': client.breakers.save(),
    snapshot: client.snapshot(),
    connections: client.pool.connections(),
    health: client.health(),
    'a health check': await client.checkHealth(),
    figures: client.getMetrics(),
    counters: client.pool.counters,
  })) {
    expectNoCanary(what, value)
  }
  await response.discard()
})

test('no secret is in the warning of a leak', async () => {
  const warnings: Error[] = []
  const emit = vi
    .spyOn(process, 'emitWarning')
    .mockImplementation((...given) => void warnings.push(new Error(printed(given))))
  onTestFinished(() => emit.mockRestore())
  await using server = await startHttp((_, response) => void response.write('x'.repeat(200_000)))
  await using client = secretClient(server.origin, {
    leakAfter: 20,
    leakStacks: true,
    bodyIdleTimeout: Infinity,
  })
  const response = await client.post(path, secrets())
  await eventually(() => warnings.length > 0, 'a leak is told')
  for (const warning of warnings) expectNoCanary('the warning', warning)
  await response.discard()
})

test('what the server sees is what was given: the canaries are real', async () => {
  let seen = ''
  await using server = await startHttp((message, response) => {
    seen = `${message.url} ${JSON.stringify(message.headers)}`
    void message.on('data', (bytes: Buffer) => (seen += bytes.toString())).on('end', () => response.end('{}'))
  })
  await using client = secretClient(server.origin, { connect: { ca: testOnly.cert } })
  await client.post(path, secrets()).json()
  for (const place of ['query', 'query-option', 'key', 'cookie', 'header', 'idempotency', 'body']) {
    expect(seen).toContain(canary(place))
  }
  expect(seen).toContain(Buffer.from(`${canary('user')}:${canary('password')}`).toString('base64'))
  expect(seen).not.toContain(canary('fragment'))
})
