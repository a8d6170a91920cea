/** What is told of a call, by whichever way it comes, over real sockets. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { LookupFunction } from 'node:net'
import { ConnectionPool, HttpClient, resilience, subscribeEvents, type HttpClientOptions } from 'keepwarm'
import { Agent, fetch as undiciFetch, interceptors, request } from 'undici'
import { expect, test } from 'vitest'
import { EventBook } from './support/event-book.ts'
import { get } from './support/handlers.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

const one = ['call:start', 'attempt:start', 'attempt:end', 'call:end']

function clientOf({ origin }: TestServer, options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({ name: 'orders', baseUrl: origin, retry: { base: 1, throttledBase: 1 }, ...options })
}

/** Without what tells of connections. */
function ofCalls(book: EventBook): string[] {
  return book.told.filter((name) => /^(call|attempt|retry|breaker)/.test(name))
}

/** Answers 503 so many times, then well. */
function flaky(times: number): Promise<TestServer> {
  let left = times
  return startHttp((_, response) => {
    response.statusCode = left-- > 0 ? 503 : 200
    response.end('well')
  })
}

test('one call: begins, waits for its dial, goes out, ends; each names the other', async () => {
  await using server = await startHttp((_, response) => response.end('well'))
  using book = new EventBook()
  {
    await using client = clientOf(server)
    const headers = { authorization: 'Bearer secret' }
    await client.get('/hits?token=secret', { headers, operation: 'hits.list' }).text()
  }
  expect(book.told).toEqual([
    ...['call:start', 'attempt:start', 'wait:start', 'dial:start'],
    ...['dial:end', 'connection:open', 'wait:end', 'attempt:end', 'call:end', 'connection:close'],
  ])
  expect(book.wrong).toEqual([])
  const [start] = book.of('call:start')
  const subject = { method: 'GET', path: '/hits', origin: server.origin }
  expect(start).toMatchObject({ client: 'orders', ...subject, operation: 'hits.list', isCheck: false })
  expect(start!.url).toBe(`${server.origin}/hits?token=secret`)
  const [{ call }, [open], [wait], [attempt]] = [
    start!,
    book.of('connection:open'),
    book.of('wait:end'),
    book.of('attempt:end'),
  ]
  expect(wait).toMatchObject({ call, attempt: 1, pool: open!.pool, outcome: 'leased', waiting: 1 })
  expect(wait!.connection).toBe(open!.connection)
  expect(attempt).toMatchObject({ call, attempt: 1, why: 'initial', ...subject, status: 200, phase: 'body' })
  expect(attempt!.connection).toMatchObject({ id: open!.connection, reused: false, address: open!.address })
  expect(attempt!.timings.connect!.total).toBeLessThanOrEqual(attempt!.timings.queued)
  expect(book.of('call:end')[0]).toMatchObject({ call, status: 200, error: undefined, attempts: 1 })
  expect(book.of('connection:close')[0]).toMatchObject({ closed: 'shutdown', requests: 1 })
})

test('a retry: why, how long the pause is, and that the call ends well', async () => {
  await using server = await flaky(1)
  using book = new EventBook()
  await using client = clientOf(server)
  await client.get('/').text()
  expect(ofCalls(book)).toEqual([
    ...['call:start', 'attempt:start', 'attempt:end', 'retry', 'attempt:start', 'attempt:end', 'call:end'],
  ])
  expect(book.of('retry')[0]).toMatchObject({ attempt: 1, again: true, reason: 'status_503' })
  expect(book.of('attempt:start')[1]).toMatchObject({ attempt: 2, why: 'retry', reason: 'status_503' })
  expect(book.of('attempt:end').map(({ status }) => status)).toEqual([503, 200])
  expect(book.of('call:end')[0]).toMatchObject({ status: 200, attempts: 2 })
})

test('where there is no retry, why not; a 404 needs no reason', async () => {
  await using server = await startHttp((incoming, response) => {
    response.statusCode = incoming.url === '/gone' ? 404 : 503
    response.end()
  })
  using book = new EventBook()
  await using client = clientOf(server)
  await client.get('/gone').response()
  await client.post('/busy', { body: 'x' }).response()
  expect(book.of('retry')).toMatchObject([{ again: false, because: 'not_idempotent', method: 'POST' }])
})

