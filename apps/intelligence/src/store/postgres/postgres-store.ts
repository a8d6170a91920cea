/** The store on a PostgreSQL server, shared by any number of processes. */
import { StoreError } from '../errors.ts'
import type { Store } from '../store.ts'
import { Boss } from './boss.ts'
import { PostgresDocuments } from './documents.ts'
import { PostgresJobs } from './jobs.ts'
import { migrate } from './migrate.ts'
import { indexNames } from './name-index.ts'
import { openPool, type PoolOptions } from './pool.ts'
import { PostgresSearch } from './search.ts'
import { PostgresProcesses } from './processes.ts'
import { SharedFeed } from './shared-feed.ts'
import type { Database } from './sql.ts'
import { PostgresUnfinished } from './unfinished.ts'
import { findVectorEngine, indexOldVectors } from './vector-engine.ts'

export interface PostgresStoreOptions {
  /** Where the tables are; those of the queue are in the same name with `_queue`. Default `intelligence`. */
  readonly schema?: string
  /** `false`: no pgvector, even where the server has it. */
  readonly pgvector?: boolean
  /** Milliseconds between two looks for jobs that another process brought. Default 500. */
  readonly pollInterval?: number
  /** Trouble with the queue's own housekeeping, which goes on. */
  readonly onError?: (error: Error) => void
}

/**
 * Opens the store on a server: makes or updates its tables, once however many start together, and joins the others
 * that work on it.
 *
 * @throws StoreError `unavailable` when the server cannot be reached, `newer_database`, `migration_failed`.
 * @example
 * await using store = await openPostgresStore({ url: 'postgres://localhost/intelligence' })
 */
export async function openPostgresStore(options: PoolOptions & PostgresStoreOptions): Promise<Store> {
  const db = openPool(options)
  try {
    return await storeOnPostgres(db, options)
  } catch (error) {
    await db.close()
    throw error
  }
}

/** The same on a driver of the caller's, such as PGlite; closing the store closes it. */
export async function storeOnPostgres(
  db: Database,
  options: PostgresStoreOptions & { readonly embedded?: boolean } = {},
): Promise<Store> {
  const { schema = 'intelligence', pgvector = true, pollInterval = 500, embedded = false } = options
  checkSchema(schema)
  await migrate(db, schema)
  const vectors = pgvector
    ? await findVectorEngine(db)
    : ({ kind: 'scan', detail: 'pgvector is switched off' } as const)
  if (vectors.kind === 'pgvector') await indexOldVectors(db, schema)
  await indexNames(db, schema)
  const { onError = () => {} } = options
  const boss = await Boss.start(db, `${schema}_queue`, { embedded, onError })
  const documents = new PostgresDocuments(db, schema, vectors)
  const jobs = new PostgresJobs(db, schema, boss, documents)
  const unfinished = new PostgresUnfinished(db, schema, jobs)
  const feed = new SharedFeed(db, schema, { pollInterval, onError })
  const processes = new PostgresProcesses(db, schema, { jobs, feed, onError })
  let closed: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    try {
      await processes.leave().catch(() => 'others see that it fell silent')
      await feed.close()
      await boss.stop()
    } finally {
      await db.close()
    }
  }
  const close = (): Promise<void> => (closed ??= stop())
  return {
    kind: 'postgres',
    vectors,
    pollInterval,
    documents: Object.assign(documents, {
      remove: (id: string) =>
        db.transaction(async (sql) => {
          const known = await jobs.discardIn(sql, id)
          await unfinished.forgetIn(sql, id)
          return (await documents.removeIn(sql, id)) || known
        }),
    }),
    search: new PostgresSearch(db, schema, vectors),
    jobs,
    unfinished,
    feed,
    processes,
    check: async () => {
      await db.query(`SELECT 1 FROM ${schema}.jobs LIMIT 1`)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** It stands in the text of every statement. */
function checkSchema(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,40}$/.test(schema)) return
  const text = `DATABASE_SCHEMA = ${JSON.stringify(schema)}: expected small letters, digits and _, at most 41, not beginning with a digit`
  throw new StoreError('invalid', text)
}
