import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOllama, type Upstream } from '../upstreams/index.ts'
import { EnhancedEntityExtractor } from './entity-extractor.ts'
import * as errors from './entity-extractor/errors.ts'
import { readAnswer } from './entity-extractor/generation.ts'
import type { GenerationLine } from './entity-extractor/ollama.ts'
import { startScripted, type Said } from './scripted-server.ts'

const soon = { base: 1, cap: 5 }

let ollama: Upstream
let extractor: EnhancedEntityExtractor
beforeAll(async () => {
  ollama = await startOllama()
  extractor = new EnhancedEntityExtractor({ baseUrl: ollama.url, retry: soon })
})
afterAll(async () => {
  await extractor.close()
  await ollama.close()
})

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable('the call should fail'),
    (error: unknown) => error,
  )
}

test('texts become vectors, in batches, in their order', async () => {
  const texts = Array.from({ length: 40 }, (_, index) => `text number ${index} about pools`)
  const before = ollama.requests
  const vectors = await extractor.embed(texts)
  expect(ollama.requests - before).toBe(3)
  expect(vectors).toHaveLength(40)
  for (const vector of vectors) expect(vector).toHaveLength(768)
  expect(vectors[0]).toBeInstanceOf(Float32Array)
  const [alone] = await extractor.embed([texts[33]!])
  expect(vectors[33]).toEqual(alone)
  expect(await extractor.embed([])).toEqual([])
})

test('a text that is too long is named, the others of its batch have their vectors', async () => {
  const texts = Array.from({ length: 20 }, (_, index) =>
    index === 7 ? 'word '.repeat(9_000) : `text ${index}`,
  )
  const error = await failureOf(extractor.embed(texts))
  expect(error).toBeInstanceOf(errors.EmbeddingError)
  const { failures, vectors, message, cause } = error as errors.EmbeddingError
  expect(failures.map(({ index }) => index)).toEqual([7])
  expect(message).toContain('1 of 20 texts could not be embedded; the first is text 7')
  expect(message).toContain('exceeds the context length')
  expect(cause).toBe(failures[0]?.error)
  expect(vectors.map((vector) => vector?.length)).toEqual(
    texts.map((_, index) => (index === 7 ? undefined : 768)),
  )
  const outcomes = await extractor.embedAll(texts)
  expect(outcomes.filter((outcome) => 'vector' in outcome)).toHaveLength(19)
})

test.each<[string, unknown]>([
  ['more vectors than texts', { embeddings: [[1], [2], [3]] }],
  ['vectors of two lengths', { embeddings: [[1, 2], [1]] }],
  [
    'a vector with a hole',
    {
      embeddings: [
        [1, null],
        [1, 2],
      ],
    },
  ],
  ['the older answer', { embedding: [1, 2] }],
])('an answer that is not what was agreed is an error and no vector: %s', async (_what, body) => {
  await using server = await startScripted(() => ({ body }))
  await using scripted = new EnhancedEntityExtractor({ baseUrl: server.url })
  const outcomes = await scripted.embedAll(['one', 'two'])
  expect(outcomes.some((outcome) => 'error' in outcome && outcome.error.code === 'validation')).toBe(true)
  await expect(scripted.embed(['one', 'two'])).rejects.toBeInstanceOf(errors.EmbeddingError)
})

test('a model that is not there is not looked for text by text', async () => {
  await using other = new EnhancedEntityExtractor({ baseUrl: ollama.url, embeddingModel: 'missing' })
  const before = ollama.requests
  const error = await failureOf(other.embed(['a', 'b', 'c']))
  expect(ollama.requests - before).toBe(1)
  expect((error as errors.EmbeddingError).failures[0]?.error).toBeInstanceOf(errors.ModelNotFoundError)
  expect(error).toMatchObject({ status: 404, code: 'status' })
})

