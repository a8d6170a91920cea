/** Several clients over real connections: a limit that they share, changes while they work, and one end for all. */
import type { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ConfigError } from '../src/errors.ts'
import { createClients } from '../src/client/named/clients.ts'
import { startHttp, startHttps, testOnly } from './support/servers.ts'
import { eventually } from './support/wait.ts'

type Answer = () => void

/** A server that answers when the test says so. */
async function startHeld(): Promise<
  Awaited<ReturnType<typeof startHttp>> & { held: Answer[]; release(): void }
> {
  const held: Answer[] = []
  const server = await startHttp((_request, response) => void held.push(() => response.end('ok')))
  return Object.assign(server, { held, release: () => held.splice(0).forEach((answer) => answer()) })
}

test('clients that share a pool share its limit', async () => {
  await using server = await startHeld()
  await using clients = createClients(
    {
      defaults: { pool: 'shared' },
      pool: { maxConnections: 2 },
      clients: { search: { baseUrl: server.origin }, orders: { baseUrl: server.origin } },
    },
    {},
  )
  const { search, orders } = clients
  const calls = [1, 2, 3].flatMap(() => [search.get('/').text(), orders.get('/').text()])
  for (let answered = 0; answered < 6; answered += 2) {
    await eventually(() => server.held.length === 2, 'two are asked')
    server.release()
  }
  expect(await Promise.all(calls)).toEqual(Array(6).fill('ok'))
  expect(server.peak).toBe(2)
  expect(search.getMetrics().total_requests).toBe(3)
})

test('more connections are there at once, for those who wait already', async () => {
  await using server = await startHeld()
  await using clients = createClients({ a: { baseUrl: server.origin, maxConnections: 1 } }, {})
  const calls = [1, 2, 3].map(() => clients.a.get('/').text())
  await eventually(() => server.held.length === 1, 'one is asked')
  clients.update({ a: { maxConnections: 3 } })
  await eventually(() => server.held.length === 3, 'all are asked')
  server.release()
  expect(await Promise.all(calls)).toEqual(['ok', 'ok', 'ok'])
})

test('a new timeout is for calls that begin from now on, those of fetch and of dispatch among them', async () => {
  await using server = await startHeld()
  await using clients = createClients({ a: { baseUrl: server.origin, retry: false } }, {})
  const { fetch } = clients.a
  const before = clients.a.get('/').text()
  await eventually(() => server.held.length === 1, 'it is asked')
  clients.update({ a: { timeout: 50 } })
  await expect(clients.a.get('/').text()).rejects.toMatchObject({ code: 'deadline' })
  await expect(fetch(`${server.origin}/`)).rejects.toThrow()
  server.release()
  expect(await before).toBe('ok')
})

test('new retries hold, and a size', async () => {
  let left = 2
  await using server = await startHttp((_request, response) => {
    response.writeHead(left-- > 0 ? 503 : 200).end('too long')
  })
  await using clients = createClients({ a: { baseUrl: server.origin, retry: false } }, {})
  await expect(clients.a.get('/').text()).rejects.toMatchObject({ code: 'status' })
  clients.update({ a: { retry: { attempts: 2, throttledBase: 0, base: 0 }, maxResponseBytes: 4 } })
  await expect(clients.a.get('/').text()).rejects.toMatchObject({ code: 'body_too_large' })
  expect(server.requests).toBe(3)
})

test('where redirects lead is followed from then on', async () => {
  await using server = await startHttp((request, response) => {
    const moved = request.url === '/old'
    response.writeHead(moved ? 302 : 200, moved ? { location: '/new' } : {}).end(moved ? 'old' : 'new')
  })
  await using clients = createClients({ a: { baseUrl: server.origin } }, {})
  await expect(clients.a.get('/old').text()).rejects.toMatchObject({ status: 302 })
  clients.update({ a: { followRedirects: true } })
  expect(await clients.a.get('/old').text()).toBe('new')
})

test('where something is wrong with one client, no other dials', async () => {
  await using server = await startHttp()
  const well = { baseUrl: server.origin, warmUp: 2, healthChecks: true }
  expect(() => createClients({ well, ill: { timeout: -1 } }, {})).toThrow(ConfigError)
  expect(() => createClients({ well, ill: {} }, { ILL_HTTP_CLIENT_MAX_QUEUE: 'x' })).toThrow(ConfigError)
  await using clients = createClients({ well }, {})
  await eventually(() => clients.well.pool.snapshot().idle >= 2 && server.total >= 2, 'it is warm')
  expect(server.total).toBe(2)
})

test('all are closed together, after what is under way', async () => {
  await using server = await startHeld()
  const clients = createClients(
    { clients: { a: { baseUrl: server.origin }, b: { baseUrl: server.origin, pool: 'shared' } } },
    {},
  )
  const calls = [clients.a.get('/').text(), clients.b.get('/').text()]
  await eventually(() => server.held.length === 2, 'both are asked')
  const closed = clients.close()
  server.release()
  expect(await Promise.all(calls)).toEqual(['ok', 'ok'])
  await closed
  await eventually(() => server.open === 0, 'no socket is left')
  expect(clients.pool?.closed).toBe(true)
})

test('what goes wrong at one end does not keep the others from theirs', async () => {
  const clients = createClients({ a: {}, b: {}, c: {} }, {})
  for (const name of ['a', 'b'] as const)
    Object.defineProperty(clients[name], 'close', { value: () => Promise.reject(new Error(name)) })
  await expect(clients.close()).rejects.toMatchObject({ errors: [{ message: 'a' }, { message: 'b' }] })
  await expect(clients.c.get('http://127.0.0.1:1').text()).rejects.toMatchObject({ code: 'closed' })
})

test('each is asked how it is, and what it came to', async () => {
  await using server = await startHttp()
  await using clients = createClients({ a: { baseUrl: server.origin }, b: {} }, {})
  await clients.a.get('/').text()
  expect(Object.keys(clients.health())).toEqual(['a', 'b'])
  expect(clients.health().a.status).toBe('healthy')
  expect(clients.snapshot()).toMatchObject({
    a: { name: 'a', calls: { started: 1 }, settings: { envPrefix: 'A_HTTP_CLIENT' } },
    b: { calls: { started: 0 } },
  })
})

test('files named by variables are what TLS goes by: the authority, and the certificate of the client', async () => {
  const file = (name: string): string =>
    fileURLToPath(new URL(`support/test-only-${name}.pem`, import.meta.url))
  await using server = await startHttps(
    (request, response) => {
      const { authorized } = request.socket as TLSSocket
      response.end(String(authorized))
    },
    { requestCert: true, rejectUnauthorized: false, ca: testOnly.cert },
  )
  const trusting = { A_HTTP_CLIENT_CA_FILE: file('cert') }
  const known = { B_HTTP_CLIENT_CA_FILE: file('cert'), B_HTTP_CLIENT_CLIENT_CERT_FILE: file('cert') }
  const env = { ...trusting, ...known, B_HTTP_CLIENT_CLIENT_KEY_FILE: file('key') }
  const { origin: baseUrl } = server
  await using clients = createClients({ a: { baseUrl }, b: { baseUrl }, c: { baseUrl } }, env)
  expect(await clients.a.get('/').text()).toBe('false')
  expect(await clients.b.get('/').text()).toBe('true')
  await expect(clients.c.get('/').text()).rejects.toMatchObject({ code: 'connect' })
})
