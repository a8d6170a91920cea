import { expect, test } from 'vitest'
import { EnhancedEntityExtractor, FreshnessDatabase } from './index.ts'
import { roomIn } from './endpoint-groups.ts'
import { startScripted } from './scripted-server.ts'

test('a health check does not wait behind generations that take all they may', async () => {
  const release = Promise.withResolvers<void>()
  await using server = await startScripted(async ({ path }) => {
    if (path === '/api/generate') await release.promise
    return { body: { models: [] } }
  })
  await using extractor = new EnhancedEntityExtractor({
    baseUrl: server.url,
    maxConnections: 4,
    concurrency: 20,
    windowSize: 600,
    retry: false,
    env: {},
  })
  const text = 'A sentence about pools. '.repeat(200)
  const generations = extractor.extractEntities({ text, sourcePath: 'a.md' }).catch(() => 'ended')
  const asked = (): number => server.asked.filter(({ path }) => path === '/api/generate').length
  await expect.poll(asked).toBe(2)
  expect(roomIn(extractor.http.pool, 'generate')).toBe(0)
  expect(await extractor.checkHealth()).toMatchObject({ healthy: true })
  expect(await extractor.models()).toEqual([])
  expect(asked()).toBe(2)
  release.resolve()
  expect(await generations).toBe('ended')
})

test('a group has its part of the connections, whoever says how many there are', async () => {
  const env = { ENTITY_EXTRACTOR_HTTP_CLIENT_MAX_CONNECTIONS: '40' }
  await using server = await startScripted(() => ({ body: { embeddings: [[1]] } }))
  await using extractor = new EnhancedEntityExtractor({ baseUrl: server.url, env })
  expect(roomIn(extractor.http.pool, 'embed')).toBe(Infinity)
  await extractor.embed(['a'])
  expect(roomIn(extractor.http.pool, 'embed')).toBe(16)
  await using one = new FreshnessDatabase({ baseUrl: server.url, maxConnections: 1, retry: false, env: {} })
  await one.getStats().catch(() => 'not what was agreed')
  expect(roomIn(one.http.pool, 'execute')).toBe(1)
})
