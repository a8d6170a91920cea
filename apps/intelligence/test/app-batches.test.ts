/** Many documents at once: batches, folders, what is unchanged, what was given up, and how all of it is followed. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLangextract, startOllama } from '../src/upstreams/index.ts'
import { followEvents } from './events-support.ts'
import { ask, freePort, post, service, settled, tempFolder, textOf, texts, until } from './app-support.ts'
import { running as open } from './upstreams-support.ts'

test('a batch takes what can be used, tells what cannot, and is followed by its own events', async () => {
  const running = await service()
  const other = await followEvents(running, '?batch=another')
  const documents = [...texts(3), { content: ' ' }, { content: 'a', colour: 'red' }, 7]
  const { status, body } = await ask(running, 'POST', '/documents/batch', { name: 'six', documents })
  expect({ status, body }).toMatchObject({
    status: 202,
    body: {
      batch: { name: 'six' },
      documents: [{ status: 'pending' }, { status: 'pending' }, { status: 'pending' }],
      rejected: [{ index: 3, errors: [{ field: 'content' }] }, { index: 4 }, { index: 5 }],
    },
  })
  const { events } = await followEvents(running, textOf(body['events_url']).replace('/events', ''), 'x-1')
  const ids = (body['documents'] as unknown as { id: string }[]).map(({ id }) => id)
  for (const id of ids) expect(await settled(running, id)).toMatchObject({ state: 'succeeded' })
  await until(
    () => events.filter(({ type }) => type === 'ended').length,
    (ended) => ended === 3,
  )
  // What came before could not be asked for by such an id.
  expect(events[0]).toMatchObject({ type: 'reset' })
  expect(other.events).toEqual([])
  const none = await ask(running, 'POST', '/documents/batch', { documents: [7] })
  expect(none).toMatchObject({ status: 400, body: { rejected: [{ index: 0 }] } })
})

test('events tell each stage and end of a document, and go on where a reader left off', async () => {
  const running = await service()
  const first = await followEvents(running, '?document=one')
  await post(running, { id: 'one', content: 'The heron waits.' })
  await until(
    () => first.events.length,
    (length) => length >= 2,
  )
  first.stop()
  await settled(running, 'one')
  const seen = [...first.events]
  const rest = await followEvents(running, '?document=one', seen.at(-1)!.id)
  const all = await until(
    () => [...seen, ...rest.events],
    (events) => events.some(({ type }) => type === 'ended'),
  )
  expect(all[0]).toMatchObject({ type: 'accepted', document: 'one' })
  expect(all.at(-1)).toMatchObject({ type: 'ended', outcome: 'succeeded', attempt: 1 })
  const numbers = all.map(({ id }) => Number(id.split('-')[1]))
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  const stages = all.filter(({ type, state }) => type === 'stage' && state === 'succeeded')
  expect(stages.map(({ stage }) => stage).toSorted()).toEqual([
    'chunk',
    'deliver',
    'embed',
    'entities',
    'freshness',
    'semantic',
  ])
  await ask(running, 'DELETE', '/documents/one')
  await until(
    () => rest.events.at(-1)?.type,
    (type) => type === 'removed',
  )
  expect(rest.events.at(-1)).toMatchObject({ type: 'removed', document: 'one' })
})

test('the very same document is not indexed again, unless it is asked for', async () => {
  const ollama = await open(startOllama())
  const running = await service({ OLLAMA_BASE_URL: ollama.url })
  const document = { id: 'same', content: 'The heron waits.', metadata: { a: [1, { b: null }] } }
  await settled(running, await post(running, document))
  const asked = ollama.requests
  const again = await ask(running, 'POST', '/documents', document)
  expect(again).toMatchObject({ status: 200, body: { id: 'same', status: 'unchanged' } })
  const inBatch = await ask(running, 'POST', '/documents/batch', { documents: [document] })
  expect(inBatch.body['documents']).toMatchObject([{ status: 'unchanged' }])
  expect(ollama.requests).toBe(asked)
  for (const changed of [{ content: 'The heron waits' }, { title: 'Heron' }, { metadata: { a: 2 } }]) {
    expect(await ask(running, 'POST', '/documents', { ...document, ...changed })).toMatchObject({
      status: 202,
    })
    await settled(running, 'same')
  }
  const forced = await ask(running, 'POST', '/documents?force=true', { ...document, metadata: { a: 2 } })
  expect(forced).toMatchObject({ status: 202 })
})

test('a folder below INDEX_ROOT is read and followed; what leads out of it is refused', async () => {
  const root = tempFolder()
  const elsewhere = tempFolder()
  mkdirSync(join(root, 'notes'))
  for (const [index, { content }] of texts(3).entries())
    writeFileSync(join(root, 'notes', `${index}.md`), content)
  writeFileSync(join(root, 'notes', 'empty.md'), ' ')
  symlinkSync(elsewhere, join(root, 'out'))
  const running = await service({ INDEX_ROOT: root })
  const { status, body } = await ask(running, 'POST', '/folders', { path: 'notes' })
  expect(status).toBe(202)
  const run = await until(
    () => ask(running, 'GET', textOf(body['status_url'])),
    ({ body }) => (body['finished'] as unknown) === true,
  )
  expect(run.body).toMatchObject({ read: 3, done: 3, unchanged: 0, dead: [], error: null, reading: false })
  expect(run.body['skipped']).toMatchObject([{ reason: 'empty' }])
  for (const [path, refused] of [
    ['..', 403],
    ['../..', 403],
    ['out', 403],
    ['missing', 404],
  ] as const)
    expect(await ask(running, 'POST', '/folders', { path })).toMatchObject({ status: refused })
  expect(await ask(running, 'GET', '/folders/none')).toMatchObject({ status: 404 })
  const without = await service()
  expect(await ask(without, 'POST', '/folders', {})).toMatchObject({ status: 403 })
})

test('poison documents end dead with their reasons, and are given another chance together', async () => {
  const port = await freePort()
  const ollama = await open(startOllama())
  const running = await service(
    { OLLAMA_BASE_URL: ollama.url, EMBEDDING_MODEL: 'missing', LANGEXTRACT_URL: `http://127.0.0.1:${port}` },
    { upstreams: {} },
  )
  for (const text of texts(3)) await settled(running, await post(running, text), ['dead'])
  const { body } = await ask(running, 'GET', '/documents?state=dead')
  expect(body['counts']).toMatchObject({ dead: 3 })
  for (const { reason } of body['documents'] as unknown as { reason: string }[])
    expect(reason).toMatch(/^embed: .*missing/)
  await open(startLangextract({ port }))
  const redriven = await ask(running, 'POST', '/dead-letters/redrive', { limit: 2 })
  expect(redriven).toMatchObject({ status: 202, body: { redriven: 2 } })
  await until(
    () => ask(running, 'GET', '/documents?state=dead'),
    ({ body }) => textOf(body['counts']?.['dead']) === '3',
  )
  expect((await ask(running, 'POST', '/dead-letters/redrive', { limit: 0 })).status).toBe(400)
})

test('streams of events do not keep the service from closing', async () => {
  const running = await service()
  await followEvents(running)
  await followEvents(running)
  const started = performance.now()
  await running.close()
  expect(performance.now() - started).toBeLessThan(1_900)
  expect(running.context.feed.followers).toBe(0)
})
