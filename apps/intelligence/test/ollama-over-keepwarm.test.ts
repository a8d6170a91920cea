/** The official `ollama` package, which knows nothing of keepwarm, over its connections. */
import { ConnectionPool, HttpClient } from 'keepwarm'
import { Ollama } from 'ollama'
import { expect, test } from 'vitest'
import { startOllama, type Upstream } from '../src/upstreams/index.ts'
import { running } from './upstreams-support.ts'

const model = 'nomic-embed-text'

/** Twenty embeddings one after another, and an answer that comes in pieces. */
async function work(ollama: Ollama): Promise<void> {
  for (let text = 0; text < 20; text++) {
    const { embeddings } = await ollama.embed({ model, input: `text ${text}` })
    expect(embeddings[0]).toHaveLength(768)
  }
  const answer = await ollama.generate({ model: 'llama3.2', prompt: 'Say something warm.', stream: true })
  const parts = []
  for await (const part of answer) parts.push(part)
  expect(parts.length).toBeGreaterThan(1)
  expect(parts.at(-1)?.done).toBe(true)
}

function connectionsTo({ connections, requests }: Upstream): object {
  return { opened: connections.opened, requests }
}

test('with the fetch of a client', async () => {
  const upstream = await running(startOllama())
  await using client = new HttpClient({ timeout: 10_000 })
  await work(new Ollama({ host: upstream.url, fetch: client.fetch }))
  expect(connectionsTo(upstream)).toEqual({ opened: 1, requests: 21 })
  expect(client.getMetrics()).toMatchObject({ total_requests: 21, successful_requests: 21 })
})

test('with a fetch that has the pool as its dispatcher', async () => {
  const upstream = await running(startOllama())
  await using pool = new ConnectionPool()
  const overPool: typeof fetch = (input, init) =>
    fetch(input, { ...init, dispatcher: pool } as unknown as RequestInit)
  await work(new Ollama({ host: upstream.url, fetch: overPool }))
  expect(connectionsTo(upstream)).toEqual({ opened: 1, requests: 21 })
  expect(pool.counters).toMatchObject({ requests: 21, reused: 20 })
})

test('what goes wrong reaches the caller as the package tells it', async () => {
  const upstream = await running(startOllama())
  await using client = new HttpClient({ retry: false })
  const ollama = new Ollama({ host: upstream.url, fetch: client.fetch })
  await expect(ollama.embed({ model: 'no-such-model', input: 'x' })).rejects.toMatchObject({
    status_code: 404,
  })
  await client.close()
  await expect(ollama.list()).rejects.toMatchObject({ cause: { code: 'closed' } })
})
