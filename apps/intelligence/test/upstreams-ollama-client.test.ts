/** The stand-in as the official `ollama` package sees it, over its own fetch: every call that the stand-in answers. */
import { Ollama } from 'ollama'
import { expect, test } from 'vitest'
import { startOllama, type Upstream } from '../src/upstreams/index.ts'
import type { OllamaOptions } from '../src/upstreams/ollama.ts'
import { running, until } from './upstreams-support.ts'

const embedder = 'nomic-embed-text'
const writer = 'llama3.2'

async function started(options: OllamaOptions = {}): Promise<{ ollama: Ollama; upstream: Upstream }> {
  const upstream = await running(startOllama(options))
  return { upstream, ollama: new Ollama({ host: upstream.url }) }
}

async function collected<Part>(parts: AsyncIterable<Part>): Promise<Part[]> {
  const all: Part[] = []
  for await (const part of parts) all.push(part)
  return all
}

const length = (vector: readonly number[] = []): number => Math.hypot(...vector)

test('list, show and version say what there is', async () => {
  const { ollama } = await started()
  const { models } = await ollama.list()
  expect(models.map(({ name, model }) => [name, model])).toEqual([
    ['nomic-embed-text:latest', 'nomic-embed-text:latest'],
    ['llama3.2:latest', 'llama3.2:latest'],
  ])
  for (const { modified_at, size, digest, details } of models) {
    expect(Number.isNaN(new Date(modified_at).getTime())).toBe(false)
    expect({ size, digest, families: details.families }).toEqual({
      size: 0,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      families: [expect.any(String)],
    })
  }
  const shown = await ollama.show({ model: embedder })
  expect(shown).toMatchObject({ capabilities: ['embedding'], details: { format: 'rules' } })
  expect(await ollama.version()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
})

test('embed gives a vector of length 1 for each text in its order, embeddings one as it is', async () => {
  const { ollama } = await started()
  const texts = ['warm connections', 'cold connections', 'cats']
  const { embeddings, model, total_duration, load_duration, prompt_eval_count } = await ollama.embed({
    model: embedder,
    input: texts,
  })
  expect({ model, sizes: embeddings.map((vector) => vector.length) }).toEqual({
    model: embedder,
    sizes: [768, 768, 768],
  })
  for (const vector of embeddings) expect(length(vector)).toBeCloseTo(1, 4)
  expect(total_duration).toBeGreaterThanOrEqual(load_duration)
  expect(prompt_eval_count).toBe(5)
  for (const [index, input] of texts.entries()) {
    expect((await ollama.embed({ model: embedder, input })).embeddings).toEqual([embeddings[index]])
  }
  const small = await ollama.embed({ model: embedder, input: 'cats', dimensions: 64 })
  expect(small.embeddings[0]).toHaveLength(64)
  expect(length(small.embeddings[0])).toBeCloseTo(1, 4)
  const { embedding } = await ollama.embeddings({ model: embedder, prompt: 'cats' })
  const scale = length(embedding)
  expect(embedding.map((value) => value / scale)).toEqual(
    embeddings[2]?.map((value) => expect.closeTo(value, 4)),
  )
})

test('generate gives the same answer at once and in pieces, with its figures in the last one', async () => {
  const { ollama } = await started()
  const prompt = 'Name the entities in: The ConnectionPool keeps sockets warm.'
  const whole = await ollama.generate({ model: writer, prompt })
  expect(whole).toMatchObject({ model: 'llama3.2:latest', done: true, done_reason: 'stop' })
  expect(whole.response).not.toBe('')
  expect(whole.eval_count).toBeGreaterThan(0)
  expect(whole.total_duration).toBeGreaterThanOrEqual(whole.eval_duration)
  const parts = await collected(await ollama.generate({ model: writer, prompt, stream: true }))
  expect(parts.map(({ response }) => response).join('')).toBe(whole.response)
  expect(parts.map(({ done }) => done)).toEqual(parts.map((_, index) => index === parts.length - 1))
  expect(parts.at(-1)).toMatchObject({ done_reason: 'stop', eval_count: parts.length - 1 })
  const json = await ollama.generate({ model: writer, prompt, format: 'json' })
  expect(JSON.parse(json.response ?? '')).toBeTypeOf('object')
  const cut = await ollama.generate({ model: writer, prompt, options: { num_predict: 1 } })
  expect(cut).toMatchObject({ done_reason: 'length', eval_count: 1 })
})

test('chat answers the last message of the user, at once and in pieces', async () => {
  const { ollama } = await started()
  const messages = [
    { role: 'system', content: 'Answer shortly.' },
    { role: 'user', content: 'Say something warm.' },
  ]
  const { message, done } = await ollama.chat({ model: writer, messages })
  expect({ done, role: message.role }).toEqual({ done: true, role: 'assistant' })
  const parts = await collected(await ollama.chat({ model: writer, messages, stream: true }))
  expect(parts.map((part) => part.message.content).join('')).toBe(message.content)
  expect(parts.at(-1)?.done).toBe(true)
})

test('ps shows what is loaded, until keep_alive unloads it', async () => {
  const { ollama } = await started()
  expect(await ollama.ps()).toEqual({ models: [] })
  await ollama.embed({ model: embedder, input: 'x', keep_alive: '10m' })
  const { models } = await ollama.ps()
  expect(models.map(({ name }) => name)).toEqual(['nomic-embed-text:latest'])
  const left = new Date(models[0]!.expires_at).getTime() - Date.now()
  expect(left).toBeGreaterThan(8 * 60_000)
  expect(await ollama.generate({ model: writer, prompt: '', keep_alive: 0 })).toMatchObject({
    done_reason: 'unload',
  })
  await ollama.embed({ model: embedder, input: 'x', keep_alive: 0 })
  expect(await ollama.ps()).toEqual({ models: [] })
})

test('a stream that is aborted ends for the reader, and its place is free again', async () => {
  const { ollama } = await started({ parallel: 1, pieceInterval: 20 })
  const answer = await ollama.generate({
    model: writer,
    prompt: 'Say something warm and long.',
    stream: true,
  })
  const reading = (async () => {
    for await (const part of answer) if (!part.done) ollama.abort()
  })()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  // With one place, the next answer needs the one that was left.
  const next = await until(
    () => ollama.generate({ model: writer, prompt: 'And again.' }),
    ({ done }) => done,
  )
  expect(next.done_reason).toBe('stop')
})

test('what it cannot do is an error with status and reason, and never half an answer', async () => {
  const { ollama } = await started()
  const refusals = [
    [ollama.embed({ model: 'no-such-model', input: 'x' }), 404, /no-such-model/],
    [ollama.generate({ model: 'no-such-model', prompt: 'x', stream: true }), 404, /no-such-model/],
    [ollama.show({ model: 'no-such-model' }), 404, /no-such-model/],
    [ollama.embed({ model: writer, input: 'x' }), 400, /does not support embeddings/],
    [ollama.generate({ model: embedder, prompt: 'x' }), 400, /does not support generate/],
    [ollama.generate({ model: writer, prompt: 'x', think: true }), 400, /does not support thinking/],
    [
      ollama.embed({ model: embedder, input: 'word '.repeat(9_000), truncate: false }),
      400,
      /context length|too long|exceeds/,
    ],
    [ollama.pull({ model: 'another' }), 404, /.+/],
    [ollama.delete({ model: writer }), 404, /.+/],
  ] as const
  for (const [refused, status, reason] of refusals) {
    await expect(refused).rejects.toMatchObject({
      name: 'ResponseError',
      status_code: status,
      message: expect.stringMatching(reason),
    })
  }
})
