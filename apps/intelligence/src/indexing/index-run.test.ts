import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { toDraft } from './draft.ts'
import { IndexFeed } from './feed.ts'
import { IndexRun } from './index-run.ts'

/** A worker that does nothing: what is done is done by others. */
const idle = { subscribe: () => () => {}, wake: () => {} }

function folderOf(amount: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'keepwarm-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (let index = 0; index < amount; index++) writeFileSync(join(folder, `${index}.md`), `text ${index}`)
  return folder
}

function shared(): Store {
  const store = openSqliteStore(':memory:')
  onTestFinished(() => store.close())
  return Object.assign(store, { pollInterval: 10 })
}

test('documents that other processes index, give up or remove are over for this run, too', async () => {
  const store = shared()
  const run = new IndexRun({ store, feed: new IndexFeed(), worker: idle }, 'model')
  await run.submit([{ kind: 'folder', path: folderOf(3) }], 'three')
  expect(run.counts()).toMatchObject({ read: 3, wanted: 3, done: 0 })
  const [done, dead, removed] = await store.jobs.claim(3, 60_000)
  await store.jobs.complete(done!)
  await store.jobs.fail(dead!, 'no', { dead: true })
  await store.documents.remove(removed!.documentId)
  await run.wait()
  expect(run.isOver).toBe(true)
  expect(run.counts()).toMatchObject({ done: 2, dead: [{ documentId: dead!.documentId }] })
})

test('what was left by others is followed only by the run that wants it', async () => {
  const store = shared()
  await store.jobs.enqueue([toDraft({ id: 'left', content: 'a text' }, 1)])
  const context = { store, feed: new IndexFeed(), worker: idle }
  const [all, own] = [new IndexRun(context, 'model'), new IndexRun(context, 'model', false)]
  await Promise.all([all, own].map((run) => run.submit([{ kind: 'folder', path: folderOf(0) }], 'empty')))
  expect([all.isOver, own.isOver]).toEqual([false, true])
  const [job] = await store.jobs.claim(1, 60_000)
  await store.jobs.complete(job!)
  await all.wait()
})

test('a folder that cannot be read ends the run, and not before what was queued', async () => {
  const store = shared()
  const run = new IndexRun({ store, feed: new IndexFeed(), worker: idle }, 'model')
  const sources = [
    { kind: 'folder', path: folderOf(1) } as const,
    { kind: 'folder', path: '/no/such' } as const,
  ]
  await expect(run.submit(sources, 'two')).rejects.toThrow('/no/such')
  expect(run.isOver).toBe(false)
  const [job] = await store.jobs.claim(1, 60_000)
  await store.jobs.complete(job!)
  await run.wait()
})

test('what is not in the queue yet is not taken for removed, nor for what it was before', async () => {
  const store = shared()
  const enqueue = store.jobs.enqueue.bind(store.jobs)
  const slow = Promise.withResolvers<void>()
  store.jobs.enqueue = async (...args) => {
    await slow.promise
    return enqueue(...args)
  }
  const run = new IndexRun({ store, feed: new IndexFeed(), worker: idle }, 'model')
  const submitted = run.submit([{ kind: 'folder', path: folderOf(3) }], 'three')
  await new Promise((resolve) => setTimeout(resolve, 100))
  slow.resolve()
  await submitted
  expect(run.counts()).toMatchObject({ wanted: 3, done: 0 })
  for (const job of await store.jobs.claim(3, 60_000)) await store.jobs.complete(job)
  await run.wait()
  expect(run.counts()).toMatchObject({ wanted: 3, done: 3 })
})

test('attempts that fail in another process are counted, those of other documents are not', async () => {
  const [store, feed] = [shared(), new IndexFeed()]
  const run = new IndexRun({ store, feed, worker: idle }, 'model')
  await run.submit([{ kind: 'folder', path: folderOf(1) }], 'one')
  const [job] = await store.jobs.claim(1, 60_000)
  for (const document of [job!.documentId, 'another', job!.documentId])
    feed.tell({ type: 'ended', document, outcome: 'retrying', attempt: 1 })
  await store.jobs.complete(job!)
  await run.wait()
  expect(run.counts()).toMatchObject({ done: 1, retried: 2 })
  expect(feed.followers).toBe(0)
})
