import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLangextract, type Upstream } from '../upstreams/index.ts'
import { ClientLangextractHttp } from './langextract.ts'
import { LangextractError, LangextractValidationError } from './langextract/errors.ts'
import { startScripted } from './scripted-server.ts'

let service: Upstream
let client: ClientLangextractHttp
beforeAll(async () => {
  service = await startLangextract()
  client = new ClientLangextractHttp({ baseUrl: service.url })
})
afterAll(async () => {
  await client.close()
  await service.close()
})

const content =
  'The ConnectionPool class keeps idle sockets. The ConnectionPool uses the RetryBudget. ' +
  'Retries are paid by successes, and the connection pool bounds the connections of every service.'

test('an analysis comes with scores, and nothing skipped', async () => {
  const analysis = await client.analyzeSemantic({ content, minConfidence: 0.1 })
  expect(analysis.concepts.length).toBeGreaterThan(0)
  expect(analysis.concepts[0]).toMatchObject({ concept: expect.any(String), score: expect.any(Number) })
  expect(analysis).toMatchObject({ language: 'en', skipped: [] })
  expect(analysis.processingTimeMs).toBeGreaterThan(0)
})

test('a document comes with entities that stand where they say, types in upper case', async () => {
  const found = await client.extractDocument({ documentPath: 'docs/pool.md', content })
  expect(found).toMatchObject({ documentPath: 'docs/pool.md', skipped: [], warnings: [], errors: [] })
  const entity = found.entities.find(({ name }) => name === 'ConnectionPool')
  expect(entity?.type).toBe(entity?.type.toUpperCase())
  expect(content.slice(entity!.span!.start, entity!.span!.end)).toBe('ConnectionPool')
  const ids = new Set(found.entities.map(({ entityId }) => entityId))
  for (const { sourceEntityId, targetEntityId, type } of found.relationships) {
    expect(ids).toContain(sourceEntityId)
    expect(ids).toContain(targetEntityId)
    expect(type).toBe(type.toUpperCase())
  }
})

test('what the options say reaches the service', async () => {
  const options = { includeSemanticAnalysis: false, expectedEntityTypes: ['URL'] }
  const found = await client.extractDocument({ documentPath: 'a.md', content, options })
  expect(found).toMatchObject({ semantic: null, entities: [] })
})

test('a batch tells the results from the failures', async () => {
  const documents = [
    { documentPath: 'a.md', content },
    { documentPath: 'b.md', content: 'The RetryBudget class.' },
  ]
  const answer = await client.extractBatch({ documents, documentPaths: ['/etc/hostname'] })
  expect(answer.results.map(({ documentPath }) => documentPath).sort()).toEqual(['a.md', 'b.md'])
  expect(answer.failed).toMatchObject([{ documentPath: '/etc/hostname' }])
  expect(answer.missing).toEqual([])
})

test('the service refuses an empty text, and says which field it was', async () => {
  const error = await client.analyzeSemantic({ content: '' }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(LangextractValidationError)
  expect((error as LangextractValidationError).problems).toEqual([
    { field: 'body.content', message: expect.stringContaining('empty') },
  ])
})

test('the request is a JSON body with the original fields and defaults', async () => {
  const body = { concepts: [], themes: [], domains: [], patterns: [], language: 'en' }
  await using server = await startScripted(() => ({ body }))
  await using scripted = new ClientLangextractHttp({ baseUrl: server.url })
  await scripted.analyzeSemantic({ content: 'x' })
  expect(server.asked[0]).toMatchObject({
    method: 'POST',
    path: '/analyze/semantic',
    body: { content: 'x', context: null, language: 'en', min_confidence: 0.7 },
  })
})

test('broken items are left out, told and counted', async () => {
  const body = {
    concepts: [{ concept: 'pool', score: 0.9 }, { concept: 'queue', score: 7 }, 'plain'],
    themes: [],
    domains: [],
    patterns: [],
    language: 'en',
  }
  await using server = await startScripted(() => ({ body }))
  await using scripted = new ClientLangextractHttp({ baseUrl: server.url })
  const { concepts, skipped } = await scripted.analyzeSemantic({ content: 'x' })
  expect(concepts).toEqual([{ concept: 'pool', score: 0.9, context: null }])
  expect(skipped).toMatchObject([
    { list: 'concepts', index: 1, problem: expect.stringContaining('score') },
    { list: 'concepts', index: 2 },
  ])
  expect(scripted.getMetrics().skipped_items).toBe(2)
  scripted.resetMetrics()
  expect(scripted.getMetrics().skipped_items).toBe(0)
})

test.each<[string, unknown]>([
  [
    'plain strings for scored objects, as the original service answered',
    { concepts: ['pool', 'queue'], themes: [], domains: [], patterns: [], language: 'en' },
  ],
  ['other names for the lists', { semantic_patterns: [], topic_weights: {}, language: 'en' }],
  ['a list in place of an object', []],
])('another contract is an error and not an empty result: %s', async (_what, body) => {
  await using server = await startScripted(() => ({ body }))
  await using scripted = new ClientLangextractHttp({ baseUrl: server.url })
  const error = await scripted.analyzeSemantic({ content: 'x' }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(LangextractError)
  expect(error).toMatchObject({ code: 'validation' })
})

test('documents of which a batch says nothing are missing, not forgotten', async () => {
  await using server = await startScripted(() => ({ body: { results: [] } }))
  await using scripted = new ClientLangextractHttp({ baseUrl: server.url })
  const answer = await scripted.extractBatch({ documentPaths: ['a.md', 'b.md'] })
  expect(answer).toEqual({ results: [], failed: [], missing: ['a.md', 'b.md'] })
})

test('an extraction that is stored by the service is not sent twice', async () => {
  await using server = await startScripted(() => ({ status: 503 }))
  await using scripted = new ClientLangextractHttp({ baseUrl: server.url, retry: { base: 1, cap: 2 } })
  const document = { documentPath: 'a.md', content }
  await expect(scripted.extractDocument({ ...document, updateKnowledgeGraph: true })).rejects.toThrow('503')
  expect(server.asked).toHaveLength(1)
  await expect(scripted.extractDocument(document)).rejects.toThrow('503')
  expect(server.asked).toHaveLength(4)
})
