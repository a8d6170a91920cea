import { StoreError } from '../store/errors.ts'
import { nameKey } from '../store/identity.ts'
import type { Entity } from '../store/records.ts'
import { MOST_DOCUMENTS } from '../store/search-limits.ts'
import type { Found, Ranked, SearchFilters, Snippet } from '../store/search-records.ts'
import type { SearchStore, Store } from '../store/store.ts'
import { norm, toVector } from '../store/vectors.ts'
import { fuseRanks } from './fuse.ts'
import type { Fused } from './fuse.ts'
import { readTerms } from './match.ts'

export { searchEntities } from './entities.ts'
export { relatedDocuments } from './related.ts'
export type { SearchFilters, Snippet } from '../store/search-records.ts'

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
 * const { hits } = await search(store, { query: 'keep-alive race', queryVector, filters: { source: 'docs' } })
 */
export async function search(
  { search: engines }: Pick<Store, 'search'>,
  request: SearchRequest,
): Promise<SearchResult> {
  const { limit, offset, minSimilarity } = checkRequest(request)
  const terms = readTerms(request.query)
  const { filters = {} } = request
  const vector = request.queryVector === undefined ? undefined : toVector(request.queryVector, 'queryVector')
  const [words, near] = await Promise.all([
    engines.byWords(terms.words, filters),
    vector === undefined || norm(vector) === 0 ? [] : engines.byVector(vector, minSimilarity, filters),
  ])
  const fused = fuseRanks([words, near].map((list) => list.map((ranked) => ranked.documentId)))
  const page = fused.slice(offset, offset + limit)
  return {
    hits: await readHits(engines, page, words, near, terms.words),
    total: fused.length,
    hasMore: offset + limit < fused.length,
    limit,
    offset,
    terms: terms.words,
    warnings: await warningsFor(engines, terms.ignored, vector, words.length),
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

/** One page of hits: what is shown of each, best first. A document that went meanwhile is left out. */
async function readHits(
  engines: SearchStore,
  page: readonly Fused[],
  words: readonly Ranked[],
  near: readonly Ranked[],
  terms: readonly string[],
): Promise<SearchHit[]> {
  const ranked = page.map((found) => {
    const [wordRank, nearRank] = found.ranks
    const byWords = wordRank === undefined ? undefined : words[wordRank - 1]
    const byVector = nearRank === undefined ? undefined : near[nearRank - 1]
    const chunkId = byWords?.chunkId ?? byVector?.chunkId ?? -1
    return {
      found,
      chunkId,
      words: engineScore(wordRank, byWords),
      vector: engineScore(nearRank, byVector),
    }
  })
  const shown = await engines.show(
    ranked.map(({ chunkId }) => chunkId),
    terms,
  )
  const hits = ranked.map(async ({ found, chunkId, ...scores }) => {
    const chunk = shown.get(chunkId)
    if (chunk === undefined) return []
    return [toHit(found, chunk, scores, matchedEntities(await engines.entitiesOf(found.id), terms))]
  })
  return (await Promise.all(hits)).flat()
}

function toHit(
  { id, score }: Fused,
  { title, source, type, snippet, ordinal, start, end, heading }: Found,
  scores: Pick<SearchHit, 'words' | 'vector'>,
  entities: readonly Entity[],
): SearchHit {
  const chunk = { ordinal, start, end, heading }
  return { documentId: id, title, source, type, score, ...scores, chunk, snippet, entities }
}

function engineScore(rank: number | undefined, ranked: Ranked | undefined): EngineScore | null {
  return rank === undefined || ranked === undefined ? null : { rank, score: ranked.score }
}

function matchedEntities(entities: readonly Entity[], terms: readonly string[]): Entity[] {
  const wanted = new Set(terms.map(nameKey))
  const shares = ({ name }: Entity) => readTerms(name).words.some((word) => wanted.has(nameKey(word)))
  const names = new Set<string>()
  const found = entities.filter((entity) => {
    const key = `${entity.type} ${nameKey(entity.name)}`
    return shares(entity) && !names.has(key) && names.add(key)
  })
  return found.slice(0, 5)
}

async function warningsFor(
  engines: SearchStore,
  ignored: number,
  vector: Float32Array | undefined,
  byWords: number,
): Promise<string[]> {
  const warnings: string[] = []
  if (ignored > 0) warnings.push(`the query is too long: ${ignored} of its words were not looked for`)
  if (byWords === MOST_DOCUMENTS)
    warnings.push(`many documents hold these words: only the best ${MOST_DOCUMENTS} are ranked`)
  if (vector === undefined) return warnings
  if (norm(vector) === 0)
    warnings.push('queryVector is all zeros and points nowhere: only words were looked for')
  const sizes = await engines.dimensions()
  if (sizes.length > 0 && !sizes.includes(vector.length)) {
    const text = `queryVector has ${vector.length} numbers, the stored vectors have ${sizes.join(' or ')}: they are of another model and were not compared`
    warnings.push(text)
  }
  return warnings
}
