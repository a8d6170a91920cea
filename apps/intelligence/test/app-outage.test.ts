/** An outage of what is required costs documents their patience, not their lives. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startOllama } from '../src/upstreams/index.ts'
import { freePort, post, service, texts, until } from './app-support.ts'
import { running as open } from './upstreams-support.ts'

test('while Ollama is away documents wait in the queue, and most of them are not even begun', async () => {
  const port = await freePort()
  // Eight attempts with such pauses are over in less than a second.
  const running = await service(
    { OLLAMA_BASE_URL: `http://127.0.0.1:${port}` },
    { worker: { backoff: { base: 10, cap: 50 } } },
  )
  const ids = await Promise.all(texts(12).map((text) => post(running, text)))
  await pause(3_000)
  const { jobs } = running.context.store
  expect(await jobs.counts()).toMatchObject({ succeeded: 0, dead: 0 })
  const attempts = await Promise.all(ids.map(async (id) => (await jobs.status(id))?.attempts ?? 0))
  expect(attempts.reduce((sum, each) => sum + each, 0)).toBeLessThan(ids.length)
  await open(startOllama({ port }))
  const counts = await until(
    () => jobs.counts(),
    ({ succeeded }) => succeeded === 12,
  )
  expect(counts).toMatchObject({ succeeded: 12, dead: 0 })
}, 60_000)
