import type { DatabaseSync } from 'node:sqlite'
import { getLoadablePath } from 'sqlite-vec'
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

/** Files of the shapes before 5 hold each vector a second time, in a table that only the extension can drop. */
export function dropOldIndexes(connection: DatabaseSync, { kind }: VectorEngine): void {
  if (kind !== 'sqlite-vec') return
  const old = `SELECT name FROM sqlite_schema WHERE name GLOB 'vector_index_*' AND sql GLOB 'CREATE VIRTUAL TABLE*'`
  for (const { name } of connection.prepare(old).all()) connection.exec(`DROP TABLE ${String(name)}`)
}
