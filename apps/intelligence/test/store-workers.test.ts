/** Several processes on one server, which join and die: every document is indexed, once. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { chunkText } from '../src/indexing/chunk.ts'
import { toDraft } from '../src/indexing/draft.ts'
import type { JobStatus } from '../src/indexing/job-records.ts'
import { openPostgresStore } from '../src/store/postgres/postgres-store.ts'
import type { Store } from '../src/store/store.ts'
import { service, tempFolder, texts } from './app-support.ts'
import { findPostgres, missingPostgres, rowsOf, startPostgres, type TestServer } from './postgres/server.ts'

const bin = findPostgres()
if (bin === undefined) console.warn(missingPostgres)

const DOCUMENTS = 240
const WORKERS = 3
const KILLS = 9

let server: TestServer
beforeAll(async () => {
  if (bin !== undefined) server = await startPostgres(bin)
}, 60_000)
afterAll(() => server?.stop())

describe.skipIf(bin === undefined)('three workers on one server', () => {
  test('killed in turn, they index every document exactly once and leave nothing behind', async () => {
    const url = await server.createDatabase()
    const store = await openPostgresStore({ url, maxConnections: 4 })
    onTestFinished(() => store.close())
    const drafts = texts(DOCUMENTS).map((text) => toDraft(text, 1))
    await store.jobs.enqueue(drafts, { maxAttempts: 20 })

    const workers = Array.from({ length: WORKERS }, () => startWorker(url))
    onTestFinished(() => workers.forEach((worker) => worker.kill('SIGKILL')))
    let killed = 0
    const first = await untilIndexed(store, 1)
    for (let kill = 0; kill < KILLS; kill++) {
      const before = await untilIndexed(store, first + ((kill + 1) * (DOCUMENTS - 40 - first)) / KILLS)
      if (before >= DOCUMENTS) break
      const slot = kill % WORKERS
      await killNow(workers[slot])
      killed++
      workers[slot] = startWorker(url)
    }
    await untilIndexed(store, DOCUMENTS)

    expect(killed).toBeGreaterThanOrEqual(WORKERS)
    expect(await store.jobs.counts()).toEqual({
      pending: 0,
      running: 0,
      succeeded: DOCUMENTS,
      failed: 0,
      dead: 0,
    })
    await expectAllStoredOnce(
      store,
      drafts.map(({ content }) => chunkText(content).length),
    )
    expect(await store.jobs.nextIn()).toBeUndefined()
    // pg-boss counts the same: nothing waits, nothing runs, nothing was given up.
    const left = `SELECT name, state, count(*) FROM intelligence_queue.job
      WHERE name IN ('index', 'index-dead') AND state <> 'completed' GROUP BY name, state`
    expect(await rowsOf(url, left)).toEqual([])
    expect(await rowsOf(url, 'SELECT * FROM intelligence.job_payloads')).toEqual([])
    // Somebody was interrupted, or the test has shown nothing.
    expect((await allJobs(store)).some(({ attempts }) => attempts > 1)).toBe(true)

    await Promise.all(workers.map((worker) => killNow(worker)))
    await expectAllDone(url, store)
  }, 300_000)

  test('processes that start together make the tables once, and each works', async () => {
    const url = await server.createDatabase()
    const stores = await Promise.all(
      Array.from({ length: 5 }, () => openPostgresStore({ url, maxConnections: 3 })),
    )
    onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))))
    const versions = await rowsOf(url, 'SELECT version FROM intelligence.migrations ORDER BY version')
    expect(versions).toEqual([{ version: 1 }, { version: 2 }, { version: 3 }, { version: 4 }, { version: 5 }])
    const drafts = texts(20).map((text) => toDraft(text, 1))
    const outcomes = await Promise.all(stores.map((store) => store.jobs.enqueue(drafts)))
    expect(outcomes.flat().filter((outcome) => outcome === 'created')).toHaveLength(20)
    const claims = await Promise.all(stores.map((store) => store.jobs.claim(8, 60_000)))
    const ids = claims.flat().map(({ documentId }) => documentId)
    expect(ids).toHaveLength(20)
    expect(new Set(ids).size).toBe(20)
  }, 60_000)
})

/** A whole service in a process of its own, with upstreams of its own. */
function startWorker(url: string): ChildProcess {
  const at = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
  const env = {
    DATABASE_URL: url,
    DATA_DIR: tempFolder(),
    INDEX_CONCURRENCY: '3',
    DATABASE_MAX_CONNECTIONS: '6',
  }
  const program = `
    import { begin } from ${at('./app-begin.ts')}
    await begin(${JSON.stringify(env)}, { worker: { lease: 3000 } })
  `
  const args = ['--conditions=keepwarm-source', '--input-type=module', '-e', program]
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

async function killNow(worker: ChildProcess | undefined): Promise<void> {
  if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) return
  const gone = once(worker, 'exit')
  worker.kill('SIGKILL')
  await gone
}

/** Waits until so many are indexed; gives up when nothing at all happens for a minute. */
async function untilIndexed(store: Store, wanted: number): Promise<number> {
  let last = { done: -1, at: Date.now() }
  for (;;) {
    const { succeeded, dead } = await store.jobs.counts()
    if (succeeded + dead >= Math.floor(wanted)) return succeeded
    if (succeeded !== last.done) last = { done: succeeded, at: Date.now() }
    if (Date.now() - last.at > 60_000) throw new Error(`nothing more is indexed after ${succeeded}`)
    await pause(50)
  }
}

async function expectAllStoredOnce(store: Store, chunks: readonly number[]): Promise<void> {
  const documents = await store.documents.list({ limit: DOCUMENTS * 2, offset: 0 })
  expect(new Set(documents.map(({ source }) => source)).size).toBe(DOCUMENTS)
  const total = chunks.reduce((sum, count) => sum + count, 0)
  expect(await store.documents.counts()).toMatchObject({
    documents: DOCUMENTS,
    chunks: total,
    vectors: total,
  })
  // Written once: a second storing would have moved the one and not the other.
  expect(documents.filter(({ createdAt, updatedAt }) => createdAt !== updatedAt)).toEqual([])
  const broken = documents.map(async ({ id }) => {
    const parts = (await store.documents.get(id))?.chunks ?? []
    return parts.every(({ ordinal }, index) => ordinal === index) ? [] : [id]
  })
  expect((await Promise.all(broken)).flat()).toEqual([])
}

function allJobs(store: Store): Promise<JobStatus[]> {
  return store.jobs.list('succeeded', { limit: DOCUMENTS, offset: 0 })
}

async function expectAllDone(url: string, store: Store): Promise<void> {
  const before = await store.documents.list({ limit: DOCUMENTS, offset: 0 })
  const another = await service({ DATABASE_URL: url })
  const ended: string[] = []
  another.context.worker.subscribe(({ documentId }) => void ended.push(documentId))
  await pause(1_500)
  expect(ended).toEqual([])
  expect(await store.jobs.claim(10, 1_000)).toEqual([])
  expect(await store.jobs.recover()).toEqual({ ready: 0, dead: 0 })
  expect(await store.documents.list({ limit: DOCUMENTS, offset: 0 })).toEqual(before)
}
