/** What a client writes to its logger, over real sockets. */
import type http from 'node:http'
import { channel } from 'node:diagnostics_channel'
import { Writable } from 'node:stream'
import { HttpClient, type HttpClientOptions } from 'keepwarm'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { startHttp, startRaw, eachRequest, rawResponse } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

interface Line {
  readonly level: string
  readonly fields: Record<string, unknown>
  readonly message: string
}

/** Keeps what it is told. */
class Lines {
  readonly all: Line[] = []
  readonly debug = this.at('debug')
  readonly info = this.at('info')
  readonly warn = this.at('warn')
  readonly error = this.at('error')

  of(level: string): Line[] {
    return this.all.filter((line) => line.level === level)
  }

  private at(level: string): (fields: object, message: string) => void {
    return (fields, message) =>
      void this.all.push({ level, fields: fields as Record<string, unknown>, message })
  }
}

const byPath: http.RequestListener = ({ url = '' }, response) => {
  response.writeHead(Number(/\d{3}/.exec(url)?.[0] ?? 200), { 'x-secret': 'header' }).end('secret body')
}

interface Scene extends AsyncDisposable {
  readonly lines: Lines
  readonly client: HttpClient
  readonly origin: string
}

async function start(options: HttpClientOptions = {}, answer: http.RequestListener = byPath): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await startHttp(answer))
  const lines = new Lines()
  const baseUrl = server.origin
  const client = stack.use(
    new HttpClient({ name: 'orders', baseUrl, retry: false, logger: lines, ...options }),
  )
  return { lines, client, origin: server.origin, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test('each call is a line at debug, with its figures first, and nothing that is secret', async () => {
  await using scene = await start()
  const { lines, client, origin } = scene
  await client.get('/orders?token=secret', { operation: 'list', headers: { authorization: 'secret' } }).text()
  expect(lines.all).toHaveLength(1)
  const [{ level, fields, message }] = lines.all as [Line]
  expect(level).toBe('debug')
  expect(fields).toMatchObject({
    ...{ kind: 'call', client: 'orders', method: 'GET', origin, path: '/orders', operation: 'list' },
    ...{ status: 200, attempts: 1, duration: expect.any(Number) as number, reused: false },
  })
  expect(message).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/orders 200 in \d+ ms$/)
  expect(JSON.stringify(lines.all)).not.toContain('secret')
})

test('a call that fails says why, at debug; retries that are used up are a warning', async () => {
  await using scene = await start({ retry: { attempts: 2, base: 1 } })
  await failureOf(scene.client.get('/503').text())
  expect(scene.lines.of('debug')[0]!.fields).toMatchObject({ status: 503, attempts: 2 })
  expect(scene.lines.of('warn').map(({ fields }) => fields)).toEqual([
    expect.objectContaining({ kind: 'retry', because: 'attempts_used', status: 503, attempts: 2 }),
  ])
})

test('a breaker that opens is a warning, and so is what it refuses; a storm of refusals is ten lines', async () => {
  await using scene = await start({ breaker: { minimumCompletions: 2, window: 5_000 } })
  const { lines, client } = scene
  for (let i = 0; i < 2; i++) await failureOf(client.get('/500').text())
  for (let i = 0; i < 50; i++) await failureOf(client.get('/500').text())
  const kinds = Object.groupBy(lines.of('warn'), ({ fields }) => String(fields['kind']))
  expect(kinds['breaker']).toHaveLength(1)
  expect(kinds['breaker']![0]!.fields).toMatchObject({ from: 'closed', to: 'open', client: 'orders' })
  expect(kinds['refused']).toHaveLength(10)
  expect(kinds['refused']![0]!.fields).toMatchObject({ code: 'breaker_open', attempts: 0 })
  expect(lines.of('debug')).toHaveLength(52)
  await client.close()
  expect(lines.of('warn').at(-1)).toMatchObject({
    fields: { kind: 'refused', swallowed: 40 },
    message: '40 more lines about "refused" were not written',
  })
})

