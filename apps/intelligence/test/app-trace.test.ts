/** Whose request it is: through the service, the queue and the worker, to every upstream. */
import { expect, test } from 'vitest'
import { startScripted } from '../src/clients/scripted-server.ts'
import { ask, post, service, settled, texts } from './app-support.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`

test('a search asks its upstream on behalf of the request that came', async () => {
  await using ollama = await startScripted(() => ({ body: { embeddings: [[1, 2]] } }))
  const running = await service({ OLLAMA_BASE_URL: ollama.url })
  const headers = { traceparent, 'x-request-id': 'req-7' }
  const response = await fetch(`${running.url}/search?q=pools`, { headers })
  expect(response.headers.get('x-request-id')).toBe('req-7')
  expect(ollama.asked).toHaveLength(1)
  const told = ollama.asked[0]!.headers
  expect(told['x-request-id']).toBe('req-7')
  expect(told['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  expect(told['traceparent']).not.toContain('00f067aa0ba902b7')
})

test('a document is indexed on behalf of the request that brought it', async () => {
  await using ollama = await startScripted(({ path, body }) =>
    path === '/api/embed'
      ? { body: { embeddings: (body as { input: string[] }).input.map(() => [1, 2]) } }
      : { body: { response: '{"entities":[],"relationships":[]}', done: true } },
  )
  const running = await service({ OLLAMA_BASE_URL: ollama.url })
  const headers = { 'content-type': 'application/json', traceparent, 'x-request-id': 'req-8' }
  const { body } = await ask(running, 'POST', '/documents', texts(1)[0], headers)
  await settled(running, String(body['id']))
  expect(ollama.asked.map(({ path }) => path).toSorted()).toEqual(['/api/embed', '/api/generate'])
  for (const { headers: told } of ollama.asked) {
    expect(told['x-request-id']).toBe('req-8')
    expect(told['traceparent']).toContain(traceId)
  }
})

test('a request without an id gets one, and an odd one is not taken over', async () => {
  const running = await service()
  const ids: (string | null)[] = []
  for (const given of [undefined, 'x'.repeat(500), 'a b"c']) {
    const headers = given === undefined ? {} : { 'x-request-id': given }
    ids.push((await fetch(`${running.url}/`, { headers })).headers.get('x-request-id'))
  }
  expect(new Set(ids).size).toBe(3)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/)
  await post(running, texts(1)[0]!)
})
