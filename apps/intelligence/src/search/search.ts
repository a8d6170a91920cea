import type { Database } from '../store/database.ts'
import { readEntities } from '../store/document-rows.ts'
import { getDocumentSummary } from '../store/documents.ts'
import { StoreError } from '../store/errors.ts'
import { nameKey } from '../store/identity.ts'
import type { Entity } from '../store/records.ts'
import { norm, toVector } from '../store/vectors.ts'
import { DOCUMENTS, rankByVector, rankByWords } from './engines.ts'
import type { Ranked } from './engines.ts'
import { selectChunks } from './filters.ts'
import type { SearchFilters } from './filters.ts'
import { fuseRanks } from './fuse.ts'
import type { Fused } from './fuse.ts'
import { matchExpression, readTerms } from './match.ts'
import { snippetOf } from './snippet.ts'
import type { Snippet } from './snippet.ts'

export { searchEntities } from './entities.ts'
export type { EntityHit, EntitySearch } from './entities.ts'
export { relatedDocuments } from './related.ts'
export type { RelatedDocument } from './related.ts'
export type { SearchFilters } from './filters.ts'
export type { Snippet } from './snippet.ts'

export interface SearchRequest {
  /** Whatever the user typed. */
  readonly query: string
  /** The query's embedding, by the same model as the documents'. Without it only words count. */
  readonly queryVector?: Float32Array | readonly number[]
  /** 1 to 100. Default 10. */
  readonly limit?: number
  /** Default 0. */
  readonly offset?: number
  readonly filters?: SearchFilters
  /** Cosine below which a chunk has nothing to do with the query, -1 to 1. Default 0.15. */
  readonly minSimilarity?: number
}

/** What one engine says about a document. */
export interface EngineScore {
  /** Its place in this engine's ranking, from 1. */
  readonly rank: number
  /** Words: bm25, higher is better. Vectors: cosine similarity. */
  readonly score: number
}

export interface SearchHit {
  readonly documentId: string
  readonly title: string
  readonly source: string | null
  readonly type: string | null
  /** Reciprocal rank fusion of both engines. Only its order means anything. */
  readonly score: number
  readonly words: EngineScore | null
  readonly vector: EngineScore | null
  /** The best chunk: by words where the words match, else by meaning. */
  readonly chunk: {
    readonly ordinal: number
    readonly start: number
    readonly end: number
    readonly heading: string | null
  }
  readonly snippet: Snippet
  /** Entities of the document whose names share a word with the query, most certain first, at most five. */
  readonly entities: readonly Entity[]
}

export interface SearchResult {
  readonly hits: readonly SearchHit[]
  /** How many documents both engines put forward together: 200 each at most. */
  readonly total: number
  readonly hasMore: boolean
  readonly limit: number
  readonly offset: number
  /** The words that were looked for. */
  readonly terms: readonly string[]
  /** What kept the result from being better, in sentences. */
  readonly warnings: readonly string[]
}

/**
 * Searches by words and by meaning, and merges both by reciprocal rank fusion. Every text is a valid query; one
 * without words and without a vector finds nothing.
 *
 * @throws StoreError `invalid` for a limit, offset, similarity or vector out of range.
 * @example
 * const { hits } = search(db, { query: 'keep-alive race', queryVector, filters: { source: 'docs' } })
 */
export function search(db: Database, request: SearchRequest): SearchResult {
  const { limit, offset, minSimilarity } = checkRequest(request)
  const terms = readTerms(request.query)
  const match = matchExpression(terms.words)
  const vector = request.queryVector === undefined ? undefined : toVector(request.queryVector, 'queryVector')
  const among = selectChunks(request.filters ?? {})
  const words = rankByWords(db, match, among)
  const near = vector === undefined ? [] : rankByVector(db, vector, minSimilarity, among)
  const fused = fuseRanks([words, near].map((list) => list.map((ranked) => ranked.documentId)))
  const page = fused.slice(offset, offset + limit)
  return {
    hits: page.flatMap((found) => toHit(db, found, words, near, match, terms.words) ?? []),
    total: fused.length,
    hasMore: offset + limit < fused.length,
    limit,
    offset,
    terms: terms.words,
    warnings: warningsFor(db, terms.ignored, vector, words.length),
  }
}

