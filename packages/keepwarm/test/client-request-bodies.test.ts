/** Bodies of every kind: what the server receives, and what goes out again when an attempt fails. */
import { createReadStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import type { CallOptions } from 'keepwarm'
import { describe, expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startEcho, type Got } from './support/echo.ts'
import { startH2, startHttp, trust } from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

/** What the body of `Got` is as text. */
const text = ({ body }: Got): string => Buffer.from(body, 'latin1').toString()

async function* generated(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const part of parts) {
    await sleep(1)
    yield part
  }
}

const bytes = Uint8Array.of(0, 1, 254, 255, 13, 10)
const asLatin1 = Buffer.from(bytes).toString('latin1')

type Row = readonly [what: string, body: () => CallOptions['body'], wire: string, length: number | undefined]

const rows: readonly Row[] = [
  ['a string', () => 'käse', 'k\u00c3\u00a4se', 5],
  ['an empty string', () => '', '', 0],
  ['a Uint8Array', () => bytes, asLatin1, 6],
  ['a Buffer of a part of its memory', () => Buffer.from(bytes).subarray(2, 4), '\u00fe\u00ff', 2],
  ['an ArrayBuffer', () => bytes.slice().buffer, asLatin1, 6],
  ['a view of 16 bit numbers', () => Uint16Array.of(0x4241, 0x4443), 'ABCD', 4],
  ['a DataView of a part', () => new DataView(bytes.slice().buffer, 2, 2), '\u00fe\u00ff', 2],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(3) as unknown as ArrayBuffer, '\0\0\0', 3],
  ['a Blob', () => new Blob(['a', bytes]), `a${asLatin1}`, 7],
  ['an empty Blob', () => new Blob([]), '', 0],
  ['a list of strings and bytes', () => ['a', bytes, 'b'], `a${asLatin1}b`, 8],
  ['a Node stream', () => Readable.from(['a', Buffer.from('b')]), 'ab', undefined],
  ['a Node stream of bytes', () => Readable.from(['a', 'b'], { objectMode: false }), 'ab', undefined],
  ['a web stream', () => new Blob(['web']).stream(), 'web', undefined],
  ['a web stream of strings', () => ReadableStream.from(['a', 'b']) as never, 'ab', undefined],
  ['an async generator', () => generated('k', 'ä', bytes), `k\u00c3\u00a4${asLatin1}`, undefined],
  ['a generator', () => ['x', 'y'].values(), 'xy', undefined],
  ['a Set', () => new Set(['x', 'y']), 'xy', undefined],
  ['parts of nothing', () => generated('', 'a', '', 'b', ''), 'ab', undefined],
  ['views as parts', () => [Uint16Array.of(0x4241).buffer, 'c'].values(), 'ABc', undefined],
  ['a function that makes a stream', () => () => Readable.from(['a', 'b']), 'ab', undefined],
  ['a function that makes a list', () => () => ['a', 'b'], 'ab', undefined],
  ['a function that makes a string', () => () => 'made', 'made', undefined],
  ['a function that makes bytes', () => () => bytes, asLatin1, undefined],
  ['a function that makes a Blob', () => () => new Blob(['b']), 'b', undefined],
  ['a function that makes it later', () => async () => generated('a', 'b'), 'ab', undefined],
]

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('%s', (protocol) => {
  test.each(rows)('%s arrives as it is', async (_, body, wire, length) => {
    await using server = await startEcho(protocol)
    await using client = clientOf(server, { connect: trust })
    for (let call = 0; call < 2; call++) {
      const got = (await client.post('/', { body: body()! }).json()) as Got
      expect(got.body).toBe(wire)
      expect(got.headers['content-length']).toBe(length === undefined ? undefined : String(length))
      expect(got.headers['content-type']).toBeUndefined()
    }
    expect(server.total).toBe(1)
  })

  test.each(rows.filter(([what, , , length]) => length !== undefined || what.startsWith('a function')))(
    '%s goes again as a whole',
    async (_, body, wire) => {
      await using server = await startEcho(protocol, 2)
      await using client = clientOf(server, { connect: trust })
      expect(((await client.put('/', { body: body()! }).json()) as Got).body).toBe(wire)
      expect(server.requests).toBe(3)
    },
  )

  test('a stream goes once: the status that would be tried again is the answer', async () => {
    await using server = await startEcho(protocol, 1)
    await using client = clientOf(server, { connect: trust })
    const error = await failureOf(client.put('/', { body: generated('a') }).text())
    expect(error).toMatchObject({ status: 503 })
    expect(server.requests).toBe(1)
  })

  test('a promised length is sent, and a body that breaks the promise costs nobody else anything', async () => {
    await using server = await startEcho(protocol)
    await using client = clientOf(server, { connect: trust, maxConnections: protocol === 'HTTP/2' ? 1 : 2 })
    const headers = { 'content-length': '4' }
    const got = (await client.post('/', { body: generated('ab', 'cd'), headers }).json()) as Got
    expect(got).toMatchObject({ body: 'abcd', headers })
    const holding = client.post('/', { body: generated(...Array.from({ length: 60 }, () => 'x')) }).json()
    for (const parts of [['abc'], ['abcde'], ['ab', 'cde'], []]) {
      for (const body of [generated(...parts), Readable.from(parts), (): string[] => parts]) {
        const error = await failureOf(client.post('/', { body, headers }).text())
        expect(error).toMatchObject({ code: 'invalid_request' })
        expect(error.message).toMatch(/content-length/)
      }
    }
    expect(text((await holding) as Got)).toBe('x'.repeat(60))
    expect(await client.get('/').json()).toMatchObject({ body: '' })
    if (protocol === 'HTTP/2') expect(server.total).toBe(1)
  })

  test.each([
    ['an object', (): never => ({ a: 1 }) as never],
    ['a number', (): never => 5 as never],
    ['null', (): never => null as never],
  ])('a part that is %s is no part, whatever it comes in', async (_, part) => {
    await using server = await startEcho(protocol)
    await using client = clientOf(server, { connect: trust })
    const sources = [
      (): CallOptions['body'] => generated('a', part()),
      (): CallOptions['body'] => ['a', part()].values(),
      (): CallOptions['body'] => ReadableStream.from(['a', part()]) as never,
      ...(part() === null ? [] : [(): CallOptions['body'] => Readable.from(['a', part()])]),
    ]
    for (const source of sources) {
      const error = await failureOf(client.post('/', { body: source()! }).text())
      expect(error).toMatchObject({ code: 'invalid_request' })
      expect(error.message).toMatch(/parts are strings or bytes|ERR_INVALID_ARG/)
    }
    expect(await client.get('/').json()).toMatchObject({ body: '' })
  })
})

