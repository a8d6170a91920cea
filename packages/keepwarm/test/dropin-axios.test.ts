/** axios over `client.fetch`, by its fetch adapter. */
import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig } from 'axios'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import { DropInLab, nowhere, rejection, textParts } from './support/drop-in-lab.ts'
import { abortedThrice, crowd, mended } from './support/drop-in-trials.ts'

const over = ({ fetch }: HttpClient, config: AxiosRequestConfig = {}): AxiosInstance =>
  axios.create({ adapter: 'fetch', env: { fetch }, ...config })

test('axios: JSON there and back', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const api = over(client, { baseURL: lab.server.origin })
  const { data, status, headers } = await api.get('/json/a', { params: { q: 1 } })
  expect([status, headers['content-type'], data]).toEqual([
    200,
    'application/json',
    { method: 'GET', url: '/json/a?q=1', body: null },
  ])
  expect((await api.post('/json', { a: [1] })).data).toMatchObject({ method: 'POST', body: { a: [1] } })
  expect(lab.server.total).toBe(1)
})

test('axios: an answer that streams', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const { data } = await over(client).get<ReadableStream<Uint8Array>>(lab.url('/lines'), {
    responseType: 'stream',
  })
  expect(await textParts(data)).toEqual(['one\n', 'two\n', 'three\n'])
  let loaded = 0
  const onDownloadProgress = (event: { loaded: number }): void => void (loaded = event.loaded)
  expect((await over(client).get(lab.url('/lines'), { onDownloadProgress })).data).toBe('one\ntwo\nthree\n')
  expect(loaded).toBeGreaterThan(0)
})

test('axios: an error status is an AxiosError with its answer', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(over(client).get(lab.url('/status/422')))
  expect(error).toBeInstanceOf(AxiosError)
  expect(error).toMatchObject({
    code: 'ERR_BAD_REQUEST',
    response: { status: 422, data: { message: 'not now' } },
  })
})

test('axios: abort before, in line and in the body', async () => {
  await using lab = await DropInLab.start()
  const errors = await abortedThrice(lab, (client, url, signal) => over(client).get(url, { signal }))
  expect(errors.map((error) => [axios.isCancel(error), error.name])).toEqual([
    [true, 'CanceledError'],
    [true, 'CanceledError'],
    [true, 'CanceledError'],
  ])
})

test('axios: its timeout, which frees the connection', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client({ maxConnections: 1, timeout: 60_000 })
  const error = await rejection(over(client).get(lab.url('/never'), { timeout: 30 }))
  expect(error).toMatchObject({ name: 'AxiosError', code: 'ETIMEDOUT' })
  expect((await over(client).get(lab.url('/json'))).data).toMatchObject({ method: 'GET' })
})

test('axios: a network failure is ERR_NETWORK', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(over(client).get(await nowhere()))
  expect(error).toMatchObject({ code: 'ERR_NETWORK', message: 'Network Error' })
  expect(error).not.toHaveProperty('response')
  expect(error.cause).toMatchObject({ code: 'connect', sent: 'no' })
})

test('axios: keepwarm sends again what was lost, with its body', async () => {
  await using lab = await DropInLab.start()
  const answer = await mended(lab, (client, url) => over(client).put(url, { a: 1 }))
  expect(answer).toMatchObject({ data: { method: 'PUT', body: { a: 1 } } })
})

test('axios: uploads of a form and of a stream', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const form = new FormData()
  form.set('name', 'value')
  form.set('file', new File(['12345'], 'a.txt', { type: 'text/plain' }))
  const headers = { 'content-type': 'multipart/form-data' } // axios calls it urlencoded otherwise, over any fetch
  expect((await over(client).post(lab.url('/parts'), form, { headers })).data).toEqual({
    name: 'value',
    file: { name: 'a.txt', type: 'text/plain', bytes: 5 },
  })
  const stream = ReadableStream.from([new Uint8Array(70_000), new Uint8Array(70_000)])
  let sent = 0
  const onUploadProgress = (event: { loaded: number }): void => void (sent = event.loaded)
  const { data } = await over(client).put(lab.url('/bytes'), stream, { onUploadProgress })
  expect(data).toEqual({ bytes: 140_000 })
  expect(sent).toBe(140_000)
})

test('axios: 40 calls at once keep to 4 connections', async () => {
  await using lab = await DropInLab.start()
  await crowd(lab, (client, url) => over(client).post(url, { a: 1 }))
})
