import type { Database } from '../store/database.ts'
import { getDocumentSummary } from '../store/documents.ts'
import { fromBlob, norm } from '../store/vectors.ts'
import { rankByVector } from './engines.ts'
import { fuseRanks } from './fuse.ts'

export interface RelatedDocument {
  readonly documentId: string
  readonly title: string
  readonly source: string | null
  /** Reciprocal rank fusion of shared entities and nearness. Only its order means anything. */
  readonly score: number
  /** Names that both mention, the rarest first. */
  readonly sharedEntities: readonly string[]
  /** Cosine between this document's mean vector and the other's nearest chunk; null when not near or not known. */
  readonly similarity: number | null
}

/** Below this a neighbour is a stranger. */
const MIN_SIMILARITY = 0.15

/**
 * Documents that mention the same entities, rare ones counting most, or say similar things. Best first.
 *
 * @returns undefined when there is no such document.
 */
export function relatedDocuments(db: Database, id: string, limit = 10): RelatedDocument[] | undefined {
  if (getDocumentSummary(db, id) === undefined) return undefined
  const shared = rankBySharedEntities(db, id)
  const near = rankByNearness(db, id)
  const fused = fuseRanks([[...shared.keys()], [...near.keys()]])
  return fused.slice(0, Math.max(0, limit)).flatMap(({ id: documentId, score }) => {
    const summary = getDocumentSummary(db, documentId)
    if (summary === undefined) return []
    const sharedEntities = shared.get(documentId) ?? []
    const similarity = near.get(documentId) ?? null
    return { documentId, title: summary.title, source: summary.source, score, sharedEntities, similarity }
  })
}

/** A name that every document mentions says nothing: each counts 1 / (documents that mention it). */
function rankBySharedEntities(db: Database, id: string): Map<string, string[]> {
  const sql = `WITH mine AS (SELECT DISTINCT name_key, type FROM entities WHERE document_id = ?1),
    spread AS (
      SELECT mine.name_key, mine.type, 1.0 / count(DISTINCT e.document_id) AS weight
      FROM mine JOIN entities e ON e.name_key = mine.name_key AND e.type = mine.type GROUP BY mine.name_key, mine.type
    )
    SELECT DISTINCT e.document_id AS documentId, min(e.name) AS name, weight FROM entities e
    JOIN spread ON e.name_key = spread.name_key AND e.type = spread.type
    WHERE e.document_id <> ?1 GROUP BY e.document_id, spread.name_key, spread.type ORDER BY weight DESC, name`
  const found = new Map<string, { weight: number; names: string[] }>()
  for (const row of db.all<{ documentId: string; name: string; weight: number }>(sql, id)) {
    const entry = found.get(row.documentId) ?? { weight: 0, names: [] }
    found.set(row.documentId, { weight: entry.weight + row.weight, names: [...entry.names, row.name] })
  }
  const ranked = [...found].sort(([a, x], [b, y]) => y.weight - x.weight || (a < b ? -1 : 1))
  return new Map(ranked.map(([documentId, { names }]) => [documentId, names]))
}

function rankByNearness(db: Database, id: string): Map<string, number> {
  const mean = meanVector(db, id)
  if (mean === undefined) return new Map()
  const others = {
    sql: 'SELECT c.id FROM chunks c WHERE c.document_id <> ?',
    values: [id],
  }
  const ranked = rankByVector(db, mean, MIN_SIMILARITY, others)
  return new Map(ranked.map(({ documentId, score }) => [documentId, score]))
}

/** The mean direction of a document's chunks. */
function meanVector(db: Database, id: string): Float32Array | undefined {
  const sql = `SELECT embedding FROM vectors JOIN chunks c ON c.id = chunk_id WHERE c.document_id = ? AND norm > 0`
  const vectors = db.all<{ embedding: Uint8Array }>(sql, id).map((row) => fromBlob(row.embedding))
  const sum = new Float32Array(vectors[0]?.length ?? 0)
  for (const vector of vectors) {
    const length = norm(vector)
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value / length
  }
  return vectors.length === 0 ? undefined : sum
}
