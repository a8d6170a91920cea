/** The search engines on SQLite: FTS5 for words, sqlite-vec or a scan for vectors. */
import type { Database } from './database.ts'
import { readEntities } from './document-rows.ts'
import { nameKey } from './identity.ts'
import type { Entity } from './records.ts'
import type { EntityHit, Found, Ranked, SearchFilters, SharedEntities, Snippet } from './search-records.ts'
import { beginningOf, CLOSE, OPEN, readMarks, SNIPPET_WORDS } from './snippet.ts'
import type { SearchStore } from './store.ts'
import { fromBlob, meanOf, nearestChunks } from './vectors.ts'
import type { ChunkSelection } from './vectors.ts'
import { MOST_CHUNKS, MOST_DOCUMENTS } from './search-limits.ts'
import { entityRows, sharedNames } from './sqlite-entities.ts'

/** A word in the title weighs four times one in the text, one in the chunk's heading twice. */
const BM25 = 'bm25(chunk_text, 4.0, 2.0, 1.0)'

export class SqliteSearch implements SearchStore {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  async byWords(words: readonly string[], filters: SearchFilters): Promise<Ranked[]> {
    const match = matchExpression(words)
    if (match === '') return []
    const among = selectChunks(filters)
    // Filtered outside: inside, SQLite would run the whole match again for each chunk that may be ranked. With nothing to
    // filter only the best are looked up: of a word that is everywhere, that is half of the work.
    const [best, only] =
      among === undefined
        ? [`ORDER BY score DESC, chunk_id LIMIT ${MOST_CHUNKS}`, '']
        : ['', `WHERE c.id IN (${among.sql})`]
    const sql = `WITH found AS MATERIALIZED (
        SELECT rowid AS chunk_id, -${BM25} AS score FROM chunk_text WHERE chunk_text MATCH ? ${best}
      )
      SELECT c.document_id AS documentId, chunk_id AS chunkId, max(score) AS score
      FROM found JOIN chunks c ON c.id = chunk_id ${only}
      GROUP BY c.document_id ORDER BY score DESC, documentId LIMIT ${MOST_DOCUMENTS}`
    return this.db.all<Ranked>(sql, match, ...(among?.values ?? []))
  }

  async byVector(
    query: Float32Array,
    minSimilarity: number,
    filters: SearchFilters & { readonly exceptDocument?: string },
  ): Promise<Ranked[]> {
    const best = new Map<string, Ranked>()
    for (const near of nearestChunks(this.db, query, MOST_CHUNKS, selectChunks(filters))) {
      const { chunkId, similarity } = near
      if (similarity < minSimilarity || best.size === MOST_DOCUMENTS) break
      const owner = this.db.get<{ id: string }>('SELECT document_id AS id FROM chunks WHERE id = ?', chunkId)
      if (owner === undefined || best.has(owner.id)) continue
      best.set(owner.id, { documentId: owner.id, chunkId, score: similarity })
    }
    return [...best.values()]
  }

  async show(chunkIds: readonly number[], words: readonly string[]): Promise<Map<number, Found>> {
    const match = matchExpression(words)
    const sql = `SELECT d.id AS documentId, d.title, d.source, d.type, c.ordinal, c.start_offset AS start,
      c.end_offset AS "end", c.heading FROM chunks c JOIN documents d ON d.id = c.document_id WHERE c.id = ?`
    const found = new Map<number, Found>()
    for (const id of chunkIds) {
      const row = this.db.get<Omit<Found, 'snippet'>>(sql, id)
      if (row !== undefined) found.set(id, { ...row, snippet: snippetOf(this.db, id, match) })
    }
    return found
  }

  async entitiesOf(documentId: string): Promise<Entity[]> {
    return readEntities(this.db, documentId)
  }

  async entities(
    name: string,
    options: { readonly type?: string; readonly limit: number },
  ): Promise<EntityHit[]> {
    return entityRows(this.db, nameKey(name), options.type ?? null, options.limit)
  }

  async sharingEntities(documentId: string): Promise<SharedEntities[]> {
    return sharedNames(this.db, documentId)
  }

  async meanVector(documentId: string): Promise<Float32Array | undefined> {
    const sql = `SELECT embedding FROM vectors JOIN chunks c ON c.id = chunk_id WHERE c.document_id = ? AND norm > 0`
    const rows = this.db.all<{ embedding: Uint8Array }>(sql, documentId)
    return meanOf(rows.map(({ embedding }) => fromBlob(embedding)))
  }

  async dimensions(): Promise<number[]> {
    // From one size to the next by the index: DISTINCT would read it all.
    const sql = `WITH RECURSIVE sizes (dimensions) AS (
        SELECT min(dimensions) FROM vectors
        UNION ALL SELECT (SELECT min(dimensions) FROM vectors WHERE dimensions > sizes.dimensions)
        FROM sizes WHERE sizes.dimensions IS NOT NULL
      ) SELECT dimensions FROM sizes WHERE dimensions IS NOT NULL`
    const rows = this.db.all<{ dimensions: number }>(sql)
    return rows.map((row) => row.dimensions)
  }
}

/**
 * The words as an FTS5 expression: any of them, each as a string, so that none is read as an operator. The ranking
 * puts chunks with more and rarer ones first. Empty when there are no words.
 */
export function matchExpression(words: readonly string[]): string {
  return words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' OR ')
}

/** The ids of the chunks whose documents pass; undefined when there is nothing to filter. */
function selectChunks(
  filters: SearchFilters & { readonly exceptDocument?: string },
): ChunkSelection | undefined {
  const tests: string[] = []
  const values: string[] = []
  if (filters.source !== undefined) {
    const folder = filters.source.replace(/\/$/, '')
    // What begins with `docs/` lies between it and `docs0`: 0 comes right after the slash.
    tests.push('(d.source = ? OR (d.source >= ? AND d.source < ?))')
    values.push(filters.source, `${folder}/`, `${folder}0`)
  }
  if (filters.type !== undefined) {
    tests.push('d.type = ?')
    values.push(filters.type)
  }
  if (filters.entity !== undefined) {
    tests.push('d.id IN (SELECT document_id FROM entities WHERE name_key = ? OR entity_id = ?)')
    values.push(nameKey(filters.entity), filters.entity)
  }
  if (filters.exceptDocument !== undefined) {
    tests.push('d.id <> ?')
    values.push(filters.exceptDocument)
  }
  if (tests.length === 0) return undefined
  const sql = `SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document_id WHERE ${tests.join(' AND ')}`
  return { sql, values }
}

/** The part of a chunk where the words of `match` stand closest together; its beginning when there are none. */
function snippetOf(db: Database, chunkId: number, match: string): Snippet {
  // Not `rowid = ?`: beside MATCH, SQLite 3.53 takes no notice of it and gives the first row that matches.
  const sql = `SELECT snippet(chunk_text, 2, '${OPEN}', '${CLOSE}', '…', ${SNIPPET_WORDS}) AS text FROM chunk_text
    WHERE chunk_text MATCH ? AND rowid BETWEEN ? AND ?`
  const found = match === '' ? undefined : db.get<{ text: string }>(sql, match, chunkId, chunkId)
  if (found !== undefined) return readMarks(found.text)
  const row = db.get<{ body: string }>('SELECT body FROM chunk_text WHERE rowid = ?', chunkId)
  return { text: beginningOf(row?.body ?? ''), marks: [] }
}
