/** What goes wrong at three in the morning: each made with real sockets, as an operator would meet it in a log. */
import type { Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { HttpClient } from '../../src/client/http-client.ts'
import type { CallOptions, HttpClientOptions } from '../../src/client/options.ts'
import type { ErrorCode, KeepwarmError } from '../../src/errors.ts'
import { failureOf } from './client-tools.ts'
import { startProxy } from './proxy-servers.ts'
import { rawResponse, startHttp, startHttps, startRaw, testOnly, type TestServer } from './servers.ts'
import { eventually } from './wait.ts'

export interface Incident {
  readonly name: string
  readonly code: ErrorCode
  readonly happens: () => Promise<KeepwarmError>
}

/** In the query, in a header and in the answers' headers: it may stand in no error. */
export const secret = 'hunter2'

const path = `/orders?token=${secret}`
const headers = { authorization: `Bearer ${secret}` }

function ask(client: HttpClient, options: CallOptions = {}): Promise<unknown> {
  return client.get(path, { headers, ...options }).json()
}

/** A server, a client of it, and what goes wrong between them. */
async function between(
  server: Promise<TestServer>,
  options: HttpClientOptions,
  goesWrong: (client: HttpClient, server: TestServer) => Promise<KeepwarmError>,
): Promise<KeepwarmError> {
  await using started = await server
  const client = new HttpClient({ baseUrl: started.origin, retry: { base: 1 }, timeout: 5_000, ...options })
  try {
    return await goesWrong(client, started)
  } finally {
    await client.destroy()
  }
}

/** A client alone. */
async function alone(options: HttpClientOptions): Promise<KeepwarmError> {
  await using client = new HttpClient({ timeout: 5_000, retry: { base: 1 }, ...options })
  return await failureOf(ask(client))
}

const silent = (): Promise<TestServer> => startHttp(() => {})

const answers = (status: number, type: string, body: string): Promise<TestServer> =>
  startHttp((_, response) => {
    response.writeHead(status, { 'content-type': type, 'set-cookie': `id=${secret}` }).end(body)
  })

const expired = (): Buffer => readFileSync(new URL('test-only-expired-cert.pem', import.meta.url))

const unknownHost = (name: string, _options: object, done: (error: Error) => void): void =>
  done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }))

const cannotConnect: readonly Incident[] = [
  {
    name: 'the service is not started',
    code: 'connect',
    async happens() {
      const gone = await startHttp()
      const { origin } = gone
      await gone[Symbol.asyncDispose]()
      return alone({ baseUrl: origin })
    },
  },
  {
    name: 'the name is unknown',
    code: 'connect',
    happens: () =>
      alone({ baseUrl: 'http://ordres.internal:8080', connect: { lookup: unknownHost } as never }),
  },
  {
    name: 'the host does not answer',
    code: 'connect',
    happens: () =>
      alone({ baseUrl: 'http://10.1.2.3:8080', connect: () => {}, connectTimeout: 50, retry: false }),
  },
  {
    name: 'the certificate is self-signed',
    code: 'connect',
    happens: () => between(startHttps(), {}, (client) => failureOf(ask(client))),
  },
  {
    name: 'the certificate has expired',
    code: 'connect',
    happens: () =>
      between(
        startHttps(undefined, { key: testOnly.key, cert: expired() }),
        { connect: { ca: expired() } },
        (client) => failureOf(ask(client)),
      ),
  },
  {
    name: 'the proxy wants a password',
    code: 'connect',
    async happens() {
      await using proxy = await startProxy('http', () => '407 Proxy Authentication Required')
      const url = proxy.url.replace('//', `//me:${secret}@`)
      return await alone({ baseUrl: 'https://orders.test', proxy: url, retry: false })
    },
  },
  {
    name: 'the proxy is not there',
    code: 'connect',
    async happens() {
      const proxy = await startProxy()
      await proxy[Symbol.asyncDispose]()
      return alone({ baseUrl: 'https://orders.test', proxy: proxy.url })
    },
  },
]

/** Answers the first request, and hangs up on the second. */
const hangsUp = (): Promise<TestServer> =>
  startRaw((socket: Socket) => {
    let requests = 0
    socket.on('data', () => (++requests > 1 ? socket.end() : socket.write(rawResponse('{}'))))
  })

const lost: readonly Incident[] = [
  {
    name: 'the other side closes a kept connection',
    code: 'reset',
    happens: () =>
      between(hangsUp(), {}, async (client) => {
        await ask(client)
        return failureOf(client.post(path, { headers, json: { id: 7 } }).json())
      }),
  },
  {
    name: 'the answer breaks off',
    code: 'reset',
    happens: () =>
      between(
        startRaw((socket) => socket.once('data', () => socket.end(rawResponse('{"half":').slice(0, -3)))),
        {},
        (client) => failureOf(ask(client)),
      ),
  },
  {
    name: 'something else than HTTP listens',
    code: 'protocol',
    happens: () =>
      between(
        startRaw((socket) => socket.once('data', () => socket.end(`SSH-2.0-OpenSSH_9.6 ${secret}\r\n`))),
        { retry: false },
        (client) => failureOf(ask(client)),
      ),
  },
]

