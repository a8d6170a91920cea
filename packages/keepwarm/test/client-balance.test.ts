/** A service with several endpoints, each a real server: who gets what, and what becomes of calls to one that is ill. */
import { setTimeout as after } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { ConfigError } from '../src/errors.ts'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A server that answers with its name, after `delay` ms. What it does can be changed. */
class Member {
  status = 200
  delay = 0
  readonly paths: string[] = []
  readonly name: string
  server!: TestServer

  constructor(name: string) {
    this.name = name
  }

  async start(): Promise<this> {
    this.server = await startHttp(async (request, response) => {
      this.paths.push(request.url!)
      const { delay, status } = this
      if (delay > 0) await after(delay)
      response.statusCode = status
      response.end(this.name)
    })
    closing.push(() => this.server[Symbol.asyncDispose]())
    return this
  }
}

async function members(...names: string[]): Promise<Member[]> {
  return Promise.all(names.map((name) => new Member(name).start()))
}

function clientOf(all: readonly Member[], options: HttpClientOptions = {}, path = ''): HttpClient {
  const baseUrl = all.map(({ server }) => server.origin + path)
  const client = new HttpClient({ baseUrl, retry: { base: 1 }, timeout: 5_000, ...options })
  closing.push(() => client.close())
  return client
}

test('each of three gets a part of the calls, with the path of the base in front', async () => {
  const all = await members('a', 'b', 'c')
  const client = clientOf(all, {}, '/api')
  for (const member of all) member.delay = 5
  await Promise.all(Array.from({ length: 60 }, () => client.get('/x').text()))
  for (const { paths } of all) {
    expect(paths.length).toBeGreaterThan(5)
    expect(new Set(paths)).toEqual(new Set(['/api/x']))
  }
})

test('a slow one gets few of them', async () => {
  const [slow, fast] = (await members('slow', 'fast')) as [Member, Member]
  slow.delay = 120
  const client = clientOf([slow, fast])
  for (let round = 0; round < 40; round++) await Promise.all([client.get('/').text(), client.get('/').text()])
  expect(slow.paths.length).toBeLessThan(fast.paths.length / 3)
})

test('of a dead one nobody hears: the retry goes to another', async () => {
  const [dead, alive] = (await members('dead', 'alive')) as [Member, Member]
  const client = clientOf([dead, alive], { retry: { attempts: 2, base: 1 } })
  await dead.server[Symbol.asyncDispose]()
  closing.splice(0, 1)
  for (let call = 0; call < 40; call++) expect(await client.get('/').text()).toBe('alive')
  expect(client.getMetrics()).toMatchObject({ successful_requests: 40, failed_requests: 0 })
  expect(client.getMetrics().retries_by_reason['connect']).toBeGreaterThan(0)
})

test('when all are down the error says where each attempt went', async () => {
  const all = await members('a', 'b')
  for (const member of all) member.status = 503
  const client = clientOf(all, { retry: { attempts: 3, base: 1, throttledBase: 1 } })
  const error = await failureOf(client.get('/').text())
  const went = error.attempts.map(({ origin }) => origin)
  expect(error).toMatchObject({ status: 503 })
  expect(went).toHaveLength(3)
  expect(went[0]).not.toBe(went[1])
  expect(went[1]).not.toBe(went[2])
  expect(all.map(({ server }) => server.origin)).toContain(went[0])
})

test('a Retry-After of one does not hold up the retry, which goes to another', async () => {
  const busy = await startHttp((_, response) => response.writeHead(503, { 'retry-after': '60' }).end())
  closing.push(() => busy[Symbol.asyncDispose]())
  const [well] = (await members('well')) as [Member]
  const client = new HttpClient({
    baseUrl: [busy.origin, well.server.origin],
    retry: { base: 1, throttledBase: 1 },
    timeout: 5_000,
  })
  closing.push(() => client.close())
  for (let call = 0; call < 10; call++)
    expect(await soon(client.get('/').text(), 'the other answers', 2_000)).toBe('well')
  expect(busy.requests).toBeGreaterThan(0)
})

