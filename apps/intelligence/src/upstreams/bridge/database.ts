/**
 * A SQLite database that strangers may query. Values travel as parameters, one statement at a time, and the
 * authorizer lets statements do nothing but read and change rows: no schema changes, no attached files, no pragmas,
 * no transactions (the connection is shared: one caller's would swallow another's work), no recursion (SQLite runs
 * on this thread and a statement cannot be interrupted inside, so it must end by itself).
 */
import {
  DatabaseSync,
  constants,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { isBusy, RanTooLong } from './failures.ts'
import { arrange, InvalidQuery, translate, type Statement } from './statement.ts'
import { createTables } from './tables.ts'

export interface Request {
  readonly query: string
  readonly params: readonly unknown[]
  readonly mode: 'all' | 'one' | 'many' | 'execute'
  readonly limit: number
}

export interface Outcome {
  /** Null in mode `execute`. */
  readonly data: Record<string, unknown>[] | null
  readonly rowsAffected: number
  /** Whether there were more rows than the limit. */
  readonly more: boolean
}

const allowed = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_INSERT,
  constants.SQLITE_UPDATE,
  constants.SQLITE_DELETE,
  constants.SQLITE_FUNCTION,
])
/** Functions that reach outside the database or fill memory at a word. */
const deniedFunctions = new Set(['load_extension', 'fts3_tokenizer', 'zeroblob', 'randomblob'])

export class Database {
  private readonly connection: DatabaseSync
  private readonly totalChanges: StatementSync
  /** Milliseconds a query may take, waiting for a lock included. */
  private readonly timeout: number

  constructor(file: string, timeout: number) {
    // SQLite's own waiting for locks would block the whole process, so it is off and `run` waits instead.
    this.connection = new DatabaseSync(file, { timeout: 0 })
    this.timeout = timeout
    this.connection.exec(createTables)
    this.totalChanges = this.connection.prepare('SELECT total_changes() AS total')
    this.connection.setAuthorizer((action, first, second) => {
      const denied =
        !allowed.has(action) ||
        (action === constants.SQLITE_FUNCTION && deniedFunctions.has(second ?? first ?? ''))
      return denied ? constants.SQLITE_DENY : constants.SQLITE_OK
    })
  }

  /** Runs one statement; waits, without blocking, while another process holds the database. */
  async run(request: Request): Promise<Outcome> {
    const deadline = performance.now() + this.timeout
    const statement = translate(request.query)
    const values = arrange(statement, request.params).map(toSqlite)
    for (;;) {
      try {
        return this.runOnce(statement, values, request, deadline)
      } catch (error) {
        if (!isBusy(error)) throw error
        if (performance.now() >= deadline) {
          throw new RanTooLong(`the database was locked for ${this.timeout} ms; nothing was done`, true)
        }
      }
      await pause(10)
    }
  }

  /** Throws when the database does not answer. */
  check(): void {
    this.connection.prepare('SELECT 1').get()
  }

  close(): void {
    this.connection.close()
  }

  private runOnce(
    statement: Statement,
    values: SQLInputValue[],
    request: Request,
    deadline: number,
  ): Outcome {
    const prepared = this.prepare(statement.sql)
    const before = this.changes()
    if (request.mode === 'execute') {
      prepared.run(...values)
      return { data: null, rowsAffected: this.changes() - before, more: false }
    }
    refuseEqualNames(prepared)
    const data: Record<string, unknown>[] = []
    let more = false
    for (const row of prepared.iterate(...values)) {
      more = data.length === request.limit
      if (more) break
      data.push(fromSqlite(row))
      if (performance.now() < deadline) continue
      throw new RanTooLong(
        `stopped after ${this.timeout} ms and ${data.length} rows`,
        this.changes() === before,
      )
    }
    return { data, rowsAffected: this.changes() - before, more }
  }

  private prepare(sql: string): StatementSync {
    const prepared = this.connection.prepare(sql)
    // Integers beyond 2^53 would make SQLite's reader throw.
    prepared.setReadBigInts(true)
    return prepared
  }

  private changes(): number {
    return Number(this.totalChanges.get()!['total'])
  }
}

/** Rows are objects: of two columns with one name, one would be lost without a word. */
function refuseEqualNames(prepared: StatementSync): void {
  const seen = new Set<string>()
  for (const { name } of prepared.columns()) {
    if (seen.has(name))
      throw new InvalidQuery(`two columns are named "${name}": give one of them an alias with AS`)
    seen.add(name)
  }
}

/** JSON's types to SQLite's: booleans become 1 and 0, lists and objects JSON text. */
function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'string' || value === null) return value
  return JSON.stringify(value)
}

/** SQLite's types to JSON's: integers beyond 2^53 become text, bytes base64. */
function fromSqlite(row: Record<string, SQLOutputValue>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'bigint') result[name] = isSafe(value) ? Number(value) : String(value)
    else if (value instanceof Uint8Array) result[name] = Buffer.from(value).toString('base64')
    else result[name] = value
  }
  return result
}

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
}
