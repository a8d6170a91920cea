import { KeepwarmError } from 'keepwarm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase, type Database } from '../store/database.ts'
import { storeOn } from '../store/sqlite-store.ts'
import { StoreError } from '../store/errors.ts'
import { Answering } from './answering.ts'
import { NoLongerWanted } from './deliver.ts'
import { toDraft, type Draft } from './draft.ts'
import type { ClaimedJob } from './job-records.ts'
import { StageError, type Indexed } from './pipeline.ts'
import { JobQueue } from './queue.ts'
import { UnfinishedDocuments } from './unfinished.ts'
import { judgeFailure } from './verdict.ts'
import { IndexWorker, type Ended, type WorkerOptions } from './worker.ts'

let db: Database
let queue: JobQueue<Draft>
let unfinished: UnfinishedDocuments
let worker: IndexWorker | undefined
const heard: [string, Ended][] = []

beforeEach(() => {
  db = openDatabase(':memory:')
  queue = new JobQueue(db)
  unfinished = new UnfinishedDocuments(db)
  heard.length = 0
})
afterEach(async () => {
  await worker?.stop({ timeout: 0 })
  db.close()
})

type Run = (job: ClaimedJob, draft: Draft, signal: AbortSignal) => Promise<Indexed>

function start(run: Run, options: Partial<WorkerOptions> = {}): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const onEnded = ({ documentId }: ClaimedJob, ended: Ended): void => {
    heard.push([documentId, ended])
    if (queue.counts().pending + queue.counts().running + queue.counts().failed === 0) resolve()
  }
  const backoff = { base: 1, cap: 5 }
  const store = storeOn(db)
  worker = new IndexWorker({ store, pipeline: { run }, backoff, concurrency: 2, ...options })
  worker.subscribe(onEnded)
  worker.start()
  return promise
}

function add(...ids: string[]): void {
  for (const id of ids)
    queue.enqueue(id, toDraft({ id, content: `text of ${id}` }, 1), { now: Date.now(), maxAttempts: 3 })
}

function down(code: 'reset' | 'attempt_timeout' | 'connect', sent: 'no' | 'maybe'): StageError {
  const error = new KeepwarmError(code, 'the upstream is down', { sent })
  return new StageError('embed', judgeFailure(error), error)
}

const done = async (): Promise<Indexed> => ({ outcome: 'stored', degraded: [] })

test('never more at once than it may, and everything in the end', async () => {
  add('a', 'b', 'c', 'd', 'e')
  let [now, most] = [0, 0]
  await start(async () => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setTimeout(resolve, 5))
    now--
    return done()
  })
  expect(most).toBe(2)
  expect(queue.counts()).toMatchObject({ succeeded: 5 })
})

test('what may pass is tried again until its attempts are used up; what may not is dead at once', async () => {
  add('passing', 'lasting')
  await start(async (_, { id }) => {
    throw new KeepwarmError(id === 'passing' ? 'reset' : 'body_too_large', `${id} trouble`, { sent: 'maybe' })
  })
  expect(queue.status('passing')).toMatchObject({ state: 'dead', attempts: 3, reason: 'passing trouble' })
  expect(queue.status('lasting')).toMatchObject({ state: 'dead', attempts: 1, reason: 'lasting trouble' })
  expect(heard.filter(([id]) => id === 'passing').map(([, ended]) => ended)).toEqual([
    'retrying',
    'retrying',
    'dead',
  ])
})

test('what an upstream that is down does to documents is not counted, and most of them are not even begun', async () => {
  add('a', 'b', 'c', 'd', 'e', 'f')
  let [begun, canaries, well] = [0, 0, false]
  const answering = new Answering({
    embed: async () => {
      canaries++
      if (!well) throw new Error('down')
    },
  })
  const run: Run = async () => {
    begun++
    if (!well) throw down('reset', 'maybe')
    return done()
  }
  const ended = start(run, { answering })
  await expect.poll(() => canaries).toBeGreaterThan(5)
  expect(begun).toBeLessThanOrEqual(2)
  expect(queue.counts()).toMatchObject({ pending: 4, failed: 2, dead: 0 })
  expect(queue.status('a')).toMatchObject({ attempts: 0, reason: expect.stringContaining('embed: ') })
  well = true
  await ended
  expect(queue.counts()).toMatchObject({ succeeded: 6 })
  expect(queue.status('a')?.attempts).toBe(1)
  expect(heard.filter(([, how]) => how === 'waiting')).toHaveLength(2)
})

