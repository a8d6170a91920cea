/** Deadlines over real sockets: what is around a call ends it, and the server is told how much time there is. */
import { setTimeout as after } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { withDeadline, withoutDeadline } from '../src/deadline/ambient.ts'
import { readDeadline } from '../src/deadline/header.ts'
import type { HttpClient } from '../src/client/http-client.ts'
import type { HttpClientOptions } from '../src/client/options.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const header = 'x-envoy-expected-rq-timeout-ms'

/** A server that keeps what it was told, and answers with the statuses in turn, each after `delay` ms. */
async function telling(
  statuses: readonly number[] = [],
  delay = 0,
): Promise<[TestServer, (string | undefined)[]]> {
  const told: (string | undefined)[] = []
  const server = await startHttp(async (request, response) => {
    const number = told.push(request.headers[header] as string | undefined) - 1
    await after(delay)
    response.writeHead(statuses[number] ?? 200).end('done')
  })
  closing.push(() => server[Symbol.asyncDispose]())
  return [server, told]
}

function client(server: TestServer, options: HttpClientOptions = {}): HttpClient {
  const made = clientOf(server, options)
  closing.push(() => made.close())
  return made
}

function left(text: string | undefined): number {
  const read = readDeadline(header, text ?? '')
  if ('ignored' in read) throw new Error(`the server cannot read ${text}`)
  return read.left
}

test('each attempt tells the server what is left, and it becomes less', async () => {
  const [server, told] = await telling([502, 502], 20)
  const made = client(server, { deadlineHeader: header, timeout: 3_000 })
  expect(await made.get('/').text()).toBe('done')
  const [first, second, third] = told.map(left) as [number, number, number]
  expect(first).toBeLessThan(3_000)
  expect(second).toBeLessThanOrEqual(first - 19)
  expect(third).toBeLessThanOrEqual(second - 19)
})

test('without the option the server is told nothing', async () => {
  const [server, told] = await telling()
  await client(server).get('/').text()
  expect(told).toEqual([undefined])
})

test('what the caller says to the server stays as it is', async () => {
  const [server, told] = await telling()
  await client(server, { deadlineHeader: header })
    .get('/', { headers: { [header]: '7' } })
    .text()
  expect(told).toEqual(['7'])
})

test('a deadline around a call ends it, however deep it is, and is told to the server', async () => {
  const [server, told] = await telling([], 1_000)
  const made = client(server, { deadlineHeader: header })
  async function deep(): Promise<unknown> {
    await after(10)
    return made.get('/').text()
  }
  const error = await soon(failureOf(withDeadline(150, deep)), 'it ends')
  expect(error).toMatchObject({ code: 'deadline', phase: 'headers', sent: 'maybe' })
  expect(error.message).toContain('the deadline around it')
  expect(left(told[0])).toBeLessThan(150)
  await eventually(() => server.open === 0, 'the connection is closed')
})

test('of two deadlines the earlier holds, and none can make more time', async () => {
  const [server] = await telling([], 1_000)
  const made = client(server)
  const inner = (): Promise<unknown> => withDeadline(10_000, () => made.get('/').text())
  expect(await soon(failureOf(withDeadline(80, inner)), 'the outer one ends it')).toMatchObject({
    code: 'deadline',
  })
  const outer = (): Promise<unknown> => withDeadline(80, () => made.get('/').text())
  expect(await soon(failureOf(withDeadline(10_000, outer)), 'the inner one ends it')).toMatchObject({
    code: 'deadline',
  })
  const call = (): Promise<unknown> => made.get('/', { timeout: 80 }).text()
  expect(await soon(failureOf(withDeadline(10_000, call)), 'its own ends it')).toMatchObject({
    code: 'deadline',
  })
})

test('what shall outlive the request is not ended by it', async () => {
  const [server] = await telling([], 100)
  const made = client(server)
  const text = withDeadline(30, () => withoutDeadline(() => made.get('/').text()))
  expect(await text).toBe('done')
})

test('what is over is not sent: the server sees no request', async () => {
  const [server, told] = await telling()
  const made = client(server)
  const late = async (): Promise<string> => {
    await after(30)
    return made.get('/').text()
  }
  expect(await failureOf(withDeadline(20, late))).toMatchObject({
    code: 'deadline',
    phase: 'admit',
    sent: 'no',
  })
  expect(await failureOf(withDeadline(0, () => made.get('/').text()))).toMatchObject({ code: 'deadline' })
  await made.get('/').text()
  expect(told).toHaveLength(1)
  expect(made.getMetrics()).toMatchObject({ total_requests: 3, total_attempts: 1, timeout_errors: 2 })
})

test('nor is it, with less time left than attemptFloor', async () => {
  const [server, told] = await telling()
  const made = client(server, { attemptFloor: 200 })
  const error = await failureOf(withDeadline(100, () => made.get('/').text()))
  expect(error).toMatchObject({ code: 'deadline', sent: 'no' })
  expect(error.message).toContain('attemptFloor')
  expect(told).toEqual([])
})

test('whoever waits for a connection leaves the line when the surroundings end', async () => {
  const [server, told] = await telling([], 150)
  const made = client(server, { maxConnections: 1 })
  const first = made.get('/').text()
  await eventually(() => told.length === 1, 'the first is out')
  const error = await soon(failureOf(withDeadline(50, () => made.get('/').text())), 'it ends')
  expect(error).toMatchObject({ code: 'deadline', phase: 'wait', sent: 'no' })
  expect(made.pool.snapshot().waiting).toBe(0)
  expect(await first).toBe('done')
  expect(told).toHaveLength(1)
})

test('fetch keeps the deadline around it, too', async () => {
  const [server] = await telling([], 1_000)
  const made = client(server)
  const fetched = withDeadline(60, () => made.fetch(`${server.origin}/`))
  await expect(soon(fetched, 'it ends')).rejects.toMatchObject({ cause: { code: 'deadline' } })
})
