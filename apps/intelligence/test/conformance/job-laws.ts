import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ClaimedJob } from '../../src/indexing/job-records.ts'
import { sampleDocument } from '../../src/store/sample-document.ts'
import type { Store } from '../../src/store/store.ts'
import type { Case } from '../store-conformance.test.ts'
import { draft } from './samples.ts'

const LEASE = 60_000
const none = { pending: 0, running: 0, succeeded: 0, failed: 0, dead: 0 }

async function claimOne(store: Store, lease = LEASE): Promise<ClaimedJob> {
  const [job] = await store.jobs.claim(1, lease)
  if (job === undefined) throw new Error('there is no job')
  return job
}

export function jobLaws(current: () => Case): void {
  test('a job goes its way: it waits, runs, succeeds, and then nothing is left of it but its story', async () => {
    const { store } = current()
    expect(await store.jobs.nextIn()).toBeUndefined()
    expect(await store.jobs.enqueue([draft('a')], { maxAttempts: 3 })).toEqual(['created'])
    expect(await store.jobs.nextIn()).toBeLessThanOrEqual(0)
    expect(await store.jobs.status('a')).toMatchObject({ state: 'pending', attempts: 0, maxAttempts: 3 })
    const job = await claimOne(store)
    expect(job).toMatchObject({ documentId: 'a', attempt: 1, maxAttempts: 3 })
    expect(await store.jobs.payload(job)).toEqual(draft('a'))
    expect(await store.jobs.recordStage(job, { stage: 'chunk', state: 'running' })).toBe(true)
    await store.jobs.recordStage(job, { stage: 'embed', state: 'failed', detail: { why: 'ö' }, duration: 2 })
    await store.jobs.recordStage(job, { stage: 'chunk', state: 'succeeded', duration: 1.5 })
    expect(await store.jobs.complete(job)).toEqual({ outcome: 'succeeded', replaced: undefined })
    expect(await store.jobs.status('a')).toMatchObject({
      state: 'succeeded',
      attempts: 1,
      retryAt: null,
      steps: [
        { stage: 'chunk', state: 'succeeded', attempt: 1, detail: null, duration: 1.5 },
        { stage: 'embed', state: 'failed', attempt: 1, detail: { why: 'ö' }, duration: 2 },
      ],
    })
    expect(await store.jobs.counts()).toEqual({ ...none, succeeded: 1 })
    expect(await store.jobs.claim(5, LEASE)).toEqual([])
    expect(await store.jobs.nextIn()).toBeUndefined()
  })

  test('those that waited longest come first, and no more than were asked for', async () => {
    const { store } = current()
    for (const id of ['c', 'a', 'b']) {
      await store.jobs.enqueue([draft(id)])
      await pause(3)
    }
    expect((await store.jobs.claim(2, LEASE)).map(({ documentId }) => documentId)).toEqual(['c', 'a'])
    expect((await store.jobs.claim(2, LEASE)).map(({ documentId }) => documentId)).toEqual(['b'])
  })

  test('however many claim at once, no job is given to two', async () => {
    const { store, maker } = current()
    await store.jobs.enqueue(Array.from({ length: 60 }, (_, index) => draft(`d${index}`)))
    const others = maker.second === undefined ? [] : [await maker.second(), await maker.second()]
    const claims = [store, ...others].flatMap((one) =>
      Array.from({ length: 6 }, () => one.jobs.claim(5, LEASE)),
    )
    const ids = (await Promise.all(claims)).flat().map(({ documentId }) => documentId)
    ids.push(...(await store.jobs.claim(60, LEASE)).map(({ documentId }) => documentId))
    expect(ids).toHaveLength(60)
    expect(new Set(ids).size).toBe(60)
  }, 60_000)

  test('the same document again is one job: replaced while it waits, once more after the one that runs', async () => {
    const { store } = current()
    const versions = [draft('a', 'one'), draft('a', 'two'), draft('a', 'three'), draft('a', 'four')] as const
    expect(await store.jobs.enqueue([versions[0], versions[1]])).toEqual(['created', 'replaced'])
    const job = await claimOne(store)
    expect(await store.jobs.payload(job)).toEqual(versions[1])
    expect(await store.jobs.enqueue([versions[2]])).toEqual(['after_current'])
    expect(await store.jobs.enqueue([versions[3]])).toEqual(['after_current'])
    expect(await store.jobs.status('a')).toMatchObject({ state: 'running', againAfter: true })
    expect(await store.jobs.claim(1, LEASE)).toEqual([])
    expect(await store.jobs.complete(job)).toMatchObject({ outcome: 'again' })
    const next = await claimOne(store)
    expect(await store.jobs.payload(next)).toEqual(versions[3])
    expect(await store.jobs.complete(next)).toMatchObject({ outcome: 'succeeded' })
    expect(await store.jobs.enqueue([versions[0]])).toEqual(['restarted'])
    expect(await store.jobs.status('a')).toMatchObject({ state: 'pending', attempts: 0, steps: [] })
  })

  test('ending a job stores its document in the same transaction, for the lease that holds and no other', async () => {
    const { store } = current()
    const document = sampleDocument({ source: 'doc', texts: ['words'], vectors: [[1, 0]] })
    await store.jobs.enqueue([draft(document.id)])
    await store.unfinished.degrade(draft(document.id), 'hash', { done: {} }, ['entities'], null)
    const stale = await claimOne(store, 1)
    await pause(20)
    expect(await store.jobs.recover()).toEqual({ ready: 1, dead: 0 })
    const job = await claimOne(store)
    expect(job.attempt).toBe(2)
    expect(await store.jobs.complete(stale, { document })).toMatchObject({ outcome: 'lost' })
    expect(await store.documents.counts()).toMatchObject({ documents: 0 })
    const bad = { ...document, chunks: [{ ...document.chunks[0]!, vector: [Number.NaN] }] }
    await expect(store.jobs.complete(job, { document: bad })).rejects.toMatchObject({ code: 'invalid' })
    expect(await store.jobs.status(document.id)).toMatchObject({ state: 'running', steps: [] })
    const stages = [{ stage: 'deliver', state: 'succeeded', detail: { chunks: 1 } }] as const
    const ended = await store.jobs.complete(job, { document, stages })
    expect(ended).toMatchObject({ outcome: 'succeeded', replaced: { created: true, chunks: 1 } })
    expect((await store.jobs.status(document.id))?.steps[0]).toMatchObject({
      stage: 'deliver',
      duration: expect.any(Number),
    })
    expect(await store.unfinished.count()).toMatchObject({ documents: 0 })
    expect(await store.jobs.complete(job, { document })).toMatchObject({ outcome: 'lost' })
  })

  test('a lease that runs out gives the job to another, and what the first still says is ignored', async () => {
    const { store } = current()
    await store.jobs.enqueue([draft('a')], { maxAttempts: 2 })
    const first = await claimOne(store)
    expect(await store.jobs.recover()).toEqual({ ready: 0, dead: 0 })
    expect(await store.jobs.heartbeat(first, 30)).toBe(true)
    await pause(60)
    expect(await store.jobs.recover()).toEqual({ ready: 1, dead: 0 })
    expect(await store.jobs.status('a')).toMatchObject({ reason: expect.stringContaining('fell silent') })
    const second = await claimOne(store, 1)
    expect(second).toMatchObject({ attempt: 2 })
    expect(await store.jobs.heartbeat(first, LEASE)).toBe(false)
    expect(await store.jobs.payload(first)).toBeUndefined()
    expect(await store.jobs.recordStage(first, { stage: 'chunk', state: 'failed' })).toBe(false)
    expect(await store.jobs.fail(first, 'late', { dead: true })).toBe('lost')
    expect(await store.jobs.release(first)).toBe(false)
    await pause(20)
    expect(await store.jobs.recover()).toEqual({ ready: 0, dead: 1 })
    expect(await store.jobs.status('a')).toMatchObject({
      state: 'dead',
      reason: 'the worker fell silent during attempt 2 of 2',
    })
  })

  test('a failed attempt is made again after its pause, and the last one leaves a dead letter with its reason', async () => {
    const { store } = current()
    await store.jobs.enqueue([draft('later')])
    expect(await store.jobs.fail(await claimOne(store), 'not yet', { retryIn: 60_000 })).toBe('retrying')
    const failed = await store.jobs.status('later')
    expect(failed).toMatchObject({ state: 'failed', reason: 'not yet', retryAt: expect.any(Number) })
    expect(await store.jobs.claim(1, LEASE)).toEqual([])
    expect(await store.jobs.nextIn()).toBeGreaterThan(10_000)
    expect(await store.jobs.discard('later')).toBe(true)
    await store.jobs.enqueue([draft('a')], { maxAttempts: 2 })
    expect(await store.jobs.fail(await claimOne(store), 'first', { retryIn: 5 })).toBe('retrying')
    await pause(50)
    const last = await claimOne(store)
    expect(last.attempt).toBe(2)
    expect(await store.jobs.fail(last, `second ${'x'.repeat(5_000)}`, { retryIn: 1 })).toBe('dead')
    const [dead] = await store.jobs.list('dead', { limit: 10, offset: 0 })
    expect(dead).toMatchObject({
      documentId: 'a',
      state: 'dead',
      reason: expect.stringMatching(/^second x+…$/),
    })
    expect(dead?.reason).toHaveLength(2_000)
    await pause(20)
    expect(await store.jobs.claim(1, LEASE)).toEqual([])
    expect(await store.jobs.nextIn()).toBeUndefined()
  })

  test('a poison document is dead at once; retry and redrive bring it back with all its attempts', async () => {
    const { store } = current()
    await store.jobs.enqueue(
      ['a', 'b', 'c'].map((id) => draft(id)),
      { maxAttempts: 2 },
    )
    for (const job of await store.jobs.claim(3, LEASE)) await store.jobs.fail(job, 'poison', { dead: true })
    expect(await store.jobs.counts()).toEqual({ ...none, dead: 3 })
    expect(await store.jobs.retry('nobody')).toBe('unknown')
    expect(await store.jobs.retry('b')).toBe('ready')
    expect(await store.jobs.retry('b')).toBe('not_failed')
    const back = await claimOne(store)
    expect(back).toMatchObject({ documentId: 'b', attempt: 1, maxAttempts: 2 })
    expect(await store.jobs.payload(back)).toEqual(draft('b'))
    expect(await store.jobs.redrive(10)).toBe(2)
    expect((await store.jobs.claim(9, LEASE)).map(({ documentId }) => documentId).toSorted()).toEqual([
      'a',
      'c',
    ])
    expect(await store.jobs.redrive(10)).toBe(0)
    // Its attempts are counted anew.
    expect(await store.jobs.fail(back, 'again', { retryIn: 0 })).toBe('retrying')
    await pause(5)
    expect(await store.jobs.fail(await claimOne(store), 'poison', { retryIn: 0 })).toBe('dead')
    // A newer version takes the place of a dead one.
    expect(await store.jobs.enqueue([draft('b', 'better')])).toEqual(['restarted'])
    const better = await claimOne(store)
    expect(await store.jobs.payload(better)).toEqual(draft('b', 'better'))
    await store.jobs.complete(better)
    expect(await store.jobs.redrive(10)).toBe(0)
  })

  test('what is given back untried counts no attempt', async () => {
    const { store } = current()
    await store.jobs.enqueue([draft('a')], { maxAttempts: 1 })
    for (let round = 0; round < 3; round++) {
      const job = await claimOne(store)
      expect(job.attempt).toBe(1)
      expect(await store.jobs.release(job)).toBe(true)
    }
    expect(await store.jobs.status('a')).toMatchObject({ state: 'pending', attempts: 0 })
    expect(await store.jobs.fail(await claimOne(store), 'now it counts', { retryIn: 0 })).toBe('dead')
  })

  test('an attempt that failed through no fault of the document waits with its reason, and is not counted', async () => {
    const { store } = current()
    await store.jobs.enqueue([draft('a')], { maxAttempts: 2 })
    for (let round = 0; round < 5; round++) {
      const job = await claimOne(store)
      expect(job.attempt).toBe(1)
      expect(await store.jobs.fail(job, `outage ${round}`, { retryIn: 1, uncounted: true })).toBe('retrying')
      expect(await store.jobs.status('a')).toMatchObject({
        ...{ state: 'failed', attempts: 0, reason: `outage ${round}`, retryAt: expect.any(Number) },
      })
      await pause(20)
    }
    expect(await store.jobs.fail(await claimOne(store), 'own', { retryIn: 1 })).toBe('retrying')
    await pause(20)
    // Also when it is the last that it has.
    const last = await claimOne(store)
    expect(last.attempt).toBe(2)
    expect(await store.jobs.fail(last, 'outage', { retryIn: 60_000, uncounted: true })).toBe('retrying')
    expect(await store.jobs.claim(1, LEASE)).toEqual([])
    expect(await store.jobs.nextIn()).toBeGreaterThan(10_000)
    expect(await store.jobs.retry('a')).toBe('ready')
    expect(await store.jobs.fail(await claimOne(store), 'poison', { dead: true })).toBe('dead')
    expect(await store.jobs.redrive(1)).toBe(1)
  })

  test('a discarded job is forgotten, and its worker can store nothing', async () => {
    const { store } = current()
    await store.jobs.enqueue([draft('a'), draft('b')])
    const job = await claimOne(store)
    expect(await store.jobs.discard(job.documentId)).toBe(true)
    expect(await store.jobs.discard(job.documentId)).toBe(false)
    expect(await store.jobs.complete(job, { document: sampleDocument({ source: 'x' }) })).toMatchObject({
      outcome: 'lost',
    })
    expect(await store.documents.counts()).toMatchObject({ documents: 0 })
    expect(await store.jobs.status(job.documentId)).toBeUndefined()
    expect(await store.jobs.claim(5, LEASE)).toHaveLength(1)
    // Nothing of the old one stands in the way of a new one.
    expect(await store.jobs.enqueue([draft(job.documentId)])).toEqual(['created'])
    expect(await claimOne(store)).toMatchObject({ documentId: job.documentId, attempt: 1 })
  })

  test('a batch is accepted as a whole or not at all, and numbers out of range are refused by name', async () => {
    const { store } = current()
    const circular = { ...draft('bad'), metadata: {} }
    Object.assign(circular.metadata, { circular })
    await expect(store.jobs.enqueue([draft('a'), circular])).rejects.toThrow()
    expect(await store.jobs.counts()).toEqual(none)
    await expect(store.jobs.claim(0, LEASE)).rejects.toThrow('count = 0')
    await expect(store.jobs.enqueue([draft('a')], { maxAttempts: 0 })).rejects.toThrow('maxAttempts = 0')
  })

  test('several workers that fail, die and come back end every job, each once', async () => {
    const { store, maker } = current()
    const others = maker.second === undefined ? [store, store] : [await maker.second(), await maker.second()]
    const ids = Array.from({ length: 30 }, (_, index) => `w${index}`)
    await store.jobs.enqueue(
      ids.map((id) => draft(id)),
      { maxAttempts: 50 },
    )
    const ended: string[] = []
    const work = async (one: Store, seed: number): Promise<void> => {
      for (let step = seed; ended.length < ids.length && step < 2_000 + seed; step++) {
        await one.jobs.recover()
        for (const job of await one.jobs.claim(3, 25)) {
          const fate = (step + job.attempt) % 4
          // It dies: the lease runs out.
          if (fate === 0) continue
          if (fate === 1) await one.jobs.fail(job, 'chance', { retryIn: 1 })
          if (fate === 2) await one.jobs.release(job)
          if (fate === 3 && (await one.jobs.complete(job)).outcome === 'succeeded') ended.push(job.documentId)
        }
        await pause(2)
      }
    }
    await Promise.all([store, ...others].map((one, index) => work(one, index * 7)))
    expect(ended.toSorted()).toEqual(ids.toSorted())
    expect(await store.jobs.counts()).toEqual({ ...none, succeeded: ids.length })
  }, 60_000)
}
