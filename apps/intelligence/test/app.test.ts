/** The service from end to end, over its stand-ins. */
import { expect, test } from 'vitest'
import { ask, post, service, settled, stage, texts, until } from './app-support.ts'
import { startUpstreams } from '../src/upstreams/index.ts'
import { running as open } from './upstreams-support.ts'

test('twenty documents are indexed, and found by words, by meaning, by their entities and by each other', async () => {
  const running = await service()
  const ids = await Promise.all(texts(20).map((text) => post(running, text)))
  for (const id of ids) {
    const status = await settled(running, id)
    expect(status).toMatchObject({ state: 'succeeded', searchable: true, degraded: [], attempts: 1 })
    expect(stage(status, 'deliver')).toMatchObject({ state: 'succeeded', detail: { chunks: 1, vectors: 1 } })
  }
  const { body } = await ask(running, 'GET', '/search?q=word7')
  expect(body).toMatchObject({ warnings: [], terms: ['word7'] })
  expect(body['hits']?.[0]).toMatchObject({ title: 'Page 7', source: 'docs/page-7.md', words: { rank: 1 } })
  const { text, marks } = body['hits']![0]!['snippet'] as unknown as {
    text: string
    marks: { start: number; end: number }[]
  }
  expect(marks.map(({ start, end }) => text.slice(start, end))).toEqual(['Word7'])

  const filtered = await ask(running, 'POST', '/search', {
    query: 'sockets',
    filters: { source: 'docs/page-3.md' },
  })
  expect(filtered.body).toMatchObject({ total: 1, hits: [{ title: 'Page 3' }] })
  const { body: entities } = await ask(running, 'GET', '/entities?name=ConnectionPool')
  expect(entities['entities']?.[0]).toMatchObject({ name: 'ConnectionPool', document_count: 20 })
  const related = await ask(running, 'GET', `/documents/${ids[0]}/related?limit=3`)
  expect(related.body['related']).toHaveLength(3)
  const { body: document } = await ask(running, 'GET', `/documents/${ids[4]}`)
  expect(document).toMatchObject({
    title: 'Page 4',
    status: 'succeeded',
    chunks: [{ ordinal: 0, embedded: true }],
  })
  const { body: listed } = await ask(running, 'GET', '/documents?state=succeeded&limit=5')
  expect(listed).toMatchObject({ counts: { succeeded: 20, dead: 0, degraded: 0 } })
  expect(listed['documents']).toHaveLength(5)
})

test('connections are reused, and both sides count the same number of them', async () => {
  const running = await service()
  for (const text of texts(6)) await settled(running, await post(running, text))
  const { body } = await ask(running, 'GET', '/clients')
  const clients = body['clients'] as unknown as {
    name: string
    metrics: { total_requests: number }
    pool: { counters: { requests: number; opened: number; reused: number } }
    server: { connections_opened: number; requests: number } | null
  }[]
  expect(clients.map(({ name }) => name)).toEqual([
    'entity-extractor',
    'langextract',
    'freshness',
    'workflow-coordinator',
    'search-service',
  ])
  for (const { name, pool, server } of clients.filter(({ server }) => server !== null)) {
    expect({ name, opened: pool.counters.opened, requests: pool.counters.requests }).toEqual({
      name,
      opened: server?.connections_opened,
      requests: server?.requests,
    })
  }
  const delivered = clients.find(({ name }) => name === 'search-service')
  expect(delivered).toMatchObject({
    metrics: { total_requests: 6 },
    pool: { counters: { opened: 1, reused: 5 } },
  })
})

test('the same document again replaces the first, and a changed one is found by its new words only', async () => {
  const running = await service()
  const id = await post(running, { id: 'mine', content: 'The heron waits.' })
  await settled(running, id)
  expect(await post(running, { id: 'mine', content: 'The otter swims.' })).toBe('mine')
  await until(
    () => ask(running, 'GET', '/search?q=otter'),
    ({ body }) => (body['hits'] as unknown as { words: unknown }[]).some(({ words }) => words !== null),
  )
  const { body } = await ask(running, 'GET', '/search?q=heron')
  expect((body['hits'] as unknown as { words: unknown }[]).filter(({ words }) => words !== null)).toEqual([])
})

test('a document that is deleted while it is being indexed does not come back', async () => {
  const running = await service({}, { upstreams: { ollama: { latency: 300 } } })
  const id = await post(running, texts(1)[0]!)
  await settled(running, id, ['running'])
  expect((await ask(running, 'DELETE', `/documents/${id}`)).status).toBe(204)
  await until(
    () => running.context.worker.busy,
    (busy) => busy === 0,
  )
  expect((await ask(running, 'GET', `/documents/${id}`)).status).toBe(404)
  expect((await ask(running, 'GET', '/search?q=sockets')).body['total']).toBe(0)
  expect((await ask(running, 'DELETE', `/documents/${id}`)).status).toBe(404)
})

test('documents are delivered to a search service elsewhere, which stores them', async () => {
  const elsewhere = await service()
  const running = await service({ SEARCH_SERVICE_URL: elsewhere.url })
  const id = await post(running, texts(1)[0]!)
  expect(await settled(running, id)).toMatchObject({ state: 'succeeded' })
  expect((await ask(elsewhere, 'GET', `/documents/${id}`)).body).toMatchObject({ title: 'Page 0' })
})

test('health and figures show no credentials', async () => {
  const upstreams = await open(startUpstreams(['ollama']))
  const url = upstreams.get('ollama').url.replace('http://', 'http://user:geheim@')
  const running = await service({ OLLAMA_BASE_URL: url })
  await settled(running, await post(running, texts(1)[0]!))
  for (const path of ['/health', '/clients', '/']) {
    const { status, body } = await ask(running, 'GET', path)
    expect(status).toBe(200)
    expect(JSON.stringify(body)).not.toContain('geheim')
  }
})