/** Breaks off the first request, and then works for ever. */
function restarting(): Promise<TestServer> {
  let requests = 0
  return startHttp((request) => (++requests > 1 ? undefined : request.socket.destroy()))
}

const slow: readonly Incident[] = [
  {
    name: 'a model is slower than headersTimeout',
    code: 'attempt_timeout',
    happens: () =>
      between(silent(), { headersTimeout: 60 }, (client) =>
        failureOf(client.post(path, { headers, json: {} }).json()),
      ),
  },
  {
    name: 'a body stops in the middle',
    code: 'attempt_timeout',
    happens: () =>
      between(
        startHttp((_, response) => void response.write('{')),
        { retry: false },
        (client) => failureOf(ask(client, { bodyIdleTimeout: 60 })),
      ),
  },
  {
    name: 'the time is up after failed attempts',
    code: 'deadline',
    happens: () => between(restarting(), { timeout: 150 }, (client) => failureOf(ask(client))),
  },
  {
    name: 'the time is up while the service works',
    code: 'deadline',
    happens: () => between(silent(), { timeout: 60 }, (client) => failureOf(ask(client))),
  },
]

const crowded: readonly Incident[] = [
  {
    name: 'a slow service holds all connections',
    code: 'acquire_timeout',
    happens: () =>
      between(silent(), { maxConnectionsPerOrigin: 2, acquireTimeout: 60 }, async (client, server) => {
        const held = [ask(client), ask(client)].map((call) => call.catch(() => {}))
        await eventually(() => server.requests === 2, 'both connections are taken')
        const [error] = await Promise.all([failureOf(ask(client)), failureOf(ask(client))])
        void held
        return error
      }),
  },
  {
    name: 'bodies that nobody reads hold all connections',
    code: 'acquire_timeout',
    happens: () =>
      between(
        startHttp((_, response) => void response.end(Buffer.alloc(1_000_000))),
        { maxConnectionsPerOrigin: 2, acquireTimeout: 100 },
        async (client) => {
          await Promise.all([client.get('/a'), client.get('/b')])
          return await failureOf(ask(client))
        },
      ),
  },
  {
    name: 'the line is full',
    code: 'queue_full',
    happens: () =>
      between(silent(), { maxConnections: 1, maxQueue: 1 }, async (client, server) => {
        void ask(client).catch(() => {})
        await eventually(() => server.requests === 1, 'the connection is taken')
        void ask(client).catch(() => {})
        return await failureOf(ask(client))
      }),
  },
  {
    name: 'the breaker is open',
    code: 'breaker_open',
    happens: () =>
      between(
        answers(500, 'text/plain', 'no'),
        { breaker: { minimumCompletions: 5 }, retry: false },
        async (client) => {
          for (;;) {
            const error = await failureOf(ask(client))
            if (error.code === 'breaker_open') return error
          }
        },
      ),
  },
]

const answered: readonly Incident[] = [
  {
    name: 'the answer is too large',
    code: 'body_too_large',
    happens: () =>
      between(
        answers(200, 'application/json', `"${'x'.repeat(20_000)}"`),
        { maxResponseBytes: 10_240 },
        (client) => failureOf(ask(client)),
      ),
  },
  {
    name: 'a web page comes in place of JSON',
    code: 'decode',
    happens: () =>
      between(answers(200, 'text/html', '<!doctype html>\n<title>Sign in</title>'), {}, (client) =>
        failureOf(ask(client)),
      ),
  },
  {
    name: 'the JSON does not fit the schema',
    code: 'validation',
    happens: () =>
      between(answers(200, 'application/json', '{"id":"7"}'), {}, (client) =>
        failureOf(client.get(path, { headers }).json(z.object({ id: z.number() }))),
      ),
  },
  {
    name: 'the service answers 503',
    code: 'status',
    happens: () =>
      between(answers(503, 'application/json', '{"error":"no database"}'), {}, (client) =>
        failureOf(ask(client)),
      ),
  },
  {
    name: 'the service answers 404',
    code: 'status',
    happens: () =>
      between(answers(404, 'text/plain', 'no such order'), {}, (client) => failureOf(ask(client))),
  },
]

const ours: readonly Incident[] = [
  {
    name: 'the caller leaves',
    code: 'aborted',
    happens: () =>
      between(silent(), {}, async (client, server) => {
        const leaving = new AbortController()
        const failure = failureOf(ask(client, { signal: leaving.signal }))
        await eventually(() => server.requests === 1, 'it is sent')
        leaving.abort(new Error('the user closed the page'))
        return failure
      }),
  },
  {
    name: 'the client is closed',
    code: 'closed',
    happens: () =>
      between(silent(), { name: 'orders' }, async (client) => {
        await client.close()
        return await failureOf(ask(client))
      }),
  },
  {
    name: 'a header cannot be sent',
    code: 'invalid_request',
    happens: () =>
      between(silent(), {}, (client) => failureOf(ask(client, { headers: { 'x-name': `${secret}\n` } }))),
  },
  {
    name: 'an option is wrong',
    code: 'config',
    happens: async () =>
      failureOf((async () => new HttpClient({ timeout: -1, maxQueu: 5 } as HttpClientOptions))()),
  },
]

export const incidents: readonly Incident[] = [
  ...cannotConnect,
  ...lost,
  ...slow,
  ...crowded,
  ...answered,
  ...ours,
]
