/** Octokit over `client.fetch`. */
import { Octokit } from '@octokit/core'
import { expect, test } from 'vitest'
import type { HttpClient } from '../src/client/http-client.ts'
import { DropInLab, json, nowhere, rejection, textParts } from './support/drop-in-lab.ts'
import { abortedThrice, crowd, mended } from './support/drop-in-trials.ts'

const over = ({ fetch }: HttpClient, baseUrl: string): Octokit => new Octokit({ baseUrl, request: { fetch } })

test('octokit: JSON there and back', async () => {
  await using lab = await DropInLab.start({
    '/graphql': (_, response) => json(response, { data: { viewer: { login: 'me' } } }),
  })
  await using client = lab.client()
  const octokit = over(client, lab.server.origin)
  const { data, status } = await octokit.request('GET /json/{owner}', { owner: 'a b', page: 2 })
  expect([status, data]).toEqual([200, { method: 'GET', url: '/json/a%20b?page=2', body: null }])
  expect((await octokit.request('POST /json', { title: 'x' })).data).toMatchObject({ body: { title: 'x' } })
  expect(await octokit.graphql('{ viewer { login } }')).toEqual({ viewer: { login: 'me' } })
  expect(lab.server.total).toBe(1)
})

test('octokit: an answer that streams', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const request = { parseSuccessResponseBody: false }
  const { data } = await over(client, lab.server.origin).request('GET /lines', { request })
  expect(await textParts(data as ReadableStream<Uint8Array>)).toEqual(['one\n', 'two\n', 'three\n'])
})

test('octokit: an error status is an error with its answer', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const error = await rejection(over(client, lab.server.origin).request('GET /status/422'))
  expect(error).toMatchObject({
    name: 'HttpError',
    status: 422,
    message: 'not now',
    response: { status: 422 },
  })
})

test('octokit: abort before, in line and in the body', async () => {
  await using lab = await DropInLab.start()
  const errors = await abortedThrice(lab, async (client, url, signal) => {
    // What it parses by itself is '' when it breaks off, over any fetch; a stream says so.
    const request = { signal, parseSuccessResponseBody: false }
    const { data } = await over(client, url).request('GET /', { request })
    return textParts(data as unknown as ReadableStream<Uint8Array>)
  })
  expect(errors.map(({ name }) => name)).toEqual(['AbortError', 'AbortError', 'AbortError'])
})

test('octokit: a timeout by signal, which frees the connection', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client({ maxConnections: 1, timeout: 60_000 })
  const octokit = over(client, lab.server.origin)
  const error = await rejection(
    octokit.request('GET /never', { request: { signal: AbortSignal.timeout(30) } }),
  )
  expect(error).toMatchObject({ name: 'HttpError', cause: { name: 'TimeoutError' } })
  expect((await octokit.request('GET /json')).data).toMatchObject({ method: 'GET' })
})

test('octokit: a network failure is an error that says what keepwarm says', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const origin = await nowhere()
  const error = await rejection(over(client, origin).request('GET /json'))
  expect(error).toMatchObject({ name: 'HttpError', status: 500, cause: { message: 'fetch failed' } })
  expect(error.message).toContain(origin)
  expect(error.message).toContain('ECONNREFUSED')
})

test('octokit: keepwarm sends again what was lost, with its body', async () => {
  await using lab = await DropInLab.start()
  const answer = await mended(lab, (client, url) => over(client, url).request('PUT /', { title: 'x' }))
  expect(answer).toMatchObject({ data: { method: 'PUT', body: { title: 'x' } } })
})

test('octokit: an upload of a stream', async () => {
  await using lab = await DropInLab.start()
  await using client = lab.client()
  const data = ReadableStream.from([new Uint8Array(70_000), new Uint8Array(70_000)])
  const headers = { 'content-type': 'application/zip' }
  const got = await over(client, lab.server.origin).request('POST /bytes', { data, headers })
  expect(got.data).toEqual({ bytes: 140_000 })
})

test('octokit: 40 calls at once keep to 4 connections', async () => {
  await using lab = await DropInLab.start()
  await crowd(lab, (client, url) => over(client, new URL(url).origin).request('POST /json', { title: 'x' }))
})
