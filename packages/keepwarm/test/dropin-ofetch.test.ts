/** ofetch over `client.fetch`. */
import { createFetch, FetchError, type $Fetch } from 'ofetch'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import { DropInLab, nowhere, rejection, textParts } from './support/drop-in-lab.ts'
import { abortedThrice, crowd, mended } from './support/drop-in-trials.ts'

const over = ({ fetch }: HttpClient): $Fetch => createFetch({ fetch, defaults: { retry: 0 } })

test('ofetch: JSON there and back', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const api = over(client).create({ baseURL: lab.server.origin })
  expect(await api('/json/a', { query: { q: 1 } })).toEqual({ method: 'GET', url: '/json/a?q=1', body: null })
  expect(await api('/json', { method: 'POST', body: { a: [1] } })).toMatchObject({ body: { a: [1] } })
  expect(lab.server.total).toBe(1)
})

test('ofetch: an answer that streams', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const stream = await over(client)(lab.url('/lines'), { responseType: 'stream' })
  expect(await textParts(stream)).toEqual(['one\n', 'two\n', 'three\n'])
})

test('ofetch: an error status is a FetchError with its data', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(over(client)(lab.url('/status/422')))
  expect(error).toBeInstanceOf(FetchError)
  expect(error).toMatchObject({ statusCode: 422, data: { message: 'not now' } })
})

test('ofetch: abort before, in line and in the body', async () => {
  await using lab = await DropInLab.start()
  const errors = await abortedThrice(lab, (client, url, signal) => over(client)(url, { signal }))
  const reasons = errors.map((error) => (error instanceof FetchError ? (error.cause as Error) : error).name)
  expect(reasons).toEqual(['AbortError', 'AbortError', 'AbortError'])
})

test('ofetch: its timeout, which frees the connection', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client({ maxConnections: 1, timeout: 60_000 })
  const error = await rejection(over(client)(lab.url('/never'), { timeout: 30 }))
  expect(error.cause).toMatchObject({ name: 'TimeoutError' })
  expect(await over(client)(lab.url('/json'))).toMatchObject({ method: 'GET' })
})

test('ofetch: a network failure is a FetchError without a response, and its own retry mends it', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(over(client)(await nowhere()))
  expect(error).toBeInstanceOf(FetchError)
  expect(error).toMatchObject({
    statusCode: undefined,
    cause: { message: 'fetch failed', cause: { code: 'connect' } },
  })
  expect(error.message).toContain('<no response>')
  expect(await over(client)(lab.url('/lost'), { retry: 1 })).toMatchObject({ method: 'GET' })
  expect(lab.server.requests).toBe(2)
})

test('ofetch: keepwarm sends again what was lost, with its body', async () => {
  await using lab = await DropInLab.start()
  const answer = await mended(lab, (client, url) => over(client)(url, { method: 'PUT', body: { a: 1 } }))
  expect(answer).toMatchObject({ method: 'PUT', body: { a: 1 } })
})

test('ofetch: uploads of a form and of a stream', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const body = new FormData()
  body.set('file', new File(['12345'], 'a.txt', { type: 'text/plain' }))
  const got = await over(client)(lab.url('/parts'), { method: 'POST', body })
  expect(got).toEqual({ file: { name: 'a.txt', type: 'text/plain', bytes: 5 } })
  const stream = ReadableStream.from([new Uint8Array(70_000), new Uint8Array(70_000)])
  expect(await over(client)(lab.url('/bytes'), { method: 'PUT', body: stream })).toEqual({ bytes: 140_000 })
})

test('ofetch: 40 calls at once keep to 4 connections', async () => {
  await using lab = await DropInLab.start()
  await crowd(lab, (client, url) => over(client)(url, { method: 'POST', body: { a: 1 } }))
})
