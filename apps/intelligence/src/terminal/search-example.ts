/** One search through the service's own door, by the client that carries the deliveries. */
import { z } from 'zod'
import type { Service } from '../app.ts'
import type { SearchReport } from './report.ts'

const answer = z.object({
  total: z.number(),
  search_time_ms: z.number(),
  warnings: z.array(z.string()),
  hits: z.array(
    z.object({
      title: z.string(),
      source: z.string().nullable(),
      snippet: z.object({
        text: z.string(),
        marks: z.array(z.object({ start: z.number(), end: z.number() })),
      }),
    }),
  ),
})

/** Null when the search fails: the summary is worth more than its example. */
export async function exampleSearch(service: Service, query: string): Promise<SearchReport | null> {
  try {
    const { shared } = service.context.clients
    const found = await shared
      .call('GET', `${service.searchUrl}/search`, { query: { q: query, limit: 3 } })
      .json(answer)
    const hits = found.hits.map(({ title, source, snippet }) => ({ title, source, ...snippet }))
    return { query, total: found.total, took_ms: found.search_time_ms, warnings: found.warnings, hits }
  } catch {
    return null
  }
}
