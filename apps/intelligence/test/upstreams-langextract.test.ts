import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { startLangextract } from '../src/upstreams/index.ts'
import { get, post, running } from './upstreams-support.ts'

const content = `# Pooling

A connection pool is a set of open sockets. The connection pool keeps idle sockets for reuse. EnhancedEntityExtractor
uses Ollama for embeddings, because a handshake costs 20 ms. You must set a limit for the connection pool.`

const share = z.number().min(0).max(1)
/** What the original's client reads. */
const contract = z.strictObject({
  concepts: z.array(z.strictObject({ concept: z.string(), score: share, context: z.string().optional() })),
  themes: z.array(
    z.strictObject({ theme: z.string(), weight: share, related_concepts: z.array(z.string()) }),
  ),
  domains: z.array(
    z.strictObject({ domain: z.string(), confidence: share, subdomain: z.string().optional() }),
  ),
  patterns: z.array(
    z.strictObject({
      pattern_type: z.string(),
      description: z.string(),
      strength: share,
      indicators: z.array(z.string()),
    }),
  ),
  language: z.string(),
  processing_time_ms: z.number().positive(),
  metadata: z.record(z.string(), z.unknown()),
})

describe('POST /analyze/semantic', () => {
  test('answers the contract of the client, from a JSON body', async () => {
    const service = await running(startLangextract())
    const answer = await post(service, '/analyze/semantic', {
      content,
      context: null,
      language: 'en',
      min_confidence: 0.3,
    })
    const analysis = contract.parse(answer.body)
    expect(analysis.concepts[0]!.concept).toBe('connection pool')
    expect(analysis.themes[0]!.theme).toBe('connection pool')
    expect(analysis.domains[0]).toMatchObject({ domain: 'software_engineering', subdomain: 'networking' })
    expect(analysis.patterns.map(({ pattern_type: type }) => type)).toContain('requirement')
    expect(analysis.metadata).toMatchObject({
      method: 'rules',
      language_supported: true,
      characters_read: content.length,
    })
  })

  test('answers the same from query parameters', async () => {
    const service = await running(startLangextract())
    const query = new URLSearchParams({ content, min_confidence: '0.3' })
    const fromQuery = contract.parse((await post(service, `/analyze/semantic?${query}`)).body)
    const fromBody = contract.parse(
      (await post(service, '/analyze/semantic', { content, min_confidence: 0.3 })).body,
    )
    expect(fromQuery.concepts).toEqual(fromBody.concepts)
    expect(fromQuery.domains).toEqual(fromBody.domains)
  })

  test('min_confidence leaves out what is less sure', async () => {
    const service = await running(startLangextract())
    const concepts = async (min_confidence?: number): Promise<number[]> => {
      const answer = await post(service, '/analyze/semantic', {
        content,
        ...(min_confidence === undefined ? {} : { min_confidence }),
      })
      return contract.parse(answer.body).concepts.map(({ score }) => score)
    }
    const all = await concepts(0)
    const sure = await concepts()
    expect(sure.length).toBeLessThan(all.length)
    expect(Math.min(...sure)).toBeGreaterThanOrEqual(0.7)
  })

  test('says when the language is not one it has rules for', async () => {
    const service = await running(startLangextract())
    const answer = await post(service, '/analyze/semantic', {
      content: 'Die Verbindung bleibt offen.',
      language: 'de',
    })
    expect(answer.body).toMatchObject({ language: 'de', metadata: { language_supported: false } })
  })

  test.each([
    [{}, 'content'],
    [{ content: '' }, 'content'],
    [{ content: 'x', min_confidence: 2 }, 'min_confidence'],
    [{ content: ['x'] }, 'content'],
  ])('%j is a 422 that names the field', async (body, field) => {
    const service = await running(startLangextract())
    const answer = await post(service, '/analyze/semantic', body)
    expect(answer.status).toBe(422)
    expect(answer.body['detail']![0]!['loc']).toEqual(['body', field])
  })
})

