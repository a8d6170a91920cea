/** What the caller says is what the server gets. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import { bodyOf, clientOf, failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually } from './support/wait.ts'
import { inspect } from 'node:util'

interface Got {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string | undefined>
  readonly body: string
}

/** Answers with what it got. */
const echo = (): Promise<TestServer> =>
  startHttp(async (request, response) => {
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, body: await bodyOf(request) }))
  })

test('every method', async () => {
  await using server = await echo()
  await using client = clientOf(server)
  const methods = ['get', 'post', 'put', 'patch', 'delete'] as const
  for (const method of methods)
    expect(await client[method]('/a').json()).toMatchObject({ method: method.toUpperCase() })
  expect((await client.head('/a')).status).toBe(200)
  expect(await client.call('OPTIONS', '/a').json()).toMatchObject({ method: 'OPTIONS' })
  expect(server.total).toBe(1)
})

test('the query, whether it is in the path or beside it', async () => {
  await using server = await echo()
  await using client = clientOf(server)
  expect(
    await client.get('/s?a=1', { query: { q: 'x&y z', n: [1, 2], no: undefined } }).json(),
  ).toMatchObject({
    url: '/s?a=1&q=x%26y+z&n=1&n=2',
  })
})

test('headers: the defaults, replaced in any spelling, taken away with undefined', async () => {
  await using server = await echo()
  await using client = clientOf(server, { headers: { 'X-Team': 'search', Accept: 'text/plain' } })
  const { headers } = (await client
    .get('/', { headers: { accept: 'application/json', 'X-TEAM': undefined, 'x-many': ['a', 'b'] } })
    .json()) as Got
  expect(headers).toMatchObject({ accept: 'application/json', 'x-many': 'a, b' })
  expect(headers['x-team']).toBeUndefined()
  expect(((await client.get('/').json()) as Got).headers['x-team']).toBe('search')
})