test('a document that fails while the upstream answers others spends its attempts, and the others go through', async () => {
  add('good', 'poison', 'fine')
  const answering = new Answering({ embed: async () => undefined })
  await start(
    async (_, { id }) => {
      if (id === 'poison') throw down('attempt_timeout', 'maybe')
      return done()
    },
    { answering },
  )
  expect(queue.status('poison')).toMatchObject({ state: 'dead', attempts: 3 })
  expect(queue.counts()).toMatchObject({ succeeded: 2, dead: 1 })
})

test('a document after which the upstream is down each time is found out although nobody else is there to tell', async () => {
  add('crasher')
  let well = true
  const answering = new Answering({
    embed: async () => {
      const answers = well
      // Somebody starts it again between one look and the next.
      well = true
      if (!answers) throw new Error('down')
    },
  })
  await start(
    async () => {
      well = false
      throw down('reset', 'maybe')
    },
    { answering },
  )
  expect(queue.status('crasher')).toMatchObject({ state: 'dead', attempts: 3 })
})

test('a rest for what is no upstream ends without asking anybody', async () => {
  add('a', 'b')
  let failures = 5
  await start(async () => {
    if (failures-- > 0) throw new StoreError('unavailable', 'the server is away')
    return done()
  })
  expect(queue.counts()).toMatchObject({ succeeded: 2 })
  expect(queue.status('a')?.attempts).toBe(1)
})

test('stopping does not wait for a canary', async () => {
  add('a')
  const answering = new Answering({
    embed: (signal) =>
      signal === undefined
        ? Promise.reject(new Error('down'))
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  })
  void start(
    async () => {
      throw down('connect', 'no')
    },
    { answering },
  )
  await expect.poll(() => queue.status('a')?.state).toBe('failed')
  await new Promise((resolve) => setTimeout(resolve, 30))
  await worker?.stop({ timeout: 5_000 })
  expect(queue.status('a')).toMatchObject({ state: 'failed', attempts: 0 })
})

test('it waits as long as it was asked to', async () => {
  add('a')
  const before = Date.now()
  void start(async () => {
    throw new KeepwarmError('breaker_open', 'later', { retryAfter: 60_000 })
  })
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(queue.status('a')?.retryAt).toBeGreaterThanOrEqual(before + 60_000)
})

test('a delivery whose answer was lost counts as done when the document is stored', async () => {
  add('a')
  await start(async (job) => {
    queue.complete(job, Date.now())
    throw new NoLongerWanted()
  })
  expect(heard).toEqual([['a', 'succeeded']])
})

test('what was found of a document that was removed meanwhile is forgotten', async () => {
  add('a')
  await start(async (_, draft) => {
    unfinished.keep('a', 'hash', { done: {} }, ['entities'], 1)
    unfinished.degrade(draft, null)
    queue.discard('a')
    throw new NoLongerWanted()
  })
  expect(heard).toEqual([['a', 'lost']])
  expect(unfinished.count().documents).toBe(0)
})

test('stopping gives back what does not finish in time, without counting the attempt', async () => {
  add('a')
  void start(
    (_job, _draft, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(queue.status('a')).toMatchObject({ state: 'running', attempts: 1 })
  await worker?.stop({ timeout: 5 })
  expect(queue.status('a')).toMatchObject({ state: 'pending', attempts: 0 })
  expect(heard).toEqual([['a', 'released']])
})

test('a repair begins when its time has come, and never in place of a job that is not over', async () => {
  add('a', 'b')
  const degrade = (id: string): void => {
    unfinished.keep(id, 'hash', { done: {} }, ['entities'], 1)
    unfinished.degrade(toDraft({ id, content: `text of ${id}` }, 1), 1)
  }
  degrade('b')
  expect(unfinished.repair('b', queue, 2)).toBe(false)
  const [job] = queue.claim(1, 1_000, Date.now())
  if (job !== undefined) queue.complete(job, 2)
  degrade('a')
  expect(queue.status('a')?.state).toBe('succeeded')
  await start(done)
  expect(heard.map(([id]) => id).toSorted()).toEqual(['a', 'b'])
  expect(unfinished.count().documents).toBe(0)
})

test('no more is claimed than the upstreams have room for, and the rest when they have', async () => {
  add('a', 'b', 'c')
  let room = 0
  const ended = start(done, { room: () => room })
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(queue.counts()).toMatchObject({ pending: 3, running: 0 })
  room = 1
  await ended
  expect(queue.counts()).toMatchObject({ succeeded: 3 })
})

test('a queue that cannot be worked on for a moment is worked on later', async () => {
  add('a')
  const store = storeOn(db)
  let failures = 1
  const jobs = Object.create(store.jobs) as typeof store.jobs
  jobs.claim = (count, lease) => {
    if (failures-- > 0) throw new Error('the disk is full')
    return store.jobs.claim(count, lease)
  }
  await start(done, { store: { ...store, jobs } })
  expect(queue.counts()).toMatchObject({ succeeded: 1 })
})
