/** What holds for `client.fetch` beyond the standard: its client's base, headers, policies and errors. */
import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import { Request as UndiciRequest, Agent } from 'undici'
import { expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import { KeepwarmError } from '../src/errors.ts'
import { bodyOf, clientOf, failureOf } from './support/client-tools.ts'
import { startH2, startHttp, trust } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

interface Heard {
  readonly url: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A server that keeps what it hears, and answers with the statuses in turn, then with 200. */
async function listener(...statuses: readonly (number | string)[]) {
  const heard: Heard[] = []
  const server = await startHttp(async (incoming, response) => {
    heard.push({ url: incoming.url!, headers: incoming.headers, body: await bodyOf(incoming) })
    const next = statuses[heard.length - 1] ?? 200
    if (typeof next === 'string') response.writeHead(302, { location: next }).end('moved')
    else response.writeHead(next, { 'content-type': 'application/json' }).end('{"a":1}')
  })
  return Object.assign(server, { heard })
}

test('a path is joined to the base URL, and a whole URL goes where it says', async () => {
  await using server = await listener()
  await using other = await listener()
  await using client = new HttpClient({ baseUrl: `${server.origin}/base` })
  const joined = await client.fetch('/a?b#c')
  expect(joined.url).toBe(`${server.origin}/base/a?b`)
  expect(await joined.json()).toEqual({ a: 1 })
  await (await client.fetch('b')).text()
  await (await client.fetch('//elsewhere/c')).text()
  await (await client.fetch(`${other.origin}/d`)).text()
  expect(server.heard.map(({ url }) => url)).toEqual(['/base/a?b', '/base/b', '/base//elsewhere/c'])
  expect(other.heard.map(({ url }) => url)).toEqual(['/d'])
})

test("the client's headers go to its own origin alone, and those of the request before them", async () => {
  await using other = await listener()
  await using server = await listener(200, 200, `${other.origin}/moved`)
  await using client = clientOf(server, { headers: { 'x-key': 'secret', accept: 'a/b', 'user-agent': 'me' } })
  const texts = ['/1', '/2', '/3', other.origin]
  for (const [index, url] of texts.entries())
    await (await client.fetch(url, index === 1 ? { headers: { 'X-Key': 'own', Accept: 'c/d' } } : {})).text()
  const told = (heard: readonly Heard[]): unknown[] =>
    heard.map(({ headers }) => [headers['x-key'], headers['accept'], headers['user-agent']])
  expect(told(server.heard)).toEqual([
    ['secret', 'a/b', 'me'],
    ['own', 'c/d', 'me'],
    ['secret', 'a/b', 'me'],
  ])
  expect(told(other.heard)).toEqual(Array(2).fill([undefined, '*/*', 'keepwarm']))
})

test('so they do where the platform fetches, and they do not come back with a redirect', async () => {
  const homes: string[] = []
  await using other = await startHttp((incoming, response) => {
    heardAbroad.push({ url: incoming.url!, headers: incoming.headers, body: '' })
    response.writeHead(302, { location: `${homes[0]}/back` }).end()
  })
  const heardAbroad: Heard[] = []
  await using server = await listener(200, `${other.origin}/moved`)
  homes.push(server.origin)
  await using client = clientOf(server, { headers: { 'x-key': 'secret', accept: 'a/b' } })
  const integrity = 'sha256-AVq9f1zFei3ZSwcvYk5CY1JzZpXw4pJHBGHmDyjnuHg='
  const headers = { authorization: 'Bearer own' }
  for (const path of ['/1', '/2']) await client.fetch(path, { integrity, headers }).catch(() => {})
  const told = (heard: readonly Heard[]): unknown[] =>
    heard.map((one) => [one.url, one.headers['authorization'], one.headers['x-key'], one.headers['accept']])
  expect(told(server.heard)).toEqual([
    ['/1', 'Bearer own', 'secret', 'a/b'],
    ['/2', 'Bearer own', 'secret', 'a/b'],
    ['/back', undefined, undefined, '*/*'],
  ])
  expect(told(heardAbroad)).toEqual([['/moved', undefined, undefined, '*/*']])
})

test.each<[string, () => RequestInit['body'], string]>([
  ['no body', () => undefined, ''],
  ['text', () => 'text', 'text'],
  ['bytes', () => new Uint8Array([97]), 'a'],
  ['a Blob', () => new Blob(['blob']), 'blob'],
  ['a form', () => new URLSearchParams({ a: 'b' }), 'a=b'],
])('a request with %s is sent again, whole', async (_, body, expected) => {
  await using server = await listener(503, 503)
  await using client = clientOf(server)
  const response = await client.fetch('/', { method: 'PUT', body: body() ?? null })
  expect(response.status).toBe(200)
  expect(server.heard.map((one) => one.body)).toEqual([expected, expected, expected])
})

test('so is a Request that was made from text, and one of undici’s own make', async () => {
  await using server = await listener(503, 200, 503)
  await using client = clientOf(server)
  const init = { method: 'PUT', body: 'text', headers: { 'x-a': '1' } }
  for (const Make of [Request, UndiciRequest as unknown as typeof Request])
    expect((await client.fetch(new Make(`${server.origin}/r`, init))).status).toBe(200)
  const wanted = { url: '/r', body: 'text', headers: { 'x-a': '1', 'content-length': '4' } }
  expect(server.heard).toMatchObject([wanted, wanted, wanted, wanted])
})

test('what only looks like a request is not taken for one', async () => {
  await using server = await listener()
  await using client = clientOf(server)
  await (await client.fetch({ url: '/x', method: 'PUT', headers: {}, toString: () => '/y' } as never)).text()
  expect(server.heard.map(({ url }) => url)).toEqual(['/y'])
})

test('a Request whose body takes its time is sent as it comes', async () => {
  await using server = await listener()
  await using client = clientOf(server)
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const init = { method: 'POST', body: readable, duplex: 'half' } as RequestInit
  const work = client.fetch(new Request(server.origin, init))
  const writer = writable.getWriter()
  void writer.write(Buffer.from('one '))
  await eventually(() => server.requests === 1, 'it is under way')
  void writer.write(Buffer.from('two'))
  void writer.close()
  expect((await work).status).toBe(200)
  expect(server.heard).toMatchObject([{ body: 'one two', headers: { 'transfer-encoding': 'chunked' } }])
})

test('a POST that may have been processed is not sent again, except with a key', async () => {
  await using server = await listener(503, 503)
  await using client = clientOf(server)
  const post = { method: 'POST', body: 'x' }
  expect((await client.fetch('/', post)).status).toBe(503)
  expect((await client.fetch('/', { ...post, headers: { 'Idempotency-Key': 'k' } })).status).toBe(200)
  expect(server.heard).toHaveLength(3)
})

test('no response: TypeError, exactly "fetch failed", and the whole story in its cause', async () => {
  const gone = await listener()
  const nowhere = gone.origin
  await gone[Symbol.asyncDispose]()
  await using client = new HttpClient()
  const error = await failureOf(client.fetch(`${nowhere}/a?secret`))
  // What p-retry, ky and others go by.
  expect([error.name, error.message, error instanceof TypeError]).toEqual(['TypeError', 'fetch failed', true])
  expect(Object.prototype.toString.call(error)).toBe('[object Error]')
  expect(error.cause).toBeInstanceOf(KeepwarmError)
  expect(error.cause).toMatchObject({ code: 'connect', sent: 'no', cause: { code: 'ECONNREFUSED' } })
  expect((error.cause as Error).message).toContain(`GET ${nowhere}/a failed`)
  expect((error.cause as Error).message).not.toContain('secret')
  expect(error.stack).toContain('fetch-client.test.ts')
})

test('the body breaks off: TypeError, "terminated", and the cause', async () => {
  await using server = await startHttp((_, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('half')
    setTimeout(() => response.destroy(), 5)
  })
  await using client = clientOf(server)
  const error = await failureOf(client.fetch('/').then((response) => response.text()))
  expect([error.name, error.message]).toEqual(['TypeError', 'terminated'])
  expect(error.cause).toMatchObject({ code: 'reset', phase: 'body' })
})

test('a port that browsers refuse is one like all others', async () => {
  await using client = new HttpClient()
  const error = await failureOf(client.fetch('http://127.0.0.1:6000/'))
  expect(error.cause).toMatchObject({ code: 'connect' })
})

test('the deadline is that of all redirects together', async () => {
  await using server = await startHttp((_, response) => {
    setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60)
  })
  await using client = clientOf(server, { timeout: 200 })
  const error = await soon(failureOf(client.fetch('/')), 'it ends')
  expect(error.cause).toMatchObject({ code: 'deadline' })
  expect(server.requests).toBeLessThan(6)
})

test('a redirect costs no connection', async () => {
  await using server = await listener('/a', '/b', '/c')
  await using client = clientOf(server)
  const response = await client.fetch('/')
  expect([response.redirected, response.url]).toEqual([true, `${server.origin}/c`])
  expect(await response.json()).toEqual({ a: 1 })
  expect(server.total).toBe(1)
})

test('a redirect whose body does not end is followed all the same', async () => {
  await using server = await startHttp((incoming, response) => {
    if (incoming.url === '/') response.writeHead(302, { location: '/there' }).write('endless')
    else response.end('there')
  })
  await using client = clientOf(server)
  expect(await (await soon(client.fetch('/'), 'it goes on')).text()).toBe('there')
})

test('an open breaker refuses', async () => {
  await using server = await listener(...(Array(9).fill(500) as number[]))
  await using client = clientOf(server, { retry: false, breaker: { minimumCompletions: 3, openFor: 60_000 } })
  for (let call = 0; call < 3; call++) await (await client.fetch('/')).text()
  expect((await failureOf(client.fetch('/'))).cause).toMatchObject({ code: 'breaker_open' })
  expect(client.getMetrics().circuit_breaker_opens).toBe(1)
})

test('nothing is left on the signal', async () => {
  await using server = await listener()
  await using client = clientOf(server)
  const { signal } = new AbortController()
  for (let call = 0; call < 12; call++) await (await client.fetch('/', { signal })).text()
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('another dispatcher is refused; the client and its pool are no others', async () => {
  await using server = await listener()
  await using client = clientOf(server)
  const agent = new Agent()
  const withOther = client.fetch('/', { dispatcher: agent } as object)
  expect((await failureOf(withOther)).message).toContain('`dispatcher` cannot be given')
  await agent.destroy()
  for (const dispatcher of [client, client.pool])
    expect((await client.fetch('/', { dispatcher } as object)).status).toBe(200)
})

test('with decompress: false nothing is asked for, and bodies are given as they came', async () => {
  await using server = await startHttp((incoming, response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(`not gzip, ${incoming.headers['accept-encoding'] ?? 'not asked for'}`)
  })
  await using client = clientOf(server, { decompress: false })
  expect(await (await client.fetch('/')).text()).toBe('not gzip, not asked for')
})

test('over HTTP/2: status, headers, cookies, both bodies', async () => {
  await using server = await startH2((stream, headers) => {
    stream.respond({ ':status': 201, 'set-cookie': ['a=1', 'b=2'], 'x-path': headers[':path'] })
    stream.pipe(stream)
  })
  await using client = clientOf(server, { connect: trust })
  const response = await client.fetch('/a?b', { method: 'POST', body: 'there and back' })
  expect([response.status, response.statusText, response.ok]).toEqual([201, '', true])
  expect(response.headers.get('x-path')).toBe('/a?b')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(await response.text()).toBe('there and back')
})

test('new settings hold for the next fetch', async () => {
  await using server = await listener()
  await using client = clientOf(server)
  client.configure({ maxResponseBytes: 3 })
  const error = await failureOf(client.fetch('/').then((response) => response.text()))
  expect(error.cause).toMatchObject({ code: 'body_too_large' })
  client.configure({ maxResponseBytes: 100 })
  expect(await (await client.fetch('/')).json()).toEqual({ a: 1 })
})

test('hooks see every fetch, and what is sent', async () => {
  await using server = await listener()
  const seen: unknown[] = []
  await using client = clientOf(server, {
    hooks: {
      beforeRequest: ({ headers }) => headers.set('x-hook', 'there'),
      afterResponse: ({ status }) => void seen.push(status),
    },
  })
  expect(await (await client.fetch('/', { headers: { 'x-own': '1' } })).json()).toEqual({ a: 1 })
  expect(server.heard[0]!.headers).toMatchObject({ 'x-hook': 'there', 'x-own': '1' })
  expect(seen).toEqual([200])
})

test('an answer that comes before the upload is over ends the upload', async () => {
  await using server = await startHttp((_, response) => void response.end('enough'))
  await using client = clientOf(server)
  let left = false
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      await sleep(2)
      controller.enqueue(new Uint8Array(1_000))
    },
    cancel: () => void (left = true),
  })
  const response = await client.fetch('/', { method: 'POST', body, duplex: 'half' } as RequestInit)
  expect(await response.text()).toBe('enough')
  await eventually(() => left, 'the stream is cancelled')
})

test('an upload that nobody waits for any more is ended', async () => {
  await using server = await startHttp(() => {})
  await using client = clientOf(server)
  for (const aborted of [true, false]) {
    const leaving = new AbortController()
    let left = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: () => void (left = true),
    })
    if (aborted) leaving.abort()
    const init = { method: 'POST', body, duplex: 'half', signal: leaving.signal } as RequestInit
    const work = failureOf(client.fetch('/', init))
    if (!aborted) await eventually(() => server.requests === 1, 'it is under way')
    leaving.abort()
    expect((await work).name).toBe('AbortError')
    await eventually(() => left, 'the stream is cancelled')
  }
})

test('what looks at a response sees it as the platform’s', async () => {
  await using server = await listener()
  await using client = clientOf(server)
  const response = await client.fetch('/')
  expect(inspect(response)).toMatch(/^Response \{\s+status: 200,/)
  expect([response.constructor, response.headers.constructor]).toEqual([Response, Headers])
  expect(Object.keys(response)).toEqual([])
  const copy = new Response(response.body, response)
  expect([copy.status, copy.headers.get('content-type'), await copy.json()]).toEqual([
    200,
    'application/json',
    { a: 1 },
  ])
})
