import { ConfigError, defineService, HttpClient, HttpStatusError, KeepwarmError } from 'keepwarm'
import { mockService } from 'keepwarm/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { startHttp, type TestServer } from './support/servers.ts'

const Document = z.object({ id: z.coerce.string(), title: z.string() })
const Query = z.object({ text: z.string().min(1), limit: z.number().default(10) })

const search = defineService({
  name: 'search',
  healthPath: '/healthz',
  operations: {
    document: { method: 'GET', path: '/documents/{id}', returns: Document },
    remove: { method: 'DELETE', path: '/documents/{id}', returns: 'nothing' },
    query: {
      method: 'POST',
      path: '/query',
      json: Query,
      returns: z.array(Document),
      idempotent: true,
      headers: { 'x-kind': 'search' },
    },
    list: { method: 'GET', path: '/documents', query: z.object({ page: z.number() }) },
    all: { method: 'GET', path: '/export', returnsEach: Document },
    log: { method: 'GET', path: '/log', returns: 'lines' },
    raw: { method: 'GET', path: '/raw', returns: 'bytes' },
    text: { method: 'GET', path: '/raw', returns: 'text' },
    answer: { method: 'GET', path: '/raw', returns: 'response' },
  },
})

interface Seen {
  readonly what: string
  readonly body: string
  readonly kind: string | undefined
}

async function startSearch(): Promise<TestServer & { seen: Seen[] }> {
  const seen: Seen[] = []
  const server = await startHttp((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const what = `${request.method} ${request.url}`
      seen.push({ what, body, kind: request.headers['x-kind']?.toString() })
      if (what.includes('/missing')) response.writeHead(404).end('{"error":"no such document"}')
      else if (what.startsWith('DELETE')) response.writeHead(204).end()
      else if (what.includes('/documents/')) response.end('{"id":7,"title":"seven"}')
      else if (what.includes('/query')) response.end('[{"id":1,"title":"one"}]')
      else if (what.includes('/export')) response.end('{"id":1,"title":"one"}\n{"id":2,"title":"two"}\n')
      else if (what.includes('/log')) response.end('a\nb\n')
      else response.end('{"status":"healthy"}')
    })
  })
  return Object.assign(server, { seen })
}

async function listed<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const part of parts) all.push(part)
  return all
}

test('each operation is a method that sends what it declares and returns what it declares', async () => {
  await using server = await startSearch()
  await using api = search.create({ baseUrl: server.origin })
  expect(await api.document({ params: { id: 'a/b' } })).toEqual({ id: '7', title: 'seven' })
  expect(await api.remove({ params: { id: 7 } })).toBeUndefined()
  expect(await api.query({ json: { text: 'pools' }, headers: { 'x-kind': 'own' } })).toEqual([
    { id: '1', title: 'one' },
  ])
  expect(await api.list({ query: { page: 2 } })).toEqual({ status: 'healthy' })
  expect(await listed(api.all())).toEqual([
    { id: '1', title: 'one' },
    { id: '2', title: 'two' },
  ])
  expect(await listed(api.log())).toEqual(['a', 'b'])
  expect((await api.raw()).toString()).toBe('{"status":"healthy"}')
  expect(await api.text()).toBe('{"status":"healthy"}')
  expect(await (await api.answer()).json()).toEqual({ status: 'healthy' })
  expect(server.seen.slice(0, 4)).toEqual([
    { what: 'GET /documents/a%2Fb', body: '', kind: undefined },
    { what: 'DELETE /documents/7', body: '', kind: undefined },
    { what: 'POST /query', body: '{"text":"pools","limit":10}', kind: 'own' },
    { what: 'GET /documents?page=2', body: '', kind: undefined },
  ])
})

test('what does not fit is refused before anything is sent', async () => {
  await using server = await startSearch()
  await using api = search.create({ baseUrl: server.origin })
  await expect(api.query({ json: { text: '' } })).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(/search\.query: its `json` does not fit: text: /),
  })
  await expect(api.list({ query: { page: 'two' as unknown as number } })).rejects.toThrow(/its `query`/)
  expect(server.requests).toBe(0)
})

test('its health check asks for its own path, and its figures tell operations apart', async () => {
  await using server = await startSearch()
  await using api = search.create({ baseUrl: server.origin })
  expect(await api.checkHealth()).toMatchObject({ healthy: true, status: 'healthy' })
  expect(server.seen[0]!.what).toBe('GET /healthz')
  await api.document({ params: { id: 1 } })
  await api.document({ params: { id: 'missing' } }).catch(() => {})
  await api.text()
  const figures = api.metrics()
  expect(Object.keys(figures)).toEqual(['document', 'text'])
  expect(figures['document']).toMatchObject({ total_requests: 2, failed_requests: 0, total_attempts: 2 })
  expect(figures['document']!.p50_duration_ms).toBeGreaterThan(0)
  expect(Object.keys(api.client.getMetrics().operations)).toEqual(['search.document', 'search.text'])
  api.client.resetMetrics()
  expect(api.metrics()).toEqual({})
})

