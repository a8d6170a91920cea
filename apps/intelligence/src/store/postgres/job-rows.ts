/** The rows of the jobs: the single steps of the queue, each a part of one of its transactions. */
import { jobId, type ClaimedJob, type JobRow } from '../../indexing/job-records.ts'
import type { Enqueued } from '../store.ts'
import type { Boss, BossJob } from './boss.ts'
import { toJob, type Job, type LockedRow } from './job-locks.ts'
import type { Sql } from './sql.ts'

export class JobRows {
  private readonly s: string
  private readonly boss: Boss

  constructor(schema: string, boss: Boss) {
    this.s = schema
    this.boss = boss
  }

  /** A job that waits for its first attempt keeps its place; one that runs is followed by another run. */
  async enqueue(sql: Sql, documentId: string, payload: string, maxAttempts: number): Promise<Enqueued> {
    const { s } = this
    const [row] = await sql.query<LockedRow & { created: boolean }>(
      `INSERT INTO ${s}.jobs (document_id, state, max_attempts, run_at, enqueued_at)
       VALUES ($1, 'pending', $2, ${s}.now_ms(), ${s}.now_ms())
       ON CONFLICT (document_id) DO UPDATE SET document_id = excluded.document_id
       RETURNING *, xmax = 0 AS created`,
      [documentId, maxAttempts],
    )
    if (row === undefined) throw new Error(`no row for the job of ${documentId}`)
    const job = toJob(row)
    const slot = job.state === 'running' ? 'next' : 'current'
    await sql.query(
      `INSERT INTO ${s}.job_payloads VALUES ($1, $2, $3, ${s}.now_ms(), $4)
       ON CONFLICT (seq, slot) DO UPDATE SET max_attempts = $3, enqueued_at = ${s}.now_ms(), payload = $4`,
      [job.seq, slot, maxAttempts, payload],
    )
    if (row.created) {
      await this.sendAgain(sql, job)
      return 'created'
    }
    return this.renew(sql, job, maxAttempts)
  }

  /** Gives to the claimer what pg-boss gave it. */
  async lease(
    sql: Sql,
    taken: readonly (BossJob & { seq: number })[],
    lease: number,
    worker: string | null,
  ): Promise<ClaimedJob[]> {
    if (taken.length === 0) return []
    const { s } = this
    const rows = await sql.query<JobRow>(
      `UPDATE ${s}.jobs j SET state = 'running', attempts = attempts + 1, lease = lease + 1,
         lease_until = ${s}.now_ms() + $4, started_at = ${s}.now_ms(), finished_at = NULL, boss_id = t.id, boss_try = t.try, worker = $5
       FROM unnest($1::bigint[], $2::uuid[], $3::int[]) AS t (seq, id, try) WHERE j.seq = t.seq RETURNING j.*`,
      [
        taken.map(({ seq }) => seq),
        taken.map(({ id }) => id),
        taken.map((job) => job.retryCount),
        lease,
        worker,
      ],
    )
    rows.sort((a, b) => a.run_at - b.run_at || a.seq - b.seq)
    return rows.map((row) => ({
      id: jobId(row.seq),
      lease: row.lease,
      documentId: row.document_id,
      attempt: row.attempts,
      maxAttempts: row.max_attempts,
    }))
  }

  async hasNext(sql: Sql, { seq }: Job): Promise<boolean> {
    const text = `SELECT 1 FROM ${this.s}.job_payloads WHERE seq = $1 AND slot = 'next'`
    return (await sql.query(text, [seq])).length > 0
  }

  /** Puts the newer version that came meanwhile, if any, in place of the one that ran; pg-boss has no job of it now. */
  async promote(sql: Sql, job: Job): Promise<boolean> {
    const { s } = this
    const [next] = await sql.query<{ max_attempts: number; enqueued_at: number }>(
      `SELECT max_attempts, enqueued_at FROM ${s}.job_payloads WHERE seq = $1 AND slot = 'next'`,
      [job.seq],
    )
    if (next === undefined) return false
    await sql.query(`DELETE FROM ${s}.job_payloads WHERE seq = $1 AND slot = 'current'`, [job.seq])
    await sql.query(`UPDATE ${s}.job_payloads SET slot = 'current' WHERE seq = $1`, [job.seq])
    await this.restart(sql, job, next.max_attempts, next.enqueued_at)
    await this.sendAgain(sql, { ...job, attempts: 0, maxAttempts: next.max_attempts })
    return true
  }

  async end(sql: Sql, { seq }: Job, state: 'succeeded' | 'dead', reason: string | null): Promise<void> {
    const { s } = this
    if (state === 'succeeded') await sql.query(`DELETE FROM ${s}.job_payloads WHERE seq = $1`, [seq])
    const text = `UPDATE ${s}.jobs SET state = $2, reason = $3, finished_at = ${s}.now_ms(), lease_until = NULL,
      boss_id = NULL WHERE seq = $1`
    await sql.query(text, [seq, state, reason === null ? null : shortened(reason)])
  }

