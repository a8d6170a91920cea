/** The freshness database, over the bridge: which documents there are, how fresh they are and were. */
import type { Health } from 'keepwarm'
import { z } from 'zod'
import type { FreshnessLevel, FreshnessScore } from './freshness-score.ts'
import {
  FreshnessDatabaseError,
  FreshnessTimeoutError,
  FreshnessUnavailableError,
  FreshnessUnknownDocumentError,
  freshnessErrors,
} from './freshness/errors.ts'
import {
  documentRow,
  executeAnswer,
  historyRow,
  levelRow,
  versionRow,
  type FreshnessDocument,
  type RecordedScore,
} from './freshness/records.ts'
import * as statements from './freshness/statements.ts'
import type { DocumentInput, Statement, UpsertMode } from './freshness/statements.ts'
import { summarise, type FreshnessStats } from './freshness/stats.ts'
import { describeIssues } from './lenient-list.ts'
import { poll } from './poll.ts'
import {
  limitsOf,
  ServiceClient,
  type CallLimits,
  type ServiceClientOptions,
  type ServiceTraits,
} from './service-client.ts'

const DAY = 86_400_000
/** Rows that the bridge gives at most. */
const MOST_ROWS = 10_000

export interface UpsertOptions extends CallLimits {
  /** Default `merge`. */
  readonly mode?: UpsertMode
}

export interface ListOptions extends CallLimits {
  /** Rows at most, up to 10,000. As many as this means that there may be more. Default 100. */
  readonly limit?: number
  /** The moment that days are counted from, in ms since 1970. Default: now. */
  readonly now?: number
}

export interface RecordScoreOptions extends CallLimits {
  /** When the document was scored, in ms since 1970. Default: now. */
  readonly at?: number
  /** What the score was made from. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** Rows that were deleted. */
export type Cleaned = Readonly<Record<keyof typeof statements.agingTables, number>>

const traits: ServiceTraits = {
  name: 'freshness',
  defaults: {
    baseUrl: 'http://archon-bridge:8054',
    maxConnections: 10,
    maxIdleConnections: 5,
    timeout: 30_000,
  },
  groups: { execute: { paths: ['/database/execute'], share: 0.9 } },
  errors: freshnessErrors,
}

/**
 * 10 connections, 5 of them kept idle; 30 s. Rejects with a {@link FreshnessDatabaseError} of the class that says
 * what is the matter. Reads and writes are made so that they may arrive twice, and are sent again when they failed on
 * the way; only `cleanup`, which counts what it deletes, is not.
 *
 * @example
 * await using freshness = new FreshnessDatabase({ baseUrl: 'http://bridge:8054' })
 * await freshness.initialize({ timeout: 10_000 })
 * await freshness.upsertDocument({ documentId: 'doc_1', filePath: 'README.md', lastModified: Date.now() })
 */
export class FreshnessDatabase extends ServiceClient {
  constructor(options: ServiceClientOptions = {}) {
    super(traits, options)
  }

  /**
   * Waits until the bridge is well, asking with growing pauses from 100 ms to 2 s.
   * @param options `timeout` in ms, default 30 s. Rejects with FreshnessUnavailableError when it is up.
   */
  async initialize({ timeout = 30_000, signal }: CallLimits = {}): Promise<Health> {
    const options = { timeout, interval: 100, maxInterval: 2_000, signal }
    const { done, last } = await poll(
      () => this.checkHealth(),
      ({ healthy }) => healthy,
      options,
    )
    if (done && last !== undefined) return last
    const said =
      last?.error ?? last?.status ?? (last === undefined ? 'no answer' : `status ${last.status_code}`)
    const message = `the bridge was not well within ${timeout} ms (timeout); it said last: ${said}`
    throw new FreshnessUnavailableError(this.name, message, { code: 'deadline' })
  }

  /** Writes a document. `written` is false when it was there already and the mode is `skip_existing`. */
  async upsertDocument(
    document: DocumentInput,
    options: UpsertOptions = {},
  ): Promise<{ written: boolean; version: number | null }> {
    const statement = statements.upsert(document, options.mode ?? 'merge', Date.now())
    const [row] = await this.rows(statement, versionRow, 'one', options)
    return { written: row !== undefined, version: row?.version ?? null }
  }

  async getDocument(id: string, limits?: CallLimits): Promise<FreshnessDocument | null> {
    const [found] = await this.rows(statements.documentById(id), documentRow, 'one', limits)
    return found ?? null
  }

  /** The document that was written last, where several share a path. */
  async getDocumentByPath(path: string, limits?: CallLimits): Promise<FreshnessDocument | null> {
    const [found] = await this.rows(statements.documentByPath(path), documentRow, 'one', limits)
    return found ?? null
  }

