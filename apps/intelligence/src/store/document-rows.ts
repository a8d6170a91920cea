import type { Database } from './database.ts'
import type {
  Analysis,
  DocumentSummary,
  Entity,
  JsonObject,
  Relationship,
  StoredDocument,
  Topic,
} from './records.ts'

/** From rows to records. */
export interface DocumentRow {
  readonly id: string
  readonly title: string
  readonly source: string | null
  readonly content_hash: string
  readonly size: number
  readonly language: string | null
  readonly type: string | null
  readonly metadata: string
  readonly created_at: number
  readonly updated_at: number
}

export function toSummary(row: DocumentRow): DocumentSummary {
  return {
    id: row.id,
    title: row.title,
    source: row.source,
    contentHash: row.content_hash,
    size: row.size,
    language: row.language,
    type: row.type,
    metadata: JSON.parse(row.metadata) as JsonObject,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export function readDocument(db: Database, row: DocumentRow): StoredDocument {
  return {
    ...toSummary(row),
    chunks: readChunks(db, row.id),
    entities: readEntities(db, row.id),
    relationships: readRelationships(db, row.id),
    analysis: readAnalysis(db, row.id),
  }
}

interface ChunkRow {
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly text: string
  readonly heading: string | null
  readonly embedded: number
}

function readChunks(db: Database, id: string): StoredDocument['chunks'] {
  const sql = `SELECT c.ordinal, c.start_offset AS start, c.end_offset AS "end", t.body AS text, c.heading,
      EXISTS (SELECT 1 FROM vectors v WHERE v.chunk_id = c.id) AS embedded
    FROM chunks c JOIN chunk_text t ON t.rowid = c.id WHERE c.document_id = ? ORDER BY c.ordinal`
  return db.all<ChunkRow>(sql, id).map((row) => ({ ...row, embedded: row.embedded === 1 }))
}

export interface EntityRow {
  readonly entityId: string
  readonly name: string
  readonly type: string
  readonly confidence: number
  readonly description: string | null
  readonly start: number | null
  readonly end: number | null
}

/** Most certain first. */
export function readEntities(db: Database, id: string): Entity[] {
  const sql = `SELECT entity_id AS entityId, name, type, confidence, description, span_start AS start, span_end AS "end"
    FROM entities WHERE document_id = ? ORDER BY confidence DESC, rowid`
  return db.all<EntityRow>(sql, id).map(toEntity)
}

export function toEntity({ start, end, ...entity }: EntityRow): Entity {
  return { ...entity, span: start === null || end === null ? null : { start, end } }
}

function readRelationships(db: Database, id: string): Relationship[] {
  const sql = `SELECT source_entity_id AS sourceEntityId, target_entity_id AS targetEntityId, type, confidence, context
    FROM relationships WHERE document_id = ? ORDER BY rowid`
  return db.all<Relationship>(sql, id).map((row) => ({ ...row }))
}

export interface TopicRow {
  readonly kind: string
  readonly name: string
  readonly score: number
  readonly detail: string | null
}

function readAnalysis(db: Database, id: string): Analysis {
  const sql = 'SELECT kind, name, score, detail FROM topics WHERE document_id = ? ORDER BY score DESC, rowid'
  return toAnalysis(db.all<TopicRow>(sql, id))
}

/** The highest first. */
export function toAnalysis(rows: readonly TopicRow[]): Analysis {
  const of = (kind: string): Topic[] => rows.filter((row) => row.kind === kind).map(toTopic)
  return { concepts: of('concept'), themes: of('theme'), domains: of('domain') }
}

function toTopic({ name, score, detail }: TopicRow): Topic {
  return { name, score, detail: detail === null ? null : (JSON.parse(detail) as JsonObject) }
}