describe('POST /extract/document', () => {
  test('gives entities with their places and ids, and relationships between those ids', async () => {
    const service = await running(startLangextract())
    const { status, body } = await post(service, '/extract/document', {
      document_path: 'docs/pool.md',
      content,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      document_path: 'docs/pool.md',
      status: 'completed',
      errors: [],
      warnings: [],
    })
    const entities = Object.values(body['enriched_entities']!)
    const extractor = entities.find((entity) => String(entity['name']) === 'EnhancedEntityExtractor')!
    expect(extractor).toMatchObject({
      entity_type: 'class',
      source_path: 'docs/pool.md',
      metadata: { line_number: 3 },
    })
    expect(extractor['entity_id']).toMatch(/^entity_[0-9a-f]{8}_[0-9a-f]{8}$/)
    const { start_pos: start, end_pos: end } = extractor['properties']!['char_intervals']![0]!
    expect(content.slice(Number(start), Number(end))).toBe('EnhancedEntityExtractor')
    const ollama = entities.find((entity) => String(entity['name']) === 'Ollama')!
    expect(Object.values(body['relationships']!)).toContainEqual(
      expect.objectContaining({
        source_entity_id: extractor['entity_id'],
        target_entity_id: ollama['entity_id'],
        relationship_type: 'uses',
      }),
    )
    expect(body['extraction_statistics']).toMatchObject({ total_entities: entities.length })
    expect(contract.parse(body['semantic_results']).concepts[0]!.concept).toBe('connection pool')
  })

  test('does what the options say, and warns of what it cannot do', async () => {
    const service = await running(startLangextract())
    const { body } = await post(service, '/extract/document', {
      document_path: 'a.md',
      content,
      update_knowledge_graph: true,
      extraction_options: {
        include_semantic_analysis: false,
        include_relationship_extraction: false,
        expected_entity_types: ['technology'],
        max_entities_per_type: 1,
      },
    })
    expect(Object.values(body['enriched_entities']!)).toMatchObject([{ name: 'Ollama' }])
    expect(body).toMatchObject({ relationships: [], semantic_results: null })
    expect(body['warnings']).toEqual(['there is no knowledge graph here: nothing was stored'])
  })

  test('reads a long text as far as it may, and says how far', async () => {
    const service = await running(startLangextract())
    const long = 'client_pool_size is a setting. '.repeat(40_000)
    const { body } = await post(service, '/extract/document', { document_path: 'long.md', content: long })
    expect(body['warnings']).toEqual([
      'only the first 1000000 of 1240000 characters were read',
      'names and phrases were looked for in the first 200000 of 1240000 characters only',
    ])
    expect(body['enriched_entities']![0]).toMatchObject({ name: 'client_pool_size' })
  })

  test('stops at timeout_seconds', async () => {
    const service = await running(startLangextract())
    const answer = await post(service, '/extract/document', {
      document_path: 'long.md',
      content: 'The pool keeps its sockets warm for the next request.\n'.repeat(4000),
      extraction_options: { timeout_seconds: 0.001 },
    })
    expect(answer).toMatchObject({ status: 504, body: { detail: 'not done within timeout_seconds (0.001)' } })
  })

  test('without content, reads no files unless a folder was opened', async () => {
    const service = await running(startLangextract())
    const answer = await post(service, '/extract/document', { document_path: '/etc/hostname' })
    expect(answer.status).toBe(422)
    expect(answer.body['detail']![0]!['msg']).toContain('may not read files')
  })

  test('reads below the opened folder only, links and dots included', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keepwarm-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const root = join(folder, 'docs')
    await mkdir(root)
    await writeFile(join(root, 'in.md'), 'Ollama serves models.')
    await writeFile(join(folder, 'out.md'), 'secret')
    await symlink(join(folder, 'out.md'), join(root, 'link.md'))
    const service = await running(startLangextract({ documentsRoot: root }))
    const read = (document_path: string): ReturnType<typeof post> =>
      post(service, '/extract/document', { document_path })
    expect((await read('in.md')).body['enriched_entities']![0]!['name']).toBe('Ollama')
    for (const path of ['../out.md', 'link.md', join(folder, 'out.md'), 'missing.md', '.']) {
      expect((await read(path)).body['detail']![0]!['msg']).toBe(
        `no document ${path} below the server's documentsRoot`,
      )
    }
  })
})

describe('POST /extract/batch', () => {
  const documents = ['a', 'b', 'c'].map((name) => ({
    document_path: `${name}.md`,
    content: `${name} uses Ollama.`,
  }))

  test('extracts every document and lists those that failed', async () => {
    const service = await running(startLangextract())
    const { body } = await post(service, '/extract/batch', { documents, document_paths: ['gone.md'] })
    expect(body).toMatchObject({
      total_documents: 4,
      successful_documents: 3,
      failed_documents: 1,
      skipped_documents: 0,
      failed: [{ document_path: 'gone.md', error: expect.stringContaining('may not read files') }],
    })
    expect(
      Object.values(body['results']!)
        .map((result) => String(result['document_path']))
        .sort(),
    ).toEqual(['a.md', 'b.md', 'c.md'])
  })

  test('stops at the first failure when told so, and says what it left', async () => {
    const service = await running(startLangextract())
    const { body } = await post(service, '/extract/batch', {
      document_paths: ['one.md', 'two.md', 'three.md'],
      max_concurrent_extractions: 1,
      continue_on_error: false,
    })
    expect(body).toMatchObject({ successful_documents: 0, failed_documents: 1, skipped_documents: 2 })
  })

  test('needs a document', async () => {
    const service = await running(startLangextract())
    expect((await post(service, '/extract/batch', {})).status).toBe(422)
  })
})

test('health and statistics tell what really happened', async () => {
  const service = await running(startLangextract())
  expect((await get(service, '/health')).body).toMatchObject({
    status: 'healthy',
    components: { language_extractor: 'healthy' },
  })
  expect((await get(service, '/statistics')).body).toMatchObject({
    total_requests: 0,
    documents_extracted: 0,
  })
  await post(service, '/extract/document', { document_path: 'a.md', content })
  await post(service, '/analyze/semantic', { content })
  await post(service, '/analyze/semantic', {})
  const { body } = await get(service, '/statistics')
  expect(body).toMatchObject({
    total_requests: 3,
    failed_requests: 1,
    documents_extracted: 1,
    endpoints: {
      analyze_semantic: { requests: 2, failures: 1 },
      extract_document: { requests: 1, failures: 0 },
    },
  })
  expect(body['entities_extracted']).toBeGreaterThan(0)
  expect(body['average_processing_time_ms']).toBeGreaterThan(0)
  expect(body['uptime_seconds']).toBeGreaterThan(0)
})
