/** Documents and their parts on PostgreSQL. */
import { checkDocument, refuseCollision } from '../check-document.ts'
import type { DocumentCounts, Replaced } from '../documents.ts'
import { toSummary, type DocumentRow } from '../document-rows.ts'
import type { DocumentSummary, IndexedDocument, StoredDocument } from '../records.ts'
import type { Page, VectorEngineFacts } from '../store.ts'
import { readParts } from './document-parts.ts'
import type { Database, Sql } from './sql.ts'
import { writeParts } from './write-parts.ts'

export class PostgresDocuments {
  private readonly db: Database
  private readonly schema: string
  private readonly vectors: VectorEngineFacts

  constructor(db: Database, schema: string, vectors: VectorEngineFacts) {
    this.db = db
    this.schema = schema
    this.vectors = vectors
  }

  replace(indexed: IndexedDocument): Promise<Replaced> {
    return this.db.transaction((sql) => this.replaceIn(sql, indexed))
  }

  /** The same as a part of a transaction. Two that replace the same document take turns. */
  async replaceIn(sql: Sql, indexed: IndexedDocument): Promise<Replaced> {
    checkDocument(indexed)
    const s = this.schema
    const { id, title, source, contentHash, size, language, type } = indexed
    await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [`${s} ${id}`])
    const [before] = await sql.query<{ source: string | null }>(
      `SELECT source FROM ${s}.documents WHERE id = $1`,
      [id],
    )
    if (before !== undefined) {
      refuseCollision(indexed, before.source)
      for (const table of ['chunks', 'entities', 'relationships', 'topics']) {
        await sql.query(`DELETE FROM ${s}.${table} WHERE document_id = $1`, [id])
      }
    }
    await sql.query(
      `INSERT INTO ${s}.documents SELECT $1, $2, $3, $4, $5, $6, $7, $8, now, now FROM ${s}.now_ms() AS now
       ON CONFLICT (id) DO UPDATE SET title = $2, source = $3, content_hash = $4, size = $5, language = $6, type = $7,
         metadata = $8, updated_at = excluded.updated_at`,
      [id, title, source, contentHash, size, language, type, JSON.stringify(indexed.metadata)],
    )
    const vectors = await writeParts(sql, s, indexed, this.vectors)
    const { chunks, entities, relationships } = indexed
    const lengths = { chunks: chunks.length, entities: entities.length, relationships: relationships.length }
    return { created: before === undefined, vectors, ...lengths }
  }

  async removeIn(sql: Sql, id: string): Promise<boolean> {
    const gone = await sql.query(`DELETE FROM ${this.schema}.documents WHERE id = $1 RETURNING 1`, [id])
    return gone.length > 0
  }

  /** As it was at one moment: between its parts, nobody replaces it. */
  get(id: string): Promise<StoredDocument | undefined> {
    return this.db.transaction(async (sql) => {
      await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
      const summary = await this.read(sql, id)
      return summary && { ...summary, ...(await readParts(sql, this.schema, id)) }
    })
  }

  summary(id: string): Promise<DocumentSummary | undefined> {
    return this.read(this.db, id)
  }

  async list({ limit, offset }: Page): Promise<DocumentSummary[]> {
    const sql = `SELECT * FROM ${this.schema}.documents ORDER BY updated_at DESC, id LIMIT $1 OFFSET $2`
    return (await this.db.query<DocumentRow>(sql, [limit, offset])).map(toSummary)
  }

  async counts(): Promise<DocumentCounts> {
    const tables = ['documents', 'chunks', 'vectors', 'entities', 'relationships']
    const counts = tables.map((table) => `(SELECT count(*) FROM ${this.schema}.${table}) AS ${table}`)
    const [row] = await this.db.query<DocumentCounts>(`SELECT ${counts.join(', ')}`)
    return { documents: 0, chunks: 0, vectors: 0, entities: 0, relationships: 0, ...row }
  }

  private async read(sql: Sql, id: string): Promise<DocumentSummary | undefined> {
    const text = `SELECT * FROM ${this.schema}.documents WHERE id = $1`
    const [row] = await sql.query<DocumentRow>(text, [id])
    return row && toSummary(row)
  }
}
