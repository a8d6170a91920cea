/** What can be changed by hand: nothing by default, and with `admin` breakers, connections and limits of real clients. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConnectionPool, HttpClient } from 'keepwarm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Lab, type Answer } from './support/handler-lab.ts'
import { eventually } from './support/handler-wait.ts'

const upstream = createServer((_, response) => void response.end('{}'))
let origin = ''

beforeAll(async () => {
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
afterAll(() => void upstream.close())

function client(options: ConstructorParameters<typeof HttpClient>[0] = {}): HttpClient {
  return new HttpClient({ name: 'search', baseUrl: origin, ...options })
}

function act(lab: Lab, what: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const usual = { 'content-type': 'application/json', 'x-keepwarm-admin': '1' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return lab.ask(`/admin/${what}`, { method: 'POST', headers: { ...usual, ...headers }, body: text })
}

test('nothing can be changed unless that was allowed', async () => {
  await using search = client()
  await using lab = await Lab.open({}, [search])
  const refused = await act(lab, 'breakers', { client: 'search', to: 'open' })
  expect(refused.status).toBe(403)
  expect(refused.headers['content-type']).toBe('application/problem+json')
  expect(refused.text).toMatch(/admin: true/)
  expect(search.breakers.snapshot()).toEqual({})
})

test('a breaker is held open or closed, and let go', async () => {
  await using search = client()
  await using lab = await Lab.open({ admin: true }, [search])
  expect((await act(lab, 'breakers', { client: 'search', to: 'open' })).json).toMatchObject({ to: 'open' })
  await expect(search.get('/').text()).rejects.toMatchObject({ code: 'breaker_open' })
  await act(lab, 'breakers', { client: 'search', to: 'closed' })
  expect(search.breakers.snapshot()[origin]).toMatchObject({ forced: 'closed' })
  await search.get('/').text()
  await act(lab, 'breakers', { client: 'search', to: 'auto' })
  expect(search.breakers.snapshot()[origin]).toMatchObject({ forced: null })
})

test('what the program holds itself is not let go from here', async () => {
  await using search = client()
  await using lab = await Lab.open({ admin: true }, [search])
  using _ = search.breakers.force('open')
  await act(lab, 'breakers', { client: 'search', to: 'auto' })
  await expect(search.get('/').text()).rejects.toMatchObject({ code: 'breaker_open' })
})

test('the connections of an origin are drained', async () => {
  await using search = client()
  await using lab = await Lab.open({ admin: true }, [search])
  await search.warm(3)
  expect((await act(lab, 'drain', { client: 'search', origin })).json).toMatchObject({ evicted: 3 })
  await eventually(() => search.pool.snapshot().connections === 0, 'they are gone')
})

test('limits change while the client works; those of a shared pool are asked for as such', async () => {
  await using search = client()
  await using pool = new ConnectionPool()
  await using ollama = client({ name: 'ollama', pool })
  await using lab = await Lab.open({ admin: true }, [search, ollama])
  expect((await act(lab, 'limits', { client: 'search', limits: { maxConnections: 7 } })).status).toBe(200)
  expect(search.pool.snapshot().maxConnections).toBe(7)
  const shared = await act(lab, 'limits', { client: 'ollama', limits: { maxConnections: 7 } })
  expect([shared.status, shared.text]).toEqual([422, expect.stringContaining('shares its pool')])
  expect(
    (await act(lab, 'limits', { client: 'ollama', limits: { maxConnections: 7 }, pool: true })).status,
  ).toBe(200)
  expect(pool.snapshot().maxConnections).toBe(7)
})

test('limits that cannot be are told as problem details, with what came and what is allowed', async () => {
  await using search = client()
  await using lab = await Lab.open({ admin: true }, [search])
  const before = search.pool.snapshot().maxConnections
  const refused = await act(lab, 'limits', {
    client: 'search',
    limits: { maxConnections: -1, maxConections: 5 },
  })
  expect(refused.status).toBe(422)
  expect(refused.headers['content-type']).toBe('application/problem+json')
  expect(refused.json).toMatchObject({ status: 422, title: 'Unprocessable Content' })
  expect(refused.text).toMatch(/did you mean maxConnections/)
  expect(search.pool.snapshot().maxConnections).toBe(before)
})

test.each([
  ['no such client', 'breakers', { client: 'serch', to: 'open' }, 422, /client: expected the name/],
  ['a field too many', 'drain', { client: 'search', orgin: 'x' }, 422, /orgin: expected one of/],
  ['no origin to drain', 'drain', { client: 'search' }, 422, /origin: expected/],
  ['no state of a breaker', 'breakers', { client: 'search', to: 'half' }, 422, /open, closed or auto/],
  ['no JSON', 'breakers', '{', 400, /no JSON/],
  ['no object', 'breakers', '[]', 400, /no JSON object/],
  ['too much', 'limits', JSON.stringify({ client: 'x'.repeat(20_000) }), 413, /16384 bytes/],
  ['no such act', 'reboot', {}, 404, /breakers, drain, limits/],
  ['no such act of our own', 'constructor', {}, 404, /breakers, drain, limits/],
])('%s is refused with a sentence', async (_, what, body, status, sentence) => {
  await using search = client()
  await using lab = await Lab.open({ admin: true }, [search])
  const refused = await act(lab, what, body)
  expect(refused.status).toBe(status)
  expect(refused.headers['content-type']).toBe('application/problem+json')
  expect(refused.text).toMatch(sentence)
})

test('a form of another site cannot do it, for it cannot send the header or the type', async () => {
  await using search = client()
  await using lab = await Lab.open({ admin: true }, [search])
  const body = JSON.stringify({ client: 'search', to: 'open' })
  const plain = { 'content-type': 'text/plain', 'x-keepwarm-admin': '1' }
  expect((await lab.ask('/admin/breakers', { method: 'POST', headers: plain, body })).status).toBe(415)
  const bare = { 'content-type': 'application/json' }
  expect((await lab.ask('/admin/breakers', { method: 'POST', headers: bare, body })).status).toBe(403)
  expect((await lab.ask('/admin/breakers', { headers: { 'x-keepwarm-admin': '1' } })).status).toBe(405)
  expect(search.breakers.snapshot()).toEqual({})
})

test('with a token it is needed for changes, too', async () => {
  await using search = client()
  const token = 'a-token-of-sufficient-length'
  await using lab = await Lab.open({ admin: true, token }, [search])
  const body = { client: 'search', to: 'open' }
  expect((await act(lab, 'breakers', body)).status).toBe(401)
  expect((await act(lab, 'breakers', body, { authorization: `Bearer ${token}` })).status).toBe(200)
})

test('whatever was changed is an event for all who watch, and a line in the log', async () => {
  await using search = client()
  await using lab = await Lab.open({ admin: true }, [search])
  await act(lab, 'breakers', { client: 'search', to: 'open', origin })
  const stream = await lab.watch()
  await eventually(() => stream.ticks.length > 0, 'a tick')
  const text = `by hand: breakers of ${origin} held open`
  expect(stream.ticks[0]!.snapshot.events).toEqual([
    expect.objectContaining({ kind: 'admin', client: 'search', text }),
  ])
  expect(lab.log).toContainEqual([{ act: 'breakers', client: 'search', origin }, `dashboard: ${text}`])
})
