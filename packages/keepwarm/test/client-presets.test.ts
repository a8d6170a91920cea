/** What a client does by itself about failures, in one word; and bodies and breakers as the server sees them. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import type { CallOptions, HttpClientOptions } from '../src/client/options.ts'
import { bodyOf, clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serverOf(...listener: Parameters<typeof startHttp>): Promise<TestServer> {
  const server = await startHttp(...listener)
  closing.push(() => server[Symbol.asyncDispose]())
  return server
}

function client(server: TestServer, options: HttpClientOptions = {}): HttpClient {
  const made = clientOf(server, options)
  closing.push(() => made.close())
  return made
}

// ── presets ────────────────────────────────────────────────────────────────────────────────────────────────────

const failing: Parameters<typeof startHttp>[0] = (_, response) => response.writeHead(500).end()
const fewer = { breaker: { minimumCompletions: 4 } }

test.each<[string, HttpClientOptions, CallOptions, number]>([
  ['standard tries again', { resilience: 'standard' }, {}, 3],
  ['and so does a client that says nothing', {}, {}, 3],
  ['hedged does as well', { resilience: 'hedged' }, {}, 3],
  ['none does not', { resilience: 'none' }, {}, 1],
  ['what is said beside it holds', { resilience: 'none', retry: { attempts: 2, base: 1 } }, {}, 2],
  ['a call may want none', {}, { resilience: 'none' }, 1],
  ['and say what it wants beside that', {}, { resilience: 'none', retry: { attempts: 2, base: 1 } }, 2],
])('%s', async (_, options, says, requests) => {
  const server = await serverOf(failing)
  const made = new HttpClient({ baseUrl: server.origin, ...options })
  closing.push(() => made.close())
  await failureOf(made.get('/', says).text())
  expect(server.requests).toBe(requests)
})

test('none has no breaker, unless one is given', async () => {
  const server = await serverOf(failing)
  const bare = new HttpClient({ baseUrl: server.origin, resilience: 'none' })
  closing.push(() => bare.close())
  for (let call = 0; call < 30; call++) await failureOf(bare.get('/').text())
  expect(server.requests).toBe(30)
  expect(bare.getMetrics()).toMatchObject({ circuit_breaker_opens: 0, circuit_breaker_state: 'closed' })
  const guarded = new HttpClient({ baseUrl: server.origin, resilience: 'none', ...fewer })
  closing.push(() => guarded.close())
  for (let call = 0; call < 30; call++) await failureOf(guarded.get('/').text())
  expect(server.requests).toBe(34)
})

test('a call with none goes past an open breaker, and tells it nothing', async () => {
  let status = 500
  const server = await serverOf((_, response) => response.writeHead(status).end('body'))
  const made = client(server, { retry: false, ...fewer })
  for (let call = 0; call < 4; call++) await failureOf(made.get('/').text())
  expect(await failureOf(made.get('/').text())).toMatchObject({ code: 'breaker_open' })
  status = 200
  expect(await made.get('/', { resilience: 'none' }).text()).toBe('body')
  expect(await failureOf(made.get('/').text())).toMatchObject({ code: 'breaker_open' })
})

test('hedged hedges, when it knows what is usual; standard and none do not', async () => {
  for (const [resilience, hedges] of [
    ['hedged', true],
    ['standard', false],
    ['none', false],
  ] as const) {
    const server = await serverOf()
    const made = client(server, { resilience })
    const call = made.get('/', { hedge: true }).text()
    if (hedges) expect(await call).toBe('hello')
    else expect(await failureOf(call)).toMatchObject({ problems: [{ variable: 'hedge' }] })
  }
})

// ── bodies ─────────────────────────────────────────────────────────────────────────────────────────────────────

const file = fileURLToPath(new URL('support/test-only-key.pem', import.meta.url))

/** Refuses the first upload with 503 when it has come, or cuts it off in the middle. */
async function uploads(first: '503' | 'reset'): Promise<[TestServer, string[]]> {
  const bodies: string[] = []
  let number = 0
  const server = await serverOf(async (request, response) => {
    if (number++ === 0 && first === 'reset')
      return void request.once('data', () => request.socket.resetAndDestroy())
    bodies.push(await bodyOf(request))
    response.writeHead(bodies.length === 1 && first === '503' ? 503 : 200).end('got it')
  })
  return [server, bodies]
}

