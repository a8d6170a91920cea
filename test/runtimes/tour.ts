/**
 * A tour of what a service does with the library, in any runtime: it imports nothing but `keepwarm`, undici and Node's
 * own modules, and prints one line of JSON, what came of each step: "ok", or what went wrong. `scripts/runtimes.ts`
 * runs it from the packed library under other runtimes, `package-runtime.test.ts` from the sources under Node's own
 * restrictions.
 */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import {
  ConnectionPool,
  HttpClient,
  HTTPClientConfig,
  createClients,
  observe,
  prometheusText,
} from 'keepwarm'
import { RetryBudget } from 'keepwarm/policies'
import { simulate } from 'keepwarm/testing'
import { request } from 'undici'

let visits = 0

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  if (incoming.url === '/busy' && visits++ === 0) return void response.writeHead(503).end()
  if (incoming.url === '/never') return
  if (incoming.url === '/lines') return void response.end('{"n":1}\n{"n":2}\n')
  if (incoming.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    return void response.end('data: one\n\n')
  }
  response.setHeader('content-encoding', 'gzip')
  response.end(gzipSync(JSON.stringify({ method: incoming.method, body: Buffer.concat(chunks).toString() })))
}

const server = createServer((incoming, response) => void answer(incoming, response))
await once(server.listen(0, '127.0.0.1'), 'listening')
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const client = new HttpClient({ baseUrl, retry: { base: 1 }, name: 'tour' })

const steps: Readonly<Record<string, () => Promise<void> | void>> = {
  'JSON out and in': async () =>
    deepEqual(await client.post('/', { json: { a: 1 } }).json(), { method: 'POST', body: '{"a":1}' }),
  'a stream out': async () => {
    const body = new Blob(['in ', 'parts']).stream()
    deepEqual(await client.put('/', { body }).json(), { method: 'PUT', body: 'in parts' })
  },
  'a retry': async () => equal(await client.get('/busy').text(), '{"method":"GET","body":""}'),
  'lines in': async () => {
    const read: unknown[] = []
    for await (const line of client.get('/lines').ndjson()) read.push(line)
    deepEqual(read, [{ n: 1 }, { n: 2 }])
  },
  'server-sent events in': async () => {
    const events = client.get('/events').events()
    const { value } = await events.next()
    equal(value?.data, 'one')
    await events.return(undefined)
  },
  'a deadline': async () => equal(await codeOf(client.get('/never', { timeout: 50 }).text()), 'deadline'),
  'an abort': async () =>
    equal(await codeOf(client.get('/never', { signal: AbortSignal.timeout(50) }).text()), 'aborted'),
  'a refused connection': async () => {
    await using lost = new HttpClient({ baseUrl: 'http://127.0.0.1:1', retry: { attempts: 1 } })
    equal(await codeOf(lost.get('/').text()), 'connect')
  },
  'client.fetch': async () => {
    const response = await client.fetch(`${baseUrl}/`, {
      method: 'POST',
      body: new URLSearchParams({ a: '1' }),
    })
    deepEqual(await response.json(), { method: 'POST', body: 'a=1' })
  },
  "the client under undici's request": async () =>
    equal((await request(`${baseUrl}/lines`, { dispatcher: client })).statusCode, 200),
  'a pool': async () => {
    await using pool = new ConnectionPool({
      maxConnections: 2,
      maxConnectionsPerOrigin: 2,
      maxIdleConnections: 2,
    })
    const answers = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const { body } = await request(`${baseUrl}/lines`, { dispatcher: pool })
        return body.text()
      }),
    )
    deepEqual(new Set(answers), new Set(['{"n":1}\n{"n":2}\n']))
    equal(pool.snapshot().counters.opened, 2)
  },
  'warm connections': async () => {
    await using warm = new HttpClient({ baseUrl })
    await warm.warm(2)
    equal(warm.pool.connections().length, 2)
  },
  'named clients, from the environment': async () => {
    await using clients = createClients({ search: {} }, { SEARCH_HTTP_CLIENT_BASE_URL: baseUrl })
    deepEqual(await clients.search.get('/').json(), { method: 'GET', body: '' })
    equal(HTTPClientConfig.fromEnv('HTTP_CLIENT', {}).maxConnections, 100)
  },
  figures: () => {
    using observed = observe([client])
    ok(observed.snapshot().clients[0]!.calls.started > 0)
    ok(prometheusText(observed).includes('http_client_request_duration_seconds_bucket'))
  },
  'a simulation, and a policy by itself': async () => {
    const { calls } = await simulate({
      network: { 'http://a': { answer: { after: 50 } } },
      traffic: { callers: 5, for: 1_000, call: (simulated) => simulated.get('http://a/').text() },
    })
    deepEqual(calls.failed, {})
    equal(new RetryBudget({ start: 1 }).withdraw(0), true)
  },
}

async function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no error',
    (error: unknown) => (error as { code?: unknown }).code,
  )
}

const report: Record<string, string> = {}
for (const [name, step] of Object.entries(steps)) {
  try {
    await step()
    report[name] = 'ok'
  } catch (error) {
    report[name] = error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}
await client.close()
server.closeAllConnections()
server.close()
console.log(JSON.stringify(report))
