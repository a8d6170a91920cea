/** What a caller reads in an incident: its error names the cause that the diagnosis has, and no other. */
import type http from 'node:http'
import { inspect } from 'node:util'
import { HttpClient, KeepwarmError, type HttpClientOptions } from 'keepwarm'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { beginAll, callAll, told, type HeardError, type Incident, type Scene } from './support/diagnosed.ts'
import { startHttp, startHttps, type TestServer } from './support/servers.ts'
import { ToldService } from './support/told-service.ts'
import { sleep } from './support/wait.ts'

const get = ({ client, hear }: Scene<TestServer>, path = '/', operation = 'get'): Promise<unknown> =>
  client
    .get(path, { operation })
    .text()
    .catch((error: unknown) => {
      if (error instanceof KeepwarmError && error.code === 'status') hear(error)
    })

const few: HttpClientOptions = { maxConnectionsPerOrigin: 4, acquireTimeout: 600 }
const quick: HttpClientOptions = { retry: { base: 1, throttledBase: 1 } }
const isWell: Incident<TestServer>['usual'] = (scene) => callAll(80, 4, () => get(scene))

/** After it what explained the first errors of a storm, of which there were few, explains none any more. */
const SECOND = 1_100

interface Case {
  /** Of several, what is seen depends on how far it has come. */
  readonly reason: string | readonly string[]
  /** Of the errors that are looked at: others of the same incident may end after them. */
  readonly code: string
  readonly text: RegExp
  /** Of the service, and what then becomes of it. */
  readonly incident: (service: ToldService) => Incident<TestServer>
}

const cases: Readonly<Record<string, Case>> = {
  'a service that became slow': {
    ...{ reason: 'pool_exhausted slow_dependency', code: 'acquire_timeout' },
    text: /diagnosis: pool_exhausted: the service is slow: a call holds its connection for .* as long as usual → Look at the service/,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: few,
      usual: isWell,
      happens: async (scene) => {
        service.delay = 500
        beginAll(30, () => get(scene))
        await sleep(900)
      },
    }),
  },
  'responses that nobody reads': {
    ...{ reason: ['body_leak leak', 'pool_exhausted leak'], code: 'acquire_timeout' },
    text: /nobody reads on in 4 responses.* → Read every response to its end.*ORDERS_HTTP_CLIENT_LEAK_STACKS=on/,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: { ...few, leakAfter: 150 },
      usual: isWell,
      happens: async (scene) => {
        service.size = 2_000_000
        await Promise.all([1, 2, 3, 4].map((number) => scene.client.get(`/forgotten/${number}`)))
        beginAll(8, () => get(scene))
        await sleep(900)
      },
    }),
  },
  'a load that grew': {
    ...{ reason: 'pool_exhausted load', code: 'acquire_timeout' },
    text: /more is asked than they carry: .*ORDERS_HTTP_CLIENT_MAX_CONNECTIONS_PER_ORIGIN=\d+/,
    incident: (service) => {
      service.delay = 40
      return {
        server: startHttp(service.listen),
        client: few,
        usual: (scene) => callAll(30, 1, () => get(scene)),
        happens: async (scene) => {
          beginAll(200, () => get(scene))
          await sleep(900)
        },
      }
    },
  },
  'a burst that is larger than the line': {
    ...{ reason: 'queue_full queue', code: 'queue_full' },
    text: /diagnosis: queue_full: \d+ of \d+ requests in the last .* met a full line/,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: { maxConnectionsPerOrigin: 2, maxQueue: 8, retry: false },
      usual: (scene) => callAll(60, 2, () => get(scene)),
      happens: (scene) => callAll(60, 60, () => get(scene)),
    }),
  },
  'an endpoint group at its own limit': {
    ...{ reason: 'overloaded group', code: 'acquire_timeout' },
    text: /diagnosis: overloaded: maxInFlight of the group holds back \d+ calls? to group reports/,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: { acquireTimeout: 600, groups: { reports: { paths: ['/reports'], maxInFlight: 1 } } },
      usual: isWell,
      happens: async (scene) => {
        service.delay = 400
        for (let i = 0; i < 8; i++) {
          beginAll(1, () => get(scene, '/reports'))
          await sleep(100)
        }
        await sleep(200)
      },
    }),
  },
  'calls that run into their time limit': {
    ...{ reason: 'slow_dependency slow_dependency', code: 'deadline' },
    text: /did not finish within .*; diagnosis: slow_dependency: .* of the calls ran into their time limit/,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: { timeout: 200, retry: false, breaker: false },
      usual: isWell,
      happens: (scene) => {
        service.delay = 2_000
        return callAll(80, 10, () => get(scene))
      },
    }),
  },
  'a service that answers 503 to all': {
    ...{ reason: 'retry_storm status_503', code: 'status' },
    text: /answered 503.*diagnosis: retry_storm: .*the budget for retries is empty/,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: { ...quick, breaker: false },
      happens: async (scene) => {
        service.status = () => 503
        await callAll(100, 4, () => get(scene))
      },
    }),
  },
  'one operation that is broken': {
    ...{ reason: 'retry_storm one_operation', code: 'status' },
    text: /diagnosis: retry_storm: calls of reindex are sent/,
    incident: () => ({
      server: startHttp(({ url }, response) => void response.writeHead(url === '/reindex' ? 500 : 200).end()),
      client: { ...quick, breaker: false },
      usual: (scene) => callAll(400, 4, () => get(scene)),
      happens: async (scene) => {
        const broken = (number: number): Promise<unknown> =>
          number % 5 === 0 ? get(scene, '/reindex', 'reindex') : get(scene)
        await callAll(150, 4, broken)
        await sleep(SECOND)
        await callAll(100, 4, broken)
      },
    }),
  },
  'an outage': {
    ...{ reason: 'breaker_open outage', code: 'breaker_open' },
    text: /the breaker is open after status 500; .*diagnosis: breaker_open: \d+ % of \d+ calls in its window failed/,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: quick,
      usual: isWell,
      happens: async (scene) => {
        service.status = () => 500
        await callAll(200, 4, () => get(scene))
      },
    }),
  },
  'nobody listens': {
    ...{ reason: 'unreachable ECONNREFUSED', code: 'connect' },
    text: /nothing listens there: .*diagnosis: unreachable: cannot connect to .* none succeeded$/,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: { ...quick, breaker: false },
      usual: isWell,
      happens: async (scene) => {
        scene.server.server.close()
        for (const socket of scene.server.sockets) socket.destroy()
        await callAll(30, 3, () => get(scene))
        scene.server.server.listen(0)
      },
    }),
  },
  'a name that cannot be looked up': {
    ...{ reason: 'dns_tls dns', code: 'connect' },
    text: /the name is not known: .*diagnosis: dns_tls: http:\/\/orders\.example cannot be looked up/,
    incident: () => ({
      server: startHttp(),
      client: {
        ...{ ...quick, breaker: false, baseUrl: 'http://orders.example' },
        connect: { lookup: (_name, _options, done) => done(unknownName, '', 4) },
      },
      happens: (scene) => callAll(12, 2, () => get(scene)),
    }),
  },
  'a certificate that nobody trusts': {
    ...{ reason: 'dns_tls tls', code: 'connect' },
    text: /give it with connect: \{ ca \}; .*diagnosis: dns_tls: .* cannot be connected to securely/,
    incident: () => ({
      server: startHttps(),
      client: { ...quick, breaker: false },
      happens: (scene) => callAll(12, 2, () => get(scene)),
    }),
  },
  'our own event loop is held up': {
    ...{ reason: 'loop_blocked own_process', code: 'deadline' },
    text: /diagnosis: loop_blocked: /,
    incident: (service) => ({
      server: startHttp(service.listen),
      client: { timeout: 250, retry: false, breaker: false },
      loop: true,
      usual: isWell,
      happens: async (scene) => {
        service.delay = 50
        await sleep(100)
        const calls = callAll(6, 6, () => get(scene))
        await sleep(5)
        const until = performance.now() + 900
        while (performance.now() < until);
        await calls
      },
    }),
  },
}