test('methods that expect a body send content-length: 0 without one, and others send none', async () => {
  await using server = await startEcho('HTTP/1.1')
  await using client = clientOf(server)
  for (const method of ['post', 'put', 'patch'] as const)
    expect(((await client[method]('/').json()) as Got).headers).toMatchObject({ 'content-length': '0' })
  for (const method of ['get', 'delete'] as const)
    expect(((await client[method]('/').json()) as Got).headers['content-length']).toBeUndefined()
})

test('forms: objects, pairs and URLSearchParams, as one type', async () => {
  await using server = await startEcho('HTTP/1.1')
  await using client = clientOf(server)
  const type = 'application/x-www-form-urlencoded'
  const forms = [{ q: 'a b&c', n: [1, 2], no: undefined }, new URLSearchParams('q=a b%26c&n=1&n=2')]
  for (const form of forms)
    expect(await client.post('/', { form }).json()).toMatchObject({
      body: 'q=a+b%26c&n=1&n=2',
      headers: { 'content-type': type, 'content-length': '17' },
    })
  expect(await client.post('/', { form: {} }).json()).toMatchObject({
    headers: { 'content-type': type, 'content-length': '0' },
  })
})

test('content types: the call has the last word, a default is for JSON and for what says nothing of itself', async () => {
  await using server = await startEcho('HTTP/1.1')
  await using client = clientOf(server, { headers: { 'content-type': 'application/vnd.api+json' } })
  const typeOf = async (options: CallOptions): Promise<string | undefined> =>
    ((await client.post('/', options).json()) as Got).headers['content-type']
  expect(await typeOf({ json: 1 })).toBe('application/vnd.api+json')
  expect(await typeOf({ body: 'x' })).toBe('application/vnd.api+json')
  expect(await typeOf({ form: { a: 1 } })).toBe('application/x-www-form-urlencoded')
  expect(await typeOf({ body: new Blob(['x'], { type: 'image/png' }) })).toBe('image/png')
  expect(await typeOf({ body: new FormData() })).toMatch(/^multipart\/form-data; boundary=/)
  expect(await typeOf({ form: { a: 1 }, headers: { 'Content-Type': 'text/x' } })).toBe('text/x')
  expect(await typeOf({ json: 1, headers: { 'content-type': undefined } })).toBe('application/json')
})

