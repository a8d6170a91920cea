/** What no store keeps, refused before anything is written. Pure. */
import { StoreError } from './errors.ts'
import { idFromSource } from './identity.ts'
import type { IndexedDocument } from './records.ts'

/** @throws StoreError `invalid` for spans or ordinals that make no sense, and vectors of several sizes */
export function checkDocument({ id, chunks, entities }: IndexedDocument): void {
  const ordinals = new Set<number>()
  for (const chunk of chunks) {
    const whose = `chunk ${chunk.ordinal} of ${id}`
    checkSpan(whose, chunk)
    if (ordinals.has(chunk.ordinal)) {
      throw new StoreError('invalid', `${whose} came twice: expected ordinals that differ`)
    }
    ordinals.add(chunk.ordinal)
  }
  for (const { entityId, span } of entities) {
    if (span !== null) checkSpan(`entity ${entityId} of ${id}`, span)
  }
  const sizes = new Set(chunks.flatMap(({ vector }) => (vector === null ? [] : [vector.length])))
  if (sizes.size < 2) return
  const text = `the vectors of ${id} have ${[...sizes].join(' and ')} numbers: expected one size, that of one model`
  throw new StoreError('invalid', text)
}

/**
 * Twelve hex digits can meet by chance once there are millions of sources. Then the second must not swallow the first.
 *
 * @param stored the source that the id belongs to so far
 */
export function refuseCollision({ id, source }: IndexedDocument, stored: string | null): void {
  if (stored === null || source === null || stored === source) return
  if (idFromSource(stored) !== id || idFromSource(source) !== id) return
  const text = `${source} and ${stored} have the same id ${id}. Give one of them an id of its own`
  throw new StoreError('invalid', text)
}

function checkSpan(whose: string, { start, end }: { start: number; end: number }): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return
  const text = `${whose} spans ${start} to ${end}: expected whole numbers, 0 <= start <= end`
  throw new StoreError('invalid', text)
}
