import { expect, test } from 'vitest'
import { startOllama } from '../../upstreams/index.ts'
import { EnhancedEntityExtractor } from '../entity-extractor.ts'
import { startScripted } from '../scripted-server.ts'
import { Warmth } from './warmth.ts'

const vector = (index: number): object => ({ object: 'embedding', index, embedding: [index, 1] })

test('an OpenAI-style server gives the same vectors as the same model over Ollama’s own path', async () => {
  const ollama = await startOllama()
  try {
    await using own = new EnhancedEntityExtractor({ baseUrl: ollama.url })
    await using openai = new EnhancedEntityExtractor({ baseUrl: ollama.url, embeddingApi: 'openai' })
    const texts = ['pools keep sockets', 'a heron waits']
    const [one, other] = await Promise.all([own.embed(texts), openai.embed(texts)])
    expect(other.map((each) => each.length)).toEqual([768, 768])
    for (const [index, each] of one.entries())
      for (const [at, number] of each.entries()) expect(other[index]?.[at]).toBeCloseTo(number, 5)
    expect(await openai.checkHealth()).toMatchObject({ healthy: true })
    expect(await openai.modelNames()).toEqual(await own.modelNames())
  } finally {
    await ollama.close()
  }
})

test('the index says whose vector it is, not the order', async () => {
  await using server = await startScripted(() => ({ body: { data: [2, 0, 1].map(vector) } }))
  await using client = new EnhancedEntityExtractor({ baseUrl: server.url, embeddingApi: 'openai' })
  const vectors = await client.embed(['a', 'b', 'c'])
  expect(vectors.map(([first]) => first)).toEqual([0, 1, 2])
  expect(server.asked).toMatchObject([
    { path: '/v1/embeddings', body: { input: ['a', 'b', 'c'], encoding_format: 'float' } },
  ])
})

test.each([
  ['a vector is missing', [vector(1)]],
  ['two have the same index', [vector(0), vector(0)]],
  ['vectors have two lengths', [vector(0), { index: 1, embedding: [1] }]],
])('when %s, it is an error and no vector', async (_, data) => {
  await using server = await startScripted(() => ({ body: { data } }))
  await using client = new EnhancedEntityExtractor({ baseUrl: server.url, embeddingApi: 'openai' })
  for (const outcome of await client.embedAll(['a', 'b']))
    expect(outcome).toMatchObject({ error: { code: 'validation' } })
})

test('a failed batch is bisected there, too', async () => {
  await using server = await startScripted(({ body }) => {
    const { input } = body as { input: string[] }
    if (input.includes('bad')) return { status: 400, body: { error: { message: 'too long' } } }
    return { body: { data: input.map((_, index) => vector(index)) } }
  })
  await using client = new EnhancedEntityExtractor({ baseUrl: server.url, embeddingApi: 'openai' })
  const outcomes = await client.embedAll(['a', 'bad', 'c', 'd'])
  expect(outcomes.map((outcome) => 'vector' in outcome)).toEqual([true, false, true, true])
})

test('the first call waits while the model is read, later ones as long as the client waits', async () => {
  let models = 0
  await using server = await startScripted(() => {
    models++
    return { after: models === 1 ? 400 : 5_000, body: { embeddings: [[1]] } }
  })
  await using client = new EnhancedEntityExtractor({ baseUrl: server.url, timeout: 150, retry: false })
  expect(await client.embed(['a'])).toHaveLength(1)
  const [late] = await client.embedAll(['b'])
  expect(late).toMatchObject({ error: { code: 'deadline' } })
})

test('a model is warm for five minutes after its last answer', () => {
  const warmth = new Warmth(90_000)
  expect(warmth.timeout(0)).toBe(90_000)
  warmth.answered(1_000)
  expect(warmth.timeout(300_999)).toBeUndefined()
  expect(warmth.timeout(301_000)).toBe(90_000)
})
