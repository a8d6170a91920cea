import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { StoreError, messageOf } from './errors.ts'
import { migrate, refuseForeign } from './migrate.ts'
import { dropOldIndexes, loadVectorEngine } from './vector-engine.ts'
import type { VectorEngine } from './vector-engine.ts'

export interface OpenOptions {
  /** The sqlite-vec library: a path, or `false` for never. Default: the one that the npm package brings. */
  readonly vectorExtension?: string | false
  /** Milliseconds to wait for another process that writes. Default 5,000. */
  readonly busyTimeout?: number
}

/**
 * One open file that holds documents, full text, vectors and jobs. Everything is synchronous: keep batches small.
 * Statements are prepared once and kept, so SQL texts must be constants with `?` for values.
 */
export class Database {
  readonly path: string
  readonly connection: DatabaseSync
  /** Who ranks vectors here: sqlite-vec, or a plain scan and why. */
  readonly vectors: VectorEngine
  private readonly statements = new Map<string, StatementSync>()

  constructor(path: string, connection: DatabaseSync, vectors: VectorEngine) {
    this.path = path
    this.connection = connection
    this.vectors = vectors
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.prepare(sql).all(...values) as unknown as Row[]
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as unknown as Row | undefined
  }

  /** Row by row. Not to be nested with the same SQL text. */
  iterate<Row>(sql: string, ...values: SQLInputValue[]): Iterable<Row> {
    return this.prepare(sql).iterate(...values) as unknown as Iterable<Row>
  }

  /** How many rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...values).changes)
  }

  /** All of `work` or nothing of it. May be nested; a nested one that throws undoes its own part only. */
  transaction<Result>(work: () => Result): Result {
    const [begin, commit, undo] = this.connection.isTransaction
      ? ['SAVEPOINT inner', 'RELEASE inner', 'ROLLBACK TO inner; RELEASE inner']
      : ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK']
    this.connection.exec(begin)
    try {
      const result = work()
      if (result instanceof Promise)
        throw new StoreError('invalid', 'a transaction cannot wait for a promise')
      this.connection.exec(commit)
      return result
    } catch (error) {
      // SQLite itself may have ended the transaction, for instance when the disk is full.
      if (this.connection.isTransaction) this.connection.exec(undo)
      throw error
    }
  }

  /**
   * A transaction that survives even a power cut once this returns, for what was promised to somebody. The others
   * survive the death of the process; a power cut may undo the last of them, and then their jobs run again.
   * Inside another transaction it is part of that one.
   */
  durably<Result>(work: () => Result): Result {
    if (this.connection.isTransaction) return this.transaction(work)
    this.connection.exec('PRAGMA synchronous = FULL')
    try {
      return this.transaction(work)
    } finally {
      this.connection.exec('PRAGMA synchronous = NORMAL')
    }
  }

  close(): void {
    this.statements.clear()
    if (this.connection.isOpen) this.connection.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private prepare(sql: string): StatementSync {
    const known = this.statements.get(sql)
    if (known !== undefined) return known
    const statement = this.connection.prepare(sql)
    this.statements.set(sql, statement)
    return statement
  }
}

/**
 * Opens the file, creates it when it is missing, and brings it to the newest shape. Its folder must exist.
 *
 * @param path a file, or `:memory:` for one that lives as long as the object.
 * @throws StoreError when it cannot be opened, is not a database, or belongs to another or a newer program.
 * @example
 * using db = openDatabase('./intelligence.db')
 * console.log(db.vectors.kind)   // 'sqlite-vec', or 'scan' with a reason
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
  const connection = connect(path, options.busyTimeout ?? 5_000)
  try {
    refuseForeign(connection, path)
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON')
    const vectors = loadVectorEngine(connection, options.vectorExtension)
    connection.enableLoadExtension(false)
    migrate(connection, path)
    dropOldIndexes(connection, vectors)
    return new Database(path, connection, vectors)
  } catch (error) {
    connection.close()
    throw error instanceof StoreError ? error : explain(path, error)
  }
}

function connect(path: string, busyTimeout: number): DatabaseSync {
  if (typeof path !== 'string' || path.trim() === '') {
    throw new StoreError(
      'cannot_open',
      `cannot open the database: its path is empty. Give a file, or ":memory:"`,
    )
  }
  if (!Number.isSafeInteger(busyTimeout) || busyTimeout < 0) {
    throw new StoreError('invalid', `busyTimeout = ${busyTimeout}: expected whole milliseconds, 0 or more`)
  }
  try {
    return new DatabaseSync(path, { allowExtension: true, timeout: busyTimeout })
  } catch (error) {
    throw explain(path, error)
  }
}

const NOT_A_DATABASE = 26

function explain(path: string, error: unknown): StoreError {
  if (error instanceof Error && 'errcode' in error && error.errcode === NOT_A_DATABASE) {
    const text = `${path} is not an SQLite database. Give another path, or move that file away`
    return new StoreError('not_a_database', text, error)
  }
  return new StoreError('cannot_open', `cannot open the database ${path}: ${whyNot(path, error)}`, error)
}

// SQLite says "unable to open database file" for all of these.
function whyNot(path: string, error: unknown): string {
  if (path === ':memory:') return messageOf(error)
  const folder = dirname(resolve(path))
  const above = statSync(folder, { throwIfNoEntry: false })
  if (above === undefined) return `the folder ${folder} does not exist. Create it, or give another path`
  if (!above.isDirectory()) return `${folder} is not a folder`
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return 'that is a folder, not a file'
  return `${messageOf(error)}. Check that this user may read and write the file and its folder`
}
