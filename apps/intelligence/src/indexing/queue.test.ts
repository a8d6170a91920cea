import { expect, test } from 'vitest'
import { openDatabase } from '../store/database.ts'
import type { Database } from '../store/database.ts'
import { CLAIM } from './job-rows.ts'
import type { ClaimedJob } from './job-records.ts'
import { JobQueue } from './queue.ts'

interface Draft {
  readonly text: string
}

function queueOn(db: Database): JobQueue<Draft> {
  return new JobQueue<Draft>(db)
}

/** Claims the only job that is due. */
function claimOne(queue: JobQueue<Draft>, now: number, leaseMs = 1_000): ClaimedJob {
  const [job, ...more] = queue.claim(5, leaseMs, now)
  if (job === undefined || more.length > 0)
    throw new Error(`expected one job, got ${more.length + (job ? 1 : 0)}`)
  return job
}

test('a job goes from enqueue through claim to success, and its payload leaves the file', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  const { id, outcome } = queue.enqueue('doc_1', { text: 'a' }, { now: 10, maxAttempts: 3 })
  expect([id, outcome]).toEqual(['job_1', 'created'])
  expect(queue.status('doc_1')).toEqual({
    ...{
      id,
      documentId: 'doc_1',
      state: 'pending',
      attempts: 0,
      maxAttempts: 3,
      reason: null,
      enqueuedAt: 10,
    },
    ...{ startedAt: null, finishedAt: null, retryAt: null, againAfter: false, steps: [] },
  })
  const job = claimOne(queue, 20)
  expect(job).toMatchObject({ id, documentId: 'doc_1', attempt: 1, maxAttempts: 3 })
  expect(queue.payload(job)).toEqual({ text: 'a' })
  expect(queue.status('doc_1')).toMatchObject({ state: 'running', attempts: 1, startedAt: 20 })
  expect(queue.complete(job, 30)).toBe('succeeded')
  expect(queue.job(id)).toMatchObject({ state: 'succeeded', finishedAt: 30, reason: null })
  expect(db.get('SELECT count(*) AS n FROM job_payloads')).toEqual({ n: 0 })
  expect(queue.claim(5, 1_000, 1e12)).toEqual([])
  expect(queue.payload(job)).toBeUndefined()
})

test('a document that still waits keeps its place and gets the newer payload', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  const first = queue.enqueue('doc_1', { text: 'old' }, { now: 1 })
  queue.enqueue('doc_2', { text: 'other' }, { now: 2 })
  const second = queue.enqueue('doc_1', { text: 'new' }, { now: 3, maxAttempts: 9 })
  expect(second).toEqual({ id: first.id, outcome: 'replaced' })
  expect(queue.counts()).toEqual({ pending: 2, running: 0, succeeded: 0, failed: 0, dead: 0 })
  const [job] = queue.claim(1, 1_000, 3)
  expect(job).toMatchObject({ documentId: 'doc_1', maxAttempts: 9 })
  expect(job && queue.payload(job)).toEqual({ text: 'new' })
})

test('a document that runs is run again afterwards, once, with the newest payload', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  queue.enqueue('doc_1', { text: 'first' }, { now: 1 })
  const job = claimOne(queue, 2)
  queue.recordStage(job, 'chunk', 'succeeded')
  expect(queue.enqueue('doc_1', { text: 'second' }, { now: 3 }).outcome).toBe('after_current')
  expect(queue.enqueue('doc_1', { text: 'third' }, { now: 4 }).outcome).toBe('after_current')
  expect(queue.payload(job)).toEqual({ text: 'first' })
  expect(queue.claim(5, 1_000, 5)).toEqual([])
  expect(queue.status('doc_1')).toMatchObject({ state: 'running', againAfter: true })
  expect(queue.complete(job, 6)).toBe('again')
  expect(queue.status('doc_1')).toMatchObject({ state: 'pending', attempts: 0, againAfter: false, steps: [] })
  const next = claimOne(queue, 7)
  expect(queue.payload(next)).toEqual({ text: 'third' })
  expect(queue.complete(next, 8)).toBe('succeeded')
})

test('a failure of an old version gives way to the newer one at once', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  queue.enqueue('doc_1', { text: 'old' }, { now: 1, maxAttempts: 1 })
  const job = claimOne(queue, 2)
  queue.enqueue('doc_1', { text: 'new' }, { now: 3, maxAttempts: 2 })
  expect(queue.fail(job, 'bad', { dead: true }, 4)).toBe('again')
  expect(queue.payload(claimOne(queue, 4))).toEqual({ text: 'new' })
})

