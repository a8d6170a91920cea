/** The processes that share a server: who is there, who went, who fell silent, and what each has indexed. */
import type { Feed } from '../../indexing/feed.ts'
import type { ProcessStore, SharedProcess } from '../store.ts'
import type { PostgresJobs } from './jobs.ts'
import type { Database } from './sql.ts'

/** Milliseconds after which a process that says nothing is taken for dead. */
const SILENT_AFTER = 30_000

interface Parts {
  readonly jobs: PostgresJobs
  readonly feed: Feed & { miss(): void }
  readonly onError: (error: Error) => void
}

export class PostgresProcesses implements ProcessStore {
  private readonly db: Database
  private readonly s: string
  private readonly parts: Parts
  private own: string | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(db: Database, schema: string, parts: Parts) {
    this.db = db
    this.s = schema
    this.parts = parts
  }

  async join(wanted: string, silentAfter = SILENT_AFTER): Promise<SharedProcess> {
    if (this.own !== undefined) throw new Error(`this process is ${this.own} already`)
    await this.noticeSilent()
    const { name, startedAt } = await this.takeName(wanted, silentAfter)
    this.own = name
    this.parts.jobs.worker = name
    this.timer = setInterval(() => void this.stay(silentAfter), silentAfter / 3).unref()
    this.parts.feed.tell({ type: 'process', process: name, change: 'joined' })
    return { name, startedAt }
  }

  async leave(): Promise<void> {
    clearInterval(this.timer)
    const name = this.own
    if (name === undefined) return
    this.own = undefined
    if (await this.remove(name)) this.parts.feed.tell({ type: 'process', process: name, change: 'left' })
  }

  list(): Promise<SharedProcess[]> {
    return this.db.query<SharedProcess>(
      `SELECT name, started_at AS "startedAt" FROM ${this.s}.processes
       WHERE seen_until > ${this.s}.now_ms() ORDER BY started_at, name`,
    )
  }

  async shares(since: number): Promise<Map<string, number>> {
    const rows = await this.db.query<{ name: string; count: number }>(
      `SELECT worker AS name, count(*) AS count FROM ${this.s}.jobs
       WHERE state = 'succeeded' AND finished_at >= $1 AND worker IS NOT NULL GROUP BY worker ORDER BY worker`,
      [since],
    )
    return new Map(rows.map(({ name, count }) => [name, Number(count)]))
  }

  async bury(name: string): Promise<void> {
    await this.db.query(
      `UPDATE ${this.s}.jobs SET lease_until = ${this.s}.now_ms() WHERE state = 'running' AND worker = $1`,
      [name],
    )
    await this.parts.jobs.recover()
    if (await this.remove(name)) this.tellDeath(name)
  }

  /** The name as it was wanted, or the first free one with a number behind it. */
  private async takeName(wanted: string, silentAfter: number): Promise<SharedProcess> {
    for (let number = 1; ; number++) {
      const name = number === 1 ? wanted : `${wanted}-${number}`
      const [row] = await this.db.query<SharedProcess>(
        `INSERT INTO ${this.s}.processes VALUES ($1, ${this.s}.now_ms(), ${this.s}.now_ms() + $2)
         ON CONFLICT (name) DO NOTHING RETURNING name, started_at AS "startedAt"`,
        [name, silentAfter],
      )
      if (row !== undefined) return row
    }
  }

  private async stay(silentAfter: number): Promise<void> {
    const { own, s } = this
    try {
      // It may have been taken for dead, and be back.
      await this.db.query(
        `INSERT INTO ${s}.processes VALUES ($1, ${s}.now_ms(), ${s}.now_ms() + $2)
         ON CONFLICT (name) DO UPDATE SET seen_until = excluded.seen_until`,
        [own, silentAfter],
      )
      await this.noticeSilent()
    } catch (error) {
      if (error instanceof Error) this.parts.onError(error)
    }
  }

  /** Of several that look at once, one takes the row away, and tells. */
  private async noticeSilent(): Promise<void> {
    const text = `DELETE FROM ${this.s}.processes WHERE seen_until <= ${this.s}.now_ms() RETURNING name`
    for (const { name } of await this.db.query<{ name: string }>(text)) this.tellDeath(name)
  }

  private async remove(name: string): Promise<boolean> {
    const text = `DELETE FROM ${this.s}.processes WHERE name = $1 RETURNING 1`
    return (await this.db.query(text, [name])).length > 0
  }

  /** What it had to say when it died was never written. */
  private tellDeath(name: string): void {
    this.parts.feed.tell({ type: 'process', process: name, change: 'died' })
    this.parts.feed.miss()
  }
}
