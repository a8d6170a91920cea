/** Who ranks vectors on this server: pgvector with an HNSW index for each size, or an exact scan in SQL. */
import { messageOf } from '../errors.ts'
import type { VectorEngineFacts } from '../store.ts'
import type { Database, Sql } from './sql.ts'

/** What an HNSW index takes; larger vectors are compared one by one, exactly. */
export const MOST_INDEXED = 2_000
/** pgvector 0.8 goes on looking when a filter leaves too few. */
const LEAST_VERSION = [0, 8] as const

/** Never throws for a server without the extension: search is then dearer and exact. */
export async function findVectorEngine(db: Database): Promise<VectorEngineFacts> {
  try {
    await db.query('CREATE EXTENSION IF NOT EXISTS vector')
  } catch (error) {
    // Somebody who may have installed it already.
    if ((await installed(db)) === undefined) {
      return { kind: 'scan', detail: `the server has no pgvector: ${messageOf(error)}` }
    }
  }
  const version = (await installed(db)) ?? '0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > LEAST_VERSION[0] || minor >= LEAST_VERSION[1]) return { kind: 'pgvector', detail: version }
  return { kind: 'scan', detail: `pgvector ${version} is too old: 0.8 or newer is needed` }
}

async function installed(db: Sql): Promise<string | undefined> {
  const sql = `SELECT extversion AS version FROM pg_extension WHERE extname = 'vector'`
  return (await db.query<{ version: string }>(sql))[0]?.version
}

/** An index for vectors of this size, made when the first one comes. */
export async function indexVectors(sql: Sql, schema: string, dimensions: number): Promise<void> {
  if (dimensions > MOST_INDEXED) return
  const name = `vectors_hnsw_${dimensions}`
  const there = 'SELECT 1 FROM pg_indexes WHERE schemaname = $1 AND indexname = $2'
  if ((await sql.query(there, [schema, name])).length > 0) return
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema} ${name}`])
  await sql.query(`CREATE INDEX IF NOT EXISTS ${name} ON ${schema}.vectors
    USING hnsw ((embedding::vector(${dimensions})) vector_cosine_ops)
    WHERE dimensions = ${dimensions} AND norm > 0`)
}

/** Indexes for what was written by processes that had no pgvector. */
export async function indexOldVectors(db: Database, schema: string): Promise<void> {
  const sizes = await db.query<{ dimensions: number }>(`SELECT DISTINCT dimensions FROM ${schema}.vectors`)
  for (const { dimensions } of sizes) {
    await db.transaction((sql) => indexVectors(sql, schema, dimensions))
  }
}

/** A vector as PostgreSQL reads an array of real. */
export function toArray(vector: Float32Array): string {
  return `{${vector.join(',')}}`
}
