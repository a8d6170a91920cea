import { StoreError } from '../store/errors.ts'
import type { EntityHit } from '../store/search-records.ts'
import type { Store } from '../store/store.ts'

export interface EntitySearch {
  /** Only entities of this type, as the extractor wrote it. */
  readonly type?: string
  /** 1 to 100. Default 10. */
  readonly limit?: number
}

/**
 * Entities whose name contains `name`, without regard to case and accents: the very name first, then those that
 * begin with it, then the most mentioned. An empty name lists the most mentioned of all.
 *
 * @example await searchEntities(store, 'pool', { type: 'CONCEPT', limit: 5 })
 */
export async function searchEntities(
  { search }: Pick<Store, 'search'>,
  name: string,
  options: EntitySearch = {},
): Promise<EntityHit[]> {
  const { limit = 10 } = options
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 100) {
    throw new StoreError('invalid', `limit = ${limit}: expected a whole number from 1 to 100`)
  }
  return search.entities(name, { ...options, limit })
}
