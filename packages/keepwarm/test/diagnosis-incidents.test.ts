/** What goes wrong between a client and a service, made with real sockets: each is called by its name, and by no other. */
import type http from 'node:http'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import type { Verdict } from '../src/observe/diagnosis/verdict.ts'
import { beginAll, callAll, diagnosed } from './support/diagnosed.ts'
import {
  eachRequest,
  rawResponse,
  startHttp,
  startHttps,
  startRaw,
  type TestServer,
} from './support/servers.ts'
import { ToldService } from './support/told-service.ts'
import { eventually, sleep } from './support/wait.ts'

const get = (client: HttpClient, path = '/'): Promise<unknown> => client.get(path).discard()

/** Level, kind and cause of those that are more than worth knowing. */
function alarms(verdicts: readonly Verdict[]): string[] {
  const alarming = verdicts.filter(({ level }) => level === 'critical' || level === 'warn')
  return alarming.map(({ level, kind, cause }) => `${level} ${kind} ${cause}`)
}

const few: HttpClientOptions = { maxConnectionsPerOrigin: 4, acquireTimeout: 1_500 }

test('a service that became slow exhausts the pool', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: few,
    usual: ({ client }) => callAll(60, 3, () => get(client)),
    happens: async ({ client }) => {
      service.delay = 500
      beginAll(30, () => get(client))
      await sleep(950)
    },
  })
  expect(alarms(verdicts)).toEqual(['critical pool_exhausted slow_dependency'])
  expect(verdicts[0]).toMatchObject({
    client: 'orders',
    text: expect.stringContaining('the service is slow'),
  })
  expect(verdicts[0]!.suggestion!.env).toMatch(/^ORDERS_HTTP_CLIENT_ATTEMPT_TIMEOUT=\d+ms$/)
})

test('responses that nobody reads exhaust the pool', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: { ...few, leakAfter: 150, leakStacks: true },
    usual: ({ client }) => callAll(60, 3, () => get(client)),
    happens: async ({ client }) => {
      service.size = 2_000_000
      await Promise.all([1, 2, 3, 4].map((number) => client.get(`/forgotten/${number}`)))
      beginAll(8, () => get(client))
      await sleep(950)
    },
  })
  expect(alarms(verdicts)).toEqual(['critical pool_exhausted leak'])
  expect(verdicts[0]).toMatchObject({ includes: ['body_leak'] })
})

test('one response that nobody reads is told before it matters', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: { ...few, leakAfter: 100 },
    usual: ({ client }) => callAll(60, 3, () => get(client)),
    happens: async ({ client }) => {
      service.size = 2_000_000
      await client.get('/forgotten')
      await sleep(400)
      service.size = 2
      await callAll(30, 2, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual(['warn body_leak leak'])
})

test('a load that grew exhausts the pool', async () => {
  const service = new ToldService()
  service.delay = 40
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: few,
    usual: ({ client }) => callAll(30, 1, () => get(client)),
    happens: async ({ client }) => {
      beginAll(200, () => get(client))
      await sleep(950)
    },
  })
  expect(alarms(verdicts)).toEqual(['critical pool_exhausted load'])
  expect(verdicts[0]!.suggestion!.env).toMatch(/^ORDERS_HTTP_CLIENT_MAX_CONNECTIONS_PER_ORIGIN=\d+$/)
})

