import { Ollama } from 'ollama'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startOllama } from '../src/upstreams/index.ts'
import { cosine } from '../src/upstreams/text/embedding.ts'
import { get, post, running, until } from './upstreams-support.ts'

const model = 'nomic-embed-text'
const prompt =
  'Extract entities.\n<document>\nJonah Gray moved to Berlin. The HTTPClientConfig class reads POOL_SIZE.\n</document>'
const answerType = z.object({
  entities: z.array(
    z.object({ name: z.string(), type: z.string(), text: z.string().optional(), confidence: z.number() }),
  ),
  relationships: z.array(z.object({ source: z.string(), target: z.string(), type: z.string() })),
})

describe('with the official client', () => {
  async function client(): Promise<Ollama> {
    return new Ollama({ host: (await running(startOllama())).url })
  }

  test('lists, shows and runs models that say what they are', async () => {
    const ollama = await client()
    const { models } = await ollama.list()
    expect(models.map(({ name }) => name)).toEqual(['nomic-embed-text:latest', 'llama3.2:latest'])
    expect(models[0]!.details).toMatchObject({
      format: 'rules',
      family: 'feature-hashing',
      parameter_size: '0',
    })
    expect(models[0]!.digest).toMatch(/^[0-9a-f]{64}$/)
    expect((await ollama.show({ model })).capabilities).toEqual(['embedding'])
    expect((await ollama.ps()).models).toEqual([])
    await ollama.embed({ model, input: 'load it' })
    const { models: loaded } = await ollama.ps()
    expect(loaded.map(({ name }) => name)).toEqual(['nomic-embed-text:latest'])
    expect(new Date(loaded[0]!.expires_at).getTime()).toBeGreaterThan(Date.now() + 60_000)
    expect((await ollama.version()).version).toContain('stand-in')
  })

  test('embeds one text and many, in unit vectors', async () => {
    const ollama = await client()
    const one = await ollama.embed({ model, input: 'warm connections' })
    expect(one.embeddings).toHaveLength(1)
    expect(one.embeddings[0]).toHaveLength(768)
    expect(Math.hypot(...one.embeddings[0]!)).toBeCloseTo(1)
    expect(one.prompt_eval_count).toBe(2)
    expect(one.total_duration).toBeGreaterThan(0)
    const many = await ollama.embed({
      model,
      input: ['warm connections', 'a warm connection', 'flour and butter'],
    })
    const [same, related, unrelated] = many.embeddings
    expect(same).toEqual(one.embeddings[0])
    expect(cosine(same!, related!)).toBeGreaterThan(cosine(same!, unrelated!))
  })

  test('the older endpoint gives the same direction, not scaled', async () => {
    const ollama = await client()
    const { embedding } = await ollama.embeddings({ model, prompt: 'warm connections stay open' })
    const { embeddings } = await ollama.embed({ model, input: 'warm connections stay open' })
    expect(Math.hypot(...embedding)).toBeGreaterThan(1.1)
    expect(cosine(embedding, embeddings[0]!)).toBeCloseTo(1)
  })

  test('generates entities that conform to the schema of the request', async () => {
    const ollama = await client()
    const answer = await ollama.generate({
      model: 'llama3.2',
      prompt,
      format: z.toJSONSchema(answerType),
      stream: false,
    })
    const { entities, relationships } = answerType.parse(JSON.parse(String(answer.response)))
    expect(entities.map(({ name, type }) => `${type} ${name}`)).toEqual([
      'PERSON Jonah Gray',
      'PLACE Berlin',
      'CLASS HTTPClientConfig',
      'CONSTANT POOL_SIZE',
    ])
    expect(relationships).toContainEqual({ source: 'HTTPClientConfig', target: 'POOL_SIZE', type: 'READS' })
    expect(answer).toMatchObject({ done: true, done_reason: 'stop' })
    expect(answer.eval_count).toBeGreaterThan(0)
    expect(answer.total_duration).toBeGreaterThanOrEqual(answer.prompt_eval_duration)
  })

  test('streams the same answer in pieces', async () => {
    const ollama = await client()
    const request = { model: 'llama3.2', prompt, format: z.toJSONSchema(answerType) }
    const whole = await ollama.generate({ ...request, stream: false })
    const chunks = []
    for await (const chunk of await ollama.generate({ ...request, stream: true })) chunks.push(chunk)
    expect(chunks.length).toBeGreaterThan(5)
    expect(chunks.map(({ response }) => response).join('')).toBe(whole.response)
    expect(chunks.map(({ done }) => done)).toEqual([...Array(chunks.length - 1).fill(false), true])
    expect(chunks.at(-1)).toMatchObject({ response: '', done_reason: 'stop', eval_count: chunks.length - 1 })
  })

  test('chats, streamed and whole, and says that it summarises', async () => {
    const ollama = await client()
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'The pool keeps sockets open. It does so for reuse.' },
    ]
    const whole = await ollama.chat({ model: 'llama3.2', messages })
    expect(whole.message.role).toBe('assistant')
    expect(whole.message.content).toContain('made by rules, not by a language model')
    let streamed = ''
    for await (const chunk of await ollama.chat({ model: 'llama3.2', messages, stream: true })) {
      streamed += chunk.message.content
    }
    expect(streamed).toBe(whole.message.content)
  })

  test('an unknown model is a 404 that says so', async () => {
    const ollama = await client()
    const unknown = {
      name: 'ResponseError',
      status_code: 404,
      message: 'model "nope" not found, try pulling it first',
    }
    await expect(ollama.embed({ model: 'nope', input: 'x' })).rejects.toMatchObject({
      message: unknown.message,
    })
    await expect(ollama.generate({ model: 'nope', prompt: 'x' })).rejects.toMatchObject(unknown)
    await expect(ollama.show({ model: 'nope' })).rejects.toMatchObject(unknown)
  })
})

