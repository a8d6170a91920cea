/** Indexes the judged set and asks its questions: by words alone, by vectors alone, and by both. */
import { fileURLToPath } from 'node:url'
import { chunkText } from '../../src/indexing/chunk.ts'
import { search, type SearchResult } from '../../src/search/search.ts'
import { contentHash, contentSize } from '../../src/store/identity.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { openPool } from '../../src/store/postgres/pool.ts'
import { storeOnPostgres } from '../../src/store/postgres/postgres-store.ts'
import type { Store } from '../../src/store/store.ts'
import { embed } from '../../src/upstreams/text/embedding.ts'
import { openEmbedded } from '../postgres/embedded.ts'
import { findPostgres, startPostgres } from '../postgres/server.ts'
import { judged, passages, type Judged } from './judged.ts'
import { ndcg } from './ndcg.ts'

const DEPTH = 10

export interface Measured {
  readonly query: string
  /** nDCG at 10. */
  readonly words: number
  readonly vectors: number
  readonly hybrid: number
}

/** Where the judged set may be measured. `PostgreSQL` compares plain arrays, exactly; the last has an HNSW index. */
export const engines = {
  SQLite: async (): Promise<Store> => openSqliteStore(':memory:'),
  PostgreSQL: onServer,
  'PostgreSQL with pgvector': async (): Promise<Store> =>
    storeOnPostgres(await openEmbedded(), { embedded: true }),
} as const

export type Engine = keyof typeof engines

/** A server of its own, which ends with the store. */
async function onServer(): Promise<Store> {
  const server = await startPostgres(findPostgres() ?? '')
  const db = openPool({ url: await server.createDatabase(), maxConnections: 3 })
  const close = async (): Promise<void> => {
    await db.close()
    await server.stop()
  }
  return storeOnPostgres({ ...db, close })
}

/** With the embeddings of the built-in stand-in, which knows words and no meaning: a model can only do better. */
export async function measure(engine: Engine = 'SQLite'): Promise<Measured[]> {
  await using store = await engines[engine]()
  for (const { id, title, content } of passages) await index(store, id, title, `# ${title}\n\n${content}`)
  const measured: Measured[] = []
  for (const one of judged) measured.push(await ask(store, one))
  return measured
}

async function ask(store: Store, { query, wanted }: Judged): Promise<Measured> {
  const queryVector = embed(query).vector
  const idsOf = ({ hits }: SearchResult): string[] => hits.map(({ documentId }) => documentId)
  const words = idsOf(await search(store, { query, limit: DEPTH }))
  const hybrid = idsOf(await search(store, { query, queryVector, limit: DEPTH }))
  const near = await store.search.byVector(Float32Array.from(queryVector), 0.15, {})
  const vectors = near.map(({ documentId }) => documentId)
  const [byWords, byVectors, byBoth] = [words, vectors, hybrid].map((ids) => ndcg(ids, wanted, DEPTH))
  return { query, words: byWords!, vectors: byVectors!, hybrid: byBoth! }
}

async function index(store: Store, id: string, title: string, content: string): Promise<void> {
  const chunks = chunkText(content).map((chunk) => {
    return { ...chunk, vector: Float32Array.from(embed(chunk.text).vector) }
  })
  await store.documents.replace({
    ...{ id, title, source: `${id}.md`, contentHash: contentHash(content), size: contentSize(content) },
    ...{ language: 'en', type: 'markdown', metadata: {}, chunks, entities: [], relationships: [] },
    analysis: { concepts: [], themes: [], domains: [] },
  })
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** As it is printed and stands in the docs. */
function tableOf(measured: readonly Measured[]): string {
  const row = (name: string, one: Omit<Measured, 'query'>): string => {
    const cells = [one.words, one.vectors, one.hybrid].map((value) => value.toFixed(3))
    return `| ${name} | ${cells.join(' | ')} |`
  }
  const all = (of: keyof Omit<Measured, 'query'>): number => mean(measured.map((one) => one[of]))
  return [
    '| question | words | vectors | both |',
    '| --- | --- | --- | --- |',
    ...measured.map((one) => row(one.query, one)),
    row(`mean of ${measured.length}`, {
      words: all('words'),
      vectors: all('vectors'),
      hybrid: all('hybrid'),
    }),
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv[2] ?? 'SQLite'
  if (!(wanted in engines)) throw new Error(`${wanted}: expected ${Object.keys(engines).join(' or ')}`)
  console.log(tableOf(await measure(wanted as Engine)))
}
