/** What is sent and answered. For the indexing pipeline: bodies of the sizes and shapes that real upstreams have. */

export const upstreams = ['embed', 'analyse', 'store'] as const
export type Upstream = (typeof upstreams)[number]
/** Where each upstream is. */
export type Origins = Readonly<Record<Upstream, string>>

export const paths: Readonly<Record<Upstream, string>> = {
  embed: '/api/embed',
  analyse: '/analyze/document',
  store: '/documents',
}

const sentence = 'A connection that is kept warm answers before a cold one has finished its handshakes. '
/** About 2 kB, a chunk of a document. */
const text = sentence.repeat(24)
/** As many dimensions as nomic-embed-text has. */
const embedding = Array.from({ length: 768 }, (_, index) => Number(Math.sin(index + 1).toFixed(6)))
const entities = Array.from({ length: 20 }, (_, index) => ({
  entity_type: index % 2 === 0 ? 'CONCEPT' : 'COMPONENT',
  name: `entity ${index}`,
  confidence: 0.5 + index / 50,
  start: index * 80,
  end: index * 80 + 9,
}))

/** The body for one document. */
export const requests: Readonly<Record<Upstream, (document: number) => object>> = {
  embed: () => ({ model: 'nomic-embed-text', input: text }),
  analyse: (document) => ({ content: text, language: 'en', document: `document-${document}` }),
  store: (document) => ({ id: `document-${document}`, content: text, embedding, entities }),
}

export const responses: Readonly<Record<Upstream, string>> = {
  embed: JSON.stringify({ model: 'nomic-embed-text', embeddings: [embedding], total_duration: 14_143_917 }),
  analyse: JSON.stringify({ entities, relationships: [], language: 'en', processing_time_ms: 12.5 }),
  store: JSON.stringify({ stored: true, chunks: 1 }),
}

/** The answer where a request's own cost is measured. */
export const smallText = JSON.stringify({
  status: 'healthy',
  service: 'search',
  version: '1.4.2',
  uptime_s: 86_400,
})
