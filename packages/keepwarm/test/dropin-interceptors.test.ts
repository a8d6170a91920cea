/** undici's interceptors: what pool-compose does not show, and all of them over a client. */
import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { ConnectionPool, type HttpClient } from 'keepwarm'
import { expect, test } from 'vitest'
import { cacheStores, errors, interceptors, request, RetryAgent, type Dispatcher } from 'undici'
import { clientOf, failureOf } from './support/client-tools.ts'
import { get } from './support/handlers.ts'
import { startHttp, type TestServer } from './support/servers.ts'

/** A server, and the way to it through one interceptor over a client that retries. */
class Way implements AsyncDisposable {
  readonly server: TestServer
  readonly client: HttpClient
  readonly dispatcher: Dispatcher

  static async through(
    interceptor: Dispatcher.DispatcherComposeInterceptor,
    listener: RequestListener,
  ): Promise<Way> {
    return new Way(interceptor, await startHttp(listener))
  }

  private constructor(interceptor: Dispatcher.DispatcherComposeInterceptor, server: TestServer) {
    this.server = server
    this.client = clientOf(server)
    this.dispatcher = this.client.compose(interceptor)
  }

  get(path = '/'): Promise<string> {
    return get(this.dispatcher, this.server.origin + path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.destroy()
    await this.server[Symbol.asyncDispose]()
  }
}

const refusing: RequestListener = (_, response) => {
  response.writeHead(422, { 'content-type': 'application/json' }).end('{"why":"no"}')
}

test('responseError over the pool', async () => {
  await using server = await startHttp(refusing)
  await using pool = new ConnectionPool()
  const dispatcher = pool.compose(interceptors.responseError())
  const error = await failureOf(request(server.origin, { dispatcher }))
  expect(error).toBeInstanceOf(errors.ResponseError)
  expect(error).toMatchObject({ statusCode: 422, body: { why: 'no' } })
})

test('responseError over a client', async () => {
  await using way = await Way.through(interceptors.responseError(), refusing)
  const error = await failureOf(way.get())
  expect(error).toMatchObject({ statusCode: 422, body: { why: 'no' } })
})

test('deduplicate over the pool', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('once'), 20))
  await using pool = new ConnectionPool()
  const dispatcher = pool.compose(interceptors.deduplicate())
  const answers = await Promise.all(Array.from({ length: 5 }, () => get(dispatcher, server.origin)))
  expect(answers).toEqual(Array(5).fill('once'))
  expect(pool.counters.requests).toBe(1)
})

test('deduplicate over a client', async () => {
  await using way = await Way.through(interceptors.deduplicate(), (_, response) => {
    setTimeout(() => response.end('once'), 20)
  })
  expect(await Promise.all(Array.from({ length: 5 }, () => way.get()))).toEqual(Array(5).fill('once'))
  expect(way.client.getMetrics().total_requests).toBe(1)
})

test('redirect over a client: each hop is a call', async () => {
  await using way = await Way.through(interceptors.redirect({ maxRedirections: 2 }), (incoming, response) => {
    if (incoming.url === '/') response.writeHead(302, { location: '/there' }).end()
    else response.end('arrived')
  })
  expect(await way.get()).toBe('arrived')
  expect(way.client.getMetrics().total_requests).toBe(2)
  expect(way.server.total).toBe(1)
})

test('dns over a client', async () => {
  const lookup: NonNullable<Parameters<typeof interceptors.dns>[0]>['lookup'] = (_origin, _options, found) =>
    found(null, [{ address: '127.0.0.1', family: 4, ttl: 1_000 } as never])
  const interceptor = interceptors.dns({ lookup, dualStack: false, affinity: 4 })
  await using way = await Way.through(interceptor, (incoming, response) =>
    response.end(incoming.headers.host),
  )
  const host = `some.name.test:${way.server.port}`
  expect(await get(way.dispatcher, `http://${host}/`)).toBe(host)
})

test('dump over a client', async () => {
  await using way = await Way.through(interceptors.dump(), (_, response) => response.end('unwanted'))
  expect(await way.get()).toBe('')
  expect(await way.get()).toBe('')
  expect(way.server.total).toBe(1)
})

test('decompress over a client', async () => {
  await using way = await Way.through(interceptors.decompress(), (_, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync('unpacked'))
  })
  expect(await way.get()).toBe('unpacked')
})

test('cache over a client', async () => {
  const store = new cacheStores.MemoryCacheStore()
  await using way = await Way.through(interceptors.cache({ store }), (_, response) => {
    response.setHeader('cache-control', 'public, max-age=60').end('kept')
  })
  for (let i = 0; i < 3; i++) expect(await way.get()).toBe('kept')
  expect(way.client.getMetrics().total_requests).toBe(1)
})

/** Refuses the first request. */
const startFlaky = (): Promise<TestServer> => {
  let asked = 0
  return startHttp((_, response) => {
    response.statusCode = ++asked === 1 ? 503 : 200
    response.end('at last')
  })
}

test('RetryAgent over the pool', async () => {
  await using server = await startFlaky()
  await using pool = new ConnectionPool()
  expect(await get(new RetryAgent(pool, { minTimeout: 1 }), server.origin)).toBe('at last')
  expect(pool.counters).toMatchObject({ requests: 2, opened: 1 })
})

test('RetryAgent over a client', async () => {
  await using server = await startFlaky()
  await using client = clientOf(server, { retry: false })
  expect(await get(new RetryAgent(client, { minTimeout: 1 }), server.origin)).toBe('at last')
  expect(client.getMetrics()).toMatchObject({ total_requests: 2, retries_attempted: 0 })
})
