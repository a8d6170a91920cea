/** The index alone, without queue and upstreams: what a document costs it, and a search, as it grows. */
import { join } from 'node:path'
import { chunkText } from '../../apps/intelligence/src/indexing/chunk.ts'
import { search } from '../../apps/intelligence/src/search/search.ts'
import { openDatabase, type Database } from '../../apps/intelligence/src/store/database.ts'
import { contentHash, contentSize, documentId } from '../../apps/intelligence/src/store/identity.ts'
import type { IndexedDocument } from '../../apps/intelligence/src/store/records.ts'
import { nearestChunks, toBlob } from '../../apps/intelligence/src/store/vectors.ts'
import { storeOn } from '../../apps/intelligence/src/store/sqlite-store.ts'
import type { Store } from '../../apps/intelligence/src/store/store.ts'
import { embeddingOf } from './service-scale-answers.ts'
import { documentOf, queryOf } from './service-scale-texts.ts'

export interface IndexPlan {
  readonly folder: string
  readonly documents: number
  readonly portions: number
  readonly searches: number
  readonly seed: number
}

/** CPU in ms: the middle one, and the dearest but one of a hundred. */
export interface Cpu {
  readonly p50: number
  readonly p99: number
}

export interface IndexPortion {
  readonly documents: number
  readonly chunks: number
  /** To store a document of this portion, in ms of CPU. */
  readonly store: number
  readonly words: Cpu
  readonly meaning: Cpu
}

export interface IndexResult {
  readonly portions: readonly IndexPortion[]
  /** Of the chunks that are nearest by their vectors, the share that is found: of ten, and of those that count as similar. */
  readonly recall: { readonly ten: number; readonly similar: number }
  /** Bytes of the file for each document, the largest tables and indexes first. */
  readonly tables: readonly { readonly name: string; readonly bytes: number }[]
}

export async function measureIndex(plan: IndexPlan, tell: (done: number) => void): Promise<IndexResult> {
  using db = openDatabase(join(plan.folder, 'index.db'))
  const store = storeOn(db)
  const portions: IndexPortion[] = []
  for (let done = 0; done < plan.documents;) {
    const until = Math.min(plan.documents, done + Math.ceil(plan.documents / plan.portions))
    let spent = 0
    const count = until - done
    for (; done < until; done++) {
      const document = indexedOf(plan.seed, done)
      spent += await cpuOf(() => store.documents.replace(document))
      if (done % 100 === 0) tell(done)
    }
    portions.push({ documents: done, store: spent / count, ...(await searchesOn(store, plan)) })
  }
  return { portions, recall: recallOf(db, plan), tables: tablesOf(db, plan.documents) }
}

async function searchesOn(
  store: Store,
  { searches, seed }: IndexPlan,
): Promise<Pick<IndexPortion, 'chunks' | 'words' | 'meaning'>> {
  const [words, meaning]: number[][] = [[], []]
  for (let at = 0; at < searches; at++) {
    const query = queryOf(seed + 1, at)
    const vector = embeddingOf(query)
    words!.push(await cpuOf(() => search(store, { query })))
    meaning!.push(await cpuOf(() => store.search.byVector(vector, 0.15, {})))
  }
  const { chunks } = await store.documents.counts()
  return { chunks, words: percentiles(words!), meaning: percentiles(meaning!) }
}

/** Chunks that count as similar, at most as many as a search looks at. */
const SIMILAR = `SELECT chunk_id AS id FROM vectors WHERE 1 - vec_distance_cosine(embedding, ?1) >= 0.15
  ORDER BY vec_distance_cosine(embedding, ?1) LIMIT 1000`

function recallOf(db: Database, { searches, seed }: IndexPlan): IndexResult['recall'] {
  const of = { ten: [0, 0], similar: [0, 0] }
  for (let at = 0; at < Math.min(20, searches); at++) {
    const vector = embeddingOf(queryOf(seed + 1, at))
    const found = new Set(nearestChunks(db, vector, 1_000).map(({ chunkId }) => chunkId))
    const wanted = db.all<{ id: number }>(SIMILAR, toBlob(vector)).map(({ id }) => id)
    for (const [list, counts] of [
      [wanted.slice(0, 10), of.ten],
      [wanted, of.similar],
    ] as const) {
      counts[0]! += list.filter((id) => found.has(id)).length
      counts[1]! += list.length
    }
  }
  const share = ([found = 0, all = 0]: number[]): number => (all === 0 ? 1 : found / all)
  return { ten: share(of.ten), similar: share(of.similar) }
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function percentiles(values: readonly number[]): Cpu {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return { p50: at(0.5), p99: at(0.99) }
}

/** With eight entities and concepts, as the pipeline finds them. */
function indexedOf(seed: number, number: number): IndexedDocument {
  const { source, title, content } = documentOf(seed, number)
  const names = [...new Set(content.match(/[a-z]{9,}/g) ?? ['nothing'])].slice(0, 8)
  return {
    ...{
      id: documentId({ id: null, source, title, content }),
      title,
      source,
      language: 'en',
      type: 'markdown',
    },
    ...{
      contentHash: contentHash(content),
      size: contentSize(content),
      metadata: { embedding_model: 'bench' },
    },
    chunks: chunkText(content).map((chunk) => ({ ...chunk, vector: embeddingOf(chunk.text) })),
    entities: names.map((name, at) => {
      const entityId = `${number}-${at}`
      return { entityId, name, type: 'CONCEPT', confidence: 0.8, span: null, description: '' }
    }),
    relationships: [],
    analysis: {
      concepts: names.map((name) => ({ name, score: 0.5, detail: null })),
      themes: [],
      domains: [],
    },
  }
}

function tablesOf(db: Database, documents: number): IndexResult['tables'] {
  const rows = db.all<{ name: string; bytes: number }>(
    'SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 12',
  )
  return rows.map(({ name, bytes }) => ({ name, bytes: bytes / documents }))
}