function checkRequest(request: SearchRequest): { limit: number; offset: number; minSimilarity: number } {
  const { limit = 10, offset = 0, minSimilarity = 0.15 } = request
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100) {
    throw new StoreError('invalid', `limit = ${limit}: expected a whole number from 1 to 100`)
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new StoreError('invalid', `offset = ${offset}: expected a whole number, 0 or more`)
  }
  if (!(minSimilarity >= -1 && minSimilarity <= 1)) {
    throw new StoreError('invalid', `minSimilarity = ${minSimilarity}: expected a number from -1 to 1`)
  }
  return { limit, offset, minSimilarity }
}

interface ChunkPlace {
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly heading: string | null
}

function toHit(
  db: Database,
  found: Fused,
  words: readonly Ranked[],
  near: readonly Ranked[],
  match: string,
  terms: readonly string[],
): SearchHit | undefined {
  const [wordRank, nearRank] = found.ranks
  const byWords = wordRank === undefined ? undefined : words[wordRank - 1]
  const byVector = nearRank === undefined ? undefined : near[nearRank - 1]
  const chunkId = byWords?.chunkId ?? byVector?.chunkId ?? -1
  const sql = `SELECT ordinal, start_offset AS start, end_offset AS "end", heading FROM chunks WHERE id = ?`
  const chunk = db.get<ChunkPlace>(sql, chunkId)
  const summary = getDocumentSummary(db, found.id)
  if (chunk === undefined || summary === undefined) return undefined
  const { title, source, type } = summary
  return {
    ...{ documentId: found.id, title, source, type, score: found.score },
    words: engineScore(wordRank, byWords),
    vector: engineScore(nearRank, byVector),
    chunk: { ...chunk },
    snippet: snippetOf(db, chunkId, match),
    entities: matchedEntities(db, found.id, terms),
  }
}

function engineScore(rank: number | undefined, ranked: Ranked | undefined): EngineScore | null {
  return rank === undefined || ranked === undefined ? null : { rank, score: ranked.score }
}

function matchedEntities(db: Database, documentId: string, terms: readonly string[]): Entity[] {
  const wanted = new Set(terms.map(nameKey))
  const shares = ({ name }: Entity) => readTerms(name).words.some((word) => wanted.has(nameKey(word)))
  const names = new Set<string>()
  const found = readEntities(db, documentId).filter((entity) => {
    const key = `${entity.type} ${nameKey(entity.name)}`
    return shares(entity) && !names.has(key) && names.add(key)
  })
  return found.slice(0, 5)
}

function warningsFor(
  db: Database,
  ignored: number,
  vector: Float32Array | undefined,
  byWords: number,
): string[] {
  const warnings: string[] = []
  if (ignored > 0) warnings.push(`the query is too long: ${ignored} of its words were not looked for`)
  if (byWords === DOCUMENTS)
    warnings.push(`many documents hold these words: only the best ${DOCUMENTS} are ranked`)
  if (vector === undefined) return warnings
  if (norm(vector) === 0)
    warnings.push('queryVector is all zeros and points nowhere: only words were looked for')
  const sizes = db
    .all<{ dimensions: number }>('SELECT DISTINCT dimensions FROM vectors')
    .map((row) => row.dimensions)
  if (sizes.length > 0 && !sizes.includes(vector.length)) {
    const text = `queryVector has ${vector.length} numbers, the stored vectors have ${sizes.join(' or ')}: they are of another model and were not compared`
    warnings.push(text)
  }
  return warnings
}
