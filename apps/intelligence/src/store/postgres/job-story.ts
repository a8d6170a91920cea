/** What is told of jobs: their states, their stages, when the next is due. */
import {
  toStatus,
  type JobCounts,
  type JobRow,
  type JobState,
  type JobStatus,
  type StageRow,
} from '../../indexing/job-records.ts'
import type { Page } from '../store.ts'
import type { Sql } from './sql.ts'

export class JobStory {
  private readonly db: Sql
  private readonly s: string

  constructor(db: Sql, schema: string) {
    this.db = db
    this.s = schema
  }

  async status(documentId: string): Promise<JobStatus | undefined> {
    const text = `SELECT * FROM ${this.s}.jobs WHERE document_id = $1`
    const [row] = await this.db.query<JobRow>(text, [documentId])
    return row && (await this.describe([row]))[0]
  }

  async list(state: JobState, { limit, offset }: Page): Promise<JobStatus[]> {
    const text = `SELECT * FROM ${this.s}.jobs WHERE state = $1 ORDER BY seq LIMIT $2 OFFSET $3`
    return this.describe(await this.db.query<JobRow>(text, [state, limit, offset]))
  }

  private async describe(rows: readonly JobRow[]): Promise<JobStatus[]> {
    const seqs = [rows.map(({ seq }) => seq)]
    const next = await this.db.query<{ seq: number }>(
      `SELECT seq FROM ${this.s}.job_payloads WHERE seq = ANY($1::bigint[]) AND slot = 'next'`,
      seqs,
    )
    const stages = await this.db.query<StageRow & { seq: number }>(
      `SELECT seq, stage, state, attempt, detail, duration_ms AS duration FROM ${this.s}.job_stages
       WHERE seq = ANY($1::bigint[]) ORDER BY position`,
      seqs,
    )
    const followed = new Set(next.map(({ seq }) => seq))
    return rows.map((row) => {
      const own = stages.filter(({ seq }) => seq === row.seq).map(({ seq: _seq, ...stage }) => stage)
      return toStatus(row, followed.has(row.seq), own)
    })
  }

  async counts(): Promise<JobCounts> {
    const rows = await this.db.query<{ state: JobState; count: number }>(
      `SELECT state, count(*) AS count FROM ${this.s}.jobs GROUP BY state`,
    )
    const counts = { pending: 0, running: 0, succeeded: 0, failed: 0, dead: 0 }
    for (const { state, count } of rows) counts[state] = Number(count)
    return counts
  }

  async nextIn(): Promise<number | undefined> {
    const [row] = await this.db.query<{ wait: number | null }>(
      `SELECT min(run_at) - ${this.s}.now_ms() AS wait FROM ${this.s}.jobs WHERE state IN ('pending', 'failed')`,
    )
    return row?.wait ?? undefined
  }
}
