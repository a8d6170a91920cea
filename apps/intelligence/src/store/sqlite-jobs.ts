/** The queue of the embedded store behind the interface of all stores. */
import type { Draft } from '../indexing/draft.ts'
import type { ClaimedJob, JobCounts, JobState, JobStatus, Lease } from '../indexing/job-records.ts'
import type { JobQueue } from '../indexing/queue.ts'
import type { UnfinishedDocuments } from '../indexing/unfinished.ts'
import type { Database } from './database.ts'
import { replaceDocument, type Replaced } from './documents.ts'
import type { AfterFailure, Enqueued, Failed, JobStore, Page, Retried, StageReport } from './store.ts'

export class SqliteJobs implements JobStore {
  private readonly db: Database
  private readonly queue: JobQueue<Draft>
  private readonly unfinished: UnfinishedDocuments
  private readonly now: () => number

  constructor(db: Database, queue: JobQueue<Draft>, unfinished: UnfinishedDocuments, now: () => number) {
    this.db = db
    this.queue = queue
    this.unfinished = unfinished
    this.now = now
  }

  async enqueue(
    drafts: readonly Draft[],
    options: { readonly maxAttempts?: number } = {},
  ): Promise<Enqueued[]> {
    // One wait for the disk, however many they are.
    return this.db.durably(() =>
      drafts.map((draft) => this.queue.enqueue(draft.id, draft, { now: this.now(), ...options }).outcome),
    )
  }

  async claim(count: number, lease: number): Promise<ClaimedJob[]> {
    return this.queue.claim(count, lease, this.now())
  }

  async payload(job: Lease): Promise<Draft | undefined> {
    return this.queue.payload(job)
  }

  async heartbeat(job: Lease, lease: number): Promise<boolean> {
    return this.queue.heartbeat(job, lease, this.now())
  }

  async complete(
    job: Lease,
    { document, degraded = false, stages = [] }: Parameters<JobStore['complete']>[1] = {},
  ): ReturnType<JobStore['complete']> {
    let replaced: Replaced | undefined
    const outcome = this.queue.complete(job, this.now(), () => {
      const started = performance.now()
      if (document !== undefined) {
        replaced = replaceDocument(this.db, document, this.now())
        if (!degraded) this.unfinished.forget(document.id)
      }
      const duration = performance.now() - started
      // Once the job has ended, nobody can report its stages any more.
      for (const report of stages) this.report(job, { duration, ...report })
    })
    return { outcome, replaced }
  }

  async fail(job: Lease, reason: string, next: AfterFailure): Promise<Failed> {
    const now = this.now()
    if ('dead' in next) return this.queue.fail(job, reason, next, now)
    const { retryIn, uncounted = false } = next
    return this.queue.fail(job, reason, { retryAt: now + retryIn, uncounted }, now)
  }

  async release(job: Lease): Promise<boolean> {
    return this.queue.release(job, this.now())
  }

  async recordStage(job: Lease, report: StageReport): Promise<boolean> {
    return this.report(job, report)
  }

  async retry(documentId: string): Promise<Retried> {
    const status = this.queue.status(documentId)
    if (status === undefined) return 'unknown'
    return this.queue.retry(status.id, this.now()) === 'ready' ? 'ready' : 'not_failed'
  }

  async redrive(limit: number): Promise<number> {
    return this.db.transaction(() => {
      const dead = this.queue.list('dead', { limit, offset: 0 })
      return dead.filter(({ id }) => this.queue.retry(id, this.now()) === 'ready').length
    })
  }

  async discard(documentId: string): Promise<boolean> {
    return this.queue.discard(documentId)
  }

  async recover({ alone = false }: { readonly alone?: boolean } = {}): Promise<{
    ready: number
    dead: number
  }> {
    return this.queue.recover(this.now(), { restart: alone })
  }

  async status(documentId: string): Promise<JobStatus | undefined> {
    return this.queue.status(documentId)
  }

  async list(state: JobState, page: Page): Promise<JobStatus[]> {
    return this.queue.list(state, page)
  }

  async counts(): Promise<JobCounts> {
    return this.queue.counts()
  }

  async nextIn(): Promise<number | undefined> {
    const at = this.queue.nextAt()
    return at === undefined ? undefined : at - this.now()
  }

  private report(job: Lease, { stage, state, detail = null, duration = null }: StageReport): boolean {
    return this.queue.recordStage(job, stage, state, detail, duration)
  }
}
