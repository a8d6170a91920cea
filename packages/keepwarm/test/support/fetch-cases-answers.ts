/** Answers: statuses, bodies, codings, charsets, headers, and what breaks off; and every way to take a body. */
import zlib from 'node:zlib'
import { packed } from './fetch-cases-packed.ts'
import { chunked, head, http, type Answer } from './fetch-lab.ts'
import { answered, type Case } from './fetch-case.ts'

type Take = (response: Response) => Promise<unknown>

const bytesThenEnd =
  (...parts: readonly Buffer[]): Answer =>
  (socket) => {
    for (const part of parts) socket.write(part)
    socket.end()
  }

const statuses = [
  200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 304, 305, 306, 400, 401, 403, 404, 408, 409,
  410, 418, 425, 429, 451, 500, 502, 503, 504, 599, 600, 999,
]

const read: Readonly<Record<string, Take>> = {
  text: (response) => response.text(),
  json: (response) => response.json(),
  bytes: (response) => response.bytes(),
  arrayBuffer: (response) => response.arrayBuffer(),
  blob: async (response) => {
    const blob = await response.blob()
    return [blob.type, await blob.text()]
  },
  formData: async (response) => [...(await response.formData())],
  body: async (response) => {
    let text = response.body === null ? 'null' : ''
    for await (const part of response.body ?? []) text += Buffer.from(part).toString('latin1')
    return text
  },
  'body with a buffer of its own': async (response) => {
    const reader = response.body!.getReader({ mode: 'byob' })
    let text = ''
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(3))
      if (done) return text
      text += Buffer.from(value).toString('latin1')
    }
  },
  twice: async (response) => {
    await response.text()
    return response.text()
  },
  'text, then body': async (response) => {
    await response.text()
    return [response.bodyUsed, response.body?.locked ?? null]
  },
  'body, then text': async (response) => {
    const { body } = response
    return [body === null, response.bodyUsed, await response.text(), response.bodyUsed, body?.locked ?? null]
  },
  'a reader, then text': async (response) => {
    response.body?.getReader()
    return response.text()
  },
  cancel: async (response) => {
    await response.body?.cancel()
    return [response.bodyUsed, await response.text().catch((error: unknown) => (error as Error).name)]
  },
  clone: async (response) => {
    const twin = response.clone()
    const { status, url, type, redirected } = twin
    return [
      status,
      url.length,
      type,
      redirected,
      [...twin.headers].length,
      await twin.text(),
      await response.text(),
      twin.bodyUsed,
    ]
  },
  'clone after': async (response) => {
    await response.text()
    return response.clone().text()
  },
  'clone of a clone': async (response) => {
    const twin = response.clone()
    return Promise.all([response.json(), twin.clone().text(), twin.bytes()].map((one) => one.then(String)))
  },
  'new Response': async (response) => {
    const again = new Response(response.body, response)
    return [again.status, again.statusText, again.headers.get('content-type'), await again.text()]
  },
  'is a Response': async (response) => [
    Object.prototype.toString.call(response),
    'status' in response,
    Object.keys(response),
    typeof response.headers.get,
  ],
  'headers are immutable': async (response) => {
    const failures = [
      () => response.headers.set('a', 'b'),
      () => response.headers.append('a', 'b'),
      () => response.headers.delete('a'),
    ]
    return failures.map((change) => {
      try {
        change()
        return 'changed'
      } catch (error) {
        return (error as Error).name
      }
    })
  },
}

const fields: Readonly<Record<string, Record<string, string | readonly string[]>>> = {
  cookies: { 'set-cookie': ['a=1; Path=/', 'b=2', 'c=3, 4'] },
  'the same twice': { 'x-a': ['1', '2'], 'X-b': ['3'] },
  latin1: { 'x-a': 'naïve' },
  empty: { 'x-a': '' },
  'white space before': { 'x-a': '  a b' },
  'names of objects': { constructor: 'a', ['__proto__x']: 'b', hasownproperty: 'c' },
  many: Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`x-${index}`, String(index)])),
  'vary and link': { vary: ['a', 'b'], link: '<x>; rel="next"' },
}