  /**
   * @param what a number: not modified for so many days, the oldest first. A level: of this one or a staler one, the
   *   lowest score first.
   */
  async getStaleDocuments(
    what: number | FreshnessLevel = 7,
    options: ListOptions = {},
  ): Promise<FreshnessDocument[]> {
    const limit = checkLimit(options.limit ?? 100)
    if (typeof what === 'string') {
      return this.rows(statements.documentsAtLevel(what, limit), documentRow, 'all', options)
    }
    const before = (options.now ?? Date.now()) - checkDays(what, 0) * DAY
    return this.rows(statements.documentsOlderThan(before, limit), documentRow, 'all', options)
  }

  /**
   * Adds a score to the document's history and makes it the document's own, unless a later one is there. Rejects with
   * FreshnessUnknownDocumentError when there is no such document.
   */
  async recordScore(id: string, score: FreshnessScore, options: RecordScoreOptions = {}): Promise<void> {
    const { at = Date.now(), details = {} } = options
    await this.change(statements.insertScore(id, score, details, at), true, options)
    const updated = await this.change(statements.updateScore(id, score, at), true, options)
    if (updated > 0 || (await this.getDocument(id, options)) !== null) return
    const message = `there is no document ${id} to score; write it with upsertDocument first`
    throw new FreshnessUnknownDocumentError(this.name, message, { code: 'status', sent: 'maybe' })
  }

  async getStats(limits?: CallLimits): Promise<FreshnessStats> {
    return summarise(await this.rows(statements.levels(), levelRow, 'all', limits))
  }

  /** The document's scores, the newest first. */
  async history(id: string, options: ListOptions = {}): Promise<RecordedScore[]> {
    const limit = checkLimit(options.limit ?? 100)
    return this.rows(statements.scoresOf(id, limit), historyRow, 'all', options)
  }

  /** Deletes scores, metrics and log entries that are older. @param days 7 or more. */
  async cleanup(days: number, options: Omit<ListOptions, 'limit'> = {}): Promise<Cleaned> {
    const before = (options.now ?? Date.now()) - checkDays(days, 7) * DAY
    const remove = (table: keyof Cleaned): Promise<number> =>
      this.change(statements.deleteOlder(table, before), false, options)
    return {
      scores: await remove('scores'),
      metrics: await remove('metrics'),
      operations: await remove('operations'),
    }
  }

  private async rows<Row>(
    statement: Statement,
    row: z.ZodType<Row>,
    mode: 'all' | 'one',
    limits: CallLimits | undefined,
  ): Promise<Row[]> {
    const { data } = await this.execute(statement, mode, true, limits)
    // No row is an empty list or null when one was asked for; in place of a list null is another contract.
    const read = z.array(row).safeParse(mode === 'one' ? (data ?? []) : data)
    if (read.success) return read.data
    const message = `the rows are not what was agreed: ${describeIssues(read.error.issues)}`
    throw new FreshnessDatabaseError(this.name, message, {
      code: 'validation',
      sent: 'maybe',
      cause: read.error,
    })
  }

  private async change(
    statement: Statement,
    idempotent: boolean,
    limits: CallLimits | undefined,
  ): Promise<number> {
    const { rows_affected: rows } = await this.execute(statement, 'execute', idempotent, limits)
    if (typeof rows === 'number') return rows
    const message = 'the answer does not say how many rows were changed (rows_affected)'
    throw new FreshnessDatabaseError(this.name, message, { code: 'validation', sent: 'maybe' })
  }

  private execute(
    { query, params }: Statement,
    mode: 'all' | 'one' | 'execute',
    idempotent: boolean,
    limits: CallLimits | undefined,
  ): Promise<z.output<typeof executeAnswer> & { success: true }> {
    const json = { query, params, fetch_mode: mode, ...(mode === 'all' ? { limit: MOST_ROWS } : {}) }
    return this.ask(async () => {
      const call = { json, idempotent, ...limitsOf(limits) }
      const answer = await this.http.post('/database/execute', call).json(executeAnswer)
      if (answer.success) return answer
      const message = `the query failed: ${answer.message ?? 'the bridge gave no reason'}`
      const Refused = answer.error_code === 'TIMEOUT' ? FreshnessTimeoutError : FreshnessDatabaseError
      throw new Refused(this.name, message, {
        code: 'status',
        sent: 'maybe',
        status: 200,
        responseData: answer,
      })
    })
  }
}

function checkDays(days: number, least: number): number {
  if (Number.isFinite(days) && days >= least) return days
  throw new RangeError(`days = ${days}: expected a number of days from ${least}`)
}

function checkLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ROWS) return limit
  throw new RangeError(
    `limit = ${limit}: expected a whole number from 1 to ${MOST_ROWS}; ask for parts of more`,
  )
}
