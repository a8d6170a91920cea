import { Readable } from 'node:stream'
import type http from 'node:http'
import { HttpClient, type CallOptions } from 'keepwarm'
import { expect, test } from 'vitest'
import { startHttp, type TestServer } from './support/servers.ts'
import { eventually, soon } from './support/wait.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

type Answer = (request: Seen, response: http.ServerResponse) => void

/** Answers `/to/<status>?<location>` with that redirect, all else with what it saw. */
async function startRedirector(answer?: Answer): Promise<TestServer & { seen: Seen[] }> {
  const seen: Seen[] = []
  const server = await startHttp((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() }
      seen.push(one)
      const [, status, location] = /^\/to\/(\d+)\?(.*)$/.exec(url) ?? []
      if (status === undefined) return answer === undefined ? response.end('there') : answer(one, response)
      response.writeHead(Number(status), { location: decodeURIComponent(location!) }).end('moved')
    })
  })
  return Object.assign(server, { seen })
}

function to(status: number, location: string): string {
  return `/to/${status}?${encodeURIComponent(location)}`
}

test('a redirect is an answer like others unless it is to be followed', async () => {
  await using server = await startRedirector()
  await using client = new HttpClient({ baseUrl: server.origin })
  const response = await client.get(to(302, '/there'))
  expect(response.status).toBe(302)
  await response.discard()
  await expect(client.get(to(302, '/there')).text()).rejects.toMatchObject({ code: 'status', status: 302 })
  expect(server.seen.map(({ url }) => url)).not.toContain('/there')
})

test.each([301, 302, 303, 307, 308])(
  'a GET goes where a %d leads, on the same connection',
  async (status) => {
    await using server = await startRedirector()
    await using client = new HttpClient({ baseUrl: server.origin, followRedirects: true })
    expect(await client.get(to(status, 'there?page=2#part'), { headers: { 'x-own': 'kept' } }).text()).toBe(
      'there',
    )
    expect(server.seen[1]).toMatchObject({
      method: 'GET',
      url: '/to/there?page=2',
      headers: { 'x-own': 'kept' },
    })
    expect(server.total).toBe(1)
  },
)

test.each([
  [301, 'GET', ''],
  [302, 'GET', ''],
  [303, 'GET', ''],
  [307, 'POST', '{"a":1}'],
  [308, 'POST', '{"a":1}'],
])('a POST that is answered %d goes on as %s', async (status, method, body) => {
  await using server = await startRedirector()
  await using client = new HttpClient({ baseUrl: server.origin })
  const call = client.post(to(status, '/there'), { json: { a: 1 }, followRedirects: true })
  expect(await call.text()).toBe('there')
  const [, second] = server.seen
  expect(second).toMatchObject({ method, body })
  expect(second!.headers['content-type']).toBe(body === '' ? undefined : 'application/json')
})

test('a PUT stays a PUT after 301 and 302, and becomes a GET after 303', async () => {
  await using server = await startRedirector()
  await using client = new HttpClient({ baseUrl: server.origin, followRedirects: true })
  for (const status of [301, 302, 303]) await client.put(to(status, '/there'), { body: 'new' }).discard()
  const after = server.seen
    .filter(({ url }) => url === '/there')
    .map(({ method, body }) => `${method} ${body}`)
  expect(after).toEqual(['PUT new', 'PUT new', 'GET '])
})

test('another origin gets no header that may hold a secret, and a way back does not bring them back', async () => {
  await using home = await startRedirector()
  await using abroad = await startRedirector()
  await using client = new HttpClient({
    baseUrl: home.origin.replace('//', '//me:pass@'),
    headers: { 'x-api-key': 'secret', 'user-agent': 'mine' },
    followRedirects: true,
  })
  const back = abroad.origin + to(302, `${home.origin}/there`)
  await client
    .get(to(302, back), { headers: { cookie: 'a=b', 'x-trace': '1', accept: 'text/plain' } })
    .discard()
  expect(home.seen[0]!.headers).toMatchObject({ 'x-api-key': 'secret', cookie: 'a=b', 'x-trace': '1' })
  for (const { headers } of [abroad.seen[0]!, home.seen[1]!]) {
    expect(headers).toMatchObject({ accept: 'text/plain', 'user-agent': 'mine' })
    for (const name of ['authorization', 'x-api-key', 'cookie', 'x-trace'])
      expect(headers).not.toHaveProperty(name)
  }
})

