/** Where the time of a call went, and what carried it: on every response and every error, over real sockets. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { expect, test } from 'vitest'
import type { CallTimings } from '../src/call-facts.ts'
import { HttpClient } from '../src/client/http-client.ts'
import type { HttpStatusError } from '../src/errors.ts'
import { resilience } from '../src/client/interceptor.ts'
import { ConnectionPool } from '../src/pool/pool.ts'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startH2, startHttp, startHttps, trust } from './support/servers.ts'

/** Before, in line, sending, until the head, until the end. */
function sum({ before, queued, send = 0, headers = 0, download = 0 }: CallTimings): number {
  return before + queued + send + headers + download
}

test('the parts of a call add up to the whole, and a connection that was dialed for it says so', async () => {
  const read = Promise.withResolvers<void>()
  await using server = await startHttp(async (_incoming, response) => {
    await sleep(30)
    response.write('a')
    await read.promise
    response.end('b')
  })
  await using client = clientOf(server)
  const response = await client.get('/')
  await sleep(30)
  expect(response.timings.download).toBeGreaterThan(25) // so far
  read.resolve()
  await response.text()
  const { timings } = response
  expect(sum(timings)).toBeCloseTo(timings.total, 3)
  expect(timings.headers).toBeGreaterThan(25)
  expect(timings.download).toBeGreaterThan(25)
  expect(timings.connect!.total).toBeLessThanOrEqual(timings.queued)
  expect(timings.connect!.tcp).toBeLessThanOrEqual(timings.connect!.total)
  expect(timings.connect).not.toHaveProperty('tls')
  await sleep(20)
  expect(response.timings).toEqual(timings) // it is over
})

test('what is kept open says how old it is and what it served; nothing was dialed for that call', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  await client.get('/').text()
  await sleep(20)
  const second = await client.get('/')
  await second.text()
  expect(second.timings).not.toHaveProperty('connect')
  const { connection } = second
  expect(connection).toMatchObject({ reused: true, requestsServed: 2, protocol: 'http/1.1' })
  expect(connection).toMatchObject({
    address: `127.0.0.1:${server.port}`,
    local: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
  })
  expect(connection!.age).toBeGreaterThan(15)
  expect(connection!.id).toBe(client.pool.connections()[0]!.id)
  expect(JSON.parse(JSON.stringify(connection))).toEqual(connection)
})

test('its connection is known when it is gone', async () => {
  await using server = await startHttp((_incoming, response) => {
    response.setHeader('connection', 'close')
    response.end('bye')
  })
  await using client = clientOf(server)
  const response = await client.get('/')
  await response.text()
  await sleep(20)
  expect(client.pool.connections()).toEqual([])
  expect(response.connection).toMatchObject({
    reused: false,
    requestsServed: 1,
    address: `127.0.0.1:${server.port}`,
  })
})

test('a look-up, TCP and TLS are told apart', async () => {
  await using server = await startHttps()
  await using client = new HttpClient({ connect: trust })
  const response = await client.get(`https://localhost:${server.port}/`)
  await response.text()
  const { total, dns, tcp, tls } = response.timings.connect!
  expect(tls).toBeGreaterThan(0)
  expect(dns! + tcp! + tls!).toBeLessThanOrEqual(total + 0.001)
})

test('HTTP/2: many share a session, and each knows it', async () => {
  await using server = await startH2((stream) => stream.respond({ ':status': 200 }, { endStream: true }))
  await using client = new HttpClient({ baseUrl: server.origin, connect: trust })
  await client.get('/').text()
  const responses = await Promise.all([1, 2, 3].map(async () => client.get('/')))
  await Promise.all(responses.map((response) => response.text()))
  const ids = responses.map(({ connection }) => connection!.id)
  expect(new Set(ids).size).toBe(1)
  expect(responses.map(({ connection }) => connection!.requestsServed).sort()).toEqual([2, 3, 4])
  expect(responses[0]!.connection).toMatchObject({ protocol: 'h2', reused: true })
})

test('waiting for a connection is time in line', async () => {
  await using server = await startHttp(async (_incoming, response) => {
    await sleep(40)
    response.end('ok')
  })
  await using client = clientOf(server, { maxConnections: 1 })
  const first = client.get('/').text()
  const second = await client.get('/')
  await Promise.all([first, second.text()])
  expect(second.timings.queued).toBeGreaterThan(35)
  expect(second.timings).not.toHaveProperty('connect') // it was dialed for the first
})