test.each([
  ['json and body', { json: 1, body: 'x' }, 'both `json` and `body`'],
  ['json and form', { json: 1, form: {} }, 'both `json` and `form`'],
  ['form and body', { form: {}, body: 'x' }, 'both `form` and `body`'],
  ['all three', { json: null, form: {}, body: 'x' }, 'all of `json`, `form` and `body`'],
  ['an object as body', { body: { a: 1 } as never }, 'its body is of type Object'],
  ['a list of values as body', { body: [1, 2] as never }, 'its body is a list with a number in it'],
  ['FormData as form', { form: new FormData() as never }, 'give it as `body`'],
  [
    'FormData with a type',
    { body: new FormData(), headers: { 'content-type': 'multipart/form-data' } },
    'boundary',
  ],
  ['what may be meant as no', { idempotent: 'no' as never }, 'its `idempotent` is a string'],
  ['an object in a form', { form: { a: {} as never } }, '"a" of its `form` is of type Object'],
  [
    'a length that is not',
    { body: 'abc', headers: { 'content-length': '5' } },
    'says 5, but the body has 3 bytes',
  ],
  ['a length of nothing', { headers: { 'content-length': '5' } }, 'says 5, but the body has 0 bytes'],
  ['a length of JSON', { json: 'ä', headers: { 'content-length': '3' } }, 'says 3, but the body has 4 bytes'],
  [
    'a length of a Blob',
    { body: new Blob(['abc']), headers: { 'content-length': '2' } },
    'the body has 3 bytes',
  ],
])('%s: refused before anything is sent', async (_, options, why) => {
  await using server = await startHttp()
  await using client = clientOf(server)
  for (const method of ['post', 'get'] as const) {
    const error = await failureOf(client[method]('/', options as CallOptions).text())
    expect(error).toMatchObject({ code: 'invalid_request', phase: 'admit', sent: 'no' })
    expect(error.message).toContain(why)
  }
  expect(server.requests).toBe(0)
})

test.each([
  ['FormData', (): unknown => new FormData()],
  ['an object', (): unknown => ({})],
  ['nothing', (): unknown => undefined],
  ['a promise of nothing', (): unknown => Promise.resolve(5)],
])('a function that makes %s is told so', async (_, make) => {
  await using server = await startHttp()
  await using client = clientOf(server)
  const error = await failureOf(client.post('/', { body: make as never }).text())
  expect(error).toMatchObject({ code: 'invalid_request' })
  expect(error.message).toContain('its body is a function that returned')
})