test('endpoints of one service may know the same secrets', async () => {
  await using one = await startRedirector()
  await using two = await startRedirector()
  await using client = new HttpClient({
    baseUrl: [one.origin, two.origin],
    headers: { 'x-api-key': 'secret' },
    followRedirects: true,
  })
  await client.get(to(307, `${two.origin}/there`)).discard()
  const last = [...one.seen, ...two.seen].find(({ url }) => url === '/there')
  expect(last!.headers['x-api-key']).toBe('secret')
})

test.each([
  ['ftp://elsewhere/x', /leads to a ftp: URL/],
  ['http://', /not a URL/],
  ['http://user:pass@elsewhere/', /a user name or password/],
])('a redirect to %s is refused', async (location, why) => {
  await using server = await startRedirector()
  await using client = new HttpClient({ baseUrl: server.origin, followRedirects: true })
  const error = await client
    .get(to(302, location))
    .text()
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'protocol', message: expect.stringMatching(why) })
  expect(String(error)).not.toContain('pass@')
  expect(server.requests).toBe(1)
})

test('a circle ends after as many redirects as are allowed', async () => {
  await using server = await startHttp((_request, response) =>
    response.writeHead(302, { location: '/' }).end(),
  )
  await using client = new HttpClient({ baseUrl: server.origin, followRedirects: 3 })
  await expect(client.get('/').text()).rejects.toThrow(
    'it was redirected more than 3 times (followRedirects)',
  )
  expect(server.requests).toBe(4)
  await expect(client.get('/', { followRedirects: 0 }).text()).rejects.toThrow('more than 0 times')
  await expect(client.get('/', { followRedirects: false }).text()).rejects.toMatchObject({ status: 302 })
})

test('all redirects share one deadline', async () => {
  await using server = await startHttp((_request, response) => {
    setTimeout(() => response.writeHead(302, { location: '/' }).end(), 40)
  })
  await using client = new HttpClient({ baseUrl: server.origin, followRedirects: 1_000, timeout: 300 })
  await expect(soon(client.get('/').text(), 'the deadline', 3_000)).rejects.toMatchObject({
    code: 'deadline',
  })
  const { requests } = server
  expect(requests).toBeGreaterThan(1)
  await eventually(() => client.pool.snapshot().inFlight === 0, 'the end')
  expect(server.requests).toBe(requests)
})

test('a body that is a stream cannot go on after 307; one that can be made again does', async () => {
  await using server = await startRedirector()
  await using client = new HttpClient({ baseUrl: server.origin, followRedirects: true })
  const post = (body: NonNullable<CallOptions['body']>): Promise<string> =>
    client.post(to(307, '/there'), { body }).text()
  await expect(post(Readable.from(['once']))).rejects.toThrow(
    'its body is a stream, which cannot be sent again',
  )
  expect(await post(() => Readable.from(['again', ' and again']))).toBe('there')
  expect(server.seen.at(-1)).toMatchObject({ url: '/there', body: 'again and again' })
})

test('the body of a redirect that does not end is not waited for', async () => {
  await using server = await startHttp((request, response) => {
    if (request.url === '/there') return response.end('there')
    response.writeHead(302, { location: '/there' })
    response.write(Buffer.alloc(200_000))
  })
  await using client = new HttpClient({ baseUrl: server.origin, followRedirects: true })
  expect(await soon(client.get('/').text(), 'the answer', 3_000)).toBe('there')
})

test('a call that is aborted between two redirects goes no further', async () => {
  const abort = new AbortController()
  await using server = await startHttp((request, response) => {
    if (request.url === '/there') return response.end('there')
    abort.abort(new Error('enough'))
    response.writeHead(302, { location: '/there' }).end()
  })
  await using client = new HttpClient({ baseUrl: server.origin, followRedirects: true })
  await expect(client.get('/', { signal: abort.signal }).text()).rejects.toMatchObject({ code: 'aborted' })
  expect(server.requests).toBe(1)
})

test('a response that is streamed is that of the last one', async () => {
  await using server = await startRedirector()
  await using client = new HttpClient({ baseUrl: server.origin, followRedirects: true })
  const response = await client.get(to(302, '/there'))
  expect(response.status).toBe(200)
  expect(await response.text()).toBe('there')
})

test.each([-1, 1.5, 'yes'])('followRedirects: %s is refused', (followRedirects) => {
  expect(() => new HttpClient({ followRedirects: followRedirects as number })).toThrow(/followRedirects/)
})
