/** Upstreams that are down: what is missing is named, everything else works, and it is made good later. */
import { writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { IndexRun } from '../src/indexing/index-run.ts'
import { startLangextract, startOllama, startUpstreams, type Upstream } from '../src/upstreams/index.ts'
import {
  ask,
  begin,
  freePort,
  post,
  service,
  settled,
  stage,
  tempFolder,
  textOf,
  texts,
  until,
} from './app-support.ts'
import { running as open } from './upstreams-support.ts'

test('without LangExtract documents are found, the stage is named, and a retry does only what was missing', async () => {
  const port = await freePort()
  const ollama = await open(startOllama())
  const running = await service({
    LANGEXTRACT_URL: `http://127.0.0.1:${port}`,
    OLLAMA_BASE_URL: ollama.url,
  })
  const id = await post(running, texts(1)[0]!)
  const before = await settled(running, id)
  expect(before).toMatchObject({ state: 'succeeded', searchable: true, degraded: ['semantic'] })
  expect(stage(before, 'semantic')).toMatchObject({ state: 'failed', detail: { may_pass: true } })
  expect((await ask(running, 'GET', '/search?q=word0')).body['total']).toBe(1)
  expect((await ask(running, 'GET', '/health')).body).toMatchObject({
    status: 'degraded',
    live: true,
    degraded: ['langextract'],
  })
  const listed = await ask(running, 'GET', '/documents?state=degraded')
  expect(listed.body['documents']).toMatchObject([{ document_id: id, failed_stages: ['semantic'] }])

  await up(startLangextract({ port }))
  const asked = ollama.requests
  expect((await ask(running, 'POST', `/documents/${id}/retry`)).status).toBe(202)
  const after = await settled(running, id)
  expect(after).toMatchObject({ state: 'succeeded', degraded: [], repair_at: null })
  expect((await ask(running, 'GET', `/documents/${id}`)).body['analysis']?.['concepts']).not.toEqual([])
  expect(ollama.requests).toBe(asked)
  expect((await ask(running, 'POST', `/documents/${id}/retry`)).status).toBe(409)
  const health = await until(
    () => ask(running, 'GET', '/health'),
    ({ body }) => textOf(body['status']) === 'healthy',
  )
  expect(health).toMatchObject({ status: 200, body: { degraded: [] } })
})

test('a degraded document is repaired by itself once the upstream is back', async () => {
  const port = await freePort()
  const options = { pipeline: { repairs: { base: 100, cap: 200 } } }
  const running = await service({ LANGEXTRACT_URL: `http://127.0.0.1:${port}` }, options)
  const id = await post(running, texts(1)[0]!)
  expect(await settled(running, id)).toMatchObject({ degraded: ['semantic'] })
  await up(startLangextract({ port }))
  const repaired = await until(
    () => ask(running, 'GET', `/documents/${id}/status`),
    ({ body }) => textOf(body['state']) === 'succeeded' && (body['degraded'] as unknown as []).length === 0,
  )
  expect(repaired.body).toMatchObject({ state: 'succeeded', degraded: [] })
})

test('without Ollama documents wait, a search looks for words alone, and both recover', async () => {
  const port = await freePort()
  const running = await service(
    { OLLAMA_BASE_URL: `http://127.0.0.1:${port}` },
    { worker: { backoff: { base: 300, cap: 300 } } },
  )
  const id = await post(running, texts(1)[0]!)
  const waiting = await settled(running, id, ['failed'])
  expect(waiting).toMatchObject({ state: 'failed', searchable: false })
  expect(stage(waiting, 'embed')).toMatchObject({ state: 'failed' })
  expect((await ask(running, 'GET', `/documents/${id}`)).body).toMatchObject({
    status: 404,
    job_state: 'failed',
  })
  const { body } = await ask(running, 'GET', '/search?q=word0')
  expect(textOf(body['warnings']?.[0])).toContain('only words were looked for')
  await up(startOllama({ port }))
  expect(await settled(running, id)).toMatchObject({ state: 'succeeded', searchable: true })
})

test('what cannot end differently is not tried again, says why, and can be tried again by hand', async () => {
  const ollama = await open(startOllama())
  const running = await service({ OLLAMA_BASE_URL: ollama.url, EMBEDDING_MODEL: 'no-such-model' })
  const id = await post(running, texts(1)[0]!)
  const status = await settled(running, id)
  expect(status).toMatchObject({ state: 'dead', attempts: 1, searchable: false })
  expect(textOf(status['reason'])).toMatch(/^embed: .*no-such-model/)
  expect((await ask(running, 'POST', `/documents/${id}/retry`)).status).toBe(202)
  expect(await settled(running, id, ['dead'])).toMatchObject({ state: 'dead' })
})

test('with no upstream at all the service says that it is unhealthy, and still takes documents', async () => {
  const closed = `http://127.0.0.1:${await freePort()}`
  const running = await service({
    OLLAMA_BASE_URL: closed,
    LANGEXTRACT_URL: closed,
    BRIDGE_SERVICE_URL: closed,
    WORKFLOW_COORDINATOR_URL: closed,
  })
  const { status, body } = await ask(running, 'GET', '/health')
  expect(status).toBe(503)
  expect(body).toMatchObject({
    status: 'unhealthy',
    degraded: ['ollama', 'langextract', 'bridge', 'coordinator'],
  })
  expect((await ask(running, 'POST', '/documents', texts(1)[0])).status).toBe(202)
})

test('everything is closed although one part cannot be, and the error names it', async () => {
  const running = await begin()
  const { freshness } = running.context.clients
  const close = freshness.http.close.bind(freshness.http)
  onTestFinished(() => close())
  Object.defineProperty(freshness, 'close', { value: () => Promise.reject(new Error('stuck')) })
  await expect(running.close()).rejects.toThrow(/did not close/)
  await expect(fetch(`${running.url}/health`)).rejects.toThrow('fetch failed')
  for (const { url } of running.context.upstreams) await expect(fetch(url)).rejects.toThrow('fetch failed')
})

test('a batch is recorded at the coordinator once, whatever the number of its documents', async () => {
  const upstreams = await open(startUpstreams(['coordinator']))
  const coordinator = upstreams.get('coordinator')
  const folder = tempFolder()
  for (const [index, { content }] of texts(5).entries()) writeFileSync(`${folder}/${index}.md`, content)
  const running = await service({ WORKFLOW_COORDINATOR_URL: coordinator.url })
  const run = new IndexRun(running.context, 'nomic-embed-text')
  await run.submit([{ kind: 'folder', path: folder }], 'five pages')
  await run.wait()
  expect(run.counts()).toMatchObject({ read: 5, done: 5, degraded: 0, dead: [] })
  expect(running.context.clients.coordinator.getMetrics()).toMatchObject({ workflows_triggered: 1 })
  expect(coordinator.requests).toBe(1)
  const again = new IndexRun(running.context, 'nomic-embed-text')
  await again.submit([{ kind: 'folder', path: folder }], 'five pages')
  await again.wait()
  expect(again.counts()).toMatchObject({ read: 5, unchanged: 5, done: 0 })
})

async function up(starting: Promise<Upstream>): Promise<void> {
  await open(starting)
}
