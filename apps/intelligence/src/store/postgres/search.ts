/** The search engines on PostgreSQL: its own full text, and vectors by pgvector or an exact scan. */
import { nameKey } from '../identity.ts'
import type { Entity } from '../records.ts'
import { MOST_CHUNKS, MOST_DOCUMENTS } from '../search-limits.ts'
import type { EntityHit, Found, Ranked, SearchFilters, SharedEntities } from '../search-records.ts'
import type { SearchStore, VectorEngineFacts } from '../store.ts'
import { meanOf, norm } from '../vectors.ts'
import { readEntities } from './document-parts.ts'
import { findEntities, sharedNames } from './entities.ts'
import { Conditions } from './conditions.ts'
import { anyOf, phrasesOf } from './fold.ts'
import { snippets, type Body } from './snippets.ts'
import type { Database, Sql } from './sql.ts'
import { MOST_INDEXED, toArray } from './vector-engine.ts'
import { rankingByWords } from './word-rank.ts'

/** Unnested side by side in a list of columns: twice as quick as a function, or as unnesting both in FROM. */
const DOT = `(SELECT sum(x::double precision * y)
  FROM (SELECT unnest(v.embedding) AS x, unnest($1::real[]) AS y) pairs)`

export class PostgresSearch implements SearchStore {
  private readonly db: Database
  private readonly s: string
  private readonly vectors: VectorEngineFacts

  constructor(db: Database, schema: string, vectors: VectorEngineFacts) {
    this.db = db
    this.s = schema
    this.vectors = vectors
  }

  async byWords(words: readonly string[], filters: SearchFilters): Promise<Ranked[]> {
    const phrases = phrasesOf(words)
    if (phrases.length === 0) return []
    const where = new Conditions(this.s, [phrases], filters)
    return this.db.query<Ranked>(rankingByWords(this.s, where.and, MOST_DOCUMENTS), where.values)
  }

  async byVector(
    query: Float32Array,
    minSimilarity: number,
    filters: SearchFilters & { readonly exceptDocument?: string },
  ): Promise<Ranked[]> {
    const length = norm(query)
    if (length === 0) return []
    const indexed = this.vectors.kind === 'pgvector'
    const near = indexed ? await this.nearest(query, filters) : await this.scan(query, length, filters)
    near.sort((a, b) => b.score - a.score || a.chunkId - b.chunkId)
    const best = new Map<string, Ranked>()
    for (const found of near) {
      if (found.score < minSimilarity || best.size === MOST_DOCUMENTS) break
      if (!best.has(found.documentId)) best.set(found.documentId, found)
    }
    return [...best.values()]
  }

  async show(chunkIds: readonly number[], words: readonly string[]): Promise<Map<number, Found>> {
    const { s } = this
    const rows = await this.db.query<Omit<Found, 'snippet'> & Body>(
      `SELECT c.id, d.id AS "documentId", d.title, d.source, d.type, c.ordinal, c.start_offset AS start,
         c.end_offset AS "end", c.heading, c.body
       FROM ${s}.chunks c JOIN ${s}.documents d ON d.id = c.document_id WHERE c.id = ANY($1::bigint[])`,
      [chunkIds],
    )
    const shown = await snippets(this.db, s, rows, anyOf(words))
    return new Map(
      rows.map(({ id, body: _body, ...row }, index) => {
        return [id, { ...row, snippet: shown[index] ?? { text: '', marks: [] } }]
      }),
    )
  }

  entitiesOf(documentId: string): Promise<Entity[]> {
    return readEntities(this.db, this.s, documentId)
  }

  entities(name: string, options: { readonly type?: string; readonly limit: number }): Promise<EntityHit[]> {
    return findEntities(this.db, this.s, nameKey(name), options.type ?? null, options.limit)
  }

  sharingEntities(documentId: string): Promise<SharedEntities[]> {
    return sharedNames(this.db, this.s, documentId)
  }

  async meanVector(documentId: string): Promise<Float32Array | undefined> {
    const rows = await this.db.query<{ embedding: number[] }>(
      `SELECT embedding FROM ${this.s}.vectors JOIN ${this.s}.chunks c ON c.id = chunk_id
       WHERE c.document_id = $1 AND norm > 0 ORDER BY chunk_id`,
      [documentId],
    )
    return meanOf(rows.map(({ embedding }) => Float32Array.from(embedding)))
  }

  async dimensions(): Promise<number[]> {
    const rows = await this.db.query<{ dimensions: number }>(
      `SELECT DISTINCT dimensions FROM ${this.s}.vectors`,
    )
    return rows.map(({ dimensions }) => dimensions)
  }

  /** The index gives the nearest it comes by; with filters it goes on until it has enough of them. */
  private nearest(query: Float32Array, filters: SearchFilters): Promise<Ranked[]> {
    const size = query.length
    const distance = `v.embedding::vector(${size}) <=> $1::vector(${size})`
    return this.db.transaction(async (sql) => {
      if (size <= MOST_INDEXED) {
        await sql.query(`SET LOCAL hnsw.ef_search = ${MOST_CHUNKS}`)
        await sql.query('SET LOCAL hnsw.iterative_scan = strict_order')
      }
      return this.rank(sql, new Conditions(this.s, [`[${query.join(',')}]`], filters), {
        score: `1 - (${distance})`,
        order: distance,
        size,
      })
    })
  }

  private scan(query: Float32Array, length: number, filters: SearchFilters): Promise<Ranked[]> {
    const where = new Conditions(this.s, [toArray(query), length], filters)
    const score = `${DOT} / (v.norm * $2)`
    return this.rank(this.db, where, { score, order: 'score DESC', size: query.length })
  }

  private rank(
    sql: Sql,
    where: Conditions,
    by: { readonly score: string; readonly order: string; readonly size: number },
  ): Promise<Ranked[]> {
    const { s } = this
    return sql.query<Ranked>(
      `SELECT c.document_id AS "documentId", c.id AS "chunkId", ${by.score} AS score
       FROM ${s}.vectors v JOIN ${s}.chunks c ON c.id = v.chunk_id JOIN ${s}.documents d ON d.id = c.document_id
       WHERE v.dimensions = ${by.size} AND v.norm > 0 ${where.and} ORDER BY ${by.order} LIMIT ${MOST_CHUNKS}`,
      where.values,
    )
  }
}
