/** Incidents of several causes, several origins, and over HTTP/2, made with real sockets. */
import type http from 'node:http'
import type http2 from 'node:http2'
import { HttpClient, diagnose, observe, type Verdict } from 'keepwarm'
import { expect, test } from 'vitest'
import { beginAll, callAll, diagnosed, look } from './support/diagnosed.ts'
import { startH2, startHttp, trust } from './support/servers.ts'
import { sleep } from './support/wait.ts'

const get = (client: HttpClient, path = '/'): Promise<unknown> => client.get(path).discard()

function alarms(verdicts: readonly Verdict[]): string[] {
  const alarming = verdicts.filter(({ level }) => level === 'critical' || level === 'warn')
  return alarming.map(({ level, kind, cause }) => `${level} ${kind} ${cause}`)
}

test('over HTTP/2 a service that became slow is named, and its one connection is no churn', async () => {
  let delay = 2
  const answer = (stream: http2.ServerHttp2Stream): void =>
    void setTimeout(() => {
      if (stream.destroyed) return
      stream.respond({ ':status': 200 })
      stream.end('hello')
    }, delay)
  const verdicts = await diagnosed({
    server: startH2(answer),
    client: { connect: trust },
    usual: ({ client }) => callAll(100, 10, () => get(client)),
    happens: ({ client }) => {
      delay = 300
      return callAll(60, 20, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual(['warn slow_dependency slow_dependency'])
})

test('a service that hangs is named before a time limit is reached', async () => {
  let hangs = false
  const verdicts = await diagnosed({
    server: startHttp((_, response) => void (hangs || response.end('hello'))),
    usual: ({ client }) => callAll(80, 4, () => get(client)),
    happens: ({ client }) => {
      hangs = true
      beginAll(12, () => get(client))
      return sleep(900)
    },
  })
  expect(alarms(verdicts)).toEqual(['critical slow_dependency slow_dependency'])
  expect(verdicts[0]!.text).toContain('has answered none of 12 requests')
})

test('timeouts open the breaker: one verdict, which includes the slow service', async () => {
  let delay = 2
  const verdicts = await diagnosed({
    server: startHttp((_, response) => void setTimeout(() => response.end('hello'), delay)),
    client: { timeout: 150, retry: false },
    usual: ({ client }) => callAll(80, 4, () => get(client)),
    happens: ({ client }) => {
      delay = 2_000
      return callAll(160, 16, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual(['critical breaker_open outage'])
})

test('a service that says 429 is overloaded, and not ill', async () => {
  let number = 0
  let isBusy = false
  const listen: http.RequestListener = (_, response) =>
    void response.writeHead(isBusy && number++ % 3 > 0 ? 429 : 200).end()
  const verdicts = await diagnosed({
    server: startHttp(listen),
    client: { retry: { base: 1, throttledBase: 1 } },
    usual: ({ client }) => callAll(400, 4, () => get(client)),
    happens: ({ client }) => {
      isBusy = true
      return callAll(60, 4, () => get(client))
    },
  })
  expect(verdicts[0]).toMatchObject({ kind: 'overloaded', cause: 'server' })
  expect(alarms(verdicts)).toHaveLength(1)
})

test('calls that gave up waiting are told when nobody waits any more', async () => {
  let delay = 2
  const verdicts = await diagnosed({
    server: startHttp((_, response) => void setTimeout(() => response.end('hello'), delay)),
    client: { maxConnectionsPerOrigin: 2, acquireTimeout: 100 },
    usual: ({ client }) => callAll(80, 2, () => get(client)),
    happens: async ({ client }) => {
      delay = 400
      await callAll(10, 10, () => get(client))
    },
  })
  expect(alarms(verdicts)).toEqual(['warn pool_exhausted slow_dependency'])
  expect(verdicts[0]!.text).toContain('8 requests')
})

/** A client that calls two services by whole URLs, one of them seldom. */
async function besideAnother(
  becomes: (response: http.ServerResponse) => unknown,
): Promise<{ verdicts: readonly Verdict[]; ill: string }> {
  let isIll = false
  await using well = await startHttp()
  await using ill = await startHttp((_, response) => void (isIll ? becomes(response) : response.end('hello')))
  await using client = new HttpClient({ name: 'fetcher', retry: false, breaker: false })
  using observed = observe(client)
  const call = (number: number): Promise<unknown> => get(client, (number % 10 === 0 ? ill : well).origin)
  await callAll(600, 4, call)
  const before = look(observed)
  await sleep(60)
  isIll = true
  await callAll(300, 12, call)
  return { verdicts: diagnose(before, look(observed)), ill: ill.origin }
}

test('of several origins the one that fails is named, though most calls succeed', async () => {
  const { verdicts, ill } = await besideAnother((response) => response.writeHead(500).end())
  expect(alarms(verdicts)).toEqual(['warn failing 5xx'])
  expect(verdicts[0]).toMatchObject({ client: 'fetcher', origin: ill })
})

test('of several origins the one that became slow is named, though most calls are quick', async () => {
  const { verdicts, ill } = await besideAnother((response) => setTimeout(() => response.end('hello'), 400))
  expect(alarms(verdicts)).toEqual(['warn slow_dependency slow_dependency'])
  expect(verdicts[0]).toMatchObject({ client: 'fetcher', origin: ill })
})

test('two causes at two services are two verdicts, the worse first', async () => {
  let delay = 2
  let status = 200
  await using slow = await startHttp((_, response) => void setTimeout(() => response.end('hello'), delay))
  await using ill = await startHttp((_, response) => void response.writeHead(status).end())
  await using search = new HttpClient({ name: 'search', baseUrl: slow.origin })
  await using orders = new HttpClient({ name: 'orders', baseUrl: ill.origin, retry: { base: 1 } })
  using observed = observe([search, orders])
  const both = (ofSearch: number, ofOrders: number): Promise<unknown> =>
    Promise.all([callAll(ofSearch, 6, () => get(search)), callAll(ofOrders, 6, () => get(orders))])
  await both(100, 40)
  const before = look(observed)
  await sleep(60)
  delay = 300
  status = 500
  await both(30, 200)
  const verdicts = diagnose(before, look(observed))
  expect(verdicts.map(({ client, kind }) => `${client} ${kind}`)).toEqual([
    'orders breaker_open',
    'search slow_dependency',
  ])
})
