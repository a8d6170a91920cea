/** ky over `client.fetch`. */
import ky, { HTTPError, isNetworkError, isTimeoutError, type KyInstance } from 'ky'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import { DropInLab, nowhere, rejection, textParts, type Parts } from './support/drop-in-lab.ts'
import { abortedThrice, crowd, mended } from './support/drop-in-trials.ts'
import { eventually } from './support/wait.ts'

const over = (client: HttpClient): KyInstance => ky.create({ fetch: client.fetch, retry: 0 })

test('ky: JSON there and back', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const api = over(client).extend({ prefix: lab.server.origin })
  expect(await api.get('json/a', { searchParams: { q: 1 } }).json()).toEqual({
    method: 'GET',
    url: '/json/a?q=1',
    body: null,
  })
  expect(await api.post('json', { json: { a: [1] } }).json()).toMatchObject({
    method: 'POST',
    body: { a: [1] },
  })
  expect(lab.server.total).toBe(1)
})

test('ky: an answer that streams', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  let loaded = 0
  const options = {
    onDownloadProgress: ({ transferredBytes }: { transferredBytes: number }) => (loaded = transferredBytes),
  }
  const response = await over(client).get(lab.url('/lines'), options)
  const parts = await textParts(response.body!)
  expect(parts.join('')).toBe('one\ntwo\nthree\n')
  expect(parts.length).toBeGreaterThan(1)
  expect(loaded).toBe(14)
})

test('ky: an error status is an HTTPError with its data', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection<HTTPError>(over(client).get(lab.url('/status/422')))
  expect(error).toBeInstanceOf(HTTPError)
  expect(error.response.status).toBe(422)
  expect(error.data).toEqual({ message: 'not now' })
})

test('ky: abort before, in line and in the body', async () => {
  await using lab = await DropInLab.start()
  const errors = await abortedThrice(lab, (client, url, signal) => over(client).get(url, { signal }).json())
  expect(errors.map(({ name }) => name)).toEqual(['AbortError', 'AbortError', 'AbortError'])
})

test('ky: its timeout, which frees the connection', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client({ maxConnections: 1, timeout: 60_000 })
  const error = await rejection(over(client).get(lab.url('/never'), { timeout: 30 }))
  expect(isTimeoutError(error)).toBe(true)
  expect(await over(client).get(lab.url('/json')).json()).toMatchObject({ method: 'GET' })
})

test('ky: a network failure is one to it, and its own retry mends it', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(over(client).get(await nowhere()))
  expect(isNetworkError(error)).toBe(true)
  expect(error.cause).toMatchObject({ message: 'fetch failed', cause: { code: 'connect', sent: 'no' } })
  const patient = over(client).extend({ retry: { limit: 1, delay: () => 1 } })
  expect(await patient.get(lab.url('/lost')).json()).toMatchObject({ method: 'GET' })
  expect(lab.server.requests).toBe(2)
})

test('ky: keepwarm sends again what was lost, with its body', async () => {
  await using lab = await DropInLab.start()
  const answer = await mended(lab, (client, url) =>
    over(client)
      .put(url, { json: { a: 1 } })
      .json(),
  )
  expect(answer).toMatchObject({ method: 'PUT', body: { a: 1 } })
})

test('ky: uploads of a form and of a stream', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const body = new FormData()
  body.set('name', 'value')
  body.set('file', new File(['12345'], 'a.txt', { type: 'text/plain' }))
  expect(await over(client).post(lab.url('/parts'), { body }).json<Parts>()).toEqual({
    name: 'value',
    file: { name: 'a.txt', type: 'text/plain', bytes: 5 },
  })
  let sent = 0
  const stream = ReadableStream.from([new Uint8Array(70_000), new Uint8Array(70_000)])
  const onUploadProgress = ({ transferredBytes }: { transferredBytes: number }): void =>
    void (sent = transferredBytes)
  const counted = await over(client).put(lab.url('/bytes'), { body: stream, onUploadProgress }).json()
  expect(counted).toEqual({ bytes: 140_000 })
  expect(sent).toBe(140_000)
})

test('ky: 40 calls at once keep to 4 connections', async () => {
  await using lab = await DropInLab.start()
  await crowd(lab, (client, url) => over(client).post(url, { json: 1 }).json())
})

test('ky: a line that is full is a network failure, and its cause says which limit', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client({ maxConnections: 1, acquireTimeout: 30 })
  const busy = rejection(over(client).get(lab.url('/never'), { timeout: 2_000 }))
  await eventually(() => lab.server.requests === 1, 'the only connection is taken')
  const error = await rejection(over(client).get(lab.url('/json')))
  expect(isNetworkError(error)).toBe(true)
  const cause = error.cause as Error
  expect(cause.cause).toMatchObject({
    code: 'acquire_timeout',
    message: expect.stringContaining('maxConnections'),
  })
  await client.destroy()
  await busy
})
