/** Redirects by servers that mean ill: they carry no secrets elsewhere, bring none back, and lead to no forbidden place. */
import type { IncomingHttpHeaders } from 'node:http'
import { ConnectionPool, HttpClient, type HttpClientOptions } from 'keepwarm'
import { fetch, interceptors, request } from 'undici'
import { expect, test } from 'vitest'
import { failureOf } from './support/client-tools.ts'
import { startHttp, type TestServer } from './support/servers.ts'

interface Seen {
  readonly server: TestServer
  readonly requests: { url: string; headers: IncomingHttpHeaders }[]
}

/** Redirects to what comes after `?to=`, and says hello to all others. */
async function startRedirecting(): Promise<Seen & AsyncDisposable> {
  const requests: Seen['requests'] = []
  const server = await startHttp((message, response) => {
    const url = message.url!
    requests.push({ url, headers: message.headers })
    const to = new URL(url, 'http://host').searchParams.get('to')
    if (to === null) return void response.end('hello')
    response.writeHead(302, { location: to }).end()
  })
  return { server, requests, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const headers = { authorization: 'Bearer secret', cookie: 'a=secret', 'x-api-key': 'secret' }

function clientOf({ server }: Seen, options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({ baseUrl: server.origin, headers, followRedirects: 5, retry: false, ...options })
}

type Going = (client: HttpClient, path: string) => Promise<string>
const ways: [string, Going][] = [
  ['a call', (client, path) => client.get(path).text()],
  ['fetch', async (client, path) => (await client.fetch(path)).text()],
]

const to = (url: string): string => `/?to=${encodeURIComponent(url)}`

test('fetch of another origin carries none of the client’s headers', async () => {
  await using home = await startRedirecting()
  await using evil = await startRedirecting()
  await using client = clientOf(home)
  await (await client.fetch(`${evil.server.origin}/`)).text()
  expect(JSON.stringify(evil.requests[0]!.headers)).not.toContain('secret')
})

test.each(ways)('the client’s headers stay at home when %s is redirected elsewhere', async (_, go) => {
  await using home = await startRedirecting()
  await using evil = await startRedirecting()
  await using client = clientOf(home)
  expect(await go(client, to(`${evil.server.origin}/`))).toBe('hello')
  expect(home.requests[0]!.headers).toMatchObject(headers)
  expect(JSON.stringify(evil.requests[0]!.headers)).not.toContain('secret')
})

test.each(ways)('nor does a way back from elsewhere bring them back: %s', async (_, go) => {
  await using home = await startRedirecting()
  await using evil = await startRedirecting()
  await using client = clientOf(home)
  expect(await go(client, to(`${evil.server.origin}${to(`${home.server.origin}/delete`)}`))).toBe('hello')
  expect(home.requests.map(({ url }) => url.split('?')[0])).toEqual(['/', '/delete'])
  expect(JSON.stringify(home.requests[1]!.headers)).not.toContain('secret')
})

test.each(ways)('allowedOrigins holds for %s that is redirected', async (_, go) => {
  await using home = await startRedirecting()
  await using evil = await startRedirecting()
  await using client = clientOf(home, { allowedOrigins: [home.server.origin] })
  const error = await failureOf(go(client, to(`${evil.server.origin}/`)))
  expect([error, error.cause]).toContainEqual(expect.objectContaining({ code: 'invalid_request' }))
  expect(evil.requests).toEqual([])
  expect(await go(client, to(`${home.server.origin}/`))).toBe('hello')
})

test('it holds for undici’s redirects over the pool, too', async () => {
  await using home = await startRedirecting()
  await using evil = await startRedirecting()
  await using pool = new ConnectionPool({ allowedOrigins: [home.server.origin] })
  const url = `${home.server.origin}${to(`${evil.server.origin}/`)}`
  expect((await failureOf(fetch(url, { dispatcher: pool }))).cause).toMatchObject({ code: 'invalid_request' })
  const dispatcher = pool.compose(interceptors.redirect({ maxRedirections: 2 }))
  expect(await failureOf(request(url, { dispatcher }))).toMatchObject({ code: 'invalid_request' })
  expect(evil.requests).toEqual([])
})

test.each(ways)('%s is redirected to no file, no script and no password', async (_, go) => {
  await using home = await startRedirecting()
  await using client = clientOf(home)
  const { port } = home.server
  for (const url of [
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:,x',
    `http://me:secret@127.0.0.1:${port}/`,
  ]) {
    const error = await failureOf(go(client, to(url)))
    expect(`${error.message} ${String(error.cause)}`).not.toContain('secret')
  }
  expect(home.requests).toHaveLength(4)
})