test('a service that became slow is named while there are connections enough', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    usual: ({ client }) => callAll(80, 4, () => get(client)),
    happens: ({ client }) => {
      service.delay = 300
      return callAll(30, 10, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual(['warn slow_dependency slow_dependency'])
})

test('calls that run into their time limit make that critical', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: { timeout: 200, retry: false, breaker: false },
    usual: ({ client }) => callAll(80, 4, () => get(client)),
    happens: ({ client }) => {
      service.delay = 2_000
      return callAll(30, 10, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual(['critical slow_dependency slow_dependency'])
})

test('a service that answers 503 to half of the attempts makes a storm of retries', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: { breaker: false, retry: { base: 1, throttledBase: 1 } },
    usual: ({ client }) => callAll(400, 4, () => get(client)),
    happens: ({ client }) => {
      service.status = (number) => (number % 10 < 6 ? 503 : 200)
      return callAll(120, 4, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual([expect.stringMatching(/^(critical|warn) retry_storm status_503$/)])
})

test('with nothing left in its budget a storm is critical', async () => {
  const service = new ToldService()
  service.status = () => 503
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: { breaker: false, retry: { base: 1, throttledBase: 1 } },
    happens: ({ client }) => callAll(100, 4, () => get(client)),
  })
  expect(alarms(verdicts)).toEqual(['critical retry_storm status_503'])
})

test('one flaky operation is no storm of all', async () => {
  const listen: http.RequestListener = ({ url }, response) =>
    void response.writeHead(url === '/reindex' ? 500 : 200).end()
  const verdicts = await diagnosed({
    server: startHttp(listen),
    client: { breaker: false, retry: { base: 1 } },
    usual: ({ client }) => callAll(400, 4, () => client.get('/', { operation: 'search' }).discard()),
    happens: ({ client }) =>
      callAll(100, 4, (number) => {
        const [path, operation] = number % 5 === 0 ? ['/reindex', 'reindex'] : ['/', 'search']
        return client.get(path, { operation }).discard()
      }),
  })
  expect(alarms(verdicts)).toEqual(['warn retry_storm one_operation'])
})

test('an outage opens the breaker, which stays open', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: { retry: { base: 1 } },
    usual: ({ client }) => callAll(80, 4, () => get(client)),
    happens: ({ client }) => {
      service.status = () => 500
      return callAll(200, 4, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual(['critical breaker_open outage'])
})

test('a service that is well for probes and fails under calls makes the breaker flap', async () => {
  const service = new ToldService()
  service.delay = 0
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: {
      retry: false,
      breaker: { minimumCompletions: 4, window: 300, openFor: 60, probes: 1 },
    },
    happens: async ({ client }) => {
      const guard = (): { opened: number; closed: number } => client.snapshot().guards[0]!.transitions
      while (client.snapshot().guards.length === 0 || guard().closed < 2 || guard().opened < 3) {
        const [state] = client.snapshot().guards.map(({ breaker }) => breaker)
        service.status = () => (state === 'closed' ? 500 : 200)
        await get(client).catch(() => {})
        await sleep(5)
      }
    },
  })
  expect(alarms(verdicts)).toEqual([expect.stringMatching(/^(critical|warn) breaker_flapping intermittent$/)])
})

test('a name that cannot be looked up', async () => {
  const failure = Object.assign(new Error('getaddrinfo ENOTFOUND orders'), { code: 'ENOTFOUND' })
  const verdicts = await diagnosed({
    server: startHttp(),
    client: {
      baseUrl: 'http://orders.example',
      retry: { base: 1 },
      connect: { lookup: (_name, _options, done) => done(failure, '', 4) },
    },
    happens: ({ client }) => callAll(12, 2, () => get(client)),
  })
  expect(alarms(verdicts)).toEqual(['critical dns_tls dns'])
})

test('a certificate that nobody trusts', async () => {
  const verdicts = await diagnosed({
    server: startHttps(),
    client: { retry: { base: 1 } },
    happens: ({ client }) => callAll(12, 2, () => get(client)),
  })
  expect(alarms(verdicts)).toEqual(['critical dns_tls tls'])
})

test('nobody listens', async () => {
  const verdicts = await diagnosed({
    server: startHttp(),
    client: { retry: { base: 1 } },
    usual: ({ client }) => callAll(60, 3, () => get(client)),
    happens: async ({ client, server }) => {
      server.server.close()
      for (const socket of server.sockets) socket.destroy()
      await callAll(30, 3, () => get(client))
      server.server.listen(0)
    },
  })
  expect(alarms(verdicts)).toEqual(['critical unreachable ECONNREFUSED'])
})

