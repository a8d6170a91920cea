import { StoreError, messageOf } from '../errors.ts'
import type { Migration } from '../migrations.ts'
import { migrations } from './migrations.ts'
import type { Database, Sql } from './sql.ts'

/**
 * Brings the schema to the newest shape, once, however many processes start at the same moment: the first that has
 * the lock does it, the others wait and find it done. All steps or none.
 *
 * @returns the versions that were applied now.
 * @throws StoreError `newer_database` when a newer program was here, `migration_failed` when a step fails.
 */
export function migrate(
  db: Database,
  schema: string,
  steps: readonly Migration[] = migrations,
): Promise<number[]> {
  return db.transaction(async (sql) => {
    await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`migrate ${schema}`])
    await sql.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    await sql.query(`CREATE TABLE IF NOT EXISTS ${schema}.migrations (
      version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
    const [row] = await sql.query<{ version: number }>(
      `SELECT coalesce(max(version), 0) AS version FROM ${schema}.migrations`,
    )
    const found = Number(row?.version ?? 0)
    refuseNewer(found, steps.at(-1)?.version ?? 0, schema)
    const missing = steps.filter(({ version }) => version > found)
    for (const step of missing) await apply(sql, schema, step)
    return missing.map(({ version }) => version)
  })
}

function refuseNewer(found: number, newest: number, schema: string): void {
  if (found <= newest) return
  const text = `the schema ${schema} was written by a newer version of this program (shape ${found}, this one knows ${newest}). Update the program, or give another DATABASE_SCHEMA`
  throw new StoreError('newer_database', text)
}

async function apply(sql: Sql, schema: string, { version, name, sql: text }: Migration): Promise<void> {
  try {
    await sql.query(text.replaceAll('{s}', schema))
    await sql.query(`INSERT INTO ${schema}.migrations (version, name) VALUES ($1, $2)`, [version, name])
  } catch (error) {
    const why = `the schema ${schema} could not be brought to shape ${version} (${name}), nothing was changed: ${messageOf(error)}`
    throw new StoreError('migration_failed', why, error)
  }
}
