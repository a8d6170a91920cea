/** Unfinished documents of the embedded store behind the interface of all stores. */
import type { Draft } from '../indexing/draft.ts'
import type { Findings, StageName } from '../indexing/findings.ts'
import type { JobQueue } from '../indexing/queue.ts'
import type { UnfinishedDocuments } from '../indexing/unfinished.ts'
import type { Database } from './database.ts'
import type { Page, UnfinishedDocument, UnfinishedStore } from './store.ts'

export class SqliteUnfinished implements UnfinishedStore {
  private readonly db: Database
  private readonly rows: UnfinishedDocuments
  private readonly queue: JobQueue<Draft>
  private readonly now: () => number

  constructor(db: Database, rows: UnfinishedDocuments, queue: JobQueue<Draft>, now: () => number) {
    this.db = db
    this.rows = rows
    this.queue = queue
    this.now = now
  }

  async keep(id: string, hash: string, findings: Findings, failed: readonly StageName[]): Promise<void> {
    this.rows.keep(id, hash, findings, failed, this.now())
  }

  async degrade(
    draft: Draft,
    hash: string,
    findings: Findings,
    failed: readonly StageName[],
    repairIn: number | null,
  ): Promise<void> {
    this.db.transaction(() => {
      this.rows.keep(draft.id, hash, findings, failed, this.now())
      this.rows.degrade(draft, repairIn === null ? null : this.now() + repairIn)
    })
  }

  async findings(id: string, hash: string): Promise<Findings | undefined> {
    return this.rows.findings(id, hash)
  }

  async forget(id: string): Promise<void> {
    this.rows.forget(id)
  }

  async get(id: string): Promise<UnfinishedDocument | undefined> {
    return this.rows.get(id)
  }

  async list(page: Page): Promise<UnfinishedDocument[]> {
    return this.rows.list(page)
  }

  async count(): ReturnType<UnfinishedStore['count']> {
    return this.rows.count()
  }

  async nextIn(): Promise<number | undefined> {
    const at = this.rows.nextAt()
    return at === undefined ? undefined : at - this.now()
  }

  async due(limit: number): Promise<string[]> {
    return this.rows.due(this.now(), limit)
  }

  async repair(id: string): Promise<boolean> {
    return this.rows.repair(id, this.queue, this.now())
  }

  async repairs(id: string): Promise<number> {
    return this.rows.repairs(id)
  }
}
