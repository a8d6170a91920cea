/** Requests: methods, headers, bodies, and `Request` objects. The server answers `hello`. */
import { request, to, type Case, type Kind } from './fetch-case.ts'

const methods = [
  'GET',
  'get',
  'Post',
  'put',
  'DELETE',
  'head',
  'OPTIONS',
  'options',
  'PATCH',
  'patch',
  'CHICKEN',
  'chicken',
  'TRACE',
  'connect',
  'tRaCk',
  'a b',
  '',
  'PÖST',
  7,
  null,
]

const headers: Readonly<Record<string, unknown>> = {
  'a record': { 'X-A': '1', 'x-b': 'two' },
  pairs: [
    ['x-a', '1'],
    ['x-b', 'two'],
  ],
  'the same name twice': [
    ['x-a', '1'],
    ['X-A', '2'],
  ],
  'cookies twice': [
    ['cookie', 'a=1'],
    ['Cookie', 'b=2'],
  ],
  'names that differ in case': { 'x-a': '1', 'X-A': '2' },
  'white space around': { 'x-a': ' \t 1 \t', 'x-b': '\r\n2' },
  'empty value': { 'x-a': '' },
  'a number': { 'x-a': 5 },
  null: { 'x-a': null },
  undefined: { 'x-a': undefined },
  'latin1 value': { 'x-a': 'naïve' },
  'a value beyond latin1': { 'x-a': 'žluť' },
  'a line break within': { 'x-a': 'a\r\nb: c' },
  'a NUL': { 'x-a': 'a\0b' },
  'no name': { '': 'x' },
  'a name with a space': { 'x a': 'x' },
  'a name with an umlaut': { 'x-ä': 'x' },
  'one that objects know': { constructor: 'a', tostring: 'b' },
  'a pair of three': [['a', 'b', 'c']],
  'a pair of one': [['a']],
  'not pairs': ['ab'],
  'a string': 'x-a: 1',
  'a Map': new Map([['x-a', '1']]),
  'headers: null': null,
  host: { host: 'example.com' },
  accept: { accept: 'application/json' },
  'user-agent': { 'User-Agent': 'me' },
  'accept-encoding': { 'accept-encoding': 'identity' },
  'accept-language': { 'accept-language': 'de' },
  range: { range: 'bytes=0-4' },
  'if-none-match': { 'if-none-match': '"a"' },
  'if-none-match and cache-control': { 'if-none-match': '"a"', 'cache-control': 'max-age=3' },
  'connection: close': { connection: 'close' },
  'keep-alive': { 'keep-alive': 'timeout=5' },
  'transfer-encoding': { 'transfer-encoding': 'chunked' },
  upgrade: { upgrade: 'x' },
  expect: { expect: '100-continue' },
  'content-length without a body': { 'content-length': '5' },
  'set-cookie': [
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ],
}

/** Made anew for each of the two. */
const bodies: Readonly<Record<string, (kind: Kind) => unknown>> = {
  string: () => 'text',
  'empty string': () => '',
  unicode: () => 'žluťoučký 🐎',
  'a lone surrogate': () => 'a\ud800b',
  bytes: () => new Uint8Array([1, 2, 0, 255]),
  'no bytes': () => new Uint8Array(0),
  'a part of a buffer': () => Buffer.from('0123456789').subarray(2, 5),
  DataView: () => new DataView(new ArrayBuffer(4), 1, 2),
  Float64Array: () => new Float64Array([1.5]),
  ArrayBuffer: () => new Uint8Array([9, 8]).buffer,
  URLSearchParams: () => new URLSearchParams({ a: 'b c', d: 'é&' }),
  Blob: () => new Blob(['blob'], { type: 'text/csv' }),
  'Blob without a type': () => new Blob(['blob', 'by']),
  'an empty Blob': () => new Blob([]),
  FormData: ({ FormData: Form }) => {
    const form = new Form()
    form.append('a', 'b')
    form.append('line\nbreak"', 'x\ny\r\nz')
    form.append('file', new Blob(['content'], { type: 'text/plain' }), 'a "name".txt')
    form.append('file', new Blob(['typeless']), 'ž.bin')
    return form
  },
  'an empty FormData': ({ FormData: Form }) => new Form(),
  number: () => 5,
  object: () => ({ a: 1 }),
  'an array': () => [1, 2],
  null: () => null,
  undefined: () => undefined,
  false: () => false,
}