export const answers: readonly Case[] = [
  ...statuses.flatMap((status) =>
    ['GET', 'HEAD', 'POST'].map((method) =>
      answered(
        `${method} ${status}`,
        (socket) =>
          void socket.write(
            status === 204 || status === 304 || method === 'HEAD'
              ? head(status, { 'x-a': '1', ...(method === 'HEAD' && { 'content-length': '5' }) })
              : http(status, { 'x-a': '1' }, 'hello'),
          ),
        {
          ask: (fetch, origin) => fetch(origin as never, { method } as never),
          take: read['body']!,
        },
      ),
    ),
  ),
  answered('407', http(407, {}, 'who are you'), {
    differs: '407',
    ours: { caller: { status: 407, body: 'who are you' } },
  }),
  answered('421', http(421, {}, 'not here'), {
    differs: '421',
    ours: { caller: { status: 421, body: 'not here' }, server: [{}] },
  }),
  answered('no reason phrase', http(200, {}, 'x', '')),
  answered('a reason phrase beyond ASCII', http(200, {}, 'x', 'naïve')),
  ...[100, 102, 103].map((status) =>
    answered(`${status} before`, Buffer.concat([head(status, { link: 'x' }), http(200, {}, 'then')])),
  ),
  answered('101 that nobody asked for', bytesThenEnd(head(101, { upgrade: 'x', connection: 'upgrade' }))),
  ...Object.entries(read)
    .flatMap(([name, take]) => [
      answered(`${name} of JSON`, http(200, { 'content-type': 'application/json' }, '{"a":[1,"ž"]}'), {
        take,
      }),
      answered(`${name} of nothing`, http(200, { 'content-type': 'text/plain;charset=utf-8' }), { take }),
      answered(
        `${name} of a form`,
        http(200, { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b&c=d%20e'),
        { take },
      ),
      answered(
        `${name} in chunks`,
        chunked(
          200,
          { 'content-type': 'multipart/form-data; boundary=X' },
          '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
          'b\r\n--X--\r\n',
        ),
        { take },
      ),
      answered(
        `${name} of packed JSON`,
        http(
          200,
          { 'content-type': 'application/json', 'content-encoding': 'gzip' },
          zlib.gzipSync('{"a":1}'),
        ),
        { take },
      ),
      answered(`${name} of 204`, head(204, {}), { take }),
    ])
    .filter(({ name }) => name !== 'body with a buffer of its own of 204'),
  ...packed,
  answered('white space behind a value', http(200, { 'x-a': '  a b \t' }), {
    differs: 'white space behind a value',
    ours: {
      caller: {
        headers: [
          ['content-length', '0'],
          ['x-a', 'a b'],
        ],
      },
    },
  }),
  ...Object.entries(fields).map(([name, headers]) => answered(`headers: ${name}`, http(200, headers, 'x'))),
  answered('a large body', http(200, {}, 'x'.repeat(500_000)), {
    take: async (response) => (await response.text()).length,
  }),
  answered('a large body as a stream', http(200, {}, 'x'.repeat(500_000)), {
    take: async (response) => ((await read['body']!(response)) as string).length,
  }),
  answered('a large body, cloned', http(200, {}, 'x'.repeat(200_000)), {
    take: async (response) =>
      Promise.all([response.clone().text(), response.text()].map(async (one) => (await one).length)),
  }),
  answered('until the connection ends', bytesThenEnd(head(200, {}), Buffer.from('all of it'))),
  answered('HTTP/1.0', bytesThenEnd(Buffer.from('HTTP/1.0 200 OK\r\n\r\nold'))),
  answered('connection: close', bytesThenEnd(http(200, { connection: 'close' }, 'bye'))),
  answered(
    'trailers',
    Buffer.concat([
      head(200, { 'transfer-encoding': 'chunked', trailer: 'x-t' }),
      Buffer.from('1\r\na\r\n0\r\nx-t: 1\r\n\r\n'),
    ]),
  ),
  ...['text', 'json', 'bytes', 'blob', 'body', 'clone'].flatMap((take) => [
    answered(
      `${take}: ends before its length`,
      bytesThenEnd(head(200, { 'content-length': '10' }), Buffer.from('half')),
      { take: read[take]! },
    ),
    answered(
      `${take}: ends within a chunk`,
      bytesThenEnd(head(200, { 'transfer-encoding': 'chunked' }), Buffer.from('5\r\nha')),
      { take: read[take]! },
    ),
    answered(
      `${take}: reset in the middle`,
      (socket) => {
        socket.write(Buffer.concat([head(200, { 'content-length': '10' }), Buffer.from('half')]), () =>
          setTimeout(() => socket.resetAndDestroy(), 5),
        )
      },
      { take: read[take]! },
    ),
    answered(
      `${take}: not a chunk`,
      bytesThenEnd(head(200, { 'transfer-encoding': 'chunked' }), Buffer.from('zz\r\n')),
      { take: read[take]! },
    ),
  ]),
  answered('ends without an answer', (socket) => void socket.end()),
  answered('resets without an answer', (socket) => void socket.resetAndDestroy()),
  answered('half a head', bytesThenEnd(Buffer.from('HTTP/1.1 200 OK\r\nx-a'))),
  answered('not HTTP', bytesThenEnd(Buffer.from('hello\r\n\r\n'))),
  answered('two lengths', bytesThenEnd(head(200, { 'content-length': ['1', '2'] }), Buffer.from('ab'))),
  answered('a head that is too large', bytesThenEnd(head(200, { 'x-a': 'a'.repeat(20_000) }))),
]
