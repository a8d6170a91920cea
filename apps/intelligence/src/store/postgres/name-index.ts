/** An index over parts of entities' names, by pg_trgm, which comes with PostgreSQL but has to be installed by somebody who may. */
import type { Database } from './sql.ts'

/** Without the extension all names are read, and the same is found. */
export async function indexNames(db: Database, schema: string): Promise<void> {
  const there = 'SELECT 1 FROM pg_indexes WHERE schemaname = $1 AND indexname = $2'
  const name = 'entities_by_part'
  if ((await db.query(there, [schema, name])).length > 0) return
  try {
    await db.query('CREATE EXTENSION IF NOT EXISTS pg_trgm')
    await db.transaction(async (sql) => {
      await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema} ${name}`])
      await sql.query(
        `CREATE INDEX IF NOT EXISTS ${name} ON ${schema}.entities USING gin (name_key gin_trgm_ops)`,
      )
    })
  } catch {
    // The server has it not, or we may not: a search that reads more is a search all the same.
  }
}
