/** undici's interceptors over the pool, and the Proxy that compose() makes. */
import { gzipSync } from 'node:zlib'
import { ConnectionPool } from 'keepwarm'
import { expect, test } from 'vitest'
import { cacheStores, interceptors, request, type Dispatcher } from 'undici'
import { get } from './support/handlers.ts'
import { startHttp } from './support/servers.ts'
import { soon } from './support/wait.ts'

test('retry', async () => {
  let failures = 2
  await using server = await startHttp((_, response) => {
    response.statusCode = failures-- > 0 ? 503 : 200
    response.end('at last')
  })
  await using pool = new ConnectionPool()
  const retrying = pool.compose(interceptors.retry({ minTimeout: 1, maxTimeout: 1 }))
  expect(await get(retrying, server.origin)).toBe('at last')
  expect(server.requests).toBe(3)
})

test('retry of an answer that broke off', async () => {
  let breaks = 1
  await using server = await startHttp((incoming, response) => {
    if (breaks-- > 0) {
      response.writeHead(200, { 'content-length': 10, etag: '"1"' })
      response.write('01234')
      return void setTimeout(() => incoming.socket.destroy(), 5)
    }
    const from = Number(/bytes=(\d+)-/.exec(incoming.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(206, { 'content-range': `bytes ${from}-9/10`, etag: '"1"' })
    response.end('0123456789'.slice(from))
  })
  await using pool = new ConnectionPool()
  const retrying = pool.compose(interceptors.retry({ minTimeout: 1, maxTimeout: 1 }))
  expect(await get(retrying, server.origin)).toBe('0123456789')
})

test('redirect, also to another origin', async () => {
  await using target = await startHttp((_, response) => response.end('arrived'))
  await using server = await startHttp((_, response) => {
    response.writeHead(302, { location: `${target.origin}/there` }).end()
  })
  await using pool = new ConnectionPool()
  expect(await get(pool.compose(interceptors.redirect({ maxRedirections: 2 })), server.origin)).toBe(
    'arrived',
  )
  expect([server.total, target.total]).toEqual([1, 1])
})

test('dns', async () => {
  await using server = await startHttp((incoming, response) => response.end(incoming.headers.host))
  await using pool = new ConnectionPool()
  const lookup: NonNullable<Parameters<typeof interceptors.dns>[0]>['lookup'] = (_origin, _options, found) =>
    found(null, [{ address: '127.0.0.1', family: 4, ttl: 1_000 } as never])
  const resolving = pool.compose(interceptors.dns({ lookup, dualStack: false, affinity: 4 }))
  expect(await get(resolving, `http://some.name.test:${server.port}`)).toBe(`some.name.test:${server.port}`)
})

test('dump', async () => {
  await using server = await startHttp((_, response) => response.end('unwanted'))
  await using pool = new ConnectionPool()
  expect(await get(pool.compose(interceptors.dump()), server.origin)).toBe('')
})

test('decompress', async () => {
  await using server = await startHttp((_, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync('unpacked'))
  })
  await using pool = new ConnectionPool()
  expect(await get(pool.compose(interceptors.decompress()), server.origin)).toBe('unpacked')
})

test('cache', async () => {
  await using server = await startHttp((_, response) => {
    response.setHeader('cache-control', 'public, max-age=60').end('kept')
  })
  await using pool = new ConnectionPool()
  const caching = pool.compose(interceptors.cache({ store: new cacheStores.MemoryCacheStore() }))
  for (let i = 0; i < 3; i++) expect(await get(caching, server.origin)).toBe('kept')
  expect(server.requests).toBe(1)
})

test('the Proxy of compose() has all that the pool has', async () => {
  await using server = await startHttp()
  const pool = new ConnectionPool({ webSocket: { maxPayloadSize: 7 }, eventSource: { maxEventSize: 8 } })
  const composed = pool.compose(
    (dispatch) => (options, handler) => dispatch(options, handler),
  ) as ConnectionPool
  expect(await get(composed, server.origin)).toBe('hello')
  expect(composed.snapshot().counters).toEqual(pool.counters)
  expect(composed.closed).toBe(false)
  expect(composed.webSocketOptions).toEqual({ maxPayloadSize: 7 })
  expect(composed.eventSourceOptions).toEqual({ maxEventSize: 8 })
  await soon(composed.close(), 'close through the Proxy')
  expect([pool.closed, composed.closed]).toEqual([true, true])
  await expect(request(server.origin, { dispatcher: composed })).rejects.toMatchObject({ code: 'closed' })
})

test('the Proxy of compose() can destroy, with promises and with callbacks', async () => {
  await using server = await startHttp((_, response) => void response.write('never ends'))
  const none: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
    dispatch(options, handler)
  const pool = new ConnectionPool()
  const response = await request(server.origin, { dispatcher: pool })
  await soon(pool.compose(none).destroy(new Error('enough')), 'destroy through the Proxy')
  await expect(response.body.text()).rejects.toThrow('enough')

  const other = new ConnectionPool()
  await get(other, `${server.origin}/`, AbortSignal.timeout(20)).catch(() => {})
  const closed = new Promise<void>((resolve) => other.compose(none).close(resolve))
  await soon(closed, 'close with a callback')
})
