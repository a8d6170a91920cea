/** Whatever strangers write into a path, a query, a header or a URL: one request goes out, whole, and to where it should. */
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { ConnectionPool, HttpClient, type CallOptions } from 'keepwarm'
import { request } from 'undici'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { startProxy } from './support/proxy-servers.ts'
import { eachRequest, rawResponse, startHttp, startRaw, type TestServer } from './support/servers.ts'

/** Keeps every byte that arrives. */
async function startListening(): Promise<{ server: TestServer; heads: string[] } & AsyncDisposable> {
  const heads: string[] = []
  const server = await startRaw((socket: Socket) => {
    eachRequest(socket, (head) => {
      heads.push(head)
      socket.write(rawResponse('hello'))
    })
  })
  return { server, heads, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

// Of the last two the low bytes are a line break: what is written as Latin-1 must not have them.
const nasty = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  '\u000b',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u010a',
  '\u010d',
]
const pieces = fc.constantFrom(
  ...nasty,
  'injected: yes',
  'GET /evil HTTP/1.1',
  'host: evil',
  'content-length: 5',
  'transfer-encoding: chunked',
  'HTTP/1.1',
  'a',
  '?',
  '#',
  '%0d%0a',
  '/',
  ':',
  '\ud800',
  'é',
)
const text = fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join(''))

interface Given {
  path: string
  query: string
  name: string
  value: string
  method: string
}

const plain: Given = { path: '/', query: 'q', name: 'x-name', value: 'v', method: 'GET' }
const given: fc.Arbitrary<Given> = fc.oneof(
  fc.record({ path: text }).map((one) => ({ ...plain, ...one })),
  fc.record({ query: text }).map((one) => ({ ...plain, ...one })),
  fc.record({ name: text }).map((one) => ({ ...plain, ...one })),
  fc.record({ value: text }).map((one) => ({ ...plain, ...one })),
  fc.record({ method: text }).map((one) => ({ ...plain, ...one })),
)