test('a call that gets no connection in time is a warning', async () => {
  await using scene = await start({ maxConnections: 1, acquireTimeout: 20 }, () => {})
  const { lines, client } = scene
  const first = failureOf(client.get('/', { timeout: 200 }).text())
  await sleep(5)
  await failureOf(client.get('/').text())
  await first
  expect(lines.of('warn').map(({ fields }) => fields['code'])).toEqual(['acquire_timeout'])
})

test('a response that nobody reads is a warning that names the request', async () => {
  const large: http.RequestListener = (_, response) => response.end(Buffer.alloc(8_000_000))
  await using scene = await start({ leakAfter: 40 }, large)
  const response = await scene.client.get('/large?q=secret')
  await eventually(() => scene.lines.of('warn').length === 1, 'a line')
  expect(scene.lines.of('warn')[0]).toMatchObject({
    fields: { kind: 'leak', path: '/large', client: 'orders' },
  })
  expect(JSON.stringify(scene.lines.all)).not.toContain('secret')
  response.body.destroy()
})

test('a race that was lost is a warning, though its caller saw nothing', async () => {
  await using server = await startRaw((socket) =>
    eachRequest(socket, (_, number) =>
      number === 1 ? socket.write(rawResponse('first')) : socket.destroy(),
    ),
  )
  const lines = new Lines()
  await using client = new HttpClient({ name: 'orders', baseUrl: server.origin, retry: false, logger: lines })
  await client.get('/').text()
  expect(await client.get('/').text()).toBe('first')
  expect(lines.of('warn').map(({ fields }) => fields)).toEqual([
    expect.objectContaining({ kind: 'race', race: 'race', path: '/' }),
  ])
})

test('two clients write to their own loggers', async () => {
  await using scene = await start()
  await using other = new HttpClient({ name: 'other', baseUrl: scene.origin, logger: new Lines() })
  await other.get('/').text()
  expect(scene.lines.all).toEqual([])
})

test('pino has the fields as fields, and no line of a call is made for it below debug', async () => {
  const written: Record<string, unknown>[] = []
  const to = new Writable({
    write(chunk: Buffer, _, done) {
      written.push(JSON.parse(chunk.toString()) as Record<string, unknown>)
      done()
    },
  })
  const logger = pino({ level: 'debug' }, to)
  await using scene = await start({ logger })
  await scene.client.get('/').text()
  logger.level = 'info'
  await scene.client.get('/').text()
  expect(written).toHaveLength(1)
  expect(written[0]).toMatchObject({
    level: 20,
    kind: 'call',
    client: 'orders',
    status: 200,
    msg: expect.anything() as string,
  })
})

test('no line of a call is made for a logger that does not want it', async () => {
  const lines = new Lines()
  const asked: string[] = []
  const logger = Object.assign(lines, { isLevelEnabled: (level: string) => (asked.push(level), false) })
  await using scene = await start({ logger })
  await scene.client.get('/').text()
  expect({ asked, written: lines.all }).toEqual({ asked: ['debug'], written: [] })
})

test('console is a logger', async () => {
  const debug = vi.spyOn(console, 'debug').mockImplementation(() => {})
  await using scene = await start({ logger: console })
  await scene.client.get('/').text()
  expect(debug.mock.calls).toEqual([
    [expect.objectContaining({ kind: 'call' }), expect.stringContaining('200 in')],
  ])
  debug.mockRestore()
})

test('without a logger nobody listens, and nobody does any more when the client is closed', async () => {
  const calls = channel('keepwarm:call:end')
  await using silent = await start({ logger: undefined as never })
  await silent.client.get('/').text()
  expect(calls.hasSubscribers).toBe(false)
  const scene = await start()
  expect(calls.hasSubscribers).toBe(true)
  await scene[Symbol.asyncDispose]()
  expect(calls.hasSubscribers).toBe(false)
})

test('what is no logger is refused', () => {
  expect(() => new HttpClient({ logger: 'info' as never })).toThrow(
    'a logger with debug(), info(), warn() and error()',
  )
})
