/** Entities over all documents, on PostgreSQL. */
import type { EntityHit, SharedEntities } from '../search-records.ts'
import { rankShared, type SharedName } from '../sqlite-entities.ts'
import type { Sql } from './sql.ts'

interface Group {
  readonly nameKey: string
  readonly type: string
}

/** Those whose key contains `key`: by the index over parts of names (name-index.ts), where there is one. */
export async function findEntities(
  sql: Sql,
  s: string,
  key: string,
  type: string | null,
  limit: number,
): Promise<EntityHit[]> {
  const groups = await sql.query<Group>(
    `SELECT name_key AS "nameKey", type FROM ${s}.entities
     WHERE name_key LIKE $4 AND ($2::text IS NULL OR type = $2) GROUP BY name_key, type
     ORDER BY (name_key = $1) DESC, starts_with(name_key, $1) DESC, count(DISTINCT document_id) DESC,
       name_key COLLATE "C", type LIMIT $3`,
    [key, type, limit, `%${key.replace(/[\\%_]/g, '\\$&')}%`],
  )
  return Promise.all(groups.map((group) => toHit(sql, s, group)))
}

type Mention = Pick<EntityHit, 'name' | 'confidence' | 'description'> & {
  readonly documentId: string
  readonly entityId: string
}

async function toHit(sql: Sql, s: string, { nameKey, type }: Group): Promise<EntityHit> {
  const mentions = await sql.query<Mention>(
    `SELECT name, confidence, description, document_id AS "documentId", entity_id AS "entityId" FROM ${s}.entities
     WHERE name_key = $1 AND type = $2 ORDER BY confidence DESC, seq`,
    [nameKey, type],
  )
  const { name = nameKey, confidence = 0, description = null } = mentions[0] ?? {}
  const documents = [...new Set(mentions.map(({ documentId }) => documentId))]
  const entityIds = [...new Set(mentions.map(({ entityId }) => entityId))]
  const most = { documentCount: documents.length, documentIds: documents.slice(0, 20) }
  return { name, type, confidence, description, entityIds, ...most }
}

/** A name that every document mentions says nothing: each counts 1 / (documents that mention it). */
export async function sharedNames(sql: Sql, s: string, id: string): Promise<SharedEntities[]> {
  const rows = await sql.query<SharedName>(
    `WITH mine AS (SELECT DISTINCT name_key, type FROM ${s}.entities WHERE document_id = $1),
     spread AS (
       SELECT mine.name_key, mine.type, 1.0::double precision / count(DISTINCT e.document_id) AS weight
       FROM mine JOIN ${s}.entities e USING (name_key, type) GROUP BY mine.name_key, mine.type
     )
     SELECT e.document_id AS "documentId", min(e.name) AS name, weight FROM ${s}.entities e JOIN spread USING (name_key, type)
     WHERE e.document_id <> $1 GROUP BY e.document_id, name_key, type, weight ORDER BY weight DESC, min(e.name) COLLATE "C"`,
    [id],
  )
  return rankShared(rows)
}