/** One request, of one line and headers that are all known. */
function isWhole(head: string, { name }: Given): boolean {
  const [line = '', ...headers] = head.split('\r\n')
  if (!/^[!#$%&'*+.^_`|~\w-]+ \/[\x21-\x7e]* HTTP\/1\.1$/.test(line) || /[\r\n\0]/.test(headers.join('')))
    return false
  const names = headers.map((header) => header.slice(0, header.indexOf(':')).toLowerCase())
  const known = new Set(['host', 'connection', 'accept', 'accept-encoding', 'user-agent', name.toLowerCase()])
  return names.every((one) => known.has(one)) && names.filter((one) => one === 'host').length === 1
}

test('nothing that is given for a call writes a line of its own: it is sent whole, or refused', async () => {
  await using listening = await startListening()
  const { server, heads } = listening
  await using client = new HttpClient({
    baseUrl: server.origin,
    retry: false,
    breaker: false,
    timeout: 5_000,
  })
  let sent = 0
  await fc.assert(
    fc.asyncProperty(given, async (one) => {
      const { path, query, name, value, method } = one
      const options: CallOptions = { query: { [query]: query }, headers: { [name]: value } }
      const answer = await client
        .call(method as 'GET', path, options)
        .bytes()
        .catch((error: unknown) => error)
      if (answer instanceof Error) {
        expect(answer).toMatchObject({
          code: expect.stringMatching(/^(invalid_request|config)$/),
          sent: 'no',
        })
        expect(answer.message).not.toContain('\n\r')
      } else {
        sent++
        expect(heads.slice(sent - 1).filter((head) => !isWhole(head, one))).toEqual([])
      }
      expect(heads.length).toBe(sent)
    }),
    { numRuns: 1_000 },
  )
  expect(sent).toBeGreaterThan(100)
})

test('nor for a request over the pool', async () => {
  await using listening = await startListening()
  const { server, heads } = listening
  await using pool = new ConnectionPool()
  let sent = 0
  await fc.assert(
    fc.asyncProperty(given, async (one) => {
      const { path, name, value, method } = one
      const sending = request(
        { origin: server.origin, path, method, headers: [name, value] } as never,
        {
          dispatcher: pool,
        } as never,
      ).then(({ body }) => body.text())
      const answer: unknown = await sending.catch((error: unknown) => error)
      if (!(answer instanceof Error)) sent++
      expect(heads.slice(sent - 1).filter((head) => !isWhole(head, one))).toEqual([])
      expect(heads.length).toBe(sent)
    }),
    { numRuns: 500 },
  )
})

test('a header named __proto__ is refused or sent, and changes nothing', async () => {
  await using listening = await startListening()
  const { server, heads } = listening
  await using client = new HttpClient({ baseUrl: server.origin, retry: false })
  const values = JSON.parse('{"__proto__": "evil", "constructor": "c", "x-a": "1"}') as Record<string, string>
  const pairs: [string, string][] = [
    ['__proto__', 'evil'],
    ['x-a', '1'],
  ]
  for (const headers of [values, pairs]) {
    const answer: unknown = await client
      .get('/', { headers })
      .text()
      .catch((error: unknown) => error)
    if (answer instanceof Error) expect(answer).toMatchObject({ code: 'invalid_request' })
    else expect(heads.at(-1)!.toLowerCase()).toMatch(/__proto__: evil/)
  }
  expect(({} as Record<string, unknown>)['x-a']).toBe(undefined)
})

// ── to where it should ───────────────────────────────────────────────────────────────────────────────────────

/** Ways to say another origin, with its host and port in place of EVIL and the good one's in place of GOOD. */
const elsewhere = [
  'http://EVIL/',
  'HTTP://EVIL/',
  'https://EVIL/',
  '//EVIL/',
  '///EVIL/',
  '////EVIL',
  '\\\\EVIL\\',
  '/\\EVIL/',
  '\\/EVIL/',
  'http:\\\\EVIL/',
  'http:/EVIL/',
  'http:EVIL/',
  ' http://EVIL/',
  '\thttp://EVIL/',
  '\nhttp://EVIL/',
  'ht\ntp://EVIL/',
  'http://GOOD@EVIL/',
  'http://GOOD:x@EVIL/',
  'http://GOOD%2f@EVIL/',
  'http://GOOD\\@EVIL/',
  'http://EVIL#@GOOD/',
  'http://EVIL?@GOOD/',
  'http://EVIL\\@GOOD/',
  '@EVIL/',
  ':x@EVIL/',
  '.EVIL/',
  '?//EVIL/',
  '#//EVIL/',
  '/..//EVIL/',
  '../../../EVIL/',
  '/%2e%2e//EVIL/',
  '/%2f%2fEVIL/',
  '/.//EVIL/',
  ';//EVIL/',
  'javascript://EVIL/',
  'file:///etc/passwd',
  'ftp://EVIL/',
  'ws://EVIL/',
  'data:text/plain,x',
]

test.each(elsewhere)('a client of one origin calls no other, whatever its path: %j', async (way) => {
  await using good = await startListening()
  let evil = 0
  await using bad = await startRaw((socket) => {
    evil++
    eachRequest(socket, () => void socket.write(rawResponse('evil')))
  })
  const place = ({ port }: TestServer): string => `127.0.0.1:${port}`
  const path = way.replaceAll('EVIL', place(bad)).replaceAll('GOOD', place(good.server))
  const baseUrl = `http://me:secret@${place(good.server)}/api`
  await using client = new HttpClient({ baseUrl, retry: false })
  const answer: unknown = await client
    .get(path)
    .text()
    .catch((error: unknown) => error)
  if (answer instanceof Error) expect(answer).toMatchObject({ code: 'invalid_request', sent: 'no' })
  else expect(good.heads[0]).toMatch(/^GET \//)
  expect(good.heads.length).toBe(answer instanceof Error ? 0 : 1)
  expect(evil).toBe(0)
})

test('names that look alike are other origins', async () => {
  await using client = new HttpClient({ baseUrl: 'http://api.example', retry: false })
  for (const host of [
    'api.exаmple',
    'api.example.',
    'api.example.evil',
    'xapi.example',
    'api。example.evil',
  ]) {
    expect(await failureOf(client.get(`http://${host}/`).text())).toMatchObject({ code: 'invalid_request' })
  }
})

test('credentials in a base URL go into a header, not into the request’s line or Host', async () => {
  await using good = await startListening()
  await using client = new HttpClient({ baseUrl: good.server.origin.replace('://', '://me:secret@') })
  await client.get('/x').text()
  expect(good.heads[0]).not.toContain('secret')
  expect(good.heads[0]).toContain(`authorization: Basic ${Buffer.from('me:secret').toString('base64')}`)
})

test('what is for the origin does not reach the proxy, and what is for the proxy does not reach the origin', async () => {
  await using server = await startHttp((message, response) => response.end(JSON.stringify(message.headers)))
  await using proxy = await startProxy()
  const url = proxy.url.replace('://', '://me:proxy-secret@')
  const headers = { authorization: 'Bearer secret', cookie: 'a=secret', 'x-api-key': 'secret' }
  await using client = new HttpClient({ baseUrl: server.origin, proxy: url, headers })
  const seen = await client.get('/path?token=secret').text()
  expect(Object.keys(proxy.asked[0]!.headers).sort()).toEqual(['connection', 'host', 'proxy-authorization'])
  expect(proxy.asked[0]!.authority).toBe(`127.0.0.1:${server.port}`)
  expect(JSON.stringify(proxy.asked)).not.toContain('secret"')
  expect(seen).not.toContain('proxy')
  expect(seen).toContain('Bearer secret')
})

test('credentials for a proxy that stand among the headers of a call are not sent to the origin', async () => {
  await using server = await startHttp()
  await using client = new HttpClient({ baseUrl: server.origin, retry: false })
  const error = await failureOf(
    client.get('/', { headers: { 'Proxy-Authorization': 'Basic secret' } }).text(),
  )
  expect(error).toMatchObject({ code: 'invalid_request', sent: 'no' })
  expect(error.message).not.toContain('secret')
  expect(() => new HttpClient({ headers: { 'proxy-authorization': 'Basic secret' } })).toThrow(
    /proxy-authorization/,
  )
  expect(server.requests).toBe(0)
})

test('an upload that is longer or shorter than it says cannot be followed by another request', async () => {
  const seen: string[] = []
  await using server = await startRaw((socket) => {
    socket.on('data', (bytes: Buffer) => {
      seen.push(bytes.toString('latin1'))
      if (bytes.includes('/clean')) socket.write(rawResponse('clean'))
    })
  })
  await using pool = new ConnectionPool({ maxConnections: 1 })
  for (const length of ['1', '9']) {
    const sending = request(server.origin, {
      dispatcher: pool,
      method: 'POST',
      headers: { 'content-length': length },
      body: 'abcd',
    })
    expect(await failureOf(sending)).toMatchObject({ code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' })
  }
  const { body } = await request(`${server.origin}/clean`, { dispatcher: pool })
  expect(await body.text()).toBe('clean')
  expect(seen.join('')).not.toContain('abcd')
})
