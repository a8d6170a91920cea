/** What reaches the server of a call's headers, and what never does: a kept connection stays in step. */
import { constants } from 'node:http2'
import fc from 'fast-check'
import type { KeepwarmError } from 'keepwarm'
import { describe, expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { startEcho, type Got } from './support/echo.ts'
import {
  eachRequest,
  rawResponse,
  startH2,
  startHttp,
  startHttps,
  startRaw,
  trust,
} from './support/servers.ts'
import { eventually, sleep } from './support/wait.ts'

test('whatever a header is, the server gets it and nothing else of it, or nothing at all', async () => {
  const heads: string[] = []
  await using server = await startRaw((socket) =>
    eachRequest(socket, (head) => {
      heads.push(head)
      socket.write(rawResponse('ok'))
    }),
  )
  await using client = clientOf(server)
  await client.get('/').text()
  const usual = heads.pop()!.split('\r\n')
  const name = fc.oneof(
    fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).map((end) => `x-${end}`),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.stringMatching(/^x[\r\n\0 :\t-]{0,4}[a-z]{0,3}$/),
    fc.constantFrom(
      'content-length',
      'transfer-encoding',
      'connection',
      'expect',
      'te',
      'upgrade',
      'trailer',
    ),
  )
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,12}$/),
    fc.stringMatching(/^[a\r\n\0 :\t]{0,8}$/),
    fc.constantFrom('chunked', '0', '5', 'x\r\n\r\nGET /evil HTTP/1.1\r\nhost: h\r\n\r\n'),
  )
  await fc.assert(
    fc.asyncProperty(name, value, async (key, text) => {
      heads.length = 0
      const answer = await client
        .get('/', { headers: [[key, text]] })
        .text()
        .catch((error: unknown) => error)
      if (typeof answer !== 'string') {
        expect(answer).toMatchObject({ code: 'invalid_request', sent: 'no' })
        expect(heads).toEqual([])
        return
      }
      expect(heads.length).toBe(1)
      const lines = heads[0]!.split('\r\n').filter((line) => !usual.includes(line))
      const stripped = text.replace(/^[\t ]+|[\t ]+$/g, '')
      // These say what is so anyway.
      if (lines.length > 0) expect(lines).toEqual([`${key.toLowerCase()}: ${stripped}`])
      else expect(['connection', 'content-length']).toContain(key.toLowerCase())
    }),
    { numRuns: 400 },
  )
  heads.length = 0
  expect(await client.get('/').text()).toBe('ok')
  expect(heads.length).toBe(1)
}, 60_000)