test('a call that fails tells its error, and the attempt its code; a call that is cancelled failed nobody', async () => {
  await using server = await startHttp((_, response) => response.flushHeaders())
  using book = new EventBook()
  await using client = clientOf(server, { retry: false })
  const left = new AbortController()
  const call = client.get('/', { signal: left.signal }).text()
  await eventually(() => server.requests === 1, 'it is under way')
  left.abort()
  await call.catch(() => {})
  await using nowhere = new HttpClient({ baseUrl: 'http://127.0.0.1:1', retry: false })
  await nowhere
    .get('/')
    .text()
    .catch(() => {})
  expect(book.of('attempt:end')).toMatchObject([
    { code: 'aborted', cancelled: true, sent: 'maybe', phase: 'body', status: 200 },
    { code: 'connect', cancelled: false, sent: 'no', phase: 'connect' },
  ])
  expect(book.of('call:end').map(({ error }) => error?.code)).toEqual(['aborted', 'connect'])
  expect(book.of('dial:end')[1]).toMatchObject({ outcome: 'failed', code: 'ECONNREFUSED' })
})

test('a hedge: two attempts of one call; the one that was faster cancels the other', async () => {
  let number = 0
  await using server = await startHttp((_, response) => {
    if (number++ > 0) response.end('fast')
  })
  using book = new EventBook()
  await using client = clientOf(server, { hedge: { after: 20, share: 1 } })
  expect(await soon(client.get('/').text(), 'the hedge answers')).toBe('fast')
  expect(book.of('attempt:start').map(({ why, attempt }) => [why, attempt])).toEqual([
    ['initial', 1],
    ['hedge', 2],
  ])
  expect(book.of('attempt:end')).toMatchObject([
    { attempt: 1, code: 'aborted', cancelled: true },
    { attempt: 2, status: 200, cancelled: false },
  ])
  expect(book.of('wait:end').map(({ attempt }) => attempt)).toEqual([1, 2])
  expect(book.wrong).toEqual([])
})

test('by fetch, by dispatch, through interceptors: the same', async () => {
  await using server = await startHttp((_, response) => response.end('well'))
  await using client = clientOf(server)
  await using intercepted = clientOf(server, { interceptors: [interceptors.responseError()] })
  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    fetch: async () => (await client.fetch(server.origin)).text(),
    dispatch: () => get(client, server.origin),
    'fetch over it': async () => (await undiciFetch(server.origin, { dispatcher: client })).text(),
    interceptors: () => intercepted.get('/').text(),
  }
  for (const [name, ask] of Object.entries(ways)) {
    using book = new EventBook()
    expect(await ask(), name).toBe('well')
    expect(ofCalls(book), name).toEqual(one)
    for (const { call, attempt } of book.of('wait:start'))
      expect([call, attempt], name).not.toContain(undefined)
    expect(book.wrong, name).toEqual([])
  }
})

test('resilience() over a foreign dispatcher tells calls and attempts, over a pool of ours its waits, too', async () => {
  await using server = await flaky(1)
  const agent = new Agent()
  {
    using book = new EventBook()
    const dispatcher = agent.compose(resilience({ retry: { throttledBase: 1 } }))
    expect(await get(dispatcher, server.origin)).toBe('well')
    expect(ofCalls(book).filter((name) => name === 'attempt:end')).toHaveLength(2)
    expect(book.told).not.toContain('dial:start')
    expect([...book.wrong, ...book.open]).toEqual([])
  }
  await agent.close()
  await using pool = new ConnectionPool()
  using book = new EventBook()
  expect(await get(pool.compose(resilience()), server.origin)).toBe('well')
  const [{ call } = { call: 0 }] = book.of('call:start')
  expect(book.of('wait:end')).toMatchObject([{ call, attempt: 1, outcome: 'leased' }])
})

test('a pool alone: waits, dials and connections, which belong to no call', async () => {
  await using server = await startHttp((_, response) => response.end('well'))
  using book = new EventBook()
  const pool = new ConnectionPool({ maxConnections: 1 })
  await Promise.all([get(pool, `${server.origin}/1?secret`), get(pool, `${server.origin}/2?secret`)])
  expect(book.of('wait:end')).toMatchObject([
    { call: undefined, path: '/1', waiting: 1 },
    { call: undefined, path: '/2', waiting: 2 },
  ])
  await sleep(5)
  await get(pool, server.origin)
  expect(book.of('wait:start')).toHaveLength(2) // the third had a connection at once
  await pool.close()
  expect([...book.wrong, ...book.open]).toEqual([])
  expect(book.told.filter((name) => name.startsWith('call'))).toEqual([])
})

