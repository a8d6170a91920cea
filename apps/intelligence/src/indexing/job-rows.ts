import type { Database } from '../store/database.ts'
import { jobId, jobSeq, toStatus } from './job-records.ts'
import type { ClaimedJob, JobRow, JobStage, JobState, JobStatus, Lease, StageRow } from './job-records.ts'

/** The single steps of the queue on its tables. Every step of more than one statement runs in a transaction of the queue. */

/** One statement, so that two claimers never meet; the inner one reads its index in the index's own order
 * (left to itself, SQLite takes another one and sorts all that waits). */
export const CLAIM = `UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = lease + 1, lease_until = ?,
    started_at = ?, finished_at = NULL
  WHERE seq IN (
    SELECT seq FROM jobs INDEXED BY jobs_claimable WHERE state IN ('pending', 'failed') AND run_at <= ? ORDER BY run_at, seq LIMIT ?
  ) RETURNING *`

/** Does this lease still hold? With the values of {@link held}. */
export const HELD = `jobs.seq = ? AND jobs.lease = ? AND jobs.state = 'running'`

export function held(job: Lease): [number, number] {
  return [jobSeq(job.id), job.lease]
}

export interface Due {
  readonly seq: number
  readonly attempts: number
  readonly max_attempts: number
}

export function holding(db: Database, job: Lease): Due | undefined {
  return db.get<Due>(`SELECT seq, attempts, max_attempts FROM jobs WHERE ${HELD}`, ...held(job))
}

/** Oldest first: what RETURNING gives has no order. */
export function claim(db: Database, count: number, leaseUntil: number, now: number): ClaimedJob[] {
  const rows = db.all<JobRow>(CLAIM, leaseUntil, now, now, count)
  rows.sort((a, b) => a.run_at - b.run_at || a.seq - b.seq)
  return rows.map((row) => ({
    id: jobId(row.seq),
    lease: row.lease,
    documentId: row.document_id,
    attempt: row.attempts,
    maxAttempts: row.max_attempts,
  }))
}

export function findJob(db: Database, documentId: string): JobRow | undefined {
  return db.get<JobRow>('SELECT * FROM jobs WHERE document_id = ?', documentId)
}

export function insert(db: Database, documentId: string, maxAttempts: number, now: number): number {
  const sql = `INSERT INTO jobs (document_id, state, max_attempts, run_at, created_at, enqueued_at)
    VALUES (?1, 'pending', ?2, ?3, ?3, ?3) RETURNING seq`
  return db.get<{ seq: number }>(sql, documentId, maxAttempts, now)?.seq ?? -1
}

/** A known document comes again. One that waits for its first attempt keeps its place. */
export function renew(
  db: Database,
  known: JobRow,
  maxAttempts: number,
  now: number,
): 'replaced' | 'after_current' | 'restarted' {
  if (known.state === 'running') return 'after_current'
  restart(db, known.seq, maxAttempts, now, known.state === 'pending' ? known.run_at : now)
  return known.state === 'pending' || known.state === 'failed' ? 'replaced' : 'restarted'
}

/** Puts the newer version that came meanwhile, if any, in place of the one that ran. */
export function promote(db: Database, seq: number, now: number): boolean {
  const sql = `SELECT max_attempts, enqueued_at FROM job_payloads WHERE seq = ? AND slot = 'next'`
  const next = db.get<{ max_attempts: number; enqueued_at: number }>(sql, seq)
  if (next === undefined) return false
  db.run(`DELETE FROM job_payloads WHERE seq = ? AND slot = 'current'`, seq)
  db.run(`UPDATE job_payloads SET slot = 'current' WHERE seq = ?`, seq)
  restart(db, seq, next.max_attempts, next.enqueued_at, now)
  return true
}

function restart(db: Database, seq: number, maxAttempts: number, enqueuedAt: number, runAt: number): void {
  const sql = `UPDATE jobs SET state = 'pending', attempts = 0, max_attempts = ?, enqueued_at = ?, run_at = ?,
    lease_until = NULL, reason = NULL, started_at = NULL, finished_at = NULL WHERE seq = ?`
  db.run(sql, maxAttempts, enqueuedAt, runAt, seq)
  db.run('DELETE FROM job_stages WHERE seq = ?', seq)
}

export function end(
  db: Database,
  seq: number,
  state: 'succeeded' | 'dead',
  reason: string | null,
  now: number,
): void {
  const sql = `UPDATE jobs SET state = ?, reason = ?, finished_at = ?, lease_until = NULL WHERE seq = ?`
  db.run(sql, state, reason === null ? null : shorten(reason), now, seq)
}

/** To be tried again, at `runAt`. */
export function postpone(
  db: Database,
  seq: number,
  state: 'pending' | 'failed',
  reason: string,
  runAt: number,
): void {
  const sql = `UPDATE jobs SET state = ?, run_at = ?, reason = ?, lease_until = NULL WHERE seq = ?`
  db.run(sql, state, Math.ceil(runAt), shorten(reason), seq)
}

/** The attempt that runs is not among those that the job has. */
export function uncount(db: Database, seq: number): void {
  db.run('UPDATE jobs SET attempts = attempts - 1 WHERE seq = ?', seq)
}

/** Back in the queue, as if the attempt had never begun. */
export function giveBack(db: Database, seq: number, now: number): boolean {
  const sql = `UPDATE jobs SET state = 'pending', attempts = attempts - 1, run_at = ?, lease_until = NULL WHERE seq = ?`
  return db.run(sql, now, seq) > 0
}

/** Takes a job from a worker that fell silent. False when it had its last attempt. */
export function revive(db: Database, { seq, attempts, max_attempts }: Due, now: number): boolean {
  if (promote(db, seq, now)) return true
  const reason = `the worker fell silent during attempt ${attempts} of ${max_attempts}`
  if (attempts >= max_attempts) end(db, seq, 'dead', reason, now)
  else postpone(db, seq, 'pending', reason, now)
  return attempts < max_attempts
}

/** The first report of a stage fixes its place; later ones overwrite the rest. */
export function writeStage(db: Database, job: Lease, report: Omit<JobStage, 'attempt'>): boolean {
  const sql = `INSERT INTO job_stages (seq, stage, position, attempt, state, detail, duration_ms)
    SELECT seq, ?, (SELECT count(*) FROM job_stages s WHERE s.seq = jobs.seq), attempts, ?, ?, ? FROM jobs WHERE ${HELD}
    ON CONFLICT (seq, stage) DO UPDATE SET attempt = excluded.attempt, state = excluded.state,
      detail = excluded.detail, duration_ms = excluded.duration_ms`
  const detail = report.detail === null ? null : JSON.stringify(report.detail)
  return db.run(sql, report.stage, report.state, detail, report.duration, ...held(job)) > 0
}

export function describe(db: Database, row: JobRow): JobStatus {
  const next = db.get(`SELECT 1 FROM job_payloads WHERE seq = ? AND slot = 'next'`, row.seq)
  const stages = `SELECT stage, state, attempt, detail, duration_ms AS duration FROM job_stages
    WHERE seq = ? ORDER BY position`
  return toStatus(row, next !== undefined, db.all<StageRow>(stages, row.seq))
}

export function countByState(db: Database): { state: JobState; count: number }[] {
  return db.all('SELECT state, count(*) AS count FROM jobs GROUP BY state')
}

// Reasons are read by people and kept for every job.
function shorten(reason: string): string {
  return reason.length <= 2_000 ? reason : `${reason.slice(0, 1_999)}…`
}
