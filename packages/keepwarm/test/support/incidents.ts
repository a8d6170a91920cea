/** What goes wrong at three in the morning: each made with real sockets, as an operator would meet it in a log. */
import { z } from 'zod'
import { HttpClient } from '../../src/client/http-client.ts'
import type { HttpClientOptions } from '../../src/client/options.ts'
import { failureOf } from './client-tools.ts'
import { answers, ask, between, headers, path, secret, silent, type Incident } from './incident.ts'
import { cannotConnect, lost, slow } from './incidents-network.ts'
import { startHttp } from './servers.ts'
import { eventually } from './wait.ts'

export { secret, type Incident } from './incident.ts'

const crowded: readonly Incident[] = [
  {
    name: 'a slow service holds all connections',
    code: 'acquire_timeout',
    happens: () =>
      between(silent(), { maxConnectionsPerOrigin: 2, acquireTimeout: 60 }, async (client, server) => {
        const held = [ask(client), ask(client)].map((call) => call.catch(() => {}))
        await eventually(() => server.requests === 2, 'both connections are taken')
        const error = await failureOf(ask(client))
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
        { maxConnectionsPerOrigin: 2, acquireTimeout: 300 },
        async (client) => {
          await Promise.all([client.get('/a'), client.get('/b')])
          const waiting = Array.from({ length: 4 }, () => failureOf(ask(client)))
          return (await Promise.all(waiting)).at(-1)!
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
    name: 'a hook throws',
    code: 'hook',
    happens: () => {
      const beforeRequest = (): void => {
        throw new Error('no token: the identity service is away')
      }
      return between(silent(), { hooks: { beforeRequest } }, (client) => failureOf(ask(client)))
    },
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
