/** The driver for a server: one bounded pool of connections for everything, the queue's own work included. */
import pg from 'pg'
import { explained, repeated, type Database, type Sql } from './sql.ts'

export interface PoolOptions {
  /** `postgres://user:password@host:port/database`, also with a socket's folder as host. */
  readonly url: string
  /** Connections at most. Default 10. */
  readonly maxConnections?: number
  /** Milliseconds to wait for a connection, a new one or one that comes free. Default 10 s. */
  readonly connectTimeout?: number
  /** Milliseconds that a statement may take. Default 60 s. */
  readonly statementTimeout?: number
}

const INT8 = 20

/** Counts and ids come as numbers: none of ours reaches 2^53. */
const types = {
  getTypeParser: (oid: number, format?: string) =>
    oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text'),
}

export function openPool(options: PoolOptions): Database {
  const { url, maxConnections = 10, connectTimeout = 10_000, statementTimeout = 60_000 } = options
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeout,
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: statementTimeout,
    application_name: 'intelligence',
    types,
  })
  // An idle connection that breaks is taken out by the pool; the next call makes another.
  pool.on('error', () => {})
  let closed: Promise<void> | undefined
  return {
    query: (text, values) => run(pool, text, values),
    transaction: (work) =>
      repeated(() => transaction(pool, work)).catch((error: unknown) => {
        throw explained(error)
      }),
    listen: (channel, told, broken) => listen(pool, channel, told, broken),
    close: () => (closed ??= pool.end()),
  }
}

async function transaction<Result>(pool: pg.Pool, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  let failure: Error | undefined
  // The pool listens to idle connections only. One that dies between two statements would end the process.
  const died = (error: Error): void => void (failure = error)
  client.on('error', died)
  try {
    await client.query('BEGIN')
    const result = await work({ query: (text, values) => rows(client, text, values) })
    await client.query('COMMIT')
    return result
  } catch (error) {
    // A connection that cannot even take it back is of no further use.
    await client.query('ROLLBACK').catch((broken: unknown) => {
      failure = broken instanceof Error ? broken : new Error(String(broken))
    })
    throw error
  } finally {
    client.off('error', died)
    client.release(failure)
  }
}

/** One of the pool's connections, which counts among them and is never given back. */
async function listen(
  pool: pg.Pool,
  channel: string,
  told: () => void,
  broken: () => void,
): Promise<() => Promise<void>> {
  const client = await pool.connect()
  let over = false
  const end = (): boolean => {
    if (over) return false
    client.release(true)
    return (over = true)
  }
  const lost = (): void => void (end() && broken())
  client.on('error', lost).on('end', lost).on('notification', told)
  try {
    await client.query(`LISTEN ${channel}`)
  } catch (error) {
    end()
    throw error
  }
  return async () => void end()
}

async function run<Row>(pool: pg.Pool, text: string, values?: readonly unknown[]): Promise<Row[]> {
  try {
    return await rows<Row>(pool, text, values)
  } catch (error) {
    throw explained(error)
  }
}

async function rows<Row>(
  on: pg.Pool | pg.PoolClient,
  text: string,
  values?: readonly unknown[],
): Promise<Row[]> {
  // Of several statements there are several results.
  const result = (await on.query(text, values === undefined ? undefined : [...values])) as
    pg.QueryResult | pg.QueryResult[]
  return (Array.isArray(result) ? result.flatMap((one) => one.rows) : result.rows) as Row[]
}
