import type { Database } from '../store/database.ts'
import { StoreError } from '../store/errors.ts'
import type { Json } from '../store/records.ts'
import { jobId, jobSeq } from './job-records.ts'
import type { ClaimedJob, JobCounts, JobRow, JobState, JobStatus, Lease, StageState } from './job-records.ts'
import * as rows from './job-rows.ts'

/** What `enqueue` did: a new job, a new payload for one that waits, a run after the current one, a new run. */
export type Enqueued = 'created' | 'replaced' | 'after_current' | 'restarted'

/** `lost`: somebody else holds the job by now, and nothing was changed. `again`: a newer version runs next. */
export type Completed = 'succeeded' | 'again' | 'lost'
export type Failed = 'retrying' | 'dead' | 'again' | 'lost'
export type Retried = 'ready' | 'unknown_job' | 'not_failed'

export interface EnqueueOptions {
  /** Milliseconds since 1970. */
  readonly now: number
  /** How often a job is tried before it is dead, the first time included. Default 5. */
  readonly maxAttempts?: number
}

/**
 * A queue of documents to index, in the same file as the documents. One job for each document. What `enqueue`
 * accepted stays until it succeeded or somebody discards it, whenever the process or the machine dies. A worker
 * holds a job by a lease: when it falls silent, `recover` gives the job to another, and whatever the first still
 * says about it is ignored. Time comes in as an argument, always milliseconds since 1970.
 *
 * @example
 * const queue = new JobQueue<Draft>(db)
 * queue.enqueue('doc_1', draft, { now: Date.now() })
 * for (const job of queue.claim(4, 30_000, Date.now())) {
 *   const indexed = await pipeline(queue.payload(job))
 *   queue.complete(job, Date.now(), () => replaceDocument(db, indexed, Date.now()))
 * }
 */
export class JobQueue<Payload> {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Accepts a document; once this returns, not even a power cut loses it. */
  enqueue(documentId: string, payload: Payload, options: EnqueueOptions): { id: string; outcome: Enqueued } {
    const { now, maxAttempts = 5 } = options
    checkCount('maxAttempts', maxAttempts)
    // For undefined and functions there is no JSON, whatever the type says.
    const json = JSON.stringify(payload) as string | undefined
    if (json === undefined) {
      throw new StoreError('invalid', `the payload of ${documentId} cannot be kept as JSON`)
    }
    return this.db.durably(() => {
      const known = rows.findJob(this.db, documentId)
      const seq = known?.seq ?? rows.insert(this.db, documentId, maxAttempts, now)
      const slot = known?.state === 'running' ? 'next' : 'current'
      this.db.run(
        'INSERT OR REPLACE INTO job_payloads VALUES (?, ?, ?, ?, ?)',
        ...[seq, slot, maxAttempts, now, json],
      )
      const outcome = known === undefined ? 'created' : rows.renew(this.db, known, maxAttempts, now)
      return { id: jobId(seq), outcome }
    })
  }

  /** Takes up to `count` jobs that are due, oldest first, for `leaseMs`. Two claimers never get the same one. */
  claim(count: number, leaseMs: number, now: number): ClaimedJob[] {
    checkCount('count', count)
    checkCount('leaseMs', leaseMs)
    return rows.claim(this.db, count, now + leaseMs, now)
  }

  /** What to index, read when the work begins: it may be large. Undefined when the lease was lost. */
  payload(job: Lease): Payload | undefined {
    const sql = `SELECT p.payload FROM job_payloads p JOIN jobs USING (seq) WHERE slot = 'current' AND ${rows.HELD}`
    const row = this.db.get<{ payload: string }>(sql, ...rows.held(job))
    return row === undefined ? undefined : (JSON.parse(row.payload) as Payload)
  }

  /** Still at work. False when the lease was lost: stop, somebody else has it. */
  heartbeat(job: Lease, leaseMs: number, now: number): boolean {
    checkCount('leaseMs', leaseMs)
    return (
      this.db.run(`UPDATE jobs SET lease_until = ? WHERE ${rows.HELD}`, now + leaseMs, ...rows.held(job)) > 0
    )
  }

  /** Ends a job well. `store` writes its results in the same transaction, and only if the lease still holds. */
  complete(job: Lease, now: number, store?: () => void): Completed {
    return this.db.transaction(() => {
      const due = rows.holding(this.db, job)
      if (due === undefined) return 'lost'
      store?.()
      if (rows.promote(this.db, due.seq, now)) return 'again'
      this.db.run(`DELETE FROM job_payloads WHERE seq = ?`, due.seq)
      rows.end(this.db, due.seq, 'succeeded', null, now)
      return 'succeeded'
    })
  }

