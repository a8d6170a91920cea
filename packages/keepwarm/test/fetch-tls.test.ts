/** Over TLS, HTTP/1.1 and HTTP/2: undici's fetch and ours, as the server and the caller see them. */
import type http2 from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import zlib from 'node:zlib'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HttpClient } from '../src/client/http-client.ts'
import { bodyOf } from './support/client-tools.ts'
import { seen, type AnyFetch } from './support/fetch-lab.ts'
import { startH2, startHttps, trust, type TestServer } from './support/servers.ts'

interface Told {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

let told: Told[] = []

/** By the path: a status, a coding, a redirect; and what it got, as JSON. */
async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = incoming
  const body = await bodyOf(incoming)
  told.push({ method, url, headers: shown(headers), body })
  const [, what = '', value = ''] = url.split('/')
  response.setHeader('content-type', 'application/json')
  response.setHeader('set-cookie', ['a=1', 'b=2'])
  const text = JSON.stringify({ method, url, body })
  if (what === 'status') return void response.writeHead(Number(value)).end(value === '204' ? undefined : text)
  if (what === 'redirect') return void response.writeHead(Number(value), { location: '/end' }).end('moved')
  if (what === 'large') return void response.end('x'.repeat(300_000))
  if (what === 'break') {
    response.write('half')
    return void setTimeout(() => response.destroy(), 20)
  }
  if (what === 'br') {
    response.setHeader('content-encoding', 'br')
    return void response.end(zlib.brotliCompressSync(text))
  }
  response.end(text)
}

/** Without what the two send by themselves: docs/fetch.md has the list. */
function shown(headers: IncomingMessage['headers']): Record<string, unknown> {
  const own = [
    'host',
    ':authority',
    'accept-language',
    'sec-fetch-mode',
    'user-agent',
    'accept-encoding',
    'connection',
  ]
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)))
}

const text = (response: Response): Promise<unknown> => response.text()
const cases: Readonly<
  Record<string, readonly [path: string, init?: (() => object) | undefined, take?: typeof text]>
> = {
  GET: ['/a?b=c'],
  HEAD: ['/a', () => ({ method: 'HEAD' })],
  headers: ['/a', () => ({ headers: { 'X-A': 'ä', cookie: 'a=1; b=2', accept: 'a/b' } })],
  'POST text': ['/a', () => ({ method: 'POST', body: 'žluť' })],
  'POST nothing': ['/a', () => ({ method: 'POST' })],
  'PUT bytes': ['/a', () => ({ method: 'PUT', body: new Uint8Array(100_000).fill(97) })],
  'PATCH a form': ['/a', () => ({ method: 'PATCH', body: new URLSearchParams({ a: 'b' }) })],
  'POST a Blob': ['/a', () => ({ method: 'POST', body: new Blob(['blob'], { type: 'a/b' }) })],
  'POST a stream': ['/a', () => ({ method: 'POST', body: new Blob(['stream']).stream(), duplex: 'half' })],
  'DELETE with a body': ['/a', () => ({ method: 'DELETE', body: 'gone' })],
  JSON: ['/a', undefined, (response) => response.json()],
  'a clone': ['/a', undefined, async (response) => [await response.clone().text(), await response.text()]],
  204: ['/status/204', undefined, async (response) => [response.body, await response.text()]],
  404: ['/status/404'],
  500: ['/status/500', () => ({ method: 'POST', body: 'x' })],
  br: ['/br'],
  large: ['/large', undefined, async (response) => (await response.text()).length],
  'breaks off': ['/break'],
  ...Object.fromEntries(
    [301, 303, 307].map((status) => [
      `${status} POST`,
      [`/redirect/${status}`, () => ({ method: 'POST', body: 'x' })],
    ]),
  ),
  'by hand': ['/redirect/302', () => ({ redirect: 'manual' })],
  'as an error': ['/redirect/302', () => ({ redirect: 'error' })],
}

describe.each(['HTTP/1.1', 'HTTP/2'])('%s', (version) => {
  let server: TestServer
  let client: HttpClient
  let agent: Agent
  beforeAll(async () => {
    if (version === 'HTTP/2') {
      server = await startH2(() => {})
      server.server.on(
        'request',
        (incoming: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => {
          void answer(incoming as never, response as never)
        },
      )
    } else server = await startHttps((incoming, response) => void answer(incoming, response))
    client = new HttpClient({ connect: trust, retry: false, breaker: false })
    agent = new Agent({ connect: trust })
  })
  afterAll(async () => {
    await client.destroy()
    await agent.destroy()
    await server[Symbol.asyncDispose]()
  })

  test.each(Object.entries(cases))('%s', async (_, [path, init = () => ({}), take = text]) => {
    const outcome = async (fetch: AnyFetch): Promise<unknown> => {
      told = []
      const work = fetch(`${server.origin}${path}` as never, init() as never)
      const caller = (await seen(work, server.origin, take)) as { headers?: [string, string][] }
      caller.headers =
        caller.headers?.filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)) ?? []
      return { caller, server: told }
    }
    const theirs = await outcome(((input: never, more: object) =>
      undiciFetch(input, { ...more, dispatcher: agent })) as unknown as AnyFetch)
    expect(await outcome(client.fetch as AnyFetch)).toEqual(theirs)
  })
})
