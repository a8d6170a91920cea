import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../store/database.ts'
import { getDocument, replaceDocument } from '../store/documents.ts'
import { sampleDocument } from '../store/sample-document.ts'
import { JobQueue } from './queue.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'queue-'))))
afterAll(() => rmSync(folder, { recursive: true }))

test('a file closed in the middle of a claim is picked up again, and nothing is lost', () => {
  const path = join(folder, 'closed.db')
  const first = openDatabase(path)
  const before = new JobQueue<string>(first)
  for (const id of ['a', 'b', 'c']) before.enqueue(id, `text of ${id}`, { now: 1 })
  const [held] = before.claim(2, 60_000, 2)
  before.enqueue('a', 'newer text of a', { now: 3 })
  first.close()

  using db = openDatabase(path)
  const queue = new JobQueue<string>(db)
  expect(queue.counts()).toMatchObject({ pending: 1, running: 2 })
  expect(queue.recover(1_000)).toEqual({ ready: 0, dead: 0 })
  expect(queue.recover(1_000, { restart: true })).toEqual({ ready: 2, dead: 0 })
  const texts = queue.claim(9, 60_000, 1_000).map((job) => queue.payload(job))
  expect(texts.toSorted()).toEqual(['newer text of a', 'text of b', 'text of c'])
  expect(held && queue.complete(held, 1_001)).toBe('lost')
})

test('a process killed half way through storing leaves the old document and the job', async () => {
  const path = join(folder, 'killed.db')
  const old = sampleDocument({ source: 'a.md', title: 'Old' })
  const setup = openDatabase(path)
  replaceDocument(setup, old, 1)
  new JobQueue<string>(setup).enqueue(old.id, 'New', { now: 2 })
  setup.close()

  const child = spawn(
    process.execPath,
    ['--conditions=keepwarm-source', '--input-type=module', '-e', killed(path)],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: 15_000,
    },
  )
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])

  using db = openDatabase(path)
  const queue = new JobQueue<string>(db)
  expect(getDocument(db, old.id)?.title).toBe('Old')
  expect(queue.status(old.id)).toMatchObject({
    state: 'running',
    steps: [{ stage: 'store', state: 'running' }],
  })
  expect(queue.recover(3, { restart: true })).toEqual({ ready: 1, dead: 0 })
  const [job] = queue.claim(1, 1_000, 3)
  expect(job && queue.payload(job)).toBe('New')
})

/** A worker that dies in the transaction that stores its results. */
function killed(path: string): string {
  const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  return `
    import { openDatabase } from ${from('../store/database.ts')}
    import { replaceDocument } from ${from('../store/documents.ts')}
    import { sampleDocument } from ${from('../store/sample-document.ts')}
    import { JobQueue } from ${from('./queue.ts')}
    const db = openDatabase(${JSON.stringify(path)})
    const queue = new JobQueue(db)
    const [job] = queue.claim(1, 60_000, 2)
    queue.recordStage(job, 'store', 'running')
    queue.complete(job, 3, () => {
      replaceDocument(db, sampleDocument({ source: 'a.md', title: queue.payload(job) }), 3)
      process.kill(process.pid, 'SIGKILL')
    })`
}

test('two processes on one file: claims of two connections never overlap', () => {
  const path = join(folder, 'shared.db')
  using one = openDatabase(path)
  using two = openDatabase(path)
  const queues = [new JobQueue<string>(one), new JobQueue<string>(two)]
  one.durably(() => {
    for (let index = 0; index < 2_000; index += 1) queues[0]?.enqueue(`doc_${index}`, 'x', { now: 1 })
  })
  const given: string[] = []
  for (let turn = 0; ; turn += 1) {
    const jobs = [...queues.entries()].map(([index, queue]) => ({
      queue,
      jobs: queue.claim(3 + index, 1_000, 2),
    }))
    if (jobs.every((taken) => taken.jobs.length === 0)) break
    for (const taken of jobs.toReversed()) {
      given.push(...taken.jobs.map((job) => job.documentId))
      for (const job of taken.jobs) expect(taken.queue.complete(job, 3)).toBe('succeeded')
    }
  }
  expect(new Set(given).size).toBe(2_000)
  expect(given).toHaveLength(2_000)
})
