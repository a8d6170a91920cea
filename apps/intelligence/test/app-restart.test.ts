/** Nothing that was accepted is lost, however the process ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { SettingsError } from '../src/config/problems.ts'
import { openDatabase } from '../src/store/database.ts'
import { countDocuments, listDocuments } from '../src/store/documents.ts'
import { JobQueue } from '../src/indexing/queue.ts'
import { begin, post, service, tempFolder, texts, until } from './app-support.ts'

test('a service that is stopped with work left gives it back, and the next one does it', async () => {
  const DATA_DIR = tempFolder()
  const first = await begin({ DATA_DIR }, { upstreams: { ollama: { latency: 400 } } })
  for (const text of texts(8)) await post(first, text)
  await until(
    () => first.context.worker.busy,
    (busy) => busy > 0,
  )
  await first.close({ timeout: 10 })
  const second = await service({ DATA_DIR })
  const counts = await until(
    () => second.context.store.jobs.counts(),
    ({ succeeded }) => succeeded === 8,
  )
  expect(counts).toEqual({ pending: 0, running: 0, succeeded: 8, failed: 0, dead: 0 })
  for (const { documentId } of await second.context.store.jobs.list('succeeded', { limit: 8, offset: 0 })) {
    expect((await second.context.store.jobs.status(documentId))?.attempts).toBe(1)
  }
})

test('two services never work on one folder, and the second says why', async () => {
  const DATA_DIR = tempFolder()
  await service({ DATA_DIR })
  await expect(begin({ DATA_DIR })).rejects.toThrow(SettingsError)
  await expect(begin({ DATA_DIR })).rejects.toThrow(/DATA_DIR.*\n.*no other process uses/)
})

const DOCUMENTS = 24

test('killed five times in the middle of indexing, every document is indexed exactly once', async () => {
  const folder = tempFolder()
  const stored: number[] = []
  for (let life = 0; life < 5; life++) {
    await liveAndDie(folder, life === 0, 3)
    using db = openDatabase(join(folder, 'intelligence.db'))
    stored.push(countDocuments(db).documents)
  }
  // Each life brought it further, and none to the end.
  expect(stored).toEqual(stored.toSorted((a, b) => a - b))
  expect(stored[0]).toBeGreaterThan(0)
  expect(stored.at(-1)).toBeLessThan(DOCUMENTS)

  const last = await begin({ DATA_DIR: folder })
  await until(
    () => last.context.store.jobs.counts(),
    ({ succeeded }) => succeeded === DOCUMENTS,
  )
  await last.close()
  using db = openDatabase(join(folder, 'intelligence.db'))
  expect(new JobQueue(db).counts()).toEqual({
    pending: 0,
    running: 0,
    succeeded: DOCUMENTS,
    failed: 0,
    dead: 0,
  })
  const documents = listDocuments(db, { limit: 100, offset: 0 })
  expect(new Set(documents.map(({ source }) => source)).size).toBe(DOCUMENTS)
  expect(countDocuments(db)).toMatchObject({ documents: DOCUMENTS, chunks: DOCUMENTS, vectors: DOCUMENTS })
  // Written once: a second storing would have moved the one and not the other.
  expect(documents.filter(({ createdAt, updatedAt }) => createdAt !== updatedAt)).toEqual([])
}, 60_000)

/** A process that indexes until `until` documents are done, and is killed while the next ones are under way. */
async function liveAndDie(folder: string, withDocuments: boolean, until: number): Promise<void> {
  const at = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
  const program = `
    import { begin, post, texts } from ${at('./app-begin.ts')}
    const running = await begin({ DATA_DIR: ${JSON.stringify(folder)}, INDEX_CONCURRENCY: '3' }, {
      upstreams: { ollama: { latency: 40 } },
    })
    running.context.worker.subscribe((_job, ended) => console.log(ended))
    if (${withDocuments}) await Promise.all(texts(${DOCUMENTS}).map((text) => post(running, text)))
  `
  const args = ['--conditions=keepwarm-source', '--input-type=module', '-e', program]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 })
  let done = 0
  for await (const line of createInterface(child.stdout)) {
    if (line === 'succeeded') done++
    if (done === until) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
}