test('a document that succeeded, failed or died starts afresh when it comes again', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  const outcomes = (['succeeded', 'failed', 'dead'] as const).map((state) => {
    queue.enqueue(state, { text: 'old' }, { now: 1 })
    const job = claimOne(queue, 1)
    if (state === 'succeeded') queue.complete(job, 2)
    else queue.fail(job, 'broken', state === 'dead' ? { dead: true } : { retryAt: 1e9 }, 2)
    expect(queue.status(state)?.state).toBe(state)
    const { outcome } = queue.enqueue(state, { text: 'new' }, { now: 3 })
    expect(queue.status(state)).toMatchObject({
      state: 'pending',
      attempts: 0,
      reason: null,
      finishedAt: null,
    })
    const again = claimOne(queue, 3)
    expect(queue.payload(again)).toEqual({ text: 'new' })
    queue.complete(again, 4)
    return outcome
  })
  expect(outcomes).toEqual(['restarted', 'replaced', 'restarted'])
})

test('a failed job waits until it may be tried again, and dies after its last attempt', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  const { id } = queue.enqueue('doc_1', { text: 'a' }, { now: 0, maxAttempts: 2 })
  expect(queue.fail(claimOne(queue, 0), 'embedding: no answer', { retryAt: 499.5 }, 10)).toBe('retrying')
  expect(queue.status('doc_1')).toMatchObject({
    state: 'failed',
    attempts: 1,
    retryAt: 500,
    reason: 'embedding: no answer',
  })
  expect(queue.nextAt()).toBe(500)
  expect(queue.claim(5, 1_000, 499)).toEqual([])
  const last = claimOne(queue, 500)
  expect(last.attempt).toBe(2)
  expect(queue.fail(last, 'x'.repeat(5_000), { retryAt: 600 }, 510)).toBe('dead')
  expect(queue.status('doc_1')).toMatchObject({ state: 'dead', attempts: 2, finishedAt: 510, retryAt: null })
  expect(queue.status('doc_1')?.reason).toHaveLength(2_000)
  expect(queue.nextAt()).toBeUndefined()
  expect(queue.list('dead', { limit: 10, offset: 0 }).map((status) => status.id)).toEqual([id])
  expect(queue.list('dead', { limit: 10, offset: 1 })).toEqual([])
})

test('a dead job can be given another chance, others cannot', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  const { id } = queue.enqueue('doc_1', { text: 'a' }, { now: 0 })
  expect(queue.retry(id, 1)).toBe('not_failed')
  queue.fail(claimOne(queue, 1), 'broken', { dead: true }, 2)
  expect(queue.retry(id, 3)).toBe('ready')
  const job = claimOne(queue, 3)
  expect([job.attempt, queue.payload(job)]).toEqual([1, { text: 'a' }])
  queue.complete(job, 4)
  expect(queue.retry(id, 5)).toBe('not_failed')
  for (const unknown of [
    'job_99',
    'job_',
    '1',
    'job_1; DROP TABLE jobs',
    '',
    'job_01',
    `job_${'9'.repeat(30)}`,
  ]) {
    expect(queue.retry(unknown, 5)).toBe('unknown_job')
    expect(queue.job(unknown)).toBeUndefined()
  }
})

test('whoever lost the lease changes nothing any more', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  queue.enqueue('doc_1', { text: 'a' }, { now: 0 })
  const lost = claimOne(queue, 0, 100)
  expect(queue.heartbeat(lost, 100, 90)).toBe(true)
  expect(queue.recover(150)).toEqual({ ready: 0, dead: 0 })
  expect(queue.recover(190)).toEqual({ ready: 1, dead: 0 })
  expect(queue.status('doc_1')).toMatchObject({
    state: 'pending',
    reason: expect.stringContaining('fell silent'),
  })
  const holder = claimOne(queue, 200)
  expect(holder.attempt).toBe(2)
  let stored = false
  expect(queue.heartbeat(lost, 100, 210)).toBe(false)
  expect(queue.recordStage(lost, 'embed', 'failed')).toBe(false)
  expect(queue.fail(lost, 'late', { dead: true }, 210)).toBe('lost')
  expect(queue.complete(lost, 210, () => (stored = true))).toBe('lost')
  expect(queue.release(lost, 210)).toBe(false)
  expect(stored).toBe(false)
  expect(queue.status('doc_1')).toMatchObject({ state: 'running', steps: [] })
  expect(queue.complete(holder, 220, () => (stored = true))).toBe('succeeded')
  expect(stored).toBe(true)
})

test('a job whose results cannot be stored is not done', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  queue.enqueue('doc_1', { text: 'a' }, { now: 0 })
  const job = claimOne(queue, 0)
  const store = () => {
    db.run(`INSERT INTO documents VALUES ('doc_1', 't', NULL, 'h', 1, NULL, NULL, '{}', 1, 1)`)
    throw new Error('disk full')
  }
  expect(() => queue.complete(job, 1, store)).toThrow('disk full')
  expect(queue.status('doc_1')?.state).toBe('running')
  expect(db.get('SELECT count(*) AS n FROM documents')).toEqual({ n: 0 })
})