test('a server that closes after each answer lets no connection live', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    usual: ({ client }) => callAll(60, 3, () => get(client)),
    happens: ({ client }) => {
      service.headers = { connection: 'close' }
      return callAll(60, 3, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual(['warn churn connection_close'])
})

test('a server that keeps idle connections for less than we do is measured', async () => {
  const verdicts = await diagnosed({
    server: shortLived(200),
    usual: ({ client }) => callAll(30, 1, () => get(client)),
    happens: async ({ client, server }) => {
      for (let i = 0; i < 3; i++) {
        await get(client)
        await eventually(() => server.open === 0, 'the server closed it')
      }
      await get(client)
    },
  })
  expect(alarms(verdicts)).toEqual([])
  expect(verdicts[0]).toMatchObject({ level: 'info', kind: 'stale_connections', cause: 'idle_timeout' })
  expect(verdicts[0]!.text).toMatch(
    /closes idle connections after about (19|2\d|3\d)\d ms, and they are kept for 15 s/,
  )
  expect(verdicts[0]!.suggestion!.env).toMatch(/^ORDERS_HTTP_CLIENT_KEEPALIVE_EXPIRY=[123]00ms$/)
})

test('requests that meet a connection which the server closes are told', async () => {
  // Each connection serves one request, and is closed as the next one comes.
  const server = startRaw((socket) =>
    eachRequest(socket, (_, number) => (number === 1 ? socket.write(rawResponse('ok')) : socket.destroy())),
  )
  const verdicts = await diagnosed({
    server,
    client: { retry: { base: 1 }, breaker: false },
    happens: async ({ client }) => {
      for (let i = 0; i < 8; i++) await get(client)
    },
  })
  expect(alarms(verdicts)).toEqual(['warn stale_connections server_closes'])
})

test('a server that is restarted looks alike, and is none', async () => {
  const verdicts = await diagnosed({
    server: startHttp(new ToldService().listen),
    client: { retry: { base: 20 } },
    usual: ({ client }) => callAll(60, 6, () => get(client)),
    happens: async ({ client, server }) => {
      const { port } = server
      server.server.close()
      for (const socket of server.sockets) socket.destroy()
      const call = get(client).catch(() => {})
      await sleep(60)
      server.server.listen(port, '127.0.0.1')
      await call
      await callAll(40, 2, () => get(client))
    },
  })
  expect(verdicts.map(({ level, kind }) => `${level} ${kind}`)).toEqual(['info server_restart', 'ok healthy'])
})

test('a burst that is larger than the line', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: { maxConnectionsPerOrigin: 2, maxQueue: 8, retry: false },
    usual: ({ client }) => callAll(60, 2, () => get(client)),
    happens: ({ client }) => callAll(60, 60, () => get(client)),
  })
  expect(alarms(verdicts)).toEqual(['critical queue_full queue'])
})

test('an endpoint group at its own limit', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    client: { acquireTimeout: 1_500, groups: { reports: { paths: ['/reports'], maxInFlight: 1 } } },
    usual: ({ client }) => callAll(60, 2, () => get(client)),
    happens: async ({ client }) => {
      service.delay = 400
      beginAll(6, () => get(client, '/reports'))
      await sleep(950)
    },
  })
  expect(alarms(verdicts)).toEqual([expect.stringMatching(/^(critical|warn) overloaded group$/)])
  expect(verdicts[0]).toMatchObject({ group: 'reports' })
})

test('our own event loop is held up, and no service is blamed', async () => {
  const service = new ToldService()
  const verdicts = await diagnosed({
    server: startHttp(service.listen),
    loop: true,
    usual: ({ client }) => callAll(80, 4, () => get(client)),
    happens: async ({ client }) => {
      await sleep(100) // Node begins to look at the loop
      const calls = callAll(60, 6, () => get(client))
      await sleep(20)
      const until = performance.now() + 700
      while (performance.now() < until);
      await calls
    },
  })
  expect(alarms(verdicts)).toEqual(['critical loop_blocked own_process'])
})

/** Closes connections that were idle for so long, and does not say so beforehand. */
function shortLived(idle: number): Promise<TestServer> {
  return startRaw((socket) => {
    eachRequest(socket, () => {
      socket.write(rawResponse('ok'))
      socket.setTimeout(idle, () => socket.end())
    })
  })
}