const unknownName = Object.assign(new Error('getaddrinfo ENOTFOUND orders.example'), { code: 'ENOTFOUND' })

/** The last of a code that names a reason, and the reasons that any names. */
function lastOf(
  errors: readonly HeardError[],
  code: string,
): { last: HeardError | undefined; reasons: readonly string[] } {
  const naming = errors.filter(({ reason }) => reason !== undefined)
  const last = naming.findLast(({ error }) => error.code === code)
  return { last, reasons: [...new Set(naming.map(({ reason }) => reason!))] }
}

test.each(Object.entries(cases))('%s', async (_, { reason, code, text, incident }) => {
  const { verdicts, errors } = await told(incident(new ToldService()))
  const { last, reasons } = lastOf(errors, code)
  expect([reason].flat()).toContain(last?.reason)
  expect(last!.error.message).toMatch(text)
  // What came of it may have been seen before it, and nothing else.
  const known = new Set(verdicts.flatMap(({ kind, includes = [] }) => [kind, ...includes]))
  expect(reasons.filter((each) => !known.has(each.split(' ')[0] as never))).toEqual([])
  const { kind, includes = [], cause } = verdicts[0]!
  const [named, why] = last!.reason!.split(' ')
  expect([kind, ...includes]).toContain(named)
  expect(cause).toBe(why)
})

test('an error has its diagnosis whole, in its JSON and where it is printed, too', async () => {
  const { errors } = await told(cases['an outage']!.incident(new ToldService()))
  const { error } = lastOf(errors, 'breaker_open').last!
  const { diagnosis } = error
  expect(diagnosis).toMatchObject({ kind: 'breaker_open', client: 'orders', level: 'critical' })
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({
    diagnosis: JSON.parse(JSON.stringify(diagnosis)),
  })
  expect(inspect(error)).toContain("kind: 'breaker_open'")
})

test('what concerns a call alone is explained by nothing, whatever is wrong besides', async () => {
  const listen: http.RequestListener = ({ url }, response) =>
    void response.writeHead(url === '/gone' ? 404 : 500).end('no')
  await using server = await startHttp(listen)
  await using client = new HttpClient({
    name: 'orders',
    baseUrl: server.origin,
    retry: false,
    breaker: false,
  })
  await callAll(40, 4, () => client.get('/').text())
  const wrong = (path: string): Promise<KeepwarmError> => failureOf(client.get(path).text())
  expect((await wrong('/')).diagnosis).toMatchObject({ kind: 'failing', cause: '5xx' })
  expect((await wrong('/gone')).diagnosis).toBeUndefined()
})