test('a status error is that of the client', async () => {
  await using server = await startSearch()
  await using client = new HttpClient({ baseUrl: server.origin })
  const api = search.over(client)
  await expect(api.document({ params: { id: 'missing' } })).rejects.toThrow(HttpStatusError)
  await api[Symbol.asyncDispose]() // a client that is not its own goes on
  expect(await client.get('/raw').text()).toContain('healthy')
})

test('what cannot be called cannot be declared, and all of it is said at once', () => {
  const bad = (): unknown =>
    defineService({
      name: 'bad',
      operations: {
        then: { method: 'GET', path: '/a' },
        path: { method: 'GET', path: 'a/{id' },
        method: { method: 'get' as 'GET', path: '/a' },
        both: { method: 'GET', path: '/a', returns: 'text', returnsEach: Document },
      },
    })
  expect(bad).toThrow(ConfigError)
  expect(bad).toThrow(/4 problems[^]*bad\.then[^]*bad\.path\.path[^]*bad\.method\.method[^]*bad\.both/)
})

test('a name of an operation that grows without end does not fill the memory', async () => {
  await using server = await startSearch()
  await using client = new HttpClient({ baseUrl: server.origin })
  for (let i = 0; i < 210; i++) await client.get('/raw', { operation: `document ${i}` }).discard()
  const { operations } = client.getMetrics()
  expect(Object.keys(operations)).toHaveLength(201)
  expect(operations['(others)']).toMatchObject({ total_requests: 10 })
})

test('a mock answers like the service, and holds both sides to its schemas', async () => {
  const api = mockService(search, {
    document: ({ params }) => ({ id: String(params.id), title: 'mocked' }),
    query: ({ json }) => [{ id: '1', title: json.text }],
    all: () => [{ id: '1', title: 'one' }],
    text: () => Promise.reject(new KeepwarmError('deadline', 'too late')),
    log: () => [1 as unknown as string],
    list: () => 'anything',
  })
  expect(await api.document({ params: { id: 5 } })).toEqual({ id: '5', title: 'mocked' })
  expect(await api.query({ json: { text: 'x' } })).toEqual([{ id: '1', title: 'x' }])
  expect(await listed(api.all())).toEqual([{ id: '1', title: 'one' }])
  await expect(api.text()).rejects.toMatchObject({ code: 'deadline' })
  await expect(api.query({ json: { text: '' } })).rejects.toThrow(/does not fit/)
  await expect(api.remove({ params: { id: 1 } })).rejects.toThrow('the mock has no handler for search.remove')
  const liar = mockService(search, { document: () => ({ id: '1' }) as { id: string; title: string } })
  await expect(liar.document({ params: { id: 1 } })).rejects.toMatchObject({ code: 'validation' })
  expect(api.calls.map(({ operation }) => operation)).toEqual([
    ...['document', 'query', 'all', 'text', 'query', 'remove'],
  ])
  expect(api.calls[0]!.input).toEqual({ params: { id: 5 } })
})

test('the types are those of the paths and schemas', () => {
  type Api = ReturnType<typeof search.create>
  expectTypeOf<Api['document']>().returns.resolves.toEqualTypeOf<{ id: string; title: string }>()
  expectTypeOf<Api['remove']>().returns.resolves.toBeVoid()
  expectTypeOf<Api['all']>().returns.toEqualTypeOf<AsyncGenerator<{ id: string; title: string }>>()
  expectTypeOf<Api['list']>().returns.resolves.toBeUnknown()
  expectTypeOf<Api['raw']>().returns.resolves.toEqualTypeOf<Buffer>()
  const types = (api: Api): void => {
    void api.text() // nothing has to be given
    void api.query({ json: { text: 'a' } }) // what the schema fills in need not be
    // @ts-expect-error the path has a parameter
    void api.document()
    // @ts-expect-error the parameter is called id
    void api.document({ params: { di: 1 } })
    // @ts-expect-error the schema wants text
    void api.query({ json: {} })
    // @ts-expect-error the schema wants a page
    void api.list({ query: {} })
    // @ts-expect-error there is no such operation
    void api.nothing()
  }
  expectTypeOf(types).toBeFunction()
})
