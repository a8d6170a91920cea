/** Unfinished documents on PostgreSQL. */
import type { Draft } from '../../indexing/draft.ts'
import { packFindings, unpackFindings, type Findings, type StageName } from '../../indexing/findings.ts'
import { MAX_ATTEMPTS } from '../../indexing/verdict.ts'
import type { Page, UnfinishedDocument, UnfinishedStore } from '../store.ts'
import type { PostgresJobs } from './jobs.ts'
import type { Database, Sql } from './sql.ts'

interface Row {
  readonly document_id: string
  readonly failed_stages: string
  readonly repairs: number
  readonly repair_at: number | null
}

const COLUMNS = 'document_id, failed_stages, repairs, repair_at'

export class PostgresUnfinished implements UnfinishedStore {
  private readonly db: Database
  private readonly s: string
  private readonly jobs: PostgresJobs

  constructor(db: Database, schema: string, jobs: PostgresJobs) {
    this.db = db
    this.s = schema
    this.jobs = jobs
  }

  keep(id: string, hash: string, findings: Findings, failed: readonly StageName[]): Promise<void> {
    return this.write(id, hash, findings, failed, null, null)
  }

  degrade(
    draft: Draft,
    hash: string,
    findings: Findings,
    failed: readonly StageName[],
    repairIn: number | null,
  ): Promise<void> {
    return this.write(draft.id, hash, findings, failed, draft, repairIn)
  }

  async findings(id: string, hash: string): Promise<Findings | undefined> {
    const text = `SELECT findings FROM ${this.s}.unfinished WHERE document_id = $1 AND content_hash = $2`
    const [row] = await this.db.query<{ findings: string }>(text, [id, hash])
    return row && unpackFindings(row.findings)
  }

  async forget(id: string): Promise<void> {
    await this.forgetIn(this.db, id)
  }

  async forgetIn(sql: Sql, id: string): Promise<void> {
    await sql.query(`DELETE FROM ${this.s}.unfinished WHERE document_id = $1`, [id])
  }

  async get(id: string): Promise<UnfinishedDocument | undefined> {
    const text = `SELECT ${COLUMNS} FROM ${this.s}.unfinished WHERE document_id = $1 AND draft IS NOT NULL`
    const [row] = await this.db.query<Row>(text, [id])
    return row && toUnfinished(row)
  }

  async list({ limit, offset }: Page): Promise<UnfinishedDocument[]> {
    const text = `SELECT ${COLUMNS} FROM ${this.s}.unfinished WHERE draft IS NOT NULL
      ORDER BY updated_at, document_id LIMIT $1 OFFSET $2`
    return (await this.db.query<Row>(text, [limit, offset])).map(toUnfinished)
  }

  async count(): ReturnType<UnfinishedStore['count']> {
    const [documents] = await this.db.query<{ count: number }>(
      `SELECT count(*) AS count FROM ${this.s}.unfinished WHERE draft IS NOT NULL`,
    )
    const stages = await this.db.query<{ stage: StageName; count: number }>(
      `SELECT stage, count(*) AS count FROM ${this.s}.unfinished, json_array_elements_text(failed_stages::json) AS stage
       WHERE draft IS NOT NULL GROUP BY stage`,
    )
    const byStage = Object.fromEntries(stages.map(({ stage, count }) => [stage, Number(count)]))
    return { documents: Number(documents?.count ?? 0), byStage }
  }

  async nextIn(): Promise<number | undefined> {
    const [row] = await this.db.query<{ wait: number | null }>(
      `SELECT min(repair_at) - ${this.s}.now_ms() AS wait FROM ${this.s}.unfinished WHERE repair_at IS NOT NULL`,
    )
    return row?.wait ?? undefined
  }

  async due(limit: number): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>(
      `SELECT document_id AS id FROM ${this.s}.unfinished WHERE repair_at <= ${this.s}.now_ms()
       ORDER BY repair_at LIMIT $1`,
      [limit],
    )
    return rows.map(({ id }) => id)
  }

  /** Of several workers that see it due, one finds its row; the others find its job begun. */
  repair(id: string): Promise<boolean> {
    return this.db.transaction(async (sql) => {
      const [row] = await sql.query<{ draft: string }>(
        `UPDATE ${this.s}.unfinished SET repair_at = NULL, repairs = repairs + 1
         WHERE document_id = $1 AND draft IS NOT NULL RETURNING draft`,
        [id],
      )
      const [job] = await sql.query<{ state: string }>(
        `SELECT state FROM ${this.s}.jobs WHERE document_id = $1 FOR UPDATE`,
        [id],
      )
      if (row === undefined || job?.state !== 'succeeded') return false
      await this.jobs.enqueueIn(sql, JSON.parse(row.draft) as Draft, MAX_ATTEMPTS)
      return true
    })
  }

  async repairs(id: string): Promise<number> {
    const text = `SELECT repairs FROM ${this.s}.unfinished WHERE document_id = $1`
    return (await this.db.query<{ repairs: number }>(text, [id]))[0]?.repairs ?? 0
  }

  private async write(
    id: string,
    hash: string,
    findings: Findings,
    failed: readonly StageName[],
    draft: Draft | null,
    repairIn: number | null,
  ): Promise<void> {
    const { s } = this
    await this.db.query(
      `INSERT INTO ${s}.unfinished AS old
         (document_id, content_hash, findings, failed_stages, draft, repair_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, ${s}.now_ms() + $6::bigint, ${s}.now_ms())
       ON CONFLICT (document_id) DO UPDATE SET content_hash = excluded.content_hash, findings = excluded.findings,
         failed_stages = excluded.failed_stages, updated_at = excluded.updated_at, draft = excluded.draft,
         repair_at = excluded.repair_at,
         repairs = CASE WHEN old.content_hash = excluded.content_hash THEN old.repairs ELSE 0 END`,
      [
        id,
        hash,
        packFindings(findings),
        JSON.stringify(failed),
        draft === null ? null : JSON.stringify(draft),
        repairIn === null ? null : Math.ceil(repairIn),
      ],
    )
  }
}

function toUnfinished(row: Row): UnfinishedDocument {
  const failedStages = JSON.parse(row.failed_stages) as StageName[]
  return { documentId: row.document_id, failedStages, repairs: row.repairs, repairAt: row.repair_at }
}
