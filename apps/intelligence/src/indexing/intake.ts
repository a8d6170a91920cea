/** Where documents come in: what is indexed already, by the same model, and not changed since, is not done again. */
import { isDeepStrictEqual } from 'node:util'
import { contentHash } from '../store/identity.ts'
import type { Store } from '../store/store.ts'
import type { Draft } from './draft.ts'
import { MAX_ATTEMPTS } from './verdict.ts'
import type { Feed } from './feed.ts'

/** `unchanged`: it is indexed as it is. `accepted`: it will be, and is not lost whatever dies. */
export type Taken = 'accepted' | 'unchanged'

export interface IntakeParts {
  readonly store: Pick<Store, 'documents' | 'jobs' | 'unfinished'>
  readonly feed: Feed
  readonly worker: { wake(): void }
}

/** Takes documents in, all those that are new in one transaction. @returns what became of each, in their order */
export async function takeIn(
  { store, feed, worker }: IntakeParts,
  drafts: readonly Draft[],
  { force = false }: { readonly force?: boolean } = {},
): Promise<Taken[]> {
  const taken: Taken[] = []
  for (const draft of drafts) taken.push(!force && (await isIndexed(store, draft)) ? 'unchanged' : 'accepted')
  const wanted = drafts.filter((_, index) => taken[index] === 'accepted')
  if (wanted.length === 0) return taken
  await store.jobs.enqueue(wanted, { maxAttempts: MAX_ATTEMPTS })
  for (const { id, batch } of wanted) feed.tell({ type: 'accepted', document: id, batch: batch?.id ?? null })
  worker.wake()
  return taken
}

/** Whether the very same document is stored, with everything that should be found in it. */
async function isIndexed(store: IntakeParts['store'], draft: Draft): Promise<boolean> {
  const stored = await store.documents.summary(draft.id)
  if (stored === undefined || stored.contentHash !== contentHash(draft.content)) return false
  const same =
    stored.title === draft.title &&
    stored.type === draft.type &&
    stored.source === draft.source &&
    isDeepStrictEqual(stored.metadata, draft.metadata)
  if (!same || (await store.jobs.status(draft.id))?.state !== 'succeeded') return false
  return (await store.unfinished.get(draft.id)) === undefined
}