test('a body that is made for each attempt comes whole each time', async () => {
  const [server, bodies] = await uploads('503')
  const made = client(server, { retry: { base: 1, throttledBase: 1 } })
  expect(await made.put('/', { body: () => createReadStream(file) }).text()).toBe('got it')
  expect(bodies).toHaveLength(2)
  expect(bodies[0]).toBe(bodies[1])
  expect(bodies[0]).toContain('PRIVATE KEY')
})

test('also when the connection was lost in the middle of it', async () => {
  const [server, bodies] = await uploads('reset')
  const made = client(server)
  const part = 'x'.repeat(50_000)
  const body = async function* (): AsyncGenerator<string> {
    for (let number = 0; number < 20; number++) {
      yield part
      await sleep(1)
    }
  }
  expect(await soon(made.put('/', { body }).text(), 'the second upload')).toBe('got it')
  expect(bodies).toEqual([part.repeat(20)])
})

test('a stream that is spent is not sent again, and the error says what to do', async () => {
  const [server] = await uploads('503')
  const made = client(server, { retry: { base: 1, throttledBase: 1 } })
  const error = await failureOf(made.put('/', { body: Readable.from(['once']) }).text())
  expect(error).toMatchObject({ code: 'status', status: 503 })
  expect(error.notRetried).toContain('a stream that is spent')
  expect(made.getMetrics().retries_suppressed).toEqual({ body_not_replayable: 1 })
})

test.each<[string, () => unknown, string]>([
  [
    'throws',
    () => {
      throw new Error('the file is gone')
    },
    'the file is gone',
  ],
  ['returns nothing', () => undefined, 'returned undefined'],
  ['returns a stream that was read', () => Readable.from([]).destroy(), 'read or closed before'],
])('a function that %s ends the call before anything is sent', async (_, body, text) => {
  const server = await serverOf()
  const made = client(server)
  const error = await failureOf(made.put('/', { body: body as () => Readable }).text())
  expect(error).toMatchObject({ code: 'invalid_request', sent: 'no' })
  expect(error.message).toContain(text)
  expect(server.requests).toBe(0)
  expect(made.getMetrics()).toMatchObject({ retries_attempted: 0, circuit_breaker_state: 'closed' })
})

// ── admission and probes ───────────────────────────────────────────────────────────────────────────────────────

test('a call whose breaker opens while it waits in line never reaches the server, and the next one has the connection', async () => {
  const paths: string[] = []
  let fail = (): void => {}
  const server = await serverOf((request, response) => {
    paths.push(request.url!)
    if (request.url === '/slow') fail = () => response.writeHead(500).end()
    else response.end('good')
  })
  const breaker = { minimumCompletions: 1, openFor: 100 }
  const made = client(server, { retry: false, maxConnections: 1, breaker })
  const slow = made.get('/slow', { throwOnStatus: false }).text()
  await eventually(() => paths.length === 1, 'the first is out')
  const waiting = failureOf(made.get('/waiting').text())
  await eventually(() => made.pool.snapshot().waiting === 1, 'the second waits')
  fail()
  await slow
  expect(await soon(waiting, 'it is turned away')).toMatchObject({
    code: 'breaker_open',
    sent: 'no',
    attempts: [{ ending: 'breaker_open', phase: 'wait', sent: 'no' }],
  })
  await sleep(120)
  expect(await made.get('/next').text()).toBe('good')
  expect(paths).toEqual(['/slow', '/next'])
  expect(server.total).toBe(1)
})

test('a probe has less time than others, so that a server that still hangs is known sooner', async () => {
  let status: number | undefined = 500
  const server = await serverOf((_, response) => {
    if (status !== undefined) response.writeHead(status).end()
  })
  const breaker = { minimumCompletions: 1, openFor: 60, probeTimeout: 50 }
  const made = client(server, { retry: false, breaker })
  await failureOf(made.get('/').text())
  status = undefined
  await sleep(80)
  const error = await soon(failureOf(made.get('/').text()), 'the probe ends')
  expect(error).toMatchObject({ code: 'attempt_timeout' })
  expect(error.message).toContain('breaker.probeTimeout')
  expect(made.getMetrics()).toMatchObject({ circuit_breaker_opens: 2 })
})