test('bodies: JSON, forms, text, bytes, and a content type of your own', async () => {
  await using server = await echo()
  await using client = clientOf(server)
  const sent = async (options: Parameters<typeof client.post>[1]): Promise<Got> =>
    (await client.post('/', options).json()) as Got
  expect(await sent({ json: { a: ['€', null] } })).toMatchObject({
    body: '{"a":["€",null]}',
    headers: { 'content-type': 'application/json', 'content-length': '18' },
  })
  expect((await sent({ json: null })).body).toBe('null')
  expect((await sent({ json: undefined })).body).toBe('')
  expect(await sent({ body: new URLSearchParams({ a: 'b c' }) })).toMatchObject({
    body: 'a=b+c',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect((await sent({ body: 'text' })).headers['content-type']).toBeUndefined()
  expect((await sent({ body: Buffer.from('bytes') })).body).toBe('bytes')
  expect(await sent({ json: 1, headers: { 'Content-Type': 'application/ld+json' } })).toMatchObject({
    headers: { 'content-type': 'application/ld+json' },
  })
})

test('uploads: a stream, an async iterable of strings and bytes, a web stream', async () => {
  await using server = await echo()
  await using client = clientOf(server)
  const parts = async function* (): AsyncGenerator<string | Uint8Array> {
    yield 'käse'
    yield Buffer.from(' und ')
    yield 'brot'
  }
  expect(await client.post('/', { body: parts() }).json()).toMatchObject({ body: 'käse und brot' })
  expect(await client.post('/', { body: Readable.from(['a', 'b']) }).json()).toMatchObject({ body: 'ab' })
  expect(await client.put('/', { body: new Blob(['web']).stream() }).json()).toMatchObject({ body: 'web' })
  const large = createReadStream(process.execPath, { end: 3_000_000 })
  expect(((await client.post('/', { body: large }).json()) as Got).body.length).toBeGreaterThan(1_000_000)
  expect(large.destroyed).toBe(true)
})

test('a body that fails ends the call with its own error, sends nothing more, and trips nothing', async () => {
  await using server = await startHttp()
  await using client = clientOf(server, { breaker: { minimumCompletions: 1, connectFailures: 1 } })
  const failing = async function* (): AsyncGenerator<string> {
    yield 'begin'
    throw Object.assign(new Error('the disk is gone'), { code: 'ECONNRESET' })
  }
  const error = await failureOf(client.post('/', { body: failing() }).text())
  expect(error).toMatchObject({
    code: 'invalid_request',
    phase: 'send',
    sent: 'maybe',
    name: 'KeepwarmError',
  })
  expect(error.message).toContain('its body could not be read: the disk is gone')
  await eventually(() => server.open === 0, 'the half-sent request is given up')
  const missing = createReadStream('/does/not/exist')
  expect(await failureOf(client.post('/', { body: missing }).text())).toMatchObject({
    code: 'invalid_request',
    cause: { code: 'ENOENT' },
  })
  expect(client.getMetrics()).toMatchObject({ circuit_breaker_state: 'closed', failed_requests: 2 })
})

test('a stream that is never sent is closed all the same', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  const aborted = createReadStream(process.execPath)
  await failureOf(client.post('/', { body: aborted, signal: AbortSignal.abort() }).text())
  expect(aborted.destroyed).toBe(true)
  const refused = createReadStream(process.execPath)
  await failureOf(client.post('http://elsewhere.test/', { body: refused }).text())
  expect(refused.destroyed).toBe(true)
  await client.close()
  const late = createReadStream(process.execPath)
  expect(await failureOf(client.post('/', { body: late }).text())).toMatchObject({ code: 'closed' })
  expect(late.destroyed).toBe(true)
})

test('the path of the base URL is kept in front', async () => {
  await using server = await echo()
  await using client = clientOf(server, { baseUrl: `${server.origin}/api/v1/` })
  for (const path of ['/a', 'a']) expect(await client.get(path).json()).toMatchObject({ url: '/api/v1/a' })
  expect(await client.get('').json()).toMatchObject({ url: '/api/v1' })
  expect(await client.get('/grüße und so').json()).toMatchObject({
    url: '/api/v1/gr%C3%BC%C3%9Fe%20und%20so',
  })
  expect(await client.get(`${server.origin}/top`).json()).toMatchObject({ url: '/top' })
})

test('the headers of a client never reach another origin', async () => {
  await using server = await echo()
  await using other = await echo()
  await using client = clientOf(server, { headers: { authorization: 'Bearer hunter2' } })
  const error = await failureOf(client.get(`${other.origin}/steal`).text())
  expect(error).toMatchObject({ code: 'invalid_request', phase: 'admit', sent: 'no' })
  expect(error.message).toContain('use another client')
  expect(other.total).toBe(0)
  expect(await client.get('//127.0.0.1/x').json()).toMatchObject({ url: '//127.0.0.1/x' })
})

test('a client without a base URL takes whole URLs', async () => {
  await using server = await echo()
  await using client = new HttpClient()
  expect(client.name).toBe('default')
  expect(await client.get(`${server.origin}/a?b=c#d`).json()).toMatchObject({ url: '/a?b=c' })
  expect(await client.get(new URL('/u?v=w', server.origin)).json()).toMatchObject({ url: '/u?v=w' })
  expect(await failureOf(client.get('/a').text())).toMatchObject({ code: 'invalid_request' })
})

test.each([undefined, null, 5, {}])('%j is no path', async (path) => {
  await using client = new HttpClient({ baseUrl: 'http://127.0.0.1:1' })
  const error = await failureOf(client.get(path as never).text())
  expect(error).toMatchObject({ code: 'invalid_request', phase: 'admit' })
  expect(error.message).toContain('its path is')
})

test('a user name and password are sent as a header and stand nowhere else', async () => {
  await using server = await echo()
  const baseUrl = server.origin.replace('//', '//me:hunter2@')
  await using client = clientOf(server, { baseUrl, headers: { 'x-key': 'hunter2' } })
  const { headers } = (await client.get('/').json()) as Got
  expect(headers['authorization']).toBe(`Basic ${Buffer.from('me:hunter2').toString('base64')}`)
  expect(
    ((await client.get('/', { headers: { authorization: 'Bearer x' } }).json()) as Got).headers,
  ).toMatchObject({
    authorization: 'Bearer x',
  })
  const error = await failureOf(client.get('/a', { headers: { 'x-bad': 'a\nb' } }).text())
  const response = await client.get('/')
  const shown = [
    client.name,
    error.stack,
    JSON.stringify([error, client.getMetrics(), client.snapshot()]),
    inspect([client, client.pool, error, response, response.body], { depth: 12 }),
  ].join('\n')
  expect(shown).not.toContain('hunter2')
  expect(shown).not.toContain(Buffer.from('me:hunter2').toString('base64'))
})

test.each([
  ['a line break in a header value', { headers: { 'x-a': 'b\r\nX-Evil: 1' } }, 'x-a'],
  ['a line break in a header name', { headers: { 'x-a\r\nX-Evil': '1' } }, 'header'],
  ['a cycle in JSON', { json: cycle() }, '`json` cannot be written as JSON: Converting circular structure'],
  ['a BigInt in JSON', { json: { n: 1n } }, '`json` cannot be written as JSON: '],
  ['a function as JSON', { json: () => {} }, '`json` is a function'],
  ['two bodies', { json: 1, body: 'x' }, 'both `json` and `body`'],
  ['an object as the body', { body: { a: 1 } as never }, 'its body is of type Object'],
  ['a number as a header', { headers: { 'x-a': 5 as never } }, 'the header "x-a" is a number'],
  ['a signal that is none', { signal: {} as never }, 'expected an AbortSignal'],
  ['a limit that is none', { timeout: -1 }, 'timeout = -1'],
  ['a negative size limit', { maxResponseBytes: -1 }, 'maxResponseBytes = -1'],
])('%s is refused before anything is sent', async (_, options, why) => {
  await using server = await startHttp()
  await using client = clientOf(server)
  const error = await failureOf(client.post('/a', options).text())
  expect(['invalid_request', 'config']).toContain(error.code)
  expect(error.sent).toBe('no')
  expect(error.message).toContain(why)
  expect(server.requests).toBe(0)
  expect(await client.post('/b').text()).toBe('hello')
})

function cycle(): object {
  const around: Record<string, unknown> = {}
  around['self'] = around
  return around
}

test('a spent stream is refused', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  const body = Readable.from(['once'])
  await client.post('/', { body }).text()
  expect((await failureOf(client.post('/', { body }).text())).message).toContain('was read or closed before')
  expect(server.requests).toBe(1)
})

test('a wrong header does not cost the connection that was there', async () => {
  await using server = await startHttp()
  await using client = clientOf(server)
  await client.get('/').text()
  for (let call = 0; call < 5; call++) await failureOf(client.get('/', { headers: { 'x-a': 'b\nc' } }).text())
  await client.get('/').text()
  expect(server.total).toBe(1)
  expect(client.getMetrics().circuit_breaker_state).toBe('closed')
})