test('a job that kills its worker each time is dead after its last attempt', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  queue.enqueue('poison', { text: 'a' }, { now: 0, maxAttempts: 2 })
  claimOne(queue, 0)
  expect(queue.recover(2_000)).toEqual({ ready: 1, dead: 0 })
  claimOne(queue, 2_000)
  expect(queue.recover(9_000)).toEqual({ ready: 0, dead: 1 })
  expect(queue.status('poison')).toMatchObject({
    state: 'dead',
    reason: expect.stringContaining('attempt 2 of 2'),
  })
})

test('a job given back by a worker that stops has lost no attempt', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  queue.enqueue('doc_1', { text: 'a' }, { now: 0, maxAttempts: 1 })
  expect(queue.release(claimOne(queue, 0), 5)).toBe(true)
  expect(queue.status('doc_1')).toMatchObject({ state: 'pending', attempts: 0 })
  const job = claimOne(queue, 5)
  queue.enqueue('doc_1', { text: 'b' }, { now: 6 })
  expect(queue.release(job, 7)).toBe(true)
  expect(queue.payload(claimOne(queue, 7))).toEqual({ text: 'b' })
})

test('a discarded job is gone, and a worker that held it cannot store', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  queue.enqueue('doc_1', { text: 'a' }, { now: 0 })
  const job = claimOne(queue, 0)
  queue.recordStage(job, 'chunk', 'running')
  expect(queue.discard('doc_1')).toBe(true)
  expect(queue.discard('doc_1')).toBe(false)
  expect(queue.complete(job, 1)).toBe('lost')
  expect(queue.enqueue('doc_1', { text: 'b' }, { now: 2 }).id).not.toBe(job.id)
  expect(queue.complete(job, 3)).toBe('lost')
})

test('stages are kept in the order of their first report, each with its latest state', () => {
  using db = openDatabase(':memory:')
  const queue = queueOn(db)
  queue.enqueue('doc_1', { text: 'a' }, { now: 0 })
  const job = claimOne(queue, 0)
  queue.recordStage(job, 'embed', 'running')
  queue.recordStage(job, 'chunk', 'succeeded', { chunks: 3 }, 1.5)
  queue.recordStage(job, 'embed', 'failed', 'no answer', 20)
  queue.fail(job, 'embed', { retryAt: 1 }, 1)
  const again = claimOne(queue, 1)
  queue.recordStage(again, 'embed', 'succeeded', null, 7)
  expect(queue.status('doc_1')?.steps).toEqual([
    { stage: 'embed', state: 'succeeded', attempt: 2, detail: null, duration: 7 },
    { stage: 'chunk', state: 'succeeded', attempt: 1, detail: { chunks: 3 }, duration: 1.5 },
  ])
})

test('2,000 jobs and two claimers that take turns: each job is given once', () => {
  using db = openDatabase(':memory:')
  const queues = [queueOn(db), queueOn(db)]
  for (let index = 0; index < 2_000; index += 1)
    queues[0]?.enqueue(`doc_${index}`, { text: 'x' }, { now: index })
  const given: string[] = []
  for (let turn = 0; given.length < 2_000; turn += 1) {
    const queue = queues[turn % 2]
    for (const job of queue?.claim(7, 1_000, 2_000 + turn) ?? []) {
      given.push(job.documentId)
      expect(queue?.complete(job, 2_000 + turn)).toBe('succeeded')
    }
  }
  expect(given).toEqual(Array.from({ length: 2_000 }, (_, index) => `doc_${index}`))
  expect(queues[1]?.counts()).toEqual({ pending: 0, running: 0, succeeded: 2_000, failed: 0, dead: 0 })
})

test('claiming reads the index in its order and sorts nothing', () => {
  using db = openDatabase(':memory:')
  const plan = db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${CLAIM}`, 1, 1, 1, 1).map((row) => row.detail)
  expect(plan.join('\n')).toContain('USING INDEX jobs_claimable (run_at<?)')
  expect(plan.join('\n')).not.toMatch(/TEMP B-TREE|SCAN jobs/)
})

test('what cannot be kept and numbers that make no sense are refused', () => {
  using db = openDatabase(':memory:')
  const queue = new JobQueue<unknown>(db)
  expect(() => queue.enqueue('d', undefined, { now: 1 })).toThrow('payload of d cannot be kept as JSON')
  expect(() => queue.enqueue('d', {}, { now: 1, maxAttempts: 0 })).toThrow('maxAttempts = 0')
  expect(() => queue.claim(0.5, 1, 1)).toThrow('count = 0.5')
  expect(() => queue.claim(1, -1, 1)).toThrow('leaseMs = -1')
  expect(queue.counts().pending).toBe(0)
})
