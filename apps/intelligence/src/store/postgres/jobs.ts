/** The queue on PostgreSQL: pg-boss says who works on what, our rows say what became of it, in one transaction. */
import type { ClaimedJob, JobCounts, JobState, JobStatus, Lease } from '../../indexing/job-records.ts'
import type { Draft } from '../../indexing/draft.ts'
import { StoreError } from '../errors.ts'
import type { Replaced } from '../documents.ts'
import type {
  AfterFailure,
  Completed,
  Enqueued,
  Failed,
  JobStore,
  Page,
  Retried,
  StageReport,
} from '../store.ts'
import type { Boss } from './boss.ts'
import type { PostgresDocuments } from './documents.ts'
import { JobLeases } from './job-leases.ts'
import { JobLocks, type Job } from './job-locks.ts'
import { JobRows } from './job-rows.ts'
import { JobStory } from './job-story.ts'
import { recoverSilent } from './recover.ts'
import type { Database, Sql } from './sql.ts'

export class PostgresJobs implements JobStore {
  /** The name of this process, kept with the jobs that it takes. */
  worker: string | null = null
  private readonly db: Database
  private readonly boss: Boss
  private readonly rows: JobRows
  private readonly locks: JobLocks
  private readonly leases: JobLeases
  private readonly story: JobStory
  private readonly documents: PostgresDocuments
  private readonly s: string

  constructor(db: Database, schema: string, boss: Boss, documents: PostgresDocuments) {
    this.db = db
    this.s = schema
    this.boss = boss
    this.documents = documents
    this.rows = new JobRows(schema, boss)
    this.locks = new JobLocks(schema)
    this.leases = new JobLeases(db, schema)
    this.story = new JobStory(db, schema)
  }

  async enqueue(
    drafts: readonly Draft[],
    { maxAttempts = 5 }: { readonly maxAttempts?: number } = {},
  ): Promise<Enqueued[]> {
    checkCount('maxAttempts', maxAttempts)
    const outcomes: Enqueued[] = []
    // In the order of their ids, so that two that bring the same documents never wait for each other in a circle.
    const order = drafts.map((draft, index) => ({ draft, index })).sort(byId)
    await this.db.transaction(async (sql) => {
      for (const { draft, index } of order) outcomes[index] = await this.enqueueIn(sql, draft, maxAttempts)
    })
    return outcomes
  }

  /** The same as a part of a transaction. */
  enqueueIn(sql: Sql, draft: Draft, maxAttempts: number): Promise<Enqueued> {
    return this.rows.enqueue(sql, draft.id, JSON.stringify(draft), maxAttempts)
  }

  async claim(count: number, lease: number): Promise<ClaimedJob[]> {
    checkCount('count', count)
    checkCount('lease', lease)
    return this.db.transaction(async (sql) =>
      this.rows.lease(sql, await this.boss.fetch(sql, count), lease, this.worker),
    )
  }

  payload(job: Lease): Promise<Draft | undefined> {
    return this.leases.payload(job)
  }

  async heartbeat(job: Lease, lease: number): Promise<boolean> {
    checkCount('lease', lease)
    return this.leases.extend(job, lease)
  }

  complete(
    lease: Lease,
    { document, degraded = false, stages = [] }: Parameters<JobStore['complete']>[1] = {},
  ): ReturnType<JobStore['complete']> {
    type Ended = { outcome: Completed; replaced: Replaced | undefined }
    return this.held<Ended>(lease, { outcome: 'lost', replaced: undefined }, async (sql, job) => {
      const started = performance.now()
      let replaced: Replaced | undefined
      if (document !== undefined) {
        replaced = await this.documents.replaceIn(sql, document)
        if (!degraded)
          await sql.query(`DELETE FROM ${this.s}.unfinished WHERE document_id = $1`, [document.id])
      }
      const duration = performance.now() - started
      for (const report of stages) await this.leases.writeStage(sql, lease, { duration, ...report })
      await this.boss.complete(sql, job.boss)
      const outcome: Completed = (await this.rows.promote(sql, job)) ? 'again' : 'succeeded'
      if (outcome === 'succeeded') await this.rows.end(sql, job, 'succeeded', null)
      return { outcome, replaced }
    })
  }

