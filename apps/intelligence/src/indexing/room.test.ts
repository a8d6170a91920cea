import { expect, test } from 'vitest'
import { createServiceClients } from '../clients/index.ts'
import { startScripted } from '../clients/scripted-server.ts'
import { roomFor, upstreamsOf } from './room.ts'

test('there is as much room as the fullest upstream has', async () => {
  const release = Promise.withResolvers<void>()
  await using server = await startScripted(async () => {
    await release.promise
    return { body: { embeddings: [[1]] } }
  })
  const urls = { ollama: server.url, langextract: server.url, bridge: server.url }
  await using clients = createServiceClients({ urls, env: {}, extractor: { maxConnections: 10 } })
  const room = (): number => roomFor(upstreamsOf(clients))
  expect(room()).toBe(Infinity)
  const embeddings = [1, 2, 3].map(() => clients.extractor.embed(['a']))
  // Four may be asked at once, and two may wait in line.
  await expect.poll(room).toBe(3)
  const line = [4, 5, 6].map(() => clients.extractor.embed(['a']))
  await expect.poll(room).toBe(0)
  const more = clients.extractor.embed(['a'])
  await expect.poll(room).toBe(0)
  release.resolve()
  await Promise.all([...embeddings, ...line, more])
  expect(room()).toBe(6)
})

test('who would wait in vain has no line', async () => {
  await using server = await startScripted(() => ({ body: { success: true, data: [] } }))
  await using clients = createServiceClients({ urls: { bridge: server.url }, env: {} })
  await clients.freshness.getStats()
  expect(roomFor(upstreamsOf(clients))).toBe(9)
})

test('while what is required is known to be away nothing is begun; then one document finds out', async () => {
  let well = false
  await using server = await startScripted(() =>
    well ? { body: { embeddings: [[1]] } } : { status: 500, body: {} },
  )
  const breaker = { minimumCompletions: 2, openFor: 150, maxOpenFor: 150 }
  await using clients = createServiceClients({
    urls: { ollama: server.url },
    env: {},
    extractor: { retry: false, breaker },
  })
  const room = (): number => roomFor(upstreamsOf(clients))
  for (let call = 0; call < 4; call++) await clients.extractor.embedAll(['a'])
  expect(room()).toBe(0)
  well = true
  await expect.poll(room).toBe(1)
  await expect.poll(() => clients.extractor.embed(['a']).then(room, () => 0)).toBeGreaterThan(1)
})
