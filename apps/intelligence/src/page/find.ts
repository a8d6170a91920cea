/** Searches for what the address asks for, and goes on where it ended. */
import { ask, textOf } from './ask.ts'
import { statusOf } from './look.ts'
import { asksSame, nowhere, readPlace, writePlace, type Place } from './state/place.ts'
import { counted } from './state/text.ts'
import { announce, noSearch, place, search } from './store.ts'
import type { Found } from './wire.ts'

const LIMIT = 10

/** Counts searches, so that a late answer is known for what it is. */
let asked = 0

/** Goes to another place; the same one again asks anew. */
export function goTo(next: Partial<Place>): void {
  const hash = writePlace({ ...place.value, ...next })
  if (hash === location.hash.slice(1)) return void find(0)
  location.hash = hash
}

export function openDocument(id: string): void {
  goTo({ document: id })
}

/** Everything that mentions an entity. */
export function searchEntity(name: string): void {
  goTo({ ...nowhere, query: name, entity: name })
}

/** What the address says is what is shown, so that it can be kept and gone back to. */
export function arrive(): void {
  const next = readPlace(location.hash)
  const isNew = !asksSame(next, place.value)
  place.value = next
  if (isNew) void find(0)
}

export async function find(offset: number): Promise<void> {
  const { query, source, type, entity } = place.value
  const own = ++asked
  if (query.trim() === '') return void (search.value = noSearch)
  const before = offset > 0 ? search.value.found : undefined
  search.value = { busy: true, found: before, problem: undefined }
  try {
    const filters = Object.fromEntries(
      Object.entries({ source, type, entity }).filter(([, value]) => value.trim() !== ''),
    )
    const found = await ask<Found>('POST', 'search', { query, limit: LIMIT, offset, filters })
    if (own !== asked) return
    const hits = [...(before?.hits ?? []), ...found.hits]
    search.value = { busy: false, found: { ...found, hits }, problem: undefined }
    announce(hits.length === 0 ? 'Nothing was found.' : `${counted(found.total, 'document')} found.`)
    for (const { document_id } of found.hits) void statusOf(document_id)
  } catch (error) {
    if (own !== asked) return
    search.value = { busy: false, found: before, problem: textOf(error) }
    announce(`The search failed: ${textOf(error)}`)
  }
}