describe('sources that are not sent, or not to their end, are closed', () => {
  test('a web stream that is never sent is cancelled', async () => {
    await using server = await startHttp()
    await using client = clientOf(server)
    let cancelled = 0
    const stream = (): ReadableStream => new ReadableStream({ cancel: () => void cancelled++ })
    await failureOf(client.post('/', { body: stream() as never, signal: AbortSignal.abort() }).text())
    await failureOf(client.post('http://elsewhere.test/', { body: stream() as never }).text())
    await failureOf(client.post('/', { body: stream() as never, headers: { expect: 'x' } }).text())
    await eventually(() => cancelled === 3, 'all are cancelled')
    expect(server.requests).toBe(0)
  })

  test('a stream whose length is promised, and that fails before it is asked for, fails the call alone', async () => {
    await using server = await startHttp()
    await using client = clientOf(server, { connect: () => {}, acquireTimeout: 300, retry: false })
    const body = createReadStream(join(tmpdir(), 'keepwarm-does-not-exist'))
    const error = await failureOf(client.post('/', { body, headers: { 'content-length': '5' } }).text())
    expect(error).toMatchObject({ code: 'invalid_request', cause: { code: 'ENOENT' } })
  })

  test('a generator is ended, and a stream behind it closed, when the server does not want more', async () => {
    await using server = await startHttp((request, response) => {
      request.on('error', () => {})
      response.writeHead(413, { connection: 'close' }).end('too large')
    })
    await using client = clientOf(server)
    let ended = false
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) {
          yield 'x'.repeat(1_000)
          await sleep(1)
        }
      } finally {
        ended = true
      }
    }
    expect(await failureOf(client.post('/', { body: endless() }).text())).toMatchObject({ status: 413 })
    await eventually(() => ended, 'the generator is over')
    const stuck = new PassThrough()
    const headers = { 'content-length': '5' }
    stuck.write('a')
    expect(await failureOf(client.post('/', { body: stuck, headers }).text())).toMatchObject({ status: 413 })
    await eventually(() => stuck.destroyed, 'the stream is closed')
  })

  test('a stream that somebody else reads, or read, is refused', async () => {
    await using server = await startHttp()
    await using client = clientOf(server)
    const locked = new Blob(['x']).stream()
    const reader = locked.getReader()
    expect((await failureOf(client.post('/', { body: locked }).text())).message).toContain(
      'somebody else reads',
    )
    await reader.read()
    reader.releaseLock()
    expect((await failureOf(client.post('/', { body: locked }).text())).message).toContain(
      'was read or closed',
    )
    expect(server.requests).toBe(0)
  })
})

test('HTTP/2: an upload that moves is not ended by writeTimeout, however long it takes', async () => {
  await using server = await startEcho('HTTP/2')
  await using client = clientOf(server, { connect: trust, retry: false })
  const slow = async function* (): AsyncGenerator<string> {
    for (let part = 0; part < 12; part++) {
      await sleep(50)
      yield 'part'
    }
  }
  const body = slow()
  expect(await client.post('/', { body, writeTimeout: 300 }).json()).toMatchObject({
    body: 'part'.repeat(12),
  })
})

test.each([
  ['a Blob', (): Blob => new Blob([Buffer.alloc(12_000_000)])],
  ['a generator of one part', (): Iterable<Buffer> => [Buffer.alloc(12_000_000)].values()],
])('HTTP/2: %s of 12 MB that its server takes slowly keeps no answer from anybody', async (_, body) => {
  let begin = (): void => {}
  let arrived = 0
  await using server = await startH2((stream, headers) => {
    stream.respond({ ':status': 200 })
    if (headers[':method'] === 'GET') return void stream.end('hello')
    begin = () => stream.on('data', (chunk: Buffer) => (arrived += chunk.length))
    stream.on('end', () => stream.end('stored'))
  })
  await using client = clientOf(server, { connect: trust, timeout: 20_000 })
  const storing = client.post('/', { body: body() }).text()
  await eventually(() => server.requests === 1, 'the upload has begun')
  for (let call = 0; call < 3; call++) expect(await client.get('/').text()).toBe('hello')
  begin()
  expect(await storing).toBe('stored')
  expect(arrived).toBe(12_000_000)
  expect(server.total).toBe(1)
})