test('after retries: the times of the attempt that won, what it took until then, and what came of the others', async () => {
  let asked = 0
  await using server = await startHttp(async (_incoming, response) => {
    asked++
    await sleep(20)
    response.writeHead(asked < 3 ? 503 : 200).end('ok')
  })
  await using client = clientOf(server)
  const response = await client.get('/')
  await response.text()
  expect(response.attempt).toBe(3)
  expect(response.attempts).toMatchObject([
    { number: 1, ending: 503 },
    { number: 2, ending: 503 },
  ])
  expect(response.timings.before).toBeGreaterThan(35)
  expect(sum(response.timings)).toBeCloseTo(response.timings.total, 3)
})

test('a hedge that won: its times and its connection; the attempt that lost is among the others', async () => {
  let asked = 0
  await using server = await startHttp((_incoming, response) => {
    if (++asked > 1) response.end('fast')
  })
  await using client = clientOf(server, { hedge: { after: 30, share: 1 } })
  const response = await client.get('/')
  await response.text()
  expect(response.attempt).toBe(2)
  expect(response.attempts).toMatchObject([{ number: 1, ending: 'aborted' }])
  expect(response.timings.before).toBeGreaterThan(25)
  expect(response.timings.headers).toBeLessThan(500)
  expect(sum(response.timings)).toBeCloseTo(response.timings.total, 3)
  expect(response.connection!.requestsServed).toBe(1)
})

test('an answer that comes before the request is sent is not waited for', async () => {
  await using server = await startHttp((_incoming, response) => void response.writeHead(413).end('no'))
  await using client = clientOf(server)
  const body = async function* (): AsyncGenerator<string> {
    yield 'x'
    await sleep(40)
    yield 'y'
  }
  const response = await client.post('/', { body: body() })
  await response.text()
  expect(response.timings.headers).toBe(0)
  expect(sum(response.timings)).toBeCloseTo(response.timings.total, 3)
})

test('an error has them, too, as JSON: also one that a status made', async () => {
  await using server = await startHttp((_incoming, response) => void response.writeHead(404).end('no'))
  await using client = clientOf(server)
  const error = (await failureOf(client.get('/').json())) as HttpStatusError
  expect(error.status).toBe(404)
  expect(error.connection).toMatchObject({ requestsServed: 1 })
  expect(sum(error.timings!)).toBeCloseTo(error.timings!.total, 3)
  expect(JSON.parse(JSON.stringify(error.timings))).toEqual(error.timings)
})

test('a lost connection: how old it was and what it had served', async () => {
  let asked = 0
  await using server = await startHttp((incoming, response) => {
    if (++asked === 1) response.end('ok')
    else incoming.socket.destroy()
  })
  await using client = clientOf(server)
  await client.get('/').text()
  const error = await failureOf(client.post('/', { body: 'x' }).text())
  expect(error).toMatchObject({ code: 'reset', connection: { reused: true, requestsServed: 2 } })
  expect(error.timings).toHaveProperty('headers')
})

test('no connection: all of the time was in line', async () => {
  await using client = new HttpClient({ baseUrl: 'http://127.0.0.1:1', retry: false })
  const error = await failureOf(client.get('/').text())
  expect(error).toMatchObject({ code: 'connect' })
  expect(error.connection).toBeUndefined()
  expect(error.timings!.queued).toBeCloseTo(error.timings!.total, 0)
  expect(error.timings).not.toHaveProperty('send')
})

test("over undici's own dispatchers there are times, and no connection that anybody knows", async () => {
  await using server = await startHttp(async (_incoming, response) => {
    await sleep(100)
    response.end('late')
  })
  const agent = new Agent()
  const dispatcher = agent.compose(resilience({ headersTimeout: 40, retry: false }))
  const error = await failureOf(request(server.origin, { dispatcher }))
  expect(error.connection).toBeUndefined()
  expect(error.timings!.headers).toBeGreaterThan(35)
  await agent.destroy()
})

test("over keepwarm's pool the interceptor knows the connection", async () => {
  await using server = await startHttp((_incoming, response) => void response.writeHead(200).write('x'))
  await using pool = new ConnectionPool()
  const dispatcher = pool.compose(resilience({ bodyIdleTimeout: 40, retry: false }))
  const { body } = await request(server.origin, { dispatcher })
  const error = await failureOf(body.text())
  expect(error).toMatchObject({ code: 'attempt_timeout', connection: { requestsServed: 1 } })
})
