/** Different clients of other people over one `client.fetch`, with a server that fails and users who leave. */
import { Octokit } from '@octokit/core'
import axios from 'axios'
import { HttpClient } from 'keepwarm'
import ky from 'ky'
import { createFetch } from 'ofetch'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { countingConnector } from './support/connectors.ts'
import { seeded } from './support/seeded.ts'
import { startHttp } from './support/servers.ts'
import { eventually, sleep, soon } from './support/wait.ts'

type Way = (signal: AbortSignal) => PromiseLike<unknown>

/** One call by each of them; some read as a stream, and some do not read to the end. */
function waysOver({ fetch }: HttpClient, url: string): Way[] {
  const api = ky.create({ fetch, retry: 0 })
  const openai = new OpenAI({ fetch, baseURL: url, apiKey: 'none', maxRetries: 0, logLevel: 'off' })
  const octokit = new Octokit({ request: { fetch }, baseUrl: url })
  return [
    (signal) => api.post(url, { json: { a: 'y'.repeat(50_000) }, signal }).json(),
    (signal) =>
      createFetch({ fetch, defaults: { retry: 0 } })(url, { method: 'PUT', body: { a: 1 }, signal }),
    (signal) => axios.post(url, { a: 1 }, { adapter: 'fetch', env: { fetch }, signal }),
    (signal) => openai.chat.completions.create({ model: 'm', messages: [] }, { signal }),
    (signal) => octokit.request('GET /', { request: { signal } }),
    async (signal) => (await fetch(url, { signal })).body?.cancel(),
    async (signal) => (await fetch(url, { signal })).clone().text(),
  ]
}

test('together: 200 calls of seven kinds, lost, late, cut off and left, leave nothing behind', async () => {
  const random = seeded(7)
  await using server = await startHttp((incoming, response) => {
    incoming.resume().on('end', () => {
      const fate = random()
      if (fate < 0.1) return void incoming.socket.destroy()
      response.writeHead(200, { 'content-type': 'application/json' })
      if (fate < 0.3) return void setTimeout(() => response.end('{"a":1}'), 10)
      response.write('{"a":')
      if (fate < 0.4) return void setTimeout(() => incoming.socket.destroy(), 5)
      response.end(fate < 0.5 ? JSON.stringify('x'.repeat(200_000)) + '}' : '1}')
    })
  })
  const counting = countingConnector()
  const guards = { breaker: false, retry: { base: 1 }, timeout: 5_000 } as const
  await using client = new HttpClient({ maxConnections: 4, connect: counting.connect, ...guards })
  const ways = waysOver(client, server.origin)
  const endings = { answered: 0, failed: 0 }
  const visitor = async (): Promise<void> => {
    for (let call = 0; call < 10; call++) {
      const leaving = new AbortController()
      if (random() < 0.3) void sleep(random() * 20).then(() => leaving.abort())
      const way = ways[Math.floor(random() * ways.length)]!
      await way(leaving.signal).then(
        () => endings.answered++,
        () => endings.failed++,
      )
    }
  }
  await soon(Promise.all(Array.from({ length: 20 }, visitor)), 'every call ends', 15_000)
  expect(endings.answered + endings.failed).toBe(200)
  expect(endings.answered).toBeGreaterThan(50)
  await eventually(() => client.pool.snapshot().inFlight === 0, 'no connection is held')
  expect(client.pool.snapshot().waiting).toBe(0)
  expect(counting.peak).toBeLessThanOrEqual(4)
  expect(server.total).toBeLessThan(server.requests)
})
