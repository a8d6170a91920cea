/** What a worker asks and says while it holds a job: heard only under the lease that counts. */
import type { Draft } from '../../indexing/draft.ts'
import { jobSeq, type Lease } from '../../indexing/job-records.ts'
import type { StageReport } from '../store.ts'
import type { Sql } from './sql.ts'

export class JobLeases {
  private readonly db: Sql
  private readonly s: string

  constructor(db: Sql, schema: string) {
    this.db = db
    this.s = schema
  }

  async payload(job: Lease): Promise<Draft | undefined> {
    const [row] = await this.db.query<{ payload: string }>(
      `SELECT p.payload FROM ${this.s}.job_payloads p JOIN ${this.s}.jobs j USING (seq)
       WHERE p.slot = 'current' AND j.seq = $1 AND j.lease = $2 AND j.state = 'running'`,
      [jobSeq(job.id), job.lease],
    )
    return row && (JSON.parse(row.payload) as Draft)
  }

  /** For `lease` ms from now, by the server's clock. */
  async extend(job: Lease, lease: number): Promise<boolean> {
    const kept = await this.db.query(
      `UPDATE ${this.s}.jobs SET lease_until = ${this.s}.now_ms() + $3
       WHERE seq = $1 AND lease = $2 AND state = 'running' RETURNING 1`,
      [jobSeq(job.id), job.lease, lease],
    )
    return kept.length > 0
  }

  /** False when the lease was lost. The first report of a stage fixes its place; later ones overwrite the rest. */
  async writeStage(sql: Sql, job: Lease, report: StageReport): Promise<boolean> {
    const { s } = this
    const { stage, state, detail = null, duration = null } = report
    const written = await sql.query(
      `INSERT INTO ${s}.job_stages AS old (seq, stage, position, attempt, state, detail, duration_ms)
       SELECT seq, $3, (SELECT count(*) FROM ${s}.job_stages t WHERE t.seq = j.seq), attempts, $4, $5, $6
       FROM ${s}.jobs j WHERE seq = $1 AND lease = $2 AND state = 'running'
       ON CONFLICT (seq, stage) DO UPDATE SET attempt = excluded.attempt, state = excluded.state,
         detail = excluded.detail, duration_ms = excluded.duration_ms RETURNING 1`,
      [jobSeq(job.id), job.lease, stage, state, detail === null ? null : JSON.stringify(detail), duration],
    )
    return written.length > 0
  }
}
