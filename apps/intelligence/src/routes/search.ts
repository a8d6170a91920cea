/** Search by words and meaning, and entities by name. */
import { KeepwarmError } from 'keepwarm'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { search, searchEntities, type SearchRequest } from '../search/search.ts'
import type { ServiceContext } from './context.ts'
import { page } from './documents.ts'
import { toWire } from './json.ts'
import { accept } from './problems.ts'

const query = z
  .string('must be given')
  .max(2_000, 'must have at most 2000 characters')
  .refine((text) => text.trim() !== '', 'must not be empty')
const name = z.string().min(1, 'must not be empty').max(2_000, 'must have at most 2000 characters')
const filters = { source: name.optional(), type: name.optional(), entity: name.optional() }
const minSimilarity = z.coerce.number('must be a number from -1 to 1').min(-1).max(1).optional()

const paged = { ...page, limit: page.limit.default(10) }
export const searchBody = z.strictObject({
  query,
  ...paged,
  filters: z.strictObject(filters).optional(),
  min_similarity: minSimilarity,
})
export const searchQuery = z.strictObject({ q: query, ...paged, ...filters, min_similarity: minSimilarity })
export const entitiesQuery = z.strictObject({
  name: z.string('must be given').max(2_000),
  type: name.optional(),
  limit: page.limit,
})

/** Milliseconds that a search waits for the query's meaning before it looks for its words alone. */
const MEANING_TIMEOUT = 3_000

export function searchRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.post('/search', (request) => {
    const { min_similarity, filters, ...rest } = accept(searchBody, request.body, 'the search')
    return find(
      context,
      { ...rest, ...(filters === undefined ? {} : { filters: given(filters) }) },
      min_similarity,
    )
  })
  app.get('/search', (request) => {
    const asked = accept(searchQuery, request.query, 'the query')
    const { q, min_similarity, limit, offset, ...filters } = asked
    return find(context, { query: q, limit, offset, filters: given(filters) }, min_similarity)
  })
  app.get('/entities', async (request) => {
    const { name, ...options } = accept(entitiesQuery, request.query, 'the query')
    return { entities: toWire(await searchEntities(context.store, name, given(options))) }
  })
}

async function find(
  { store, clients }: ServiceContext,
  request: SearchRequest,
  minSimilarity: number | undefined,
): Promise<unknown> {
  const started = performance.now()
  const meaning = await meaningOf(clients, request.query)
  const found = await search(store, {
    ...request,
    ...(minSimilarity === undefined ? {} : { minSimilarity }),
    ...('vector' in meaning ? { queryVector: meaning.vector } : {}),
  })
  const warnings = 'warning' in meaning ? [meaning.warning, ...found.warnings] : found.warnings
  const took = Math.round((performance.now() - started) * 100) / 100
  return toWire({ query: request.query, ...found, warnings, searchTimeMs: took })
}

type Meaning = { readonly vector: Float32Array } | { readonly warning: string }

/** Without it the search still answers. */
async function meaningOf({ extractor }: ServiceContext['clients'], text: string): Promise<Meaning> {
  try {
    const [vector] = await extractor.embed([text], { timeout: MEANING_TIMEOUT })
    if (vector !== undefined) return { vector }
  } catch (error) {
    if (!(error instanceof KeepwarmError)) throw error
    return {
      warning: `only words were looked for: ${extractor.name} could not embed the query (${error.code})`,
    }
  }
  return { warning: `only words were looked for: ${extractor.name} gave no vector` }
}

/** Without what is undefined. */
function given<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
