/** openapi-fetch over `client.fetch`. */
import createClient, { type Client } from 'openapi-fetch'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import { DropInLab, nowhere, rejection, textParts, type Echo } from './support/drop-in-lab.ts'
import { abortedThrice, crowd, mended } from './support/drop-in-trials.ts'

/** What a generator makes of an API's description. */
interface Answer<T> {
  parameters: { query?: { q?: number } }
  responses: {
    200: { content: { 'application/json': T } }
    422: { content: { 'application/json': { message: string } } }
  }
}
interface Sent<B, T> extends Answer<T> {
  requestBody: { content: { 'application/json': B } }
}
interface paths {
  '/json': { get: Answer<Echo>; post: Sent<{ a: number[] }, Echo> }
  '/lines': { get: Answer<string> }
  '/status/422': { get: Answer<Echo> }
  '/parts': { post: Sent<{ file: File }, unknown> }
  '/bytes': { put: Sent<unknown, { bytes: number }> }
  '': { get: Answer<Echo>; put: Sent<{ a: number[] }, Echo> }
}

const over = ({ fetch }: HttpClient, baseUrl: string): Client<paths> =>
  createClient<paths>({ baseUrl, fetch })

test('openapi-fetch: JSON there and back', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const api = over(client, lab.server.origin)
  const { data, response } = await api.GET('/json', { params: { query: { q: 1 } } })
  expect([response.status, data]).toEqual([200, { method: 'GET', url: '/json?q=1', body: null }])
  const posted = await api.POST('/json', { body: { a: [1] } })
  expect(posted.data).toMatchObject({ method: 'POST', body: { a: [1] } })
  expect(lab.server.total).toBe(1)
})

test('openapi-fetch: an answer that streams', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const { data } = await over(client, lab.server.origin).GET('/lines', { parseAs: 'stream' })
  expect(await textParts(data!)).toEqual(['one\n', 'two\n', 'three\n'])
})

test('openapi-fetch: an error status is an error with its data, and nothing is thrown', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const { data, error, response } = await over(client, lab.server.origin).GET('/status/422')
  expect([data, error, response.status]).toEqual([undefined, { message: 'not now' }, 422])
})

test('openapi-fetch: abort before, in line and in the body', async () => {
  await using lab = await DropInLab.start()
  const errors = await abortedThrice(lab, (client, url, signal) => over(client, url).GET('', { signal }))
  expect(errors.map(({ name }) => name)).toEqual(['AbortError', 'AbortError', 'AbortError'])
})

test('openapi-fetch: a timeout by signal, which frees the connection', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client({ maxConnections: 1, timeout: 60_000 })
  const signal = AbortSignal.timeout(30)
  expect(await rejection(over(client, lab.url('/never')).GET('', { signal }))).toMatchObject({
    name: 'TimeoutError',
  })
  expect((await over(client, lab.server.origin).GET('/json')).data).toMatchObject({ method: 'GET' })
})

test('openapi-fetch: a network failure reaches its middleware as the TypeError that fetch has', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const api = over(client, await nowhere())
  const heard: unknown[] = []
  api.use({ onError: ({ error }) => void heard.push(error) })
  const error = await rejection(api.GET('/json'))
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'connect', sent: 'no' } })
  expect(heard).toEqual([error])
})

test('openapi-fetch: keepwarm sends again what was lost, with its body', async () => {
  await using lab = await DropInLab.start()
  const answer = await mended(lab, (client, url) => over(client, url).PUT('', { body: { a: [1] } }))
  expect(answer).toMatchObject({ data: { method: 'PUT', body: { a: [1] } } })
})

test('openapi-fetch: uploads of a form and of a stream', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const api = over(client, lab.server.origin)
  const file = new File(['12345'], 'a.txt', { type: 'text/plain' })
  const bodySerializer = (body: { file: File }): FormData => {
    const form = new FormData()
    form.set('file', body.file)
    return form
  }
  expect((await api.POST('/parts', { body: { file }, bodySerializer })).data).toEqual({
    file: { name: 'a.txt', type: 'text/plain', bytes: 5 },
  })
  const body = ReadableStream.from([new Uint8Array(70_000), new Uint8Array(70_000)])
  const stream = { body: {}, bodySerializer: () => body, duplex: 'half' as const }
  expect((await api.PUT('/bytes', stream)).data).toEqual({ bytes: 140_000 })
})

test('openapi-fetch: 40 calls at once keep to 4 connections', async () => {
  await using lab = await DropInLab.start()
  await crowd(lab, (client, url) => over(client, new URL(url).origin).POST('/json', { body: { a: [1] } }))
})