test('a dial for which no address has room begins and ends as postponed, and is counted as none', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('well'), 5))
  const lookup: LookupFunction = (_, { all }, done) =>
    queueMicrotask(() =>
      all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
    )
  using book = new EventBook()
  const pool = new ConnectionPool({ connect: { lookup }, maxConnectionsPerAddress: 1 })
  const origins = ['first', 'second'].map((name) => `http://${name}.test:${server.port}`)
  await Promise.all([...origins, ...origins].map((origin) => get(pool, origin)))
  await pool.close()
  const postponed = book.of('dial:end').filter(({ outcome }) => outcome === 'postponed')
  expect(postponed.length).toBeGreaterThan(0)
  expect(pool.counters.dialed).toBe(book.of('dial:start').length - postponed.length)
  expect([...book.wrong, ...book.open]).toEqual([])
})

test('redirects: each hop is a call that names the one before it', async () => {
  await using server = await startHttp((incoming, response) => {
    if (incoming.url === '/old') response.writeHead(307, { location: '/new' }).end()
    else response.end('well')
  })
  await using client = clientOf(server, { followRedirects: true })
  for (const ask of [
    () => client.get('/old').text(),
    async () => (await client.fetch(`${server.origin}/old`)).text(),
  ]) {
    using book = new EventBook()
    expect(await ask()).toBe('well')
    const [first, second] = book.of('call:start')
    expect([first!.redirectedFrom, second!.redirectedFrom]).toEqual([undefined, first!.call])
  }
})

test('health checks are told as such', async () => {
  await using server = await startHttp((_, response) => response.end('{}'))
  using book = new EventBook()
  await using client = clientOf(server)
  await client.checkHealth()
  expect(book.of('call:end')).toMatchObject([{ isCheck: true, path: '/health', status: 200 }])
})

test('a listener adds headers to the attempt that begins, in place of those of the caller, and to no other', async () => {
  const seen: unknown[] = []
  let left = 1
  await using server = await startHttp((incoming, response) => {
    seen.push([incoming.headers['traceparent'], incoming.headers['x-own']])
    response.statusCode = left-- > 0 ? 503 : 200
    response.end()
  })
  await using client = clientOf(server)
  using _ = subscribeEvents({
    'attempt:start': ({ attempt, setHeader }) => {
      if (attempt === 1) setHeader('Traceparent', 'ours')
    },
  })
  await client.get('/', { headers: { traceparent: 'theirs', 'x-own': 'kept' } }).discard()
  expect(seen).toEqual([
    ['ours', 'kept'],
    ['theirs', 'kept'],
  ])
})

test('breakers: closed, open, half-open, closed; and by hand', async () => {
  let isWell = false
  await using server = await startHttp((_, response) => {
    response.statusCode = isWell ? 200 : 500
    response.end()
  })
  using book = new EventBook()
  const breaker = { minimumCompletions: 2, openFor: 30, probes: 1 }
  await using client = clientOf(server, { breaker, retry: false })
  for (let i = 0; i < 2; i++) await client.get('/').response()
  await client
    .get('/')
    .response()
    .catch(() => {})
  isWell = true
  await sleep(60)
  await client.get('/').response()
  const changes = (): unknown[] => book.of('breaker').map(({ from, to, forced }) => [from, to, forced])
  const own = [
    ['closed', 'open', false],
    ['open', 'half-open', false],
    ['half-open', 'closed', false],
  ]
  expect(changes()).toEqual(own)
  expect(book.of('breaker')[0]).toMatchObject({
    client: 'orders',
    origin: server.origin,
    failure: 'status 500',
  })
  client.breakers.force('open')[Symbol.dispose]()
  expect(changes().slice(3)).toEqual([
    ['closed', 'open', true],
    ['open', 'closed', false],
  ])
  expect(book.of('call:end').map(({ error }) => error?.code)).toContain('breaker_open')
})

