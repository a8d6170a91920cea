import { checkDocument, refuseCollision } from './check-document.ts'
import type { Database } from './database.ts'
import { readDocument, toSummary } from './document-rows.ts'
import type { DocumentRow } from './document-rows.ts'
import { nameKey } from './identity.ts'
import type {
  DocumentSummary,
  Entity,
  IndexedChunk,
  IndexedDocument,
  StoredDocument,
  Topic,
} from './records.ts'
import { sketchOf } from './sketch.ts'
import { norm, toBlob, toVector } from './vectors.ts'

/** What one replacement wrote. */
export interface Replaced {
  /** False when the document was there already and its parts were replaced. */
  readonly created: boolean
  readonly chunks: number
  readonly vectors: number
  readonly entities: number
  readonly relationships: number
}

/**
 * Stores a document with all its parts, in place of whatever was stored under its id: all of it, or, when anything
 * is wrong with it, nothing.
 *
 * @param now milliseconds since 1970. The moment of the first indexing is kept.
 * @throws StoreError `invalid` for a vector with NaN, spans or ordinals that make no sense, or an id that two
 * sources share by chance.
 * @example
 * replaceDocument(db, indexed, Date.now())   // { created: true, chunks: 12, vectors: 12, … }
 */
export function replaceDocument(db: Database, indexed: IndexedDocument, now: number): Replaced {
  checkDocument(indexed)
  return db.transaction(() => {
    const before = db.get<{ source: string | null }>('SELECT source FROM documents WHERE id = ?', indexed.id)
    if (before !== undefined) refuseCollision(indexed, before.source)
    for (const table of ['chunks', 'entities', 'relationships', 'topics']) {
      db.run(`DELETE FROM ${table} WHERE document_id = ?`, indexed.id)
    }
    writeDocument(db, indexed, now)
    const vectors = indexed.chunks.filter((chunk) => writeChunk(db, indexed, chunk)).length
    for (const entity of indexed.entities) writeEntity(db, indexed.id, entity)
    writeRelationships(db, indexed)
    writeTopics(db, indexed.id, 'concept', indexed.analysis.concepts)
    writeTopics(db, indexed.id, 'theme', indexed.analysis.themes)
    writeTopics(db, indexed.id, 'domain', indexed.analysis.domains)
    const { chunks, entities, relationships } = indexed
    const lengths = { chunks: chunks.length, entities: entities.length, relationships: relationships.length }
    return { created: before === undefined, vectors, ...lengths }
  })
}

/** Removes a document and all its parts. False when there was none. */
export function removeDocument(db: Database, id: string): boolean {
  return db.transaction(() => db.run('DELETE FROM documents WHERE id = ?', id) > 0)
}

/** A document with its chunks, entities, relationships and analysis; the vectors stay in the file. */
export function getDocument(db: Database, id: string): StoredDocument | undefined {
  const row = db.get<DocumentRow>('SELECT * FROM documents WHERE id = ?', id)
  return row && readDocument(db, row)
}

/** A document without its parts, for instance to compare its hash. */
export function getDocumentSummary(db: Database, id: string): DocumentSummary | undefined {
  const row = db.get<DocumentRow>('SELECT * FROM documents WHERE id = ?', id)
  return row && toSummary(row)
}

/** The documents that were indexed last, newest first. */
export function listDocuments(db: Database, page: { limit: number; offset: number }): DocumentSummary[] {
  const sql = 'SELECT * FROM documents ORDER BY updated_at DESC, id LIMIT ? OFFSET ?'
  return db.all<DocumentRow>(sql, page.limit, page.offset).map(toSummary)
}

export interface DocumentCounts {
  readonly documents: number
  readonly chunks: number
  readonly vectors: number
  readonly entities: number
  readonly relationships: number
}

/** How much the file holds. */
export function countDocuments(db: Database): DocumentCounts {
  const sql = `SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM chunks) AS chunks,
    (SELECT count(*) FROM vectors) AS vectors, (SELECT count(*) FROM entities) AS entities,
    (SELECT count(*) FROM relationships) AS relationships`
  const row = db.get<DocumentCounts>(sql)
  return { documents: 0, chunks: 0, vectors: 0, entities: 0, relationships: 0, ...row }
}

function writeDocument(db: Database, indexed: IndexedDocument, now: number): void {
  const { id, title, source, contentHash, size, language, type } = indexed
  const metadata = JSON.stringify(indexed.metadata)
  db.run(
    `INSERT INTO documents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) ON CONFLICT (id) DO UPDATE SET
       title = ?2, source = ?3, content_hash = ?4, size = ?5, language = ?6, type = ?7, metadata = ?8, updated_at = ?9`,
    ...[id, title, source, contentHash, size, language, type, metadata, now],
  )
}

/** True when the chunk came with a vector. */
function writeChunk(db: Database, { id, title }: IndexedDocument, chunk: IndexedChunk): boolean {
  const whose = `chunk ${chunk.ordinal} of ${id}`
  const insert = `INSERT INTO chunks (document_id, ordinal, start_offset, end_offset, heading) VALUES (?, ?, ?, ?, ?)
    RETURNING id`
  const values = [id, chunk.ordinal, chunk.start, chunk.end, chunk.heading]
  const row = db.get<{ id: number }>(insert, ...values)
  if (row === undefined) return false
  const words = 'INSERT INTO chunk_text (rowid, title, heading, body) VALUES (?, ?, ?, ?)'
  db.run(words, row.id, title, chunk.heading ?? '', chunk.text)
  if (chunk.vector === null) return false
  const vector = toVector(chunk.vector, `the vector of ${whose}`)
  const length = norm(vector)
  db.run('INSERT INTO vectors VALUES (?, ?, ?, ?)', row.id, vector.length, length, toBlob(vector))
  // A vector of length zero has no direction, so it is kept but never ranked.
  if (length > 0)
    db.run('INSERT INTO vector_sketches VALUES (?, ?, ?)', row.id, vector.length, sketchOf(vector))
  return true
}

function writeEntity(db: Database, id: string, entity: Entity): void {
  const { entityId, name, type, confidence, span, description } = entity
  const places = [span?.start ?? null, span?.end ?? null]
  const values = [id, entityId, name, nameKey(name), type, confidence, ...places, description]
  db.run('INSERT INTO entities VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', ...values)
}

function writeRelationships(db: Database, { id, relationships }: IndexedDocument): void {
  for (const { sourceEntityId, targetEntityId, type, confidence, context } of relationships) {
    const values = [id, sourceEntityId, targetEntityId, type, confidence, context]
    db.run('INSERT INTO relationships VALUES (?, ?, ?, ?, ?, ?)', ...values)
  }
}

function writeTopics(db: Database, id: string, kind: string, topics: readonly Topic[]): void {
  for (const { name, score, detail } of topics) {
    const json = detail === null ? null : JSON.stringify(detail)
    db.run('INSERT INTO topics VALUES (?, ?, ?, ?, ?)', id, kind, name, score, json)
  }
}