test('each has a breaker of its own, and one that is open is passed over', async () => {
  const [ill, well] = (await members('ill', 'well')) as [Member, Member]
  ill.status = 500
  well.delay = 5 // so that the balance alone would choose the other, which fails fast
  const client = clientOf([ill, well], {
    breaker: { minimumCompletions: 2, openFor: 60_000 },
    retry: { attempts: 2, base: 1 },
    balance: { ejection: false, failurePenalty: 0.001, decay: 1 },
  })
  for (let call = 0; call < 60; call++) expect(await client.get('/').text()).toBe('well')
  expect(ill.paths).toHaveLength(2) // then its breaker is open
  expect(client.getMetrics()).toMatchObject({
    circuit_breaker_opens: 1,
    circuit_breaker_rejections: 0,
    successful_requests: 60,
  })
})

test('with all breakers open a call is refused at once', async () => {
  const all = await members('a', 'b')
  for (const member of all) member.status = 500
  const breaker = { minimumCompletions: 1, openFor: 60_000 }
  const client = clientOf(all, { breaker, retry: { attempts: 3, base: 1 } })
  await failureOf(client.get('/').text())
  const before = all.map(({ paths }) => paths.length)
  expect(before).toEqual([1, 1])
  expect(await failureOf(client.get('/').text())).toMatchObject({ code: 'breaker_open', sent: 'no' })
  expect(all.map(({ paths }) => paths.length)).toEqual(before)
})

test('a hedge goes to the other endpoint', async () => {
  const [slow, fast] = (await members('slow', 'fast')) as [Member, Member]
  slow.delay = 400
  const client = clientOf([slow, fast], { hedge: { after: 30, share: 1 }, balance: { ejection: false } })
  for (let call = 0; call < 10 && slow.paths.length === 0; call++)
    expect(await client.get('/').text()).toBe('fast')
  expect(slow.paths).toHaveLength(1)
  expect(client.getMetrics()).toMatchObject({ hedges_sent: 1, hedges_won: 1, failed_requests: 0 })
  await eventually(() => slow.server.open === 0, 'the slow one was told')
})

test('a whole URL of the first origin is spread like a path; one of another is refused', async () => {
  const [first, second] = (await members('first', 'second')) as [Member, Member]
  const client = clientOf([first, second], { retry: false })
  const url = `${first.server.origin}/whole`
  await Promise.all(Array.from({ length: 40 }, () => client.get(url).text()))
  expect(first.paths.length).toBeGreaterThan(0)
  expect(second.paths.length).toBeGreaterThan(0)
  const error = await failureOf(client.get(`${second.server.origin}/there`).text())
  expect(error).toMatchObject({ code: 'invalid_request', sent: 'no' })
})

test('fetch of an endpoint goes there, past the balance and under the same breaker', async () => {
  const [first, second] = (await members('first', 'second')) as [Member, Member]
  second.status = 500
  const client = clientOf([first, second], {
    breaker: { minimumCompletions: 3, openFor: 60_000 },
    retry: false,
    balance: { ejection: false },
  })
  const url = `${second.server.origin}/there`
  for (let call = 0; call < 3; call++) {
    await client.fetch(url).then(
      (response) => response.text(),
      () => undefined,
    )
    await client.get('/', { throwOnStatus: false }).text() // does not make it forget
  }
  expect(second.paths).toHaveLength(3)
  expect(second.paths).toContain('/there')
  await expect(client.fetch(url)).rejects.toMatchObject({ cause: { code: 'breaker_open' } })
  expect(client.getMetrics().circuit_breaker_opens).toBe(1)
})

test.each([
  [['http://a', 'http://b/api'], 'the path of the others'],
  [['http://a', 'http://b', 'http://a/'], 'each endpoint once'],
  [['http://me:secret@a', 'http://b'], 'the same user name and password'],
  [[], 'at least one URL'],
])('%j is refused', (baseUrl, expected) => {
  let problems: ConfigError['problems'] = []
  try {
    new HttpClient({ baseUrl })
  } catch (error) {
    problems = (error as ConfigError).problems
  }
  expect(problems).toMatchObject([{ variable: 'baseUrl', expected: expect.stringContaining(expected) }])
  expect(JSON.stringify(problems)).not.toContain('secret')
})

test('one URL in a list is a client of one origin', async () => {
  const [only] = (await members('only')) as [Member]
  const client = clientOf([only], { retry: { attempts: 2, base: 1 } })
  only.status = 500
  const error = await failureOf(client.get('/').text())
  expect(error.attempts).toHaveLength(2)
  expect(error.attempts[0]).not.toHaveProperty('origin')
})
