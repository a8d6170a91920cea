/** Limits that follow what a server can do, over real sockets: what is heard of each ending, and what comes of it. */
import { constants } from 'node:http2'
import type http from 'node:http'
import { ConfigError, ConnectionPool, KeepwarmError, type ConnectionPoolOptions } from 'keepwarm'
import { request, type Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import type { Limiter } from '../src/limit/limiter.ts'
import { startHttp, startH2, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

interface Sample {
  readonly rtt: number
  readonly inFlight: number
  readonly outcome: string
}

/** Takes the place of the limiter of an origin's lane. */
class Listener implements Limiter {
  readonly limit: number
  readonly heard: Sample[] = []

  private constructor(limit: number) {
    this.limit = limit
  }

  static of(pool: ConnectionPool, origin: string, limit = 10): Listener {
    const listener = new Listener(limit)
    pool['conductor'].core.origin(origin).lane.limiter = listener
    return listener
  }

  sample(rtt: number, inFlight: number, outcome: string): void {
    this.heard.push({ rtt, inFlight, outcome })
  }

  get outcomes(): string[] {
    return this.heard.map(({ outcome }) => outcome)
  }
}

/** A server whose paths say what it does: /503, /429, /wait/40, /reset, /stream/200. */
const play: http.RequestListener = (incoming, response) => {
  const [, what, number] = incoming.url!.split('/')
  if (what === 'reset') return void incoming.socket.resetAndDestroy()
  if (what === 'wait') return void setTimeout(() => response.end('late'), Number(number))
  if (what === 'stream') {
    response.write('first')
    return void setTimeout(() => response.end('last'), Number(number))
  }
  const status = Number(what)
  response.writeHead(status >= 200 ? status : 200, number === undefined ? {} : { 'retry-after': number })
  response.end('done')
}

const text = async (url: string, dispatcher: Dispatcher, options: object = {}): Promise<string> => {
  const { body } = await request(url, { dispatcher, ...options })
  return body.text()
}

test('each ending is heard as what it says of the server', async () => {
  await using server = await startHttp(play)
  await using pool = new ConnectionPool({ limiter: true })
  const listener = Listener.of(pool, server.origin)
  for (const path of ['/200', '/404', '/429', '/503/0', '/503', '/502', '/500', '/501']) {
    await text(server.origin + path, pool)
  }
  await expect(text(`${server.origin}/reset`, pool, { method: 'POST', body: 'x' })).rejects.toMatchObject({
    code: 'ECONNRESET',
  })
  const { outcomes, heard } = listener
  expect(outcomes).toEqual(['success', 'success', 'overload', 'overload', 'lost', 'lost', 'lost'])
  expect(heard.every(({ inFlight }) => inFlight === 1)).toBe(true)
})

test('the time in our own line is in no sample, nor that of a long body', async () => {
  await using server = await startHttp(play)
  await using pool = new ConnectionPool({ limiter: { max: 1 } })
  const listener = Listener.of(pool, server.origin, 1)
  const began = performance.now()
  await Promise.all(Array.from({ length: 6 }, () => text(`${server.origin}/wait/50`, pool)))
  const took = performance.now() - began
  expect(took).toBeGreaterThan(6 * 45)
  expect(listener.heard).toHaveLength(6)
  for (const { rtt, inFlight } of listener.heard) {
    expect(rtt).toBeGreaterThan(40)
    expect(rtt).toBeLessThan(took / 2)
    expect(inFlight).toBe(1)
  }
  await text(`${server.origin}/stream/400`, pool)
  expect(listener.heard[6]!.rtt).toBeLessThan(200)
})

test('a caller who leaves is not heard; one whose time is up is, when the server had it for longer than the line', async () => {
  await using server = await startHttp(play)
  await using pool = new ConnectionPool({ limiter: true })
  const listener = Listener.of(pool, server.origin)
  const url = `${server.origin}/wait/2000`
  const leave = async (signal: AbortSignal, abort?: () => void): Promise<void> => {
    const before = server.requests
    const left = text(url, pool, { signal })
    const gone = expect(left).rejects.toThrow()
    await eventually(() => server.requests > before, 'it is with the server')
    await sleep(60) // for longer than the dial took
    abort?.()
    await gone
  }
  for (const reason of [undefined, new Error('bored'), new KeepwarmError('aborted', 'bored')]) {
    const controller = new AbortController()
    await leave(controller.signal, () => controller.abort(reason))
  }
  expect(listener.outcomes).toEqual([])
  for (const code of ['attempt_timeout', 'deadline'] as const) {
    const controller = new AbortController()
    await leave(controller.signal, () => controller.abort(new KeepwarmError(code, 'late')))
  }
  await leave(AbortSignal.timeout(300))
  expect(listener.outcomes).toEqual(['lost', 'lost', 'lost'])
})

test('a request that waited for longer in our line than it was with the server is no loss of the server', async () => {
  await using server = await startHttp(play)
  await using pool = new ConnectionPool({ limiter: true, maxConnections: 1 })
  const listener = Listener.of(pool, server.origin)
  const first = text(`${server.origin}/wait/300`, pool)
  const second = text(`${server.origin}/wait/300`, pool, { signal: AbortSignal.timeout(400) })
  await expect(second).rejects.toThrow()
  expect(await first).toBe('late')
  expect(listener.outcomes).toEqual(['success'])
})

test('what becomes a tunnel is no measure', async () => {
  await using server = await startHttp()
  server.server.on('connect', (_request, socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'))
  await using pool = new ConnectionPool({ limiter: true })
  const listener = Listener.of(pool, server.origin)
  const { socket } = await pool.connect({ origin: server.origin, path: 'elsewhere:443' })
  socket.destroy()
  expect(listener.heard).toEqual([])
})

test('a refused HTTP/2 stream is overload, and the request goes again', async () => {
  let refusals = 1
  await using server = await startH2((stream) => {
    if (refusals-- > 0) return stream.close(constants.NGHTTP2_REFUSED_STREAM)
    stream.respond({ ':status': 200 })
    stream.end('served')
  })
  await using pool = new ConnectionPool({ limiter: true, connect: trust })
  const listener = Listener.of(pool, server.origin)
  expect(await text(server.origin, pool)).toBe('served')
  expect(listener.outcomes).toEqual(['overload', 'success'])
})

test('fetch goes by the limit: it falls while the server says that it is too much, and grows back when it is well', async () => {
  let overloaded = true
  let most = 0
  let now = 0
  await using server = await startHttp((_request, response) => {
    most = Math.max(most, ++now)
    setTimeout(() => {
      now--
      response.writeHead(overloaded ? 503 : 200, overloaded ? { 'retry-after': '0' } : {}).end()
    }, 5)
  })
  const limiter = { initial: 16, max: 20 }
  await using pool = new ConnectionPool({ limiter, maxConnectionsPerOrigin: 30 })
  let over = false
  const loop = async (): Promise<void> => {
    while (!over) await (await fetch(server.origin, { dispatcher: pool } as object)).arrayBuffer()
  }
  const limit = (): number => pool.snapshot().origins[0]?.limit ?? NaN
  const loops = Array.from({ length: 25 }, loop)
  await eventually(() => limit() <= 2, 'the limit falls')
  expect(most).toBe(16)
  await eventually(() => now <= 2, 'no more than that are under way')
  overloaded = false
  await eventually(() => limit() >= 6, 'the limit grows', 15_000)
  over = true
  await Promise.all(loops)
  expect(most).toBeLessThanOrEqual(20)
})

test('each group of paths has a limit of its own, and what one does is nothing to the other', async () => {
  await using server = await startHttp((incoming, response) => {
    if (!incoming.url!.startsWith('/slow')) return void response.end('fast')
    setTimeout(() => response.writeHead(429).end(), 20)
  })
  const groups = { slow: { paths: ['/slow'], maxInFlight: 30, limiter: { initial: 10 } } }
  await using pool = new ConnectionPool({ limiter: { initial: 8 }, groups })
  let over = false
  const loop = async (path: string): Promise<void> => {
    while (!over) await text(server.origin + path, pool)
  }
  const loops = [...Array.from({ length: 12 }, () => loop('/slow')), loop('/fast')]
  const origin = (): object => pool.snapshot().origins[0]!
  await eventually(
    () => pool.snapshot().origins[0]?.groups[0]?.limit === 1,
    'the limit of the slow ones falls',
  )
  over = true
  expect(origin()).toMatchObject({ limit: 8, groups: [{ group: 'slow', maxInFlight: 30, limit: 1 }] })
  await Promise.all(loops)
})

test('whoever waits in vain is told of the limit; it can be changed and ended at run time', async () => {
  await using server = await startHttp(play)
  const limiter = { initial: 2, max: 2 }
  const groups = { some: { paths: ['/wait/*'], maxInFlight: 9, limiter: false } }
  await using pool = new ConnectionPool({ limiter, groups, maxQueue: 1 })
  const get = (): Promise<string> => text(`${server.origin}/stream/300`, pool)
  const three = [get(), get(), get()]
  await eventually(() => server.requests === 2, 'two are with the server')
  await expect(get()).rejects.toMatchObject({
    code: 'queue_full',
    message: expect.stringContaining('blocked by limit 2 (adaptive; 2 in flight)'),
  })
  expect(pool.snapshot().origins[0]).toMatchObject({ limit: 2, inFlight: 2, waiting: 1, groups: [] })
  pool.setLimits({ limiter: false })
  await eventually(() => server.requests === 3, 'nobody waits any more')
  expect(pool.snapshot().origins[0]).toMatchObject({ limit: null, inFlight: 3 })
  pool.setLimits({ limiter: { max: 1 }, groups: { some: { limiter: true, maxInFlight: 3 } } })
  await Promise.all(three)
  const fourth = get()
  const fifth = text(`${server.origin}/wait/10`, pool)
  expect(pool.snapshot().origins[0]).toMatchObject({ limit: 1, groups: [{ limit: 3, maxInFlight: 3 }] })
  expect(await soon(Promise.all([fourth, fifth]), 'both')).toEqual(['firstlast', 'late'])
})

test('without the option there is no limiter, and nothing is measured', async () => {
  await using server = await startHttp(play)
  await using pool = new ConnectionPool()
  const asked = text(`${server.origin}/wait/20`, pool)
  await sleep(5)
  const { lane } = pool['conductor'].core.origin(server.origin)
  expect([lane.limiter, lane.maxInFlight]).toEqual([null, Infinity])
  await asked
})

test.each([
  [{ limiter: 5 }, 'limiter = 5', 'true, false or an object'],
  [{ limiter: { max: 0 } }, 'limiter.max = 0', 'not less than limiter.min (1)'],
  [{ limiter: { maximum: 3, min: 0 } }, 'limiter.maximum', 'a known option: algorithm, min, max, initial'],
  [{ limiter: { algorithm: 'vegas' } }, 'limiter.algorithm = vegas', 'half-probe'],
  [
    { groups: { a: { paths: ['/'], maxInFlight: 1, limiter: { min: 3, max: 2 } } } },
    'groups.a.limiter.max = 2',
    'not less than groups.a.limiter.min (3)',
  ],
])('%j is refused, and the message says what is wrong', async (wrong, named, allowed) => {
  const make = (): unknown => new ConnectionPool(wrong as unknown as ConnectionPoolOptions)
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(named)
  expect(make).toThrow(allowed)
  await using pool = new ConnectionPool({ groups: { a: { paths: ['/'], maxInFlight: 1 } } })
  const { groups } = wrong as { groups?: { a: { limiter: object } } }
  const change = groups === undefined ? wrong : { groups: { a: { limiter: groups.a.limiter } } }
  expect(() => pool.setLimits(change as object)).toThrow(named)
})
