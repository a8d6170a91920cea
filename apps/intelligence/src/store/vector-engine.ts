import type { DatabaseSync } from 'node:sqlite'
import { getLoadablePath } from 'sqlite-vec'
import type { Database } from './database.ts'
import { messageOf } from './errors.ts'

/** Who ranks vectors: the sqlite-vec extension, or an exact scan in this process, and why. */
export type VectorEngine =
  | { readonly kind: 'sqlite-vec'; readonly version: string }
  | { readonly kind: 'scan'; readonly reason: string }

/** Loads sqlite-vec into the connection. Never throws: without it, search is slower and the same. */
export function loadVectorEngine(connection: DatabaseSync, extension?: string | false): VectorEngine {
  if (extension === false) return { kind: 'scan', reason: 'sqlite-vec is switched off' }
  try {
    connection.loadExtension(extension ?? getLoadablePath())
    const version = connection.prepare('SELECT vec_version() AS version').get()?.['version']
    return { kind: 'sqlite-vec', version: String(version) }
  } catch (error) {
    return { kind: 'scan', reason: `sqlite-vec cannot be loaded: ${messageOf(error)}` }
  }
}

/** The vec0 table for vectors of this size. */
export function indexTable(dimensions: number): string {
  return `vector_index_${dimensions}`
}

/**
 * Brings the vec0 tables up to date with the vectors table: this process's own last change, and whatever a
 * process without the extension wrote. Without the extension it does nothing, and the backlog waits.
 */
export function syncVectorIndex(db: Database): void {
  if (db.vectors.kind !== 'sqlite-vec') return
  if (db.get('SELECT 1 FROM vector_backlog LIMIT 1') === undefined) return
  db.transaction(() => {
    for (const { dimensions } of db.all<{ dimensions: number }>(
      'SELECT DISTINCT dimensions FROM vector_backlog',
    )) {
      syncDimension(db, dimensions)
    }
    db.run('DELETE FROM vector_backlog')
  })
}

// A vector of length zero has no direction, so it is kept but never ranked. Chunks of 256 vectors instead of 1,024:
// to write one vector, SQLite walks through its whole chunk.
function syncDimension(db: Database, dimensions: number): void {
  const table = indexTable(dimensions)
  db.connection.exec(
    `CREATE VIRTUAL TABLE IF NOT EXISTS ${table} USING vec0 (embedding float[${dimensions}] distance_metric=cosine, chunk_size=256)`,
  )
  const changed = db.all<{ id: number }>(
    'SELECT chunk_id AS id FROM vector_backlog WHERE dimensions = ?',
    dimensions,
  )
  // One by one: for a list of ids, sqlite-vec reads its whole table.
  for (const { id } of changed) {
    db.run(`DELETE FROM ${table} WHERE rowid = ?`, id)
    db.run(
      `INSERT INTO ${table} (rowid, embedding)
       SELECT chunk_id, embedding FROM vectors WHERE chunk_id = ? AND dimensions = ? AND norm > 0`,
      id,
      dimensions,
    )
  }
}
