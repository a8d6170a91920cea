/** One line in any app: node:http, Express and Fastify. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import {
  connect,
  createSecureServer,
  type ClientHttp2Stream,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { HttpClient } from 'keepwarm'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { makeDashboard, type Dashboard } from '../src/handler/dashboard.ts'
import type { DashboardOptions } from '../src/handler/options.ts'
import { ask } from './support/handler-lab.ts'
import { ToldProcess } from './support/handler-observed.ts'
import { EventStream } from './support/handler-stream.ts'
import { eventually } from './support/handler-wait.ts'

function board(options: DashboardOptions = {}, client?: HttpClient): { board: Dashboard; told: ToldProcess } {
  const told = new ToldProcess()
  const find = (): HttpClient | undefined => client
  return { told, board: makeDashboard({ observed: told, find }, { runtime: told.runtime, ...options }) }
}

async function serving(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** What a page finds that stands at `at`, by links that are relative to it. */
async function expectWhole(at: string): Promise<void> {
  const bare = await ask(at)
  expect([at, bare.status]).toEqual([at, 308])
  const page = new URL(bare.headers.location ?? '', at)
  expect(page.href).toBe(`${at}/`)
  expect([200, 503]).toContain((await ask(page.href)).status)
  expect((await ask(new URL('snapshot.json', page).href)).json).toMatchObject({ process: { name: 'shop' } })
  expect((await ask(new URL('health/live', page).href)).status).toBe(200)
  const stream = await EventStream.open(new URL('events', page).href)
  await eventually(() => stream.ticks.length > 0, 'a tick')
  stream.close()
}

test('node:http: below a path of an app that has others', async () => {
  const { board: shown } = board({ mount: '/ops/dashboard' })
  const app: RequestListener = (request, response) =>
    shown.handle(request, response, () => void response.end('the app'))
  const { server, url } = await serving(app)
  await expectWhole(`${url}/ops/dashboard`)
  expect((await ask(`${url}/`)).text).toBe('the app')
  expect((await ask(`${url}/ops/dashboards`)).text).toBe('the app')
  await shown.close()
  server.closeAllConnections()
  server.close()
})

/** What Express 5 does with `app.use('/dashboard', handle)`: takes the mount away, and keeps what came. */
function use(mount: string, handle: Dashboard['handle']): RequestListener {
  return (
    request: IncomingMessage & { originalUrl?: string; baseUrl?: string },
    response: ServerResponse,
  ) => {
    const { url = '/' } = request
    if (url !== mount && !url.startsWith(`${mount}/`) && !url.startsWith(`${mount}?`))
      return response.end('the app')
    const rest = url.slice(mount.length)
    Object.assign(request, {
      originalUrl: url,
      baseUrl: mount,
      url: rest.startsWith('/') ? rest : `/${rest}`,
    })
    return handle(request, response, () => void response.end('the next one'))
  }
}

test('Express: app.use(path, handle)', async () => {
  const { board: shown } = board()
  const { server, url } = await serving(use('/dashboard', shown.handle))
  await expectWhole(`${url}/dashboard`)
  await shown.close()
  server.closeAllConnections()
  server.close()
})

test('Express: a token leads to the clean path below the mount, and the cookie is for it', async () => {
  const token = 'a-token-of-sufficient-length'
  const { board: shown } = board({ token })
  const { server, url } = await serving(use('/dashboard', shown.handle))
  const moved = await ask(`${url}/dashboard?token=${token}`)
  expect([moved.status, moved.headers.location]).toEqual([303, './dashboard/'])
  expect(moved.headers['set-cookie']?.[0]).toContain('Path=/dashboard;')
  await shown.close()
  server.close()
})

test('a body that a framework has read is taken from it', async () => {
  await using client = new HttpClient({ name: 'search', baseUrl: 'http://127.0.0.1:9' })
  const { board: shown } = board({ admin: true }, client)
  const { server, url } = await serving((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      Object.assign(request, { body: JSON.parse(Buffer.concat(chunks).toString()) as unknown })
      shown.handle(request, response)
    })
  })
  expect((await force(`${url}/admin/breakers`)).status).toBe(200)
  await shown.close()
  server.close()
})

test('Fastify 5: register(fastify, { prefix })', async () => {
  await using client = new HttpClient({ name: 'search', baseUrl: 'http://127.0.0.1:9' })
  const { board: shown } = board({ admin: true }, client)
  const app = fastify()
  app.get('/', () => 'the app')
  await app.register(shown.fastify, { prefix: '/dashboard' })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  await expectWhole(`${url}/dashboard`)
  expect((await ask(`${url}/`)).text).toBe('the app')
  expect((await force(`${url}/dashboard/admin/breakers`)).status).toBe(200)
  expect((await ask(`${url}/dashboard/snapshot.json`, { method: 'HEAD' })).status).toBe(200)
  await app.close()
})

test('Fastify: an app that closes is not kept waiting by those who watch', async () => {
  const { board: shown } = board()
  const app = fastify()
  await app.register(shown.fastify, { prefix: '/dashboard' })
  const stream = await EventStream.open(
    `${await app.listen({ port: 0, host: '127.0.0.1' })}/dashboard/events`,
  )
  await eventually(() => stream.ticks.length > 0, 'a tick')
  await app.close()
  await eventually(() => stream.ended, 'the end')
})

test('HTTP/2: the same handler, and a server that closes is not kept waiting', async () => {
  const { board: shown, told } = board()
  const support = new URL('../../keepwarm/test/support/', import.meta.url)
  const [key, cert] = ['key', 'cert'].map((what) => readFileSync(new URL(`test-only-${what}.pem`, support)))
  const handler = shown.handle as unknown as (
    request: Http2ServerRequest,
    response: Http2ServerResponse,
  ) => void
  const server = createSecureServer({ key: key!, cert: cert! }, handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`https://localhost:${(server.address() as AddressInfo).port}`, { ca: cert! })
  const open = async (path: string): Promise<ClientHttp2Stream> => {
    const stream = session.request({ ':path': path })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect([path, headers[':status']]).toEqual([path, 200])
    return stream
  }
  expect(await text(await open('/snapshot.json'))).toContain('shop')
  const stream = await open('/events')
  const whole = text(stream)
  await eventually(() => shown.watchers === 1, 'somebody watches')
  const closed = once(server, 'close')
  server.close()
  session.close()
  await told.runtime.run(1_000)
  expect(await whole).toContain('event: tick')
  await closed
})

function force(url: string): ReturnType<typeof ask> {
  const headers = { 'content-type': 'application/json', 'x-keepwarm-admin': '1' }
  return ask(url, { method: 'POST', headers, body: JSON.stringify({ client: 'search', to: 'open' }) })
}
