import type { Database } from '../store/database.ts'
import { StoreError } from '../store/errors.ts'
import { nameKey } from '../store/identity.ts'

export interface EntitySearch {
  /** Only entities of this type, as the extractor wrote it. */
  readonly type?: string
  /** 1 to 100. Default 10. */
  readonly limit?: number
}

/** An entity over all documents: the same name and type is the same entity. */
export interface EntityHit {
  readonly name: string
  readonly type: string
  /** The highest that any document gives it. */
  readonly confidence: number
  /** From where it is most certain. */
  readonly description: string | null
  readonly entityIds: readonly string[]
  /** How many documents mention it. */
  readonly documentCount: number
  /** At most twenty of them, most certain first. */
  readonly documentIds: readonly string[]
}

interface Row {
  readonly name: string
  readonly type: string
  readonly confidence: number
  readonly description: string | null
  readonly nameKey: string
}

/**
 * Entities whose name contains `name`, without regard to case and accents: the very name first, then those that
 * begin with it, then the most mentioned. An empty name lists the most mentioned of all.
 *
 * @example searchEntities(db, 'pool', { type: 'CONCEPT', limit: 5 })
 */
export function searchEntities(db: Database, name: string, options: EntitySearch = {}): EntityHit[] {
  const { type = null, limit = 10 } = options
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100) {
    throw new StoreError('invalid', `limit = ${limit}: expected a whole number from 1 to 100`)
  }
  const sql = `SELECT name, name_key AS nameKey, type, max(confidence) AS confidence, description FROM entities
    WHERE instr(name_key, ?1) > 0 AND (?2 IS NULL OR type = ?2) GROUP BY name_key, type
    ORDER BY name_key = ?1 DESC, instr(name_key, ?1) = 1 DESC, count(DISTINCT document_id) DESC, name_key, type LIMIT ?3`
  return db.all<Row>(sql, nameKey(name), type, limit).map((row) => toHit(db, row))
}

function toHit(db: Database, { nameKey, ...entity }: Row): EntityHit {
  const sql = `SELECT document_id AS documentId, entity_id AS entityId FROM entities
    WHERE name_key = ? AND type = ? ORDER BY confidence DESC, rowid`
  const rows = db.all<{ documentId: string; entityId: string }>(sql, nameKey, entity.type)
  const documents = [...new Set(rows.map((row) => row.documentId))]
  const entityIds = [...new Set(rows.map((row) => row.entityId))]
  return { ...entity, entityIds, documentCount: documents.length, documentIds: documents.slice(0, 20) }
}
