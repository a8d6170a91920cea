/** What the laws are tried on. */
import { toDraft, type Draft } from '../../src/indexing/draft.ts'
import { sampleDocument, type Sample } from '../../src/store/sample-document.ts'
import type { Store } from '../../src/store/store.ts'

export function draft(id: string, content = `text of ${id}`): Draft {
  return toDraft({ id, content }, 1)
}

/** Stores a document and gives its id. */
export async function add(store: Store, sample: Sample): Promise<string> {
  const indexed = sampleDocument(sample)
  await store.documents.replace(indexed)
  return indexed.id
}

/** The sources of what is found, best first. */
export async function sources(store: Store, words: readonly string[], filters = {}): Promise<string[]> {
  return sourcesOf(store, await store.search.byWords(words, filters))
}

export async function sourcesNear(
  store: Store,
  query: readonly number[],
  minSimilarity = -1,
  filters = {},
): Promise<string[]> {
  return sourcesOf(store, await store.search.byVector(Float32Array.from(query), minSimilarity, filters))
}

async function sourcesOf(store: Store, ranked: readonly { documentId: string }[]): Promise<string[]> {
  const found = await Promise.all(ranked.map(({ documentId }) => store.documents.summary(documentId)))
  return found.map((summary) => summary?.source ?? 'no source')
}

/** Everything of a store that can be counted. */
export async function everything(store: Store): Promise<object> {
  const [documents, jobs, unfinished] = await Promise.all([
    store.documents.counts(),
    store.jobs.counts(),
    store.unfinished.count(),
  ])
  return { documents, jobs, unfinished }
}
