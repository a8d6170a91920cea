import type { Database } from '../store/database.ts'
import { nearestChunks } from '../store/vectors.ts'
import type { ChunkSelection } from '../store/vectors.ts'

/** The best chunk of a document, as one engine sees it. */
export interface Ranked {
  readonly documentId: string
  readonly chunkId: number
  /** Words: bm25, higher is better. Vectors: cosine similarity. */
  readonly score: number
}

/** How many chunks an engine looks at, and how many documents it puts forward. Fixed, so that pages fit together. */
const CHUNKS = 1_000
export const DOCUMENTS = 200

/** A word in the title weighs four times one in the text, one in the chunk's heading twice. */
const BM25 = 'bm25(chunk_text, 4.0, 2.0, 1.0)'

/** Documents by their words. `match` is an FTS5 expression. */
export function rankByWords(db: Database, match: string, among?: ChunkSelection): Ranked[] {
  if (match === '') return []
  // Filtered outside: inside, SQLite would run the whole match again for each chunk that may be ranked.
  const only = among === undefined ? '' : `WHERE c.id IN (${among.sql})`
  const sql = `WITH found AS MATERIALIZED (
      SELECT rowid AS chunk_id, -${BM25} AS score FROM chunk_text WHERE chunk_text MATCH ?
    )
    SELECT c.document_id AS documentId, chunk_id AS chunkId, max(score) AS score
    FROM found JOIN chunks c ON c.id = chunk_id ${only}
    GROUP BY c.document_id ORDER BY score DESC, documentId LIMIT ${DOCUMENTS}`
  return db.all<Ranked>(sql, match, ...(among?.values ?? []))
}

/** Documents by meaning: the nearest chunks that are at least `minSimilarity` near. */
export function rankByVector(
  db: Database,
  query: Float32Array,
  minSimilarity: number,
  among?: ChunkSelection,
): Ranked[] {
  const best = new Map<string, Ranked>()
  for (const { chunkId, similarity } of nearestChunks(db, query, CHUNKS, among)) {
    if (similarity < minSimilarity || best.size === DOCUMENTS) break
    const owner = db.get<{ id: string }>('SELECT document_id AS id FROM chunks WHERE id = ?', chunkId)
    if (owner === undefined || best.has(owner.id)) continue
    best.set(owner.id, { documentId: owner.id, chunkId, score: similarity })
  }
  return [...best.values()]
}
