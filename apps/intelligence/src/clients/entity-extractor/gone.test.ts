import { expect, test } from 'vitest'
import { EnhancedEntityExtractor } from '../entity-extractor.ts'
import { startScripted } from '../scripted-server.ts'
import { OllamaUnavailableError } from './errors.ts'

const document = { text: 'A pool keeps sockets.', sourcePath: 'a.md' }

test('a generation that the server has forgotten is given up, long before its ten minutes are over', async () => {
  await using server = await startScripted(({ path }) =>
    path === '/api/generate' ? new Promise(() => {}) : { status: 500, body: {} },
  )
  await using extractor = new EnhancedEntityExtractor({ baseUrl: server.url, env: {}, pulseEvery: 20 })
  const error: unknown = await extractor.extractEntities(document).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(OllamaUnavailableError)
  expect(error).toMatchObject({ code: 'attempt_timeout', sent: 'maybe' })
})

test('a model that thinks for long is waited for, and one that the caller no longer wants is left', async () => {
  const thought = Promise.withResolvers<void>()
  await using server = await startScripted(async ({ path }) => {
    if (path !== '/api/generate') return { body: { models: [] } }
    await thought.promise
    return { body: { response: '{"entities":[],"relationships":[]}', done: true } }
  })
  await using extractor = new EnhancedEntityExtractor({ baseUrl: server.url, env: {}, pulseEvery: 10 })
  const patient = extractor.extractEntities(document)
  const gone = new AbortController()
  const left = extractor.extractEntities(document, { signal: gone.signal })
  await expect.poll(() => server.asked.length).toBeGreaterThan(8)
  gone.abort(new Error('not wanted'))
  await expect(left).rejects.toThrow('not wanted')
  thought.resolve()
  expect(await patient).toMatchObject({ entities: [] })
})
