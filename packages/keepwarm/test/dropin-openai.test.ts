/** The SDK of OpenAI over `client.fetch`. */
import OpenAI, {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIUserAbortError,
  RateLimitError,
  toFile,
} from 'openai'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import {
  DropInLab,
  inParts,
  json,
  nowhere,
  rejection,
  type Parts,
  type Routes,
} from './support/drop-in-lab.ts'
import { abortedThrice, crowd, mended } from './support/drop-in-trials.ts'

const over = ({ fetch }: HttpClient, baseURL: string, maxRetries = 0): OpenAI =>
  new OpenAI({ baseURL, fetch, apiKey: 'none', maxRetries, logLevel: 'off' })

const word = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`

/** A model that says the same to everybody; its events are cut where packets happen to end. */
const model: Routes = {
  '/v1/chat/completions': async (incoming, response) => {
    let asked = ''
    for await (const part of incoming) asked += String(part)
    if (!asked.includes('"stream":true'))
      return json(response, { choices: [{ message: { role: 'assistant', content: asked } }] })
    const [first, second] = [word('warm'), word('ing')] as const
    await inParts(
      response,
      [first + second.slice(0, 9), `${second.slice(9)}data: [DONE]\n\n`],
      'text/event-stream',
    )
  },
  '/v1/embeddings': (_, response) => json(response, { data: [{ index: 0, embedding: [0.5, 0.25] }] }),
}
const asked: OpenAI.ChatCompletionCreateParamsNonStreaming = {
  model: 'm',
  messages: [{ role: 'user', content: 'hi' }],
}
const chat = (openai: OpenAI, signal?: AbortSignal) =>
  openai.chat.completions.create(asked, { signal: signal ?? null })

test('openai: JSON there and back', async () => {
  await using lab = await DropInLab.start(model)
  await using client = lab.client()
  const openai = over(client, lab.url('/v1'))
  const { choices } = await chat(openai)
  expect(JSON.parse(choices[0]!.message.content!)).toEqual(asked)
  const embedded = await openai.embeddings.create({ model: 'm', input: 'hi', encoding_format: 'float' })
  expect(embedded.data[0]!.embedding).toEqual([0.5, 0.25])
  expect(lab.server.total).toBe(1)
})

test('openai: an answer that streams', async () => {
  await using lab = await DropInLab.start(model)
  await using client = lab.client({ maxConnections: 1 })
  const openai = over(client, lab.url('/v1'))
  const body = { ...asked, stream: true } as const
  const words: string[] = []
  for await (const { choices } of await openai.chat.completions.create(body))
    words.push(choices[0]!.delta.content!)
  expect(words).toEqual(['warm', 'ing'])
  for await (const _ of await openai.chat.completions.create(body)) break // the rest is not wanted
  expect((await chat(openai)).choices).toHaveLength(1)
})

test('openai: an error status is an error of its own class', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(chat(over(client, lab.url('/status/429'))))
  expect(error).toBeInstanceOf(RateLimitError)
  expect(error).toMatchObject({ status: 429, error: { message: 'not now' } })
})

test('openai: abort before, in line and in the body', async () => {
  await using lab = await DropInLab.start()
  const errors = await abortedThrice(lab, (client, url, signal) => chat(over(client, url), signal))
  expect(errors.map((error) => error instanceof APIUserAbortError)).toEqual([true, true, true])
})

test('openai: its timeout, which frees the connection', async () => {
  await using lab = await DropInLab.start(model)
  await using client = lab.client({ maxConnections: 1, timeout: 60_000 })
  const late = over(client, lab.url('/never')).models.list({ timeout: 30 })
  expect(await rejection(late)).toBeInstanceOf(APIConnectionTimeoutError)
  expect((await chat(over(client, lab.url('/v1')))).choices).toHaveLength(1)
})

test('openai: a network failure is an APIConnectionError, and its own retry mends it', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(chat(over(client, await nowhere())))
  expect(error).toBeInstanceOf(APIConnectionError)
  expect(error.cause).toMatchObject({ message: 'fetch failed', cause: { code: 'connect', sent: 'no' } })
  expect(await chat(over(client, lab.url('/lost'), 1))).toMatchObject({ method: 'POST' })
  expect(lab.server.requests).toBe(2)
})

test('openai: keepwarm sends again what was lost', async () => {
  await using lab = await DropInLab.start()
  const answer = await mended(lab, (client, url) => over(client, url).models.list())
  expect(answer).toMatchObject({ body: { method: 'GET' } })
})

test('openai: an upload of a file', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const file = await toFile(Buffer.alloc(70_000), 'a.jsonl', { type: 'application/jsonl' })
  const got: unknown = await over(client, lab.url('/parts')).files.create({ file, purpose: 'batch' })
  expect(got as Parts).toMatchObject({
    purpose: 'batch',
    file: { name: 'a.jsonl', type: 'application/jsonl', bytes: 70_000 },
  })
})

test('openai: 40 calls at once keep to 4 connections', async () => {
  await using lab = await DropInLab.start()
  await crowd(lab, (client, url) => chat(over(client, url)))
})
