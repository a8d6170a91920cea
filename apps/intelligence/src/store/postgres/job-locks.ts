/** Jobs whose rows are locked until the transaction ends, so that nobody else changes them meanwhile. */
import { jobSeq, type JobState, type Lease } from '../../indexing/job-records.ts'
import type { BossJob } from './boss.ts'
import type { Sql } from './sql.ts'

/** A job whose row is locked. */
export interface Job {
  readonly seq: number
  readonly documentId: string
  readonly state: JobState
  readonly attempts: number
  readonly maxAttempts: number
  readonly boss: BossJob
}

/** A row as it is read. */
export interface LockedRow {
  readonly seq: number
  readonly document_id: string
  readonly state: JobState
  readonly attempts: number
  readonly max_attempts: number
  readonly boss_id: string | null
  readonly boss_try: number
}

export class JobLocks {
  private readonly s: string

  constructor(schema: string) {
    this.s = schema
  }

  /** The job that this lease holds; undefined when another holds it by now, or it has ended. */
  held(sql: Sql, { id, lease }: Lease): Promise<Job | undefined> {
    return this.one(sql, `seq = $1 AND lease = $2 AND state = 'running'`, [jobSeq(id), lease])
  }

  /** Whatever its state. */
  of(sql: Sql, documentId: string): Promise<Job | undefined> {
    return this.one(sql, 'document_id = $1', [documentId])
  }

  /** The oldest first; without those that somebody else has in hand. */
  async dead(sql: Sql, limit: number): Promise<Job[]> {
    const text = `SELECT * FROM ${this.s}.jobs WHERE state = 'dead' ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED`
    return (await sql.query<LockedRow>(text, [limit])).map(toJob)
  }

  /** Those whose lease ran out; without those that somebody else has in hand. */
  async silent(sql: Sql): Promise<Job[]> {
    const text = `SELECT * FROM ${this.s}.jobs WHERE state = 'running' AND lease_until <= ${this.s}.now_ms()
      ORDER BY seq LIMIT 100 FOR UPDATE SKIP LOCKED`
    return (await sql.query<LockedRow>(text)).map(toJob)
  }

  private async one(sql: Sql, where: string, values: readonly unknown[]): Promise<Job | undefined> {
    const text = `SELECT * FROM ${this.s}.jobs WHERE ${where} FOR UPDATE`
    const [row] = await sql.query<LockedRow>(text, values)
    return row && toJob(row)
  }
}

export function toJob(row: LockedRow): Job {
  return {
    seq: row.seq,
    documentId: row.document_id,
    state: row.state,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    boss: { id: row.boss_id ?? '', retryCount: row.boss_try },
  }
}