const streams: Readonly<Record<string, () => unknown>> = {
  ReadableStream: () => new Blob(['one', 'two']).stream(),
  'an empty ReadableStream': () => new ReadableStream({ start: (controller) => controller.close() }),
  'a generator of text': async function* () {
    yield 'one'
    yield 'ž'
  },
  'an empty part in between': () =>
    new ReadableStream({
      start(controller) {
        for (const part of ['a', '', 'b']) controller.enqueue(Buffer.from(part))
        controller.close()
      },
    }),
  'a generator': async function* () {
    yield new Uint8Array([97])
    yield new Uint8Array([98, 99])
  },
}
const broken: Readonly<Record<string, () => unknown>> = {
  'a generator that throws': async function* () {
    yield new Uint8Array([97])
    throw new RangeError('no more')
  },
  'a generator that throws at once': async function* () {
    yield await Promise.reject(new RangeError('none'))
  },
  'a stream that errors': () =>
    new ReadableStream({
      pull: (controller) => controller.error(new RangeError('broken')),
    }),
  'a stream that is aborted': () =>
    new ReadableStream({
      pull: (controller) => controller.error(new DOMException('left', 'AbortError')),
    }),
}
const made = (make: () => unknown): unknown => make()
const locked = (): ReadableStream => {
  const stream = new Blob(['x']).stream()
  stream.getReader()
  return stream
}

export const requests: readonly Case[] = [
  ...methods.map((method) => to(`method ${JSON.stringify(method)}`, { method })),
  ...Object.entries(headers).map(([name, value]) => to(`headers: ${name}`, { headers: value })),
  request('headers: Headers', (origin, { Headers: H }) => [origin, { headers: new H({ b: '2', A: '1' }) }]),
  request('headers: Headers with a cookie list', (origin, { Headers: H }) => [
    origin,
    {
      headers: new H([
        ['cookie', 'a'],
        ['cookie', 'b'],
      ]),
    },
  ]),
  ...Object.entries(bodies).flatMap(([name, make]) =>
    ['POST', 'PUT', 'DELETE', 'GET'].map((method) =>
      request(`${method} with ${name}`, (origin, kind) => [origin, { method, body: make(kind) }]),
    ),
  ),
  ...Object.entries(bodies).map(([name, make]) =>
    request(`content-type of its own with ${name}`, (origin, kind) => [
      origin,
      { method: 'POST', body: make(kind), headers: { 'Content-Type': 'a/b' } },
    ]),
  ),
  ...Object.entries(streams).flatMap(([name, make]) => [
    to(`POST with ${name}`, () => ({ method: 'POST', body: made(make), duplex: 'half' })),
    to(`${name} without duplex`, () => ({ method: 'POST', body: made(make) })),
  ]),
  to('a generator with a length', () => ({
    method: 'POST',
    body: made(streams['a generator']!),
    duplex: 'half',
    headers: { 'content-length': '3' },
  })),
  ...Object.entries(broken).map(([name, make]) =>
    to(name, () => ({ method: 'POST', body: made(make), duplex: 'half' }), {
      answer: (socket) => void socket.end(),
    }),
  ),
  ...Object.entries(streams).map(([name, make]) =>
    to(`${name} with keepalive`, () => ({
      method: 'POST',
      body: made(make),
      duplex: 'half',
      keepalive: true,
    })),
  ),
  to('a locked stream', () => ({ method: 'POST', body: locked(), duplex: 'half' })),
  ...Object.entries(bodies)
    .filter(([name]) => !['object', 'an array'].includes(name))
    .map(([name, make]) =>
      request(
        `a Request with ${name}`,
        (origin, kind) => [
          new kind.Request(`${origin}/r?q#f`, {
            method: 'POST',
            body: make(kind) as never,
            headers: { 'x-a': '1' },
          }),
        ],
        /Blob|FormData/.test(name) ? { length: 'perhaps' } : {},
      ),
    ),
  request('a Request, other options', (origin, { Request: R }) => [
    new R(origin, { method: 'PUT', body: 'a', headers: { a: '1' } }),
    { method: 'POST', headers: { b: '2' } },
  ]),
  request('a Request, another body', (origin, { Request: R }) => [
    new R(origin, { method: 'PUT', body: 'a' }),
    { body: 'b' },
  ]),
  request('a Request, GET with its body', (origin, { Request: R }) => [
    new R(origin, { method: 'PUT', body: 'a' }),
    { method: 'GET' },
  ]),
  request('a Request, redirect and cache', (origin, { Request: R }) => [
    new R(origin, { redirect: 'manual', cache: 'no-store' }),
  ]),
  request(
    'a Request with an integrity',
    (origin, { Request: R }) => [
      new R(origin, { integrity: 'sha256-AAAAul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' }),
    ],
    { rare: true },
  ),
  {
    ...request('a Request that was used', () => [undefined]),
    async ask(fetch, origin, { Request: R }) {
      const asked = new R(origin, { method: 'POST', body: 'a' })
      await (await fetch(asked as never)).text()
      return fetch(asked as never)
    },
  },
  {
    ...request('a Request is used up', () => [undefined]),
    async ask(fetch, origin, { Request: R }) {
      const asked = new R(origin, { method: 'POST', body: 'a' })
      const response = await fetch(asked as never)
      if (!asked.bodyUsed) throw new Error('it is not')
      return response
    },
  },
]
