/** Entities over all documents, in SQLite. */
import type { Database } from './database.ts'
import type { EntityHit, SharedEntities } from './search-records.ts'

interface Group {
  readonly nameKey: string
  readonly type: string
}

interface Mention {
  readonly name: string
  readonly confidence: number
  readonly description: string | null
  readonly documentId: string
  readonly entityId: string
}

/** Those whose key contains `key`: every name is looked at, in the index alone. */
export function entityRows(db: Database, key: string, type: string | null, limit: number): EntityHit[] {
  const sql = `SELECT name_key AS nameKey, type FROM entities
    WHERE instr(name_key, ?1) > 0 AND (?2 IS NULL OR type = ?2) GROUP BY name_key, type
    ORDER BY name_key = ?1 DESC, instr(name_key, ?1) = 1 DESC, count(DISTINCT document_id) DESC, name_key, type LIMIT ?3`
  return db.all<Group>(sql, key, type, limit).map((group) => toHit(db, group))
}

function toHit(db: Database, { nameKey, type }: Group): EntityHit {
  const sql = `SELECT name, confidence, description, document_id AS documentId, entity_id AS entityId FROM entities
    WHERE name_key = ? AND type = ? ORDER BY confidence DESC, rowid`
  const rows = db.all<Mention>(sql, nameKey, type)
  const { name = nameKey, confidence = 0, description = null } = rows[0] ?? {}
  const documents = [...new Set(rows.map((row) => row.documentId))]
  const entityIds = [...new Set(rows.map((row) => row.entityId))]
  const most = { documentCount: documents.length, documentIds: documents.slice(0, 20) }
  return { name, type, confidence, description, entityIds, ...most }
}

/** A name that every document mentions says nothing: each counts 1 / (documents that mention it). */
export function sharedNames(db: Database, id: string): SharedEntities[] {
  const sql = `WITH mine AS (SELECT DISTINCT name_key, type FROM entities WHERE document_id = ?1),
    spread AS (
      SELECT mine.name_key, mine.type, 1.0 / count(DISTINCT e.document_id) AS weight
      FROM mine JOIN entities e ON e.name_key = mine.name_key AND e.type = mine.type GROUP BY mine.name_key, mine.type
    )
    SELECT DISTINCT e.document_id AS documentId, min(e.name) AS name, weight FROM entities e
    JOIN spread ON e.name_key = spread.name_key AND e.type = spread.type
    WHERE e.document_id <> ?1 GROUP BY e.document_id, spread.name_key, spread.type ORDER BY weight DESC, name`
  return rankShared(db.all<SharedName>(sql, id))
}

export interface SharedName {
  readonly documentId: string
  readonly name: string
  readonly weight: number
}

/** From one row for each shared name, the rarest first, to one for each document, the nearest first. */
export function rankShared(rows: readonly SharedName[]): SharedEntities[] {
  const found = new Map<string, { weight: number; names: string[] }>()
  for (const row of rows) {
    const entry = found.get(row.documentId) ?? { weight: 0, names: [] }
    found.set(row.documentId, { weight: entry.weight + row.weight, names: [...entry.names, row.name] })
  }
  const ranked = [...found].sort(([a, x], [b, y]) => y.weight - x.weight || (a < b ? -1 : 1))
  return ranked.map(([documentId, { names }]) => ({ documentId, names }))
}
