/** The RFC 9111 cache of undici between a client's calls and its pool. */
import { HttpClient } from 'keepwarm'
import { cacheStores, interceptors } from 'undici'
import { expect, test } from 'vitest'
import { startHttp, type TestServer } from './support/servers.ts'

function startNews(control: string): Promise<TestServer> {
  let edition = 0
  return startHttp((request, response) => {
    response.setHeader('cache-control', control).setHeader('etag', '"one"')
    if (request.headers['if-none-match'] === '"one"') return response.writeHead(304).end()
    response.end(`edition ${++edition}`)
  })
}

function cached(server: TestServer): HttpClient {
  const store = new cacheStores.MemoryCacheStore({ maxCount: 100, maxSize: 1_000_000 })
  return new HttpClient({ baseUrl: server.origin, interceptors: [interceptors.cache({ store })] })
}

test('what is fresh is answered without a request, and says that no connection carried it', async () => {
  await using server = await startNews('max-age=60')
  await using client = cached(server)
  expect(await client.get('/news').text()).toBe('edition 1')
  const response = await client.get('/news')
  expect(await response.text()).toBe('edition 1')
  expect(response.connection).toBeUndefined()
  expect(await (await client.fetch(`${server.origin}/news`)).text()).toBe('edition 1')
  expect(server.requests).toBe(1)
  expect(client.getMetrics()).toMatchObject({ total_requests: 3, successful_requests: 3 })
})

test('what is not to be taken as it is, is asked for again by its tag', async () => {
  await using server = await startNews('max-age=60')
  await using client = cached(server)
  const anew = { headers: { 'cache-control': 'no-cache' } }
  expect(await client.get('/news').text()).toBe('edition 1')
  expect(await client.get('/news', anew).text()).toBe('edition 1')
  expect(server.requests).toBe(2)
})

test('what may not be kept is not', async () => {
  await using server = await startNews('no-store')
  await using client = cached(server)
  expect(await client.get('/news').text()).toBe('edition 1')
  expect(await client.get('/news').text()).toBe('edition 2')
})