  /** To be tried again in `wait` ms. */
  async postpone(
    sql: Sql,
    { seq }: Job,
    state: 'pending' | 'failed',
    reason: string,
    wait: number,
  ): Promise<void> {
    const text = `UPDATE ${this.s}.jobs SET state = $2, reason = $3, run_at = ${this.s}.now_ms() + $4, lease_until = NULL
      WHERE seq = $1`
    await sql.query(text, [seq, state, shortened(reason), Math.ceil(wait)])
  }

  /** @param exhausted pg-boss sees by itself that it was the last attempt */
  async bury(sql: Sql, job: Job, reason: string, exhausted: boolean): Promise<void> {
    const moved = exhausted && (await this.boss.failLast(sql, job.boss, reason))
    if (!moved) await this.boss.bury(sql, job.boss, job)
    await this.end(sql, job, 'dead', reason)
  }

  /** As if the attempt had never begun; pg-boss has no job of it now. */
  async giveBack(sql: Sql, job: Job): Promise<void> {
    const text = `UPDATE ${this.s}.jobs SET state = 'pending', attempts = attempts - 1, run_at = ${this.s}.now_ms(),
      lease_until = NULL WHERE seq = $1`
    await sql.query(text, [job.seq])
    await this.sendAgain(sql, { ...job, attempts: job.attempts - 1 })
  }

  /** To be tried again in `wait` ms, as if the attempt had never begun; pg-boss, which counts them, has no job of it now. */
  async uncount(sql: Sql, job: Job, reason: string, wait: number): Promise<void> {
    await sql.query(`UPDATE ${this.s}.jobs SET attempts = attempts - 1 WHERE seq = $1`, [job.seq])
    await this.postpone(sql, job, 'failed', reason, wait)
    await this.sendAgain(sql, { ...job, attempts: job.attempts - 1 }, wait)
  }

  /** A dead or failed job has all its attempts again, now. */
  async revive(sql: Sql, job: Job): Promise<void> {
    const text = `UPDATE ${this.s}.jobs SET state = 'pending', attempts = 0, run_at = ${this.s}.now_ms(),
      finished_at = NULL, boss_id = $2 WHERE seq = $1`
    const fresh = { ...job, attempts: 0 }
    const from = { seq: job.seq, documentId: job.documentId, attempts: job.maxAttempts, startIn: 0 }
    const id = job.state === 'dead' ? await this.boss.redrive(sql, from) : undefined
    await sql.query(text, [job.seq, id ?? (job.boss.id || null)])
    if (id === undefined) await this.replaceInQueue(sql, fresh)
  }

  /** A new job at pg-boss for the attempts that are left. */
  async sendAgain(sql: Sql, job: Job, startIn = 0): Promise<void> {
    const { seq, documentId } = job
    const attempts = Math.max(1, job.maxAttempts - job.attempts)
    const id = await this.boss.send(sql, { seq, documentId, attempts, startIn })
    await sql.query(`UPDATE ${this.s}.jobs SET boss_id = $2 WHERE seq = $1`, [seq, id])
  }

  private async renew(sql: Sql, job: Job, maxAttempts: number): Promise<Enqueued> {
    const { s } = this
    if (job.state === 'running') return 'after_current'
    const keepsPlace = job.state === 'pending' && job.attempts === 0 && job.maxAttempts === maxAttempts
    const [now] = await sql.query<{ at: number }>(`SELECT ${s}.now_ms() AS at`)
    await this.restart(sql, job, maxAttempts, now?.at ?? 0, keepsPlace)
    if (job.state === 'dead') await this.boss.exhume(sql, job.documentId)
    if (!keepsPlace) await this.replaceInQueue(sql, { ...job, attempts: 0, maxAttempts })
    return job.state === 'pending' || job.state === 'failed' ? 'replaced' : 'restarted'
  }

  private async replaceInQueue(sql: Sql, job: Job): Promise<void> {
    if (job.boss.id !== '') await this.boss.remove(sql, job.boss.id)
    await this.sendAgain(sql, job)
  }

  private async restart(
    sql: Sql,
    { seq }: Job,
    maxAttempts: number,
    enqueuedAt: number,
    keepsPlace = false,
  ): Promise<void> {
    const { s } = this
    const text = `UPDATE ${s}.jobs SET state = 'pending', attempts = 0, max_attempts = $2, enqueued_at = $3,
      run_at = CASE WHEN $4 THEN run_at ELSE ${s}.now_ms() END, lease_until = NULL, reason = NULL, started_at = NULL,
      finished_at = NULL WHERE seq = $1`
    await sql.query(text, [seq, maxAttempts, enqueuedAt, keepsPlace])
    await sql.query(`DELETE FROM ${s}.job_stages WHERE seq = $1`, [seq])
  }
}

/** Reasons are read by people and kept for every job. */
function shortened(reason: string): string {
  return reason.length <= 2_000 ? reason : `${reason.slice(0, 1_999)}…`
}