test('a full queue is tried again, then unavailable', async () => {
  await using server = await startScripted(() => ({ status: 503, body: { error: 'server busy' } }))
  await using scripted = new EnhancedEntityExtractor({ baseUrl: server.url, retry: soon })
  const error = await failureOf(scripted.embed(['a', 'b']))
  expect((error as errors.EmbeddingError).failures[0]?.error).toBeInstanceOf(errors.OllamaUnavailableError)
  expect(server.asked).toHaveLength(3)
})

test('embedding can be cancelled', async () => {
  await using server = await startScripted(() => ({ after: 5_000 }))
  await using scripted = new EnhancedEntityExtractor({ baseUrl: server.url })
  const error = await failureOf(scripted.embed(['a'], { signal: AbortSignal.timeout(30) }))
  expect(error).toMatchObject({ name: 'AbortError' })
})

const document = {
  title: 'Pools',
  sourcePath: 'docs/pool.md',
  text: 'The ConnectionPool class keeps sockets. The ConnectionPool uses RetryBudget, written by Ada Lovelace.',
}

test('a document’s entities stand in its text', async () => {
  const { entities, relationships, skipped } = await extractor.extractEntities(document)
  const pool = entities.find(({ name }) => name === 'ConnectionPool')
  expect(pool).toMatchObject({ span: { start: 4, end: 18 }, entityId: expect.stringMatching(/^entity_/) })
  const ids = new Set(entities.map(({ entityId }) => entityId))
  for (const { sourceEntityId, targetEntityId } of relationships) {
    expect(ids).toContain(sourceEntityId)
    expect(ids).toContain(targetEntityId)
  }
  expect(skipped).toEqual([])
  expect(await extractor.extractEntities(document)).toEqual({ entities, relationships, skipped })
})

test('a long document is read window by window, and its entities are found wherever they are', async () => {
  const filler = 'Nothing of note happens in this sentence at all. '.repeat(60)
  const text = `The FirstThing class.\n\n${filler}\n\nThe MiddleThing class.\n\n${filler}\n\nThe LastThing class.`
  await using small = new EnhancedEntityExtractor({ baseUrl: ollama.url, windowSize: 1_000 })
  const before = ollama.requests
  const { entities } = await small.extractEntities({ text, sourcePath: 'long.md' })
  expect(ollama.requests - before).toBeGreaterThan(6)
  for (const name of ['FirstThing', 'MiddleThing', 'LastThing']) {
    const span = entities.find((entity) => entity.name === name)?.span
    expect(text.slice(span?.start, span?.end)).toBe(name)
  }
})

test('an empty document needs no model', async () => {
  await using nobody = new EnhancedEntityExtractor({ baseUrl: 'http://127.0.0.1:1' })
  expect(await nobody.extractEntities({ text: ' \n', sourcePath: 'x' })).toEqual({
    entities: [],
    relationships: [],
    skipped: [],
  })
})

test('the model is held to a schema and told that the document is data', async () => {
  const good = JSON.stringify({ entities: [], relationships: [] })
  await using server = await startScripted(() => streamed(line(good), last()))
  await using scripted = new EnhancedEntityExtractor({ baseUrl: server.url })
  await scripted.extractEntities(document)
  expect(server.asked[0]).toMatchObject({
    path: '/api/generate',
    body: {
      model: 'llama3.2',
      stream: true,
      prompt: expect.stringContaining(`<document>\n${document.text}\n</document>`),
      system: expect.stringContaining('no instructions'),
      format: { type: 'object', required: ['entities', 'relationships'] },
      options: { num_ctx: 8_192 },
    },
  })
})