describe('on the wire', () => {
  test('GET and HEAD / say that it runs', async () => {
    const ollama = await running(startOllama())
    expect(await get(ollama, '/')).toMatchObject({ status: 200, body: 'Ollama is running' })
    expect((await fetch(ollama.url, { method: 'HEAD' })).status).toBe(200)
  })

  test('streams lines of JSON by default, and one object when told', async () => {
    const ollama = await running(startOllama())
    const body = { model: 'llama3.2', prompt: 'The pool is warm.' }
    const streamed = await post(ollama, '/api/generate', body)
    expect(streamed.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = String(streamed.body).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).done).filter(Boolean)).toEqual([true])
    const whole = await post(ollama, '/api/generate', { ...body, stream: false })
    expect(whole.headers.get('content-type')).toMatch('application/json')
  })

  test('num_predict cuts the answer and says so', async () => {
    const ollama = await running(startOllama())
    const body = {
      model: 'llama3.2',
      prompt: 'The pool is warm.',
      stream: false,
      options: { num_predict: 2 },
    }
    expect((await post(ollama, '/api/generate', body)).body).toMatchObject({
      response: 'Extractive summary',
      done_reason: 'length',
      eval_count: 2,
    })
  })

  test('an empty prompt loads a model, keep_alive 0 unloads it', async () => {
    const ollama = await running(startOllama())
    const loaded = async (): Promise<number> =>
      Object.keys((await get(ollama, '/api/ps')).body['models']!).length
    const load = await post(ollama, '/api/generate', { model: 'llama3.2', stream: false })
    expect(load.body).toMatchObject({ response: '', done: true, done_reason: 'load' })
    expect(await loaded()).toBe(1)
    const unload = await post(ollama, '/api/chat', { model: 'llama3.2', keep_alive: 0, stream: false })
    expect(unload.body).toMatchObject({ message: { content: '' }, done_reason: 'unload' })
    expect(await loaded()).toBe(0)
  })

  test('only the first request of a model reports time to load it', async () => {
    const ollama = await running(startOllama())
    const request = { model: 'llama3.2', prompt: 'x', stream: false, format: 'json' }
    expect((await post(ollama, '/api/generate', request)).body['load_duration']).toBeGreaterThan(0)
    expect((await post(ollama, '/api/generate', request)).body['load_duration']).toBe(0)
  })

  test('a size below the model’s is given, one above is not', async () => {
    const ollama = await running(startOllama())
    const size = async (dimensions: number): Promise<number> =>
      Object.keys(
        (await post(ollama, '/api/embed', { model, input: 'x', dimensions })).body['embeddings']![0]!,
      ).length
    expect(await size(64)).toBe(64)
    expect(await size(5000)).toBe(768)
  })

  test('a text beyond the context is cut, or refused when it may not be', async () => {
    const ollama = await running(startOllama())
    const input = 'warm pool '.repeat(5000)
    const cut = await post(ollama, '/api/embed', { model, input })
    expect(cut.body).toMatchObject({ prompt_eval_count: 8192 })
    const refused = await post(ollama, '/api/embed', { model, input: ['short', input], truncate: false })
    expect(refused.status).toBe(400)
    expect(refused.body['error']).toContain(
      'the input length exceeds the context length: 10000 words of at most 8192',
    )
  })

  test('no input gives no embeddings', async () => {
    const ollama = await running(startOllama())
    expect((await post(ollama, '/api/embed', { model, input: '' })).body['embeddings']).toEqual([])
    expect((await post(ollama, '/api/embed', { model })).body['embeddings']).toEqual([])
    expect((await post(ollama, '/api/embeddings', { model, prompt: '' })).body['embedding']).toEqual([])
  })

  test.each([
    ['/api/embed', {}, 'model'],
    ['/api/embed', { model, input: 7 }, 'input: invalid input type'],
    ['/api/embed', { model, input: ['a', 7] }, 'input: invalid input type'],
    ['/api/embed', { model, input: 'x', dimensions: -1 }, 'dimensions'],
    ['/api/embed', { model: 'llama3.2', input: 'x' }, '"llama3.2" does not support embeddings'],
    ['/api/generate', { model, prompt: 'x' }, '"nomic-embed-text" does not support generate'],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', format: 7 }, 'format'],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', keep_alive: 'soon' }, 'keep_alive'],
    ['/api/generate', { model: 'llama3.2', prompt: 'x', think: true }, 'does not support thinking'],
    ['/api/chat', { model, messages: [] }, '"nomic-embed-text" does not support chat'],
    ['/api/chat', { model: 'llama3.2', messages: [{ content: 'x' }] }, 'messages.0.role'],
    ['/api/chat', { model: 'llama3.2', messages: [], tools: [{}] }, 'does not support tools'],
    ['/api/show', {}, 'model is required'],
  ])('POST %s with %j is a 400 that says why', async (path, body, reason) => {
    const ollama = await running(startOllama())
    const answer = await post(ollama, path, body)
    expect(answer.status).toBe(400)
    expect(answer.body['error']).toContain(reason)
  })

  test('the OpenAI-style paths: models, embeddings as numbers and as base64, errors in their shape', async () => {
    const ollama = await running(startOllama())
    expect((await get(ollama, '/v1/models')).body).toMatchObject({
      object: 'list',
      data: [{ id: 'nomic-embed-text:latest', object: 'model', owned_by: 'library' }, {}],
    })
    const plain = await post(ollama, '/v1/embeddings', { model, input: ['warm pool', 'cold pool'] })
    expect(plain.body).toMatchObject({
      object: 'list',
      model,
      data: [{ object: 'embedding', index: 0 }, { index: 1 }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    })
    const coded = await post(ollama, '/v1/embeddings', {
      model,
      input: 'warm pool',
      encoding_format: 'base64',
    })
    const bytes = Buffer.from(String(coded.body['data']![0]!['embedding']), 'base64')
    expect(bytes.readFloatLE(0)).toBeCloseTo(Number(plain.body['data']![0]!['embedding']![0]))
    expect(bytes.length).toBe(768 * 4)
    expect(await post(ollama, '/v1/embeddings', { model, input: [] })).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error' } },
    })
    expect(await post(ollama, '/v1/embeddings', { model: 'nope', input: 'x' })).toMatchObject({
      status: 404,
      body: { error: { message: 'model "nope" not found, try pulling it first', type: 'not_found_error' } },
    })
  })
})

