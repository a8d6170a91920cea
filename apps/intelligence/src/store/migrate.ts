import type { DatabaseSync } from 'node:sqlite'
import { StoreError, messageOf } from './errors.ts'
import { migrations } from './migrations.ts'
import type { Migration } from './migrations.ts'
import { sketchOf } from './sketch.ts'
import { fromBlob } from './vectors.ts'

/** Marks a file as ours ("kwis"), so that another program's database is never changed by mistake. */
const APPLICATION_ID = 0x6b_77_69_73

/** Before anything is written: is this file empty, or ours? */
export function refuseForeign(connection: DatabaseSync, path: string): void {
  if (number(connection, 'PRAGMA application_id') === APPLICATION_ID) return
  if (number(connection, 'SELECT count(*) FROM sqlite_schema') === 0) return
  const text = `${path} is the database of another program. Give another path: its tables would be mixed with ours`
  throw new StoreError('foreign_database', text)
}

/**
 * Runs the steps that the file has not seen, each in its own transaction. Two processes that open the same new
 * file take turns: the version is read again once the file is locked.
 *
 * @returns the versions that were applied now.
 */
export function migrate(
  connection: DatabaseSync,
  path: string,
  steps: readonly Migration[] = migrations,
): number[] {
  const newest = steps.at(-1)?.version ?? 0
  const found = number(connection, 'PRAGMA user_version')
  if (found > newest) {
    const text = `${path} was written by a newer version of this program (shape ${found}, this one knows ${newest}). Update the program, or give another path`
    throw new StoreError('newer_database', text)
  }
  connection.function('sketch_of', (embedding) => sketchOf(fromBlob(embedding as Uint8Array)))
  return steps
    .filter((step) => step.version > found && apply(connection, path, step))
    .map((step) => step.version)
}

function apply(connection: DatabaseSync, path: string, step: Migration): boolean {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const fresh = number(connection, 'PRAGMA user_version') < step.version
    if (fresh) {
      connection.exec(step.sql)
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${step.version}`)
    }
    connection.exec('COMMIT')
    return fresh
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK')
    const text = `${path} could not be brought to shape ${step.version} (${step.name}), nothing was changed: ${messageOf(error)}`
    throw new StoreError('migration_failed', text, error)
  }
}

function number(connection: DatabaseSync, sql: string): number {
  return Number(Object.values(connection.prepare(sql).get() ?? {})[0])
}
