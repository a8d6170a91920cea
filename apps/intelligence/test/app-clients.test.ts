/** What the clients of the service ask for and how they are: one model for indexing and searching, nothing for nobody. */
import { expect, test } from 'vitest'
import { startScripted, type Asked, type Said } from '../src/clients/scripted-server.ts'
import { ask, freePort, post, service, settled, texts, until } from './app-support.ts'

const found = {
  entities: [
    { name: 'ConnectionPool', type: 'CLASS', text: 'ConnectionPool', description: 'a pool', confidence: 0.9 },
    { name: 'Node.js', type: 'TECHNOLOGY', text: 'Node.js', description: 'a runtime', confidence: 0.9 },
  ],
  relationships: [],
}

function ollama({ path, body }: Asked): Said {
  if (path !== '/api/embed') return { body: { response: JSON.stringify(found), done: true } }
  const { input } = body as { input: string | string[] }
  return { body: { embeddings: [input].flat().map(() => [1, 2]) } }
}

test('what is embedded are the chunks and the questions, by one model on one path, and no entity', async () => {
  await using upstream = await startScripted(ollama)
  const running = await service({ OLLAMA_BASE_URL: upstream.url, EMBEDDING_MODEL: 'the-model' })
  const [page] = texts(1)
  const id = await post(running, page!)
  expect(await settled(running, id)).toMatchObject({ state: 'succeeded' })
  const stored = await running.context.store.documents.get(id)
  expect(stored?.entities.length).toBeGreaterThan(0)
  await ask(running, 'GET', '/search?q=idle+sockets')
  const embedded = upstream.asked.filter(({ path }) => path.includes('embed'))
  expect(new Set(embedded.map(({ path }) => path))).toEqual(new Set(['/api/embed']))
  const bodies = embedded.map(({ body }) => body as { model: string; input: string | string[] })
  expect(new Set(bodies.map(({ model }) => model))).toEqual(new Set(['the-model']))
  const inputs = bodies.flatMap(({ input }) => input)
  expect(inputs).toHaveLength((stored?.chunks.length ?? 0) + 1)
  expect(inputs.at(-1)).toContain('idle sockets')
})

interface ShownClient {
  readonly name: string
  readonly url: string | null
  readonly metrics: Record<string, unknown>
  readonly pool: { readonly counters: Record<string, number> }
}

test('GET /clients tells the figures of each client, and which breaker is open', async () => {
  const running = await service({ OLLAMA_BASE_URL: `http://127.0.0.1:${await freePort()}` })
  const look = async (): Promise<ShownClient[]> => {
    await ask(running, 'GET', '/search?q=pool')
    return (await ask(running, 'GET', '/clients')).body['clients'] as unknown as ShownClient[]
  }
  const stateOf = (clients: readonly ShownClient[], name: string): unknown =>
    clients.find((one) => one.name === name)?.metrics['circuit_breaker_state']
  const clients = await until(look, (all) => stateOf(all, 'entity-extractor') === 'open')
  expect(clients.map(({ name }) => [name, stateOf(clients, name)])).toEqual([
    ['entity-extractor', 'open'],
    ['langextract', 'closed'],
    ['freshness', 'closed'],
    ['workflow-coordinator', 'closed'],
    ['search-service', 'closed'],
  ])
  const refused = await until(look, ([first]) => Number(first?.metrics['circuit_breaker_rejections']) > 0)
  expect(refused[0]?.metrics).toMatchObject({ circuit_breaker_opens: 1, is_healthy: false })
  expect(Number(refused[0]?.metrics['failed_requests'])).toBeGreaterThan(0)
})