describe('under load', () => {
  test('works on a few at once, queues some, and refuses the rest with Ollama’s words', async () => {
    const ollama = await running(startOllama({ parallel: 1, maxQueue: 2, latency: 50 }))
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => post(ollama, '/api/embed', { model, input: 'x' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 503, 503])
    expect(answers.find(({ status }) => status === 503)!.body).toEqual({
      error: 'server busy, please try again.  maximum pending requests exceeded',
    })
  })

  test('a client that leaves gives its slot back: in the queue, at work, and in mid-stream', async () => {
    const ollama = await running(startOllama({ parallel: 1, maxQueue: 1, latency: 30, pieceInterval: 20 }))
    const stream = { model: 'llama3.2', prompt: 'The pool keeps sockets open for reuse.' }
    const working = new AbortController()
    const first = await fetch(`${ollama.url}/api/generate`, {
      method: 'POST',
      body: JSON.stringify(stream),
      signal: working.signal,
    })
    const reader = first.body!.getReader()
    await reader.read()
    const queued = new AbortController()
    const second = fetch(`${ollama.url}/api/generate`, {
      method: 'POST',
      body: JSON.stringify(stream),
      signal: queued.signal,
    })
    const left = expect(second).rejects.toThrow()
    await until(
      () => ollama.requests,
      (requests) => requests === 2,
    )
    queued.abort()
    await left
    working.abort()
    await expect(reader.read()).rejects.toThrow()
    const answer = await until(
      () => post(ollama, '/api/embed', { model, input: 'x' }),
      ({ status }) => status === 200,
    )
    expect(answer.body['embeddings']![0]).toHaveLength(768)
  })
})
