import { expect, test } from 'vitest'
import type { RecordedExchange, RecordedRequest } from './traffic-file.ts'
import { bytesOfBody, readTraffic, recordedBody, trafficText } from './traffic-file.ts'
import { findExchange, noAnswerText, type TrafficMatch } from './traffic-match.ts'
import { plainHeaders, recordedRequest } from './traffic-request.ts'

function request(url: string, how: Partial<RecordedRequest> = {}): RecordedRequest {
  return { method: 'GET', url, headers: {}, body: null, ...how }
}

function exchange(url: string, how: Partial<RecordedRequest> = {}, status = 200): RecordedExchange {
  return { request: request(url, how), response: { status, headers: {}, body: null } }
}

function statusOf(
  asked: RecordedRequest,
  exchanges: readonly RecordedExchange[],
  match: TrafficMatch = {},
  used: ReadonlySet<RecordedExchange> = new Set(),
): number | undefined {
  return findExchange(asked, exchanges, match, used)?.response.status
}

test('the same request is answered in the order of the recording, each answer once', () => {
  const exchanges = [exchange('http://a/x', {}, 503), exchange('http://a/y', {}, 204), exchange('http://a/x')]
  expect(statusOf(request('http://a/x'), exchanges)).toBe(503)
  expect(statusOf(request('http://a/x'), exchanges, {}, new Set(exchanges.slice(0, 1)))).toBe(200)
  expect(statusOf(request('http://a/x'), exchanges, {}, new Set(exchanges))).toBe(undefined)
})

test.each<[string, RecordedRequest, TrafficMatch]>([
  ['method', request('http://a/x?q=1', { method: 'HEAD' }), {}],
  ['origin', request('http://b/x?q=1'), {}],
  ['origin', request('https://a/x?q=1'), {}],
  ['path', request('http://a/xy?q=1'), {}],
  ['query', request('http://a/x?q=2'), {}],
  ['query', request('http://a/x'), {}],
  ['header accept', request('http://a/x?q=1', { headers: { accept: 'b' } }), { headers: ['Accept'] }],
  ['body', request('http://a/x?q=1', { body: { text: '1' } }), {}],
])('another %s is another request, and is told', (what, asked, match) => {
  const exchanges = [exchange('http://a/x?q=1', { headers: { accept: 'a' } })]
  expect(statusOf(asked, exchanges, match)).toBe(undefined)
  expect(noAnswerText(asked, { exchanges, unrecorded: [] }, match)).toBe(
    `no answer to ${asked.method} ${asked.url} is recorded; the nearest is GET http://a/x?q=1: another ${what}`,
  )
})

test('what shall not matter does not', () => {
  const exchanges = [exchange('http://a:1/x', { body: { text: '1' }, headers: { accept: 'a' } })]
  const asked = request('http://a:2/x', { body: { text: '2' } })
  expect(statusOf(asked, exchanges, { origin: false, body: false })).toBe(200)
  expect(statusOf(asked, exchanges, { origin: false })).toBe(undefined)
  expect(statusOf(asked, exchanges, { body: false })).toBe(undefined)
})

test('the nearest differs in the fewest things, then in the fewest letters', () => {
  const exchanges = [
    exchange('http://a/orders/71', { method: 'POST' }),
    exchange('http://a/customers/1'),
    exchange('http://a/orders/8'),
  ]
  const text = noAnswerText(request('http://a/orders/7'), { exchanges, unrecorded: [] }, {})
  expect(text).toContain('the nearest is GET http://a/orders/8: another path')
})

test('an answer too few, none at all, and one that was left out', () => {
  const asked = request('http://a/x')
  const text = (
    exchanges: RecordedExchange[],
    unrecorded = [{ request: 'GET http://a/y', why: 'reasons' }],
  ) => noAnswerText(asked, { exchanges, unrecorded }, {})
  expect(text([exchange('http://a/x')])).toBe('GET http://a/x is recorded once, and was asked for once more')
  expect(text([])).toBe('no answer to GET http://a/x is recorded: nothing is')
  expect(text([], [{ request: 'GET http://a/x', why: 'it failed' }])).toContain('left out: it failed')
})

test('headers in every form in which undici takes them', () => {
  const plain = { a: '1', b: ['2', '3'] }
  expect(plainHeaders({ A: '1', b: ['2', '3'], c: undefined })).toEqual(plain)
  expect(plainHeaders(['A', '1', 'b', '2', 'B', '3'])).toEqual(plain)
  expect(
    plainHeaders(
      new Map([
        ['A', '1'],
        ['b', ['2', '3']],
      ] as [string, string | string[]][]),
    ),
  ).toEqual(plain)
  expect(plainHeaders(undefined)).toEqual({})
})

test('a request is kept with its query, its body, and without secrets', () => {
  const asked = recordedRequest(
    {
      origin: 'http://me:pass@a',
      path: '/x',
      query: { q: 'ä b', token: 'abc' },
      method: 'POST',
      headers: { Cookie: 'abc', 'Content-Type': 'application/json' },
      body: '{"secret":"abc"}',
    },
    (name) => /token|secret|cookie/i.test(name),
  )
  expect(asked).toEqual({
    method: 'POST',
    url: 'http://a/x?q=%C3%A4+b&token=***',
    headers: { cookie: '***', 'content-type': 'application/json' },
    body: { text: '{"secret":"***"}' },
  })
})

test('bodies of text and of bytes come back as they were', () => {
  for (const bytes of [Buffer.from('grün'), Buffer.from([0xff, 0x00, 0x80]), Buffer.alloc(0)])
    expect(bytesOfBody(recordedBody(bytes, (text) => text))).toEqual(bytes)
  expect(recordedBody(Buffer.from([0xff]), (text) => text)).toEqual({ base64: '/w==' })
})

test('a file comes back as it was; one that cannot be used says why', () => {
  const file = {
    version: 1,
    exchanges: [exchange('http://a/x', { body: { base64: '/w==' } })],
    unrecorded: [],
  } as const
  expect(readTraffic(trafficText(file), 'f.json')).toEqual(file)
  expect(() => readTraffic('{', 'f.json')).toThrow('f.json is not JSON')
  expect(() => readTraffic('{"version":2}', 'f.json')).toThrow('f.json has the version 2, and 1 can be read')
  expect(() => readTraffic('[]', 'f.json')).toThrow('version undefined')
  expect(() => readTraffic('{"version":1}', 'f.json')).toThrow('no list of exchanges')
  for (const wrong of [
    null,
    {},
    { request: { method: 'GET', url: 'x', headers: {}, body: 'text' }, response: {} },
  ]) {
    const text = JSON.stringify({ ...file, exchanges: [...file.exchanges, wrong] })
    expect(() => readTraffic(text, 'f.json')).toThrow('exchanges[1] of f.json is none')
  }
})
