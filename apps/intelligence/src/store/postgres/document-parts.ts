/** A document's parts, read back. */
import { toAnalysis, toEntity, type EntityRow, type TopicRow } from '../document-rows.ts'
import type { Entity, Relationship, StoredDocument } from '../records.ts'
import type { Sql } from './sql.ts'

type Parts = Pick<StoredDocument, 'chunks' | 'entities' | 'relationships' | 'analysis'>

export async function readParts(sql: Sql, s: string, id: string): Promise<Parts> {
  const chunks = `SELECT c.ordinal, c.start_offset AS start, c.end_offset AS "end", c.body AS text, c.heading,
      v.chunk_id IS NOT NULL AS embedded
    FROM ${s}.chunks c LEFT JOIN ${s}.vectors v ON v.chunk_id = c.id WHERE c.document_id = $1 ORDER BY c.ordinal`
  const relationships = `SELECT source_entity_id AS "sourceEntityId", target_entity_id AS "targetEntityId", type,
    confidence, context FROM ${s}.relationships WHERE document_id = $1 ORDER BY seq`
  const topics = `SELECT kind, name, score, detail FROM ${s}.topics WHERE document_id = $1 ORDER BY score DESC, seq`
  return {
    chunks: await sql.query<StoredDocument['chunks'][number]>(chunks, [id]),
    entities: await readEntities(sql, s, id),
    relationships: await sql.query<Relationship>(relationships, [id]),
    analysis: toAnalysis(await sql.query<TopicRow>(topics, [id])),
  }
}

/** Most certain first. */
export async function readEntities(sql: Sql, s: string, id: string): Promise<Entity[]> {
  const text = `SELECT entity_id AS "entityId", name, type, confidence, description, span_start AS start,
    span_end AS "end" FROM ${s}.entities WHERE document_id = $1 ORDER BY confidence DESC, seq`
  return (await sql.query<EntityRow>(text, [id])).map(toEntity)
}
