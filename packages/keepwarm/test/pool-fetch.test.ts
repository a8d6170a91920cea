/** The platform's own fetch over the pool, and undici's older handlers. */
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { Dispatcher1Wrapper, getGlobalDispatcher, setGlobalDispatcher, type Dispatcher } from 'undici'
import { startHttp, startHttps, trust } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

/** The built-in fetch takes a dispatcher, but its types name that of another undici. */
const fetchWith = (dispatcher: Dispatcher, url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, dispatcher } as object)

test('the built-in fetch goes through the pool after setGlobalDispatcher', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  const before = getGlobalDispatcher()
  setGlobalDispatcher(pool)
  try {
    expect(await (await fetch(server.origin)).text()).toBe('hello')
    const posted = await fetch(server.origin, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
    expect(await posted.text()).toBe('hello')
  } finally {
    setGlobalDispatcher(before)
  }
  expect(pool.counters).toMatchObject({ requests: 2, opened: 1 })
})

test('the built-in fetch takes the pool as its dispatcher', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  for (let i = 0; i < 3; i++) expect(await (await fetchWith(pool, server.origin)).text()).toBe('hello')
  expect(pool.counters).toMatchObject({ requests: 3, opened: 1 })
})

test('the built-in fetch takes it inside a Dispatcher1Wrapper too, with HTTP/1.1 alone', async () => {
  await using server = await startHttps()
  await using pool = new ConnectionPool({ connect: trust })
  const wrapped = new Dispatcher1Wrapper(pool)
  expect(await (await fetchWith(wrapped, server.origin)).text()).toBe('hello')
  expect(pool.snapshot().origins.map(({ origin }) => origin)).toEqual([`${server.origin}#h1`])
})

test('the built-in fetch can be aborted while it waits', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('slow'), 300))
  await using pool = new ConnectionPool({ maxConnections: 1 })
  const first = fetchWith(pool, server.origin)
  await eventually(() => server.requests === 1, 'the first is under way')
  const leaving = new AbortController()
  const second = expect(fetchWith(pool, server.origin, { signal: leaving.signal })).rejects.toThrow('aborted')
  await eventually(() => pool.snapshot().waiting === 1, 'the second waits')
  leaving.abort()
  await soon(second, 'the abort')
  expect(pool.snapshot()).toMatchObject({ waiting: 0, inFlight: 1 })
  expect(await (await first).text()).toBe('slow')
  expect(server).toMatchObject({ requests: 1, total: 1 })
})

test('handlers of the older dialect are understood', async () => {
  await using server = await startHttp()
  await using pool = new ConnectionPool()
  const heard: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const older = {
    onConnect: () => heard.push('connect'),
    onHeaders: (status: number) => heard.push(`headers ${status}`) > 0,
    onData: (chunk: Buffer) => heard.push(chunk.toString()) > 0,
    onComplete: () => resolve(),
    onError: reject,
  }
  const options = { origin: server.origin, path: '/', method: 'GET' } as const
  pool.dispatch(options, older as unknown as Dispatcher.DispatchHandler)
  await promise
  expect(heard).toEqual(['connect', 'headers 200', 'hello'])
})
