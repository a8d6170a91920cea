/** The SDK of Ollama over `client.fetch`. */
import { Ollama, type ChatRequest } from 'ollama'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import { DropInLab, inParts, json, nowhere, rejection, type Routes } from './support/drop-in-lab.ts'
import { abortedThrice, crowd, mended } from './support/drop-in-trials.ts'
import { eventually } from './support/wait.ts'

const over = ({ fetch }: HttpClient, host: string): Ollama => new Ollama({ host, fetch })

const word = (content: string, done = false): string =>
  `${JSON.stringify({ model: 'm', message: { role: 'assistant', content }, done })}\n`

/** A model that says the same to everybody; what comes in parts does not come line by line. */
const model: Routes = {
  '/api/tags': (_, response) => json(response, { models: [{ name: 'm' }] }),
  '/api/embed': (_, response) => json(response, { embeddings: [[0.5, 0.25]] }),
  '/api/chat': (_, response) => {
    const [first, second, last] = [word('warm'), word('ing'), word(' up', true)] as const
    return inParts(response, [first + second.slice(0, 9), second.slice(9), last], 'application/x-ndjson')
  },
}
const messages = [{ role: 'user', content: 'hi' }]
const asked: ChatRequest & { stream: true } = { model: 'm', messages, stream: true }

test('ollama: JSON there and back', async () => {
  await using lab = await DropInLab.start(model)
  await using client = lab.client()
  const ollama = over(client, lab.server.origin)
  expect((await ollama.list()).models).toMatchObject([{ name: 'm' }])
  expect((await ollama.embed({ model: 'm', input: 'hi' })).embeddings).toEqual([[0.5, 0.25]])
  expect(lab.server.total).toBe(1)
})

test('ollama: an answer that streams', async () => {
  await using lab = await DropInLab.start(model)
  await using client = lab.client()
  const words: string[] = []
  for await (const { message } of await over(client, lab.server.origin).chat(asked))
    words.push(message.content)
  expect(words).toEqual(['warm', 'ing', ' up'])
})

test('ollama: an error status is a ResponseError', async () => {
  await using lab = await DropInLab.start({
    '/api/show': (_, response) => {
      response.statusCode = 404
      json(response, { error: 'no such model' })
    },
  })
  await using client = lab.client()
  const error = await rejection(over(client, lab.server.origin).show({ model: 'm' }))
  expect(error).toMatchObject({ name: 'ResponseError', status_code: 404, error: 'no such model' })
})

test('ollama: abort before, in line and in the body', async () => {
  await using lab = await DropInLab.start()
  const errors = await abortedThrice(lab, ({ fetch }, host, signal) => {
    // Its own abort() knows streams alone, and only from their first byte on: the signal comes with the fetch.
    const ollama = new Ollama({ host, fetch: (url, init) => fetch(url, { ...init, signal }) })
    return ollama.embed({ model: 'm', input: 'hi' })
  })
  expect(errors.map(({ name }) => name)).toEqual(['AbortError', 'AbortError', 'AbortError'])

  await using client = lab.client()
  const ollama = over(client, lab.url('/half'))
  const stream = await ollama.chat(asked)
  const reading = rejection(stream[Symbol.asyncIterator]().next())
  ollama.abort()
  expect(await reading).toMatchObject({ name: 'AbortError' })
  await eventually(() => lab.server.open === 0, 'its connection is let go')
})

test("ollama: the client's timeout, as it has none of its own", async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client({ timeout: 60 })
  const error = await rejection(over(client, lab.url('/never')).list())
  expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'deadline', phase: 'headers' } })
})

test('ollama: a network failure is that of fetch', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(over(client, await nowhere()).list())
  expect(error).toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: { code: 'connect', sent: 'no' },
  })
})

test('ollama: keepwarm sends again what was lost', async () => {
  await using lab = await DropInLab.start()
  const answer = await mended(lab, (client, url) => over(client, url).list())
  expect(answer).toMatchObject({ method: 'GET', url: '/lost/api/tags' })
})

test('ollama: an upload', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const image = new Uint8Array(120_000)
  const message = { role: 'user', content: 'what is it?', images: [image] }
  const got = await over(client, lab.url('/bytes')).chat({ model: 'm', messages: [message] })
  expect((got as unknown as { bytes: number }).bytes).toBeGreaterThan(160_000) // as base64
})

test('ollama: 40 calls at once keep to 4 connections', async () => {
  await using lab = await DropInLab.start()
  await crowd(lab, (client, host) => over(client, host).embed({ model: 'm', input: 'hi' }))
})
