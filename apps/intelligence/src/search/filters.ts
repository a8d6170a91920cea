import { nameKey } from '../store/identity.ts'
import type { ChunkSelection } from '../store/vectors.ts'

export interface SearchFilters {
  /** A source, or everything below it: `docs` finds `docs/pool.md`. */
  readonly source?: string
  /** The document's type, such as `markdown`. */
  readonly type?: string
  /** Documents that mention this entity: its name, in any case, or its id. */
  readonly entity?: string
}

/** The ids of the chunks whose documents pass; undefined when there is nothing to filter. */
export function selectChunks(filters: SearchFilters): ChunkSelection | undefined {
  const tests: string[] = []
  const values: string[] = []
  if (filters.source !== undefined) {
    const below = filters.source.endsWith('/') ? filters.source : `${filters.source}/`
    tests.push('(d.source = ? OR substr(d.source, 1, length(?)) = ?)')
    values.push(filters.source, below, below)
  }
  if (filters.type !== undefined) {
    tests.push('d.type = ?')
    values.push(filters.type)
  }
  if (filters.entity !== undefined) {
    tests.push('d.id IN (SELECT document_id FROM entities WHERE name_key = ? OR entity_id = ?)')
    values.push(nameKey(filters.entity), filters.entity)
  }
  if (tests.length === 0) return undefined
  const sql = `SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document_id WHERE ${tests.join(' AND ')}`
  return { sql, values }
}