test('a leak names its call, its connection and where it was asked for', async () => {
  const large = Buffer.alloc(4_000_000)
  await using server = await startHttp((_, response) => void response.end(large))
  using book = new EventBook()
  await using client = clientOf(server, { leakAfter: 30, leakStacks: true })
  const { body } = await request(`${server.origin}/large?secret`, { dispatcher: client })
  await eventually(() => book.of('leak').length > 0, 'a leak')
  body.on('error', () => {}).destroy()
  const [{ call } = { call: 0 }] = book.of('call:start')
  expect(book.of('leak')).toMatchObject([{ method: 'GET', path: '/large', call, attempt: 1, connection: 1 }])
  expect(book.of('leak')[0]!.stack).toContain('api-request.js')
  expect(book.wrong).toEqual([])
})

test('a limit that follows its server tells each change', async () => {
  await using server = await startHttp((_, response) => response.writeHead(429).end())
  using book = new EventBook()
  await using client = clientOf(server, { limiter: { initial: 8 }, retry: false })
  for (let i = 0; i < 40 && book.of('limit').length === 0; i++) {
    await client.get('/busy').response()
    await sleep(10)
  }
  const [limit] = book.of('limit')
  expect(limit).toMatchObject({ origin: server.origin, group: undefined, before: 8 })
  expect(limit!.limit).toBeLessThan(8)
})

test('a listener that throws hurts no call: it is a warning of the process', async () => {
  await using server = await startHttp((_, response) => response.end('well'))
  await using client = clientOf(server)
  const warnings: string[] = []
  const hear = ({ message }: Error): void => void warnings.push(message)
  process.on('warning', hear)
  const fail = (): never => {
    throw new Error('mine')
  }
  using _ = subscribeEvents({ 'call:start': fail, 'attempt:start': fail, 'wait:end': fail, 'call:end': fail })
  expect(await client.get('/').text()).toBe('well')
  await eventually(() => warnings.length >= 4, 'four warnings')
  process.off('warning', hear)
  expect(warnings).toContain('a listener to "call:start" failed: mine')
})

test('one that was given to diagnostics_channel itself throws into the process, and hurts no call either', async () => {
  await using server = await startHttp((_, response) => response.end('well'))
  await using client = clientOf(server)
  const heard: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => heard.push(error.message))
  const fail = (): never => {
    throw new Error('mine')
  }
  subscribe('keepwarm:call:start', fail)
  try {
    expect(await client.get('/').text()).toBe('well')
    await eventually(() => heard.length === 1, 'the exception')
  } finally {
    unsubscribe('keepwarm:call:start', fail)
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
  expect(heard).toEqual(['mine'])
})

test('a listener may end the call of which it is told: nothing goes out', async () => {
  await using server = await startHttp((_, response) => response.end('well'))
  await using client = clientOf(server)
  for (const name of ['call:start', 'attempt:start'] as const) {
    using book = new EventBook()
    const left = new AbortController()
    using _ = subscribeEvents({ [name]: () => left.abort() })
    await expect(client.get('/', { signal: left.signal }).text()).rejects.toThrow()
    expect([...book.wrong, ...book.open]).toEqual([])
    expect(book.of('call:end')[0]!.error?.code).toBe('aborted')
  }
  expect(server.requests).toBe(0)
})

test('what began before anybody listened is not told; the end of listening is at once', async () => {
  const answers: (() => void)[] = []
  await using server = await startHttp((_, response) => void answers.push(() => response.end('well')))
  await using client = clientOf(server)
  const before = client.get('/').text()
  await eventually(() => answers.length === 1, 'it is under way')
  using book = new EventBook()
  answers[0]!()
  await before
  expect(ofCalls(book)).toEqual([])
  book[Symbol.dispose]()
  const after = client.get('/').text()
  await eventually(() => answers.length === 2, 'the second')
  answers[1]!()
  await after
  expect(book.all).toEqual([])
})

test('a name that is no event, or a listener that is no function, is refused', () => {
  const listen = (listeners: object) => (): Disposable => subscribeEvents(listeners)
  expect(listen({ 'call:begin': () => {} })).toThrow('call:begin')
  expect(listen({ 'cal:start': () => {} })).toThrow('did you mean call:start?')
  expect(listen({ 'call:start': 1 })).toThrow('a function')
})