  /**
   * Ends an attempt badly. With `retryAt` it is tried again then, unless it was the last attempt it had; one that is
   * `uncounted` is not among those it has. A newer version of the document, if one came meanwhile, takes its place at
   * once.
   */
  fail(
    job: Lease,
    reason: string,
    next: { readonly retryAt: number; readonly uncounted?: boolean } | { readonly dead: true },
    now: number,
  ): Failed {
    return this.db.transaction(() => {
      const due = rows.holding(this.db, job)
      if (due === undefined) return 'lost'
      if (rows.promote(this.db, due.seq, now)) return 'again'
      const uncounted = 'retryAt' in next && next.uncounted === true
      if ('dead' in next || (due.attempts >= due.max_attempts && !uncounted)) {
        rows.end(this.db, due.seq, 'dead', reason, now)
        return 'dead'
      }
      if (uncounted) rows.uncount(this.db, due.seq)
      rows.postpone(this.db, due.seq, 'failed', reason, next.retryAt)
      return 'retrying'
    })
  }

  /** Gives a job back untried, for a worker that is asked to stop: the attempt does not count. */
  release(job: Lease, now: number): boolean {
    return this.db.transaction(() => {
      const due = rows.holding(this.db, job)
      return (
        due !== undefined && (rows.promote(this.db, due.seq, now) || rows.giveBack(this.db, due.seq, now))
      )
    })
  }

  /** Says what a stage of the work came to. A stage reported again is overwritten. False when the lease was lost. */
  recordStage(
    job: Lease,
    stage: string,
    state: StageState,
    detail: Json = null,
    durationMs: number | null = null,
  ): boolean {
    return rows.writeStage(this.db, job, { stage, state, detail, duration: durationMs })
  }

  /** Gives a dead job, or one that waits for its next attempt, all its attempts again, now. */
  retry(id: string, now: number): Retried {
    const sql = `UPDATE jobs SET state = 'pending', attempts = 0, run_at = ?, finished_at = NULL
      WHERE seq = ? AND state IN ('dead', 'failed')`
    if (this.db.run(sql, now, jobSeq(id)) > 0) return 'ready'
    return this.job(id) === undefined ? 'unknown_job' : 'not_failed'
  }

  /** Forgets a document's job, whatever its state. A worker that holds it can no longer store its results. */
  discard(documentId: string): boolean {
    return this.db.run('DELETE FROM jobs WHERE document_id = ?', documentId) > 0
  }

  /**
   * Makes jobs whose worker fell silent ready again; those that had their last attempt are dead.
   *
   * @param options `restart: true` when this process has just started and is the only one on this file: then every
   * running job belonged to the one before, and no lease has to be waited for.
   */
  recover(now: number, options: { readonly restart?: boolean } = {}): { ready: number; dead: number } {
    const sql = `SELECT seq, attempts, max_attempts FROM jobs WHERE state = 'running' AND lease_until <= ?`
    return this.db.transaction(() => {
      const due = this.db.all<rows.Due>(sql, options.restart === true ? Number.MAX_SAFE_INTEGER : now)
      const dead = due.filter((job) => !rows.revive(this.db, job, now)).length
      return { ready: due.length - dead, dead }
    })
  }

  /** What became of a document; undefined when it never came. */
  status(documentId: string): JobStatus | undefined {
    const row = rows.findJob(this.db, documentId)
    return row && rows.describe(this.db, row)
  }

  /** The same, by the job's id. */
  job(id: string): JobStatus | undefined {
    const row = this.db.get<JobRow>('SELECT * FROM jobs WHERE seq = ?', jobSeq(id))
    return row && rows.describe(this.db, row)
  }

  /** Jobs in one state, oldest first: for instance the dead ones. */
  list(state: JobState, page: { limit: number; offset: number }): JobStatus[] {
    const sql = 'SELECT * FROM jobs WHERE state = ? ORDER BY seq LIMIT ? OFFSET ?'
    const found = this.db.all<JobRow>(sql, state, page.limit, page.offset)
    return found.map((row) => rows.describe(this.db, row))
  }

  /** How many jobs are in each state. */
  counts(): JobCounts {
    const counts = { pending: 0, running: 0, succeeded: 0, failed: 0, dead: 0 }
    for (const { state, count } of rows.countByState(this.db)) counts[state] = count
    return counts
  }

  /** When the next job is due, perhaps in the past; undefined when none waits. */
  nextAt(): number | undefined {
    const sql = `SELECT run_at FROM jobs INDEXED BY jobs_claimable
      WHERE state IN ('pending', 'failed') ORDER BY run_at, seq LIMIT 1`
    return this.db.get<{ run_at: number }>(sql)?.run_at
  }
}

function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new StoreError('invalid', `${name} = ${value}: expected a whole number, 1 or more`)
}