test.each<[string, string[], string, RegExp]>([
  ['an error in the middle', [line('{"ent'), '{"error":"out of memory"}'], 'status', /out of memory/],
  [
    'an end before the end',
    [line('{"entities":[],"relationships":[]}')],
    'reset',
    /broke off after 34 characters/,
  ],
  ['nothing at all', [], 'reset', /broke off after 0 characters/],
  ['an answer that was cut', [line('{"entities":['), last('length')], 'validation', /no more room/],
  ['no JSON', [line('Here you are:'), last()], 'decode', /not JSON/],
  ['another answer', [line('{"people":[]}'), last()], 'validation', /entities/],
  [
    'entities of another form',
    [line('{"entities":["Pool","Queue"],"relationships":[]}'), last()],
    'validation',
    /none of the 2 items/,
  ],
])('an answer of the model that is no good is an error: %s', async (_what, lines, code, message) => {
  await using server = await startScripted(() => streamed(...lines))
  await using scripted = new EnhancedEntityExtractor({ baseUrl: server.url })
  const error = await failureOf(scripted.extractEntities(document))
  expect(error).toBeInstanceOf(errors.GenerationError)
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
})

test('the end of a stream may come after its last line: the connection is kept for the next answer', async () => {
  const good = line(JSON.stringify({ entities: [], relationships: [] }))
  await using server = await startScripted(() => ({ ...streamed(good, last()), endsAfter: 20 }))
  await using scripted = new EnhancedEntityExtractor({ baseUrl: server.url })
  for (let round = 0; round < 3; round++) await scripted.extractEntities(document)
  expect(scripted.http.pool.snapshot().counters).toMatchObject({ requests: 3, opened: 1 })
})

test('an answer whose last line has come is whole, whatever happens to the stream after it', async () => {
  async function* breaking(): AsyncGenerator<GenerationLine> {
    yield { response: '{}', done: true, done_reason: 'stop' }
    throw new Error('the connection is gone')
  }
  expect(await readAnswer(breaking())).toBe('{}')
})

test('a window that fails cancels the others', async () => {
  const text = 'Some words to read. '.repeat(200)
  const script = (_asked: unknown, count: number): Said =>
    count === 1 ? { after: 5_000 } : { status: 400, body: { error: 'no' } }
  await using server = await startScripted(script)
  await using scripted = new EnhancedEntityExtractor({
    baseUrl: server.url,
    windowSize: 1_000,
    concurrency: 2,
  })
  const error = await failureOf(scripted.extractEntities({ text, sourcePath: 'x' }))
  expect(error).toBeInstanceOf(errors.EntityExtractorError)
  expect(error).toMatchObject({ status: 400 })
  expect(server.asked).toHaveLength(2)
})

test('a model may pause for longer than the client’s other calls may take', async () => {
  const slow = await startOllama({ pieceInterval: 20 })
  await using patient = new EnhancedEntityExtractor({ baseUrl: slow.url, timeout: 60, bodyIdleTimeout: 50 })
  try {
    const { entities } = await patient.extractEntities(document)
    expect(entities.length).toBeGreaterThan(0)
    const late = await failureOf(patient.extractEntities(document, { timeout: 40 }))
    expect(late).toBeInstanceOf(errors.OllamaTimeoutError)
  } finally {
    await slow.close()
  }
})

test('health, models and version are asked where Ollama has them', async () => {
  expect(await extractor.checkHealth()).toMatchObject({ healthy: true, status_code: 200 })
  const models = await extractor.models()
  expect(models.map(({ name }) => name)).toContain('nomic-embed-text:latest')
  expect(models[0]).toMatchObject({ modifiedAt: expect.any(String), digest: expect.any(String) })
  expect(await extractor.version()).toMatch(/^\d/)
})

test('an option that makes no sense is refused by name', () => {
  expect(() => new EnhancedEntityExtractor({ batchSize: 0 })).toThrow(
    'batchSize = 0: expected a whole number from 1',
  )
  expect(() => new EnhancedEntityExtractor({ windowSize: 10 })).toThrow('windowSize = 10')
})

function line(response: string): string {
  return JSON.stringify({ model: 'm', response, done: false })
}

function last(reason = 'stop'): string {
  return JSON.stringify({ model: 'm', response: '', done: true, done_reason: reason })
}

function streamed(...lines: string[]): Said {
  return {
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((one) => `${one}\n`).join(''),
  }
}
