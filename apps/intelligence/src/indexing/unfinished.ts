/** Documents whose pipeline did not do everything: what it found so far, and when to try the rest again. */
import type { Database } from '../store/database.ts'
import type { Draft } from './draft.ts'
import { packFindings, unpackFindings } from './findings.ts'
import type { Findings, StageName } from './findings.ts'
import type { JobQueue } from './queue.ts'
import { MAX_ATTEMPTS } from './verdict.ts'

export interface UnfinishedDocument {
  readonly documentId: string
  readonly failedStages: readonly StageName[]
  /** Repairs that were begun since it came. */
  readonly repairs: number
  /** When the next one begins by itself; null when only somebody's `retry` begins one. */
  readonly repairAt: number | null
}

interface Row {
  readonly document_id: string
  readonly failed_stages: string
  readonly repairs: number
  readonly repair_at: number | null
}

export class UnfinishedDocuments {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Keeps what was found, for an attempt to come. The count of repairs goes on as long as the text is the same. */
  keep(id: string, hash: string, findings: Findings, failed: readonly StageName[], now: number): void {
    const sql = `INSERT INTO unfinished (document_id, content_hash, findings, failed_stages, updated_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (document_id) DO UPDATE SET content_hash = excluded.content_hash, findings = excluded.findings,
        failed_stages = excluded.failed_stages, updated_at = excluded.updated_at, draft = NULL, repair_at = NULL,
        repairs = CASE WHEN content_hash = excluded.content_hash THEN repairs ELSE 0 END`
    this.db.run(sql, id, hash, packFindings(findings), JSON.stringify(failed), now)
  }

  /** The document is stored without what some stages should have found. @param repairAt null for not by itself. */
  degrade(draft: Draft, repairAt: number | null): void {
    const sql = 'UPDATE unfinished SET draft = ?, repair_at = ? WHERE document_id = ?'
    this.db.run(sql, JSON.stringify(draft), repairAt === null ? null : Math.ceil(repairAt), draft.id)
  }

  /** What an earlier attempt found about the very same text. */
  findings(id: string, hash: string): Findings | undefined {
    const sql = 'SELECT findings FROM unfinished WHERE document_id = ? AND content_hash = ?'
    const row = this.db.get<{ findings: string }>(sql, id, hash)
    return row && unpackFindings(row.findings)
  }

  /** Everything is done, or the document is gone or replaced. */
  forget(id: string): void {
    this.db.run('DELETE FROM unfinished WHERE document_id = ?', id)
  }

  get(id: string): UnfinishedDocument | undefined {
    const row = this.db.get<Row>(
      'SELECT document_id, failed_stages, repairs, repair_at FROM unfinished WHERE document_id = ? AND draft IS NOT NULL',
      id,
    )
    return row && toUnfinished(row)
  }

  /** Documents that are searchable and lack something, the oldest first. */
  list(page: { readonly limit: number; readonly offset: number }): UnfinishedDocument[] {
    const sql = `SELECT document_id, failed_stages, repairs, repair_at FROM unfinished WHERE draft IS NOT NULL
      ORDER BY updated_at, document_id LIMIT ? OFFSET ?`
    return this.db.all<Row>(sql, page.limit, page.offset).map(toUnfinished)
  }

  /** How many documents lack what each stage should have found. */
  count(): { readonly documents: number; readonly byStage: Readonly<Partial<Record<StageName, number>>> } {
    const documents = this.db.get<{ count: number }>(
      'SELECT count(*) AS count FROM unfinished WHERE draft IS NOT NULL',
    )
    const stages = this.db.all<{ stage: StageName; count: number }>(
      `SELECT value AS stage, count(*) AS count FROM unfinished, json_each(failed_stages)
       WHERE draft IS NOT NULL GROUP BY value`,
    )
    const byStage = Object.fromEntries(stages.map(({ stage, count }) => [stage, count]))
    return { documents: documents?.count ?? 0, byStage }
  }

  /** When the next repair is due; undefined when none is planned. */
  nextAt(): number | undefined {
    const sql = 'SELECT min(repair_at) AS at FROM unfinished WHERE repair_at IS NOT NULL'
    return this.db.get<{ at: number | null }>(sql)?.at ?? undefined
  }

  due(now: number, limit: number): string[] {
    const sql = 'SELECT document_id AS id FROM unfinished WHERE repair_at <= ? ORDER BY repair_at LIMIT ?'
    return this.db.all<{ id: string }>(sql, now, limit).map(({ id }) => id)
  }

  /**
   * Makes a job of it again, which does what is left. False when its own job is not over: that one goes its own way,
   * perhaps with a newer text.
   */
  repair(id: string, queue: JobQueue<Draft>, now: number): boolean {
    const sql = `UPDATE unfinished SET repair_at = NULL, repairs = repairs + 1
      WHERE document_id = ? AND draft IS NOT NULL RETURNING draft`
    return this.db.durably(() => {
      const row = this.db.get<{ draft: string }>(sql, id)
      if (row === undefined || queue.status(id)?.state !== 'succeeded') return false
      queue.enqueue(id, JSON.parse(row.draft) as Draft, { now, maxAttempts: MAX_ATTEMPTS })
      return true
    })
  }

  /** Repairs so far, for the back-off of the next. */
  repairs(id: string): number {
    const sql = 'SELECT repairs FROM unfinished WHERE document_id = ?'
    return this.db.get<{ repairs: number }>(sql, id)?.repairs ?? 0
  }
}

function toUnfinished(row: Row): UnfinishedDocument {
  const failedStages = JSON.parse(row.failed_stages) as StageName[]
  return { documentId: row.document_id, failedStages, repairs: row.repairs, repairAt: row.repair_at }
}