  fail(lease: Lease, reason: string, next: AfterFailure): Promise<Failed> {
    return this.held<Failed>(lease, 'lost', async (sql, job) => {
      if (await this.rows.hasNext(sql, job)) {
        await this.boss.remove(sql, job.boss.id)
        await this.rows.promote(sql, job)
        return 'again'
      }
      if ('retryIn' in next && next.uncounted === true) {
        await this.boss.remove(sql, job.boss.id)
        await this.rows.uncount(sql, job, reason, next.retryIn)
        return 'retrying'
      }
      const last = job.attempts >= job.maxAttempts
      if (!('dead' in next) && !last) {
        await this.boss.fail(sql, job.boss, reason, next.retryIn)
        await this.rows.postpone(sql, job, 'failed', reason, next.retryIn)
        return 'retrying'
      }
      await this.rows.bury(sql, job, reason, last)
      return 'dead'
    })
  }

  release(lease: Lease): Promise<boolean> {
    return this.held(lease, false, async (sql, job) => {
      await this.boss.remove(sql, job.boss.id)
      if (!(await this.rows.promote(sql, job))) await this.rows.giveBack(sql, job)
      return true
    })
  }

  recordStage(job: Lease, report: StageReport): Promise<boolean> {
    return this.leases.writeStage(this.db, job, report)
  }

  retry(documentId: string): Promise<Retried> {
    return this.db.transaction(async (sql) => {
      const job = await this.locks.of(sql, documentId)
      if (job === undefined) return 'unknown'
      if (job.state !== 'dead' && job.state !== 'failed') return 'not_failed'
      await this.rows.revive(sql, job)
      return 'ready'
    })
  }

  redrive(limit: number): Promise<number> {
    checkCount('limit', limit)
    return this.db.transaction(async (sql) => {
      const dead = await this.locks.dead(sql, limit)
      for (const job of dead) await this.rows.revive(sql, job)
      return dead.length
    })
  }

  discard(documentId: string): Promise<boolean> {
    return this.db.transaction((sql) => this.discardIn(sql, documentId))
  }

  async discardIn(sql: Sql, documentId: string): Promise<boolean> {
    const job = await this.locks.of(sql, documentId)
    if (job === undefined) return false
    if (job.boss.id !== '') await this.boss.remove(sql, job.boss.id)
    if (job.state === 'dead') await this.boss.exhume(sql, documentId)
    await sql.query(`DELETE FROM ${this.s}.jobs WHERE seq = $1`, [job.seq])
    return true
  }

  recover(): Promise<{ readonly ready: number; readonly dead: number }> {
    return recoverSilent(this.db, this.locks, this.rows, this.boss)
  }

  status(documentId: string): Promise<JobStatus | undefined> {
    return this.story.status(documentId)
  }

  list(state: JobState, page: Page): Promise<JobStatus[]> {
    return this.story.list(state, page)
  }

  counts(): Promise<JobCounts> {
    return this.story.counts()
  }

  nextIn(): Promise<number | undefined> {
    return this.story.nextIn()
  }

  /** Does `work` with the job's row locked, when this lease is the one that counts. */
  private held<Result>(
    lease: Lease,
    lost: Result,
    work: (sql: Sql, job: Job) => Promise<Result>,
  ): Promise<Result> {
    return this.db.transaction(async (sql) => {
      const job = await this.locks.held(sql, lease)
      return job === undefined ? lost : work(sql, job)
    })
  }
}

/** The same id twice: in the order in which they came. */
function byId(a: { draft: Draft; index: number }, b: { draft: Draft; index: number }): number {
  return a.draft.id < b.draft.id ? -1 : a.draft.id > b.draft.id ? 1 : a.index - b.index
}

function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new StoreError('invalid', `${name} = ${value}: expected a whole number, 1 or more`)
}
