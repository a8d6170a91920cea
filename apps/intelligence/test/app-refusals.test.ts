/** What the service refuses, and how it says so. */
import fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Service } from '../src/app.ts'
import { answerProblems } from '../src/routes/problems.ts'
import { vectorizeRoutes } from '../src/routes/vectorize.ts'
import { ask, begin, textOf } from './app-support.ts'

let running: Service
beforeAll(async () => void (running = await begin()))
afterAll(() => running.close())

test.each([
  ['nothing', undefined, {}, 400, 'the body is empty; expected JSON'],
  ['an empty body', '', { 'content-type': 'application/json' }, 400, 'empty'],
  ['no JSON', '{ "content": ', { 'content-type': 'application/json' }, 400, 'not JSON'],
  [
    'bytes that are no UTF-8',
    new Uint8Array([0x22, 0xff, 0x22]),
    { 'content-type': 'application/json' },
    400,
    'UTF-8',
  ],
  ['another type', 'content=a', { 'content-type': 'text/plain' }, 415, 'application/json'],
  [
    'a binary body',
    new Uint8Array([0, 1, 2]),
    { 'content-type': 'application/octet-stream' },
    415,
    'application/json',
  ],
  [
    'a huge body',
    JSON.stringify({ content: 'x'.repeat(17 * 1024 * 1024) }),
    { 'content-type': 'application/json' },
    413,
    '16777216',
  ],
  ['no content', { title: 'a' }, undefined, 400, 'content'],
  ['an empty text', { content: ' \n ' }, undefined, 400, 'is empty'],
  ['a text with NUL', { content: 'a\0b' }, undefined, 400, 'character 1 is NUL'],
  ['half a pair', { content: 'a\ud800' }, undefined, 400, 'surrogate'],
  ['a word too many', { content: 'a', tittle: 'b' }, undefined, 400, 'tittle'],
  ['a bad id', { content: 'a', id: 'a\nb' }, undefined, 400, 'id'],
])('a document as %s is refused with a reason', async (_, body, headers, status, reason) => {
  const answer = await ask(running, 'POST', '/documents', body, headers)
  expect(answer).toMatchObject({
    status,
    type: 'application/problem+json; charset=utf-8',
    body: { status, instance: '/documents' },
  })
  expect(textOf(answer.body['detail'])).toContain(reason)
})

test.each([
  ['GET', '/search', 400],
  ['GET', '/search?q=%20', 400],
  ['GET', '/search?q=a&limit=0', 400],
  ['GET', '/search?q=a&colour=red', 400],
  ['GET', '/documents?state=odd', 400],
  ['GET', '/documents/none', 404],
  ['GET', '/documents/none/status', 404],
  ['POST', '/documents/none/retry', 404],
  ['GET', '/documents/none/related', 404],
  ['GET', '/nowhere', 404],
])('%s %s is answered with %i as a problem', async (method, path, status) => {
  const answer = await ask(running, method, path)
  expect(answer).toMatchObject({ status, type: 'application/problem+json; charset=utf-8', body: { status } })
})

test('a delivery is taken from this machine or with the token, and not from elsewhere', async () => {
  const { context } = running
  await using app = fastify()
  answerProblems(app)
  vectorizeRoutes(app, context)
  const send = async (remoteAddress: string, authorization = ''): Promise<number> => {
    const call = {
      method: 'POST',
      url: '/vectorize/document',
      payload: {},
      headers: { authorization },
      remoteAddress,
    } as const
    return (await app.inject(call)).statusCode
  }
  expect(await send('10.1.2.3')).toBe(403)
  expect(await send('10.1.2.3', 'Bearer wrong')).toBe(403)
  // From here on it is the empty delivery that is refused.
  expect(await send('10.1.2.3', `Bearer ${context.token}`)).toBe(400)
  expect(await send('127.0.0.1')).toBe(400)
  expect(await send('::1')).toBe(400)
})