test('HTTP/2: no header of a call, however often it comes, costs the session or a call beside it', async () => {
  let answer = (): void => {}
  await using server = await startH2((stream, headers) => {
    const end = (): void => {
      stream.respond({ ':status': 200 })
      stream.end('ok')
    }
    if (headers[':path'] === '/beside') answer = end
    else end()
  })
  await using client = clientOf(server, { connect: trust, retry: false, maxConnections: 1, timeout: 60_000 })
  const beside = client.get('/beside').text()
  await eventually(() => server.requests === 1, 'the call beside is under way')
  const known = Object.entries(constants)
    .filter(([constant]) => constant.startsWith('HTTP2_HEADER_'))
    .map(([, name]) => String(name))
    .filter((name) => name !== 'host') // it names another connection
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,12}$/),
    fc.constantFrom('', 'chunked', 'trailers', 'close', '0', '5'),
  )
  const asked = (name: string, value: string | string[]): Promise<unknown> =>
    client
      .get('/', { headers: [[name, value]] })
      .text()
      .catch((error: unknown) => error)
  for (const name of known) {
    for (const value of ['x', ['x', 'y'], 'trailers', '0'])
      expect(await asked(name, value)).toSatisfy(
        (is) => is === 'ok' || (is as KeepwarmError).code === 'invalid_request',
      )
  }
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.constantFrom(...known), fc.string({ unit: 'binary', maxLength: 6 })),
      fc.oneof(text, fc.array(text, { maxLength: 3 })),
      async (name, value) => {
        if (name.toLowerCase() === 'host') return
        const is = await asked(name, value)
        if (is !== 'ok') expect(is).toMatchObject({ code: 'invalid_request', sent: 'no' })
      },
    ),
    { numRuns: 300 },
  )
  answer()
  expect(await beside).toBe('ok')
  expect(server.total).toBe(1)
}, 60_000)

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('%s', (protocol) => {
  test('a header that is refused costs neither the connection nor a call beside it', async () => {
    await using server = await startEcho(protocol)
    await using client = clientOf(server, { connect: trust, maxConnections: 1 })
    const beside = client.post('/', {
      async *body() {
        yield 'slow'
        await sleep(100)
      },
    })
    const besideIt = beside.json()
    for (const [name, value] of [
      ['te', 'gzip'],
      ['transfer-encoding', 'chunked'],
      ['proxy-connection', 'keep-alive'],
      ['http2-settings', 'x'],
      ['upgrade', 'h2c'],
      ['keep-alive', 'timeout=1'],
      ['connection', 'x-a'],
      [':path', '/evil'],
      ['x-a', 'b\r\nX-Evil: 1'],
    ] as const) {
      const error = await failureOf(client.get('/', { headers: [[name, value]] }).text())
      expect(error).toMatchObject({ code: 'invalid_request', sent: 'no' })
    }
    expect(await besideIt).toMatchObject({ body: 'slow' })
    expect(await client.get('/').json()).toMatchObject({ body: '' })
    expect(server.total).toBe(1)
    expect(server.requests).toBe(2)
  })

  test('values arrive alike: without the spaces around them, Latin-1 and empty ones as they are', async () => {
    await using server = await startEcho(protocol)
    await using client = clientOf(server, { connect: trust })
    const headers = {
      'x-padded': ' a b\t',
      'x-latin': 'käse',
      'x-empty': '',
      TE: 'trailers',
      'x-two': ['1', '2'],
    }
    const got = (await client.get('/', { headers }).json()) as Got
    expect(got.headers).toMatchObject({
      ...{ 'x-padded': 'a b', 'x-latin': 'käse', 'x-empty': '', te: 'trailers', 'x-two': '1, 2' },
    })
  })

  test('names that objects have by themselves are names', async () => {
    await using server = await startEcho(protocol)
    await using client = clientOf(server, { connect: trust })
    const headers = new Map([
      ['constructor', 'a'],
      ['hasownproperty', 'b'],
    ])
    const got = (await client.get('/', { headers }).json()) as Got
    expect(got.headers).toMatchObject({ constructor: 'a', hasownproperty: 'b' })
  })
})

test('defaults are taken away by undefined, in objects, pairs and Maps', async () => {
  await using server = await startEcho('HTTP/1.1')
  await using client = clientOf(server, { headers: new Headers({ 'X-Team': 'search' }) })
  for (const headers of [
    { 'x-team': undefined },
    [['X-Team', undefined]] as const,
    new Map([['x-team', undefined]]),
  ])
    expect(((await client.get('/', { headers }).json()) as Got).headers['x-team']).toBeUndefined()
  expect(((await client.get('/').json()) as Got).headers['x-team']).toBe('search')
})

test("a Host of one's own names another service behind the same address, over the same connection", async () => {
  await using server = await startEcho('HTTP/1.1')
  await using client = clientOf(server)
  const hostOf = async (headers?: Record<string, string>): Promise<string | undefined> =>
    ((await client.get('/', headers === undefined ? {} : { headers }).json()) as Got).headers.host
  expect(await hostOf({ host: 'orders.test' })).toBe('orders.test')
  expect(await hostOf()).toBe(`127.0.0.1:${server.port}`)
  expect(server.total).toBe(1)
})

test('over TLS the name of a Host is the one that is asked for, on connections of its own', async () => {
  const names: unknown[] = []
  await using server = await startHttps((request, response) => {
    names.push([request.headers.host, (request.socket as { servername?: unknown }).servername])
    response.end()
  })
  await using client = clientOf(server, { connect: trust })
  for (let call = 0; call < 2; call++) {
    await client.get('/', { headers: { host: 'localhost' } }).text()
    await client.get('/').text()
  }
  expect(names[0]).toEqual(['localhost', 'localhost'])
  expect(names[1]).toEqual([`127.0.0.1:${server.port}`, false])
  expect(server.total).toBe(2)
})

test('connection: close ends the connection after the answer; keep-alive is what happens anyway', async () => {
  await using server = await startHttp((request, response) => response.end(request.headers.connection))
  await using client = clientOf(server)
  const connection = async (value: string): Promise<string> =>
    await client.get('/', { headers: { connection: value } }).text()
  expect(await connection('Keep-Alive')).toBe('keep-alive')
  expect(await connection('close')).toBe('close')
  expect(await connection('keep-alive')).toBe('keep-alive')
  expect(server.total).toBe(2)
})
