import type { Store } from '../store/store.ts'
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
export async function relatedDocuments(
  store: Pick<Store, 'documents' | 'search'>,
  id: string,
  limit = 10,
): Promise<RelatedDocument[] | undefined> {
  if ((await store.documents.summary(id)) === undefined) return undefined
  const sharing = await store.search.sharingEntities(id)
  const shared = new Map(sharing.map(({ documentId, names }) => [documentId, names]))
  const near = await rankByNearness(store, id)
  const fused = fuseRanks([[...shared.keys()], [...near.keys()]])
  const found = fused.slice(0, Math.max(0, limit)).map(async ({ id: documentId, score }) => {
    const summary = await store.documents.summary(documentId)
    if (summary === undefined) return []
    const { title, source } = summary
    const sharedEntities = shared.get(documentId) ?? []
    return [{ documentId, title, source, score, sharedEntities, similarity: near.get(documentId) ?? null }]
  })
  return (await Promise.all(found)).flat()
}

async function rankByNearness({ search }: Pick<Store, 'search'>, id: string): Promise<Map<string, number>> {
  const mean = await search.meanVector(id)
  if (mean === undefined) return new Map()
  const ranked = await search.byVector(mean, MIN_SIMILARITY, { exceptDocument: id })
  return new Map(ranked.map(({ documentId, score }) => [documentId, score]))
}
