/** The events of all processes in one table: numbered without holes, in the order in which they can be read. */
import type { IndexEvent } from '../../indexing/feed.ts'
import type { Sql } from './sql.ts'

/** `missed`: a process had something to tell and could not. What it was has to be asked for. */
export type LogEntry = IndexEvent | { readonly type: 'missed' }

export interface LogPage {
  /** By which this log is told from that of another database. */
  readonly run: string
  /** The newest number. */
  readonly last: number
  readonly entries: readonly { readonly number: number; readonly entry: LogEntry }[]
}

/** Events that stay in the table, for those who come back, perhaps to another process. */
const KEPT_IN_TABLE = 5_000
/** Old ones are deleted as often as the number passes a multiple of this. */
const TRIM_EVERY = 500

interface Row {
  readonly run: string
  readonly last: number
  readonly number: number | null
  readonly event: string | null
}

export class EventLog {
  /** What a listening connection listens to. What is sent there is empty: the table has it. */
  readonly channel: string
  private readonly db: Sql
  private readonly s: string

  constructor(db: Sql, schema: string) {
    this.db = db
    this.s = schema
    this.channel = `${schema}_events`
  }

  /**
   * All of them or none. The row with the count is locked until they are there, so that nobody reads a number before
   * all smaller ones can be read.
   */
  async append(entries: readonly LogEntry[]): Promise<void> {
    const { s } = this
    const [row] = await this.db.query<{ last: number }>(
      `WITH counted AS (UPDATE ${s}.event_log SET last = last + $2 RETURNING last),
       put AS (
         INSERT INTO ${s}.events SELECT counted.last - $2 + place, event
         FROM counted, unnest($1::text[]) WITH ORDINALITY AS t (event, place) RETURNING number
       )
       SELECT max(number) AS last, pg_notify($3, '') FROM put`,
      [entries.map((entry) => JSON.stringify(entry)), entries.length, this.channel],
    )
    const last = Number(row?.last ?? 0)
    if (last % TRIM_EVERY >= entries.length) return
    await this.db.query(`DELETE FROM ${s}.events WHERE number <= $1`, [last - KEPT_IN_TABLE])
  }

  /** The first of those behind a number, at most `limit`. */
  async read(after: number, limit: number): Promise<LogPage> {
    const { s } = this
    const rows = await this.db.query<Row>(
      `SELECT l.run, l.last, e.number, e.event FROM ${s}.event_log l LEFT JOIN LATERAL
         (SELECT number, event FROM ${s}.events WHERE number > $1 ORDER BY number LIMIT $2) e ON true ORDER BY e.number`,
      [after, limit],
    )
    const [{ run, last } = { run: '', last: 0 }] = rows
    const entries = rows.flatMap(({ number, event }) =>
      number === null || event === null ? [] : [{ number, entry: JSON.parse(event) as LogEntry }],
    )
    return { run, last, entries }
  }
}
