/** What the routes answer, as schemas: the document tells them, and a test holds them against real answers. */
import { z } from 'zod'

const text = z.string()
const nullable = text.nullable()
const whole = z.number().int()
const share = z.number().min(0).max(1)
/** Milliseconds since 1970. */
const moment = z.number()
const data = z.record(text, z.unknown())

export const problem = z
  .looseObject({
    type: z.literal('about:blank'),
    title: text,
    status: whole,
    detail: text,
    instance: text,
    request_id: text,
    errors: z.array(z.strictObject({ field: text, message: text })).optional(),
  })
  .describe('RFC 9457')

export const accepted = z.strictObject({
  id: text,
  status: z.enum(['pending', 'unchanged']),
  status_url: text,
})

export const acceptedBatch = z.strictObject({
  batch: z.strictObject({ id: text, name: text }),
  documents: z.array(accepted),
  rejected: z.array(z.looseObject({ index: whole })),
  events_url: text,
})

export const startedRun = z.strictObject({ id: text, status_url: text, events_url: text })

export const folderRun = z.looseObject({
  id: text,
  path: text,
  reading: z.boolean(),
  finished: z.boolean(),
  error: nullable,
  read: whole,
  unchanged: whole,
  wanted: whole,
  done: whole,
  degraded: whole,
  retried: whole,
  dead: z.array(z.strictObject({ document_id: text, source: text })),
})

const summary = z.strictObject({
  id: text,
  title: text,
  source: nullable,
  content_hash: text,
  size: whole,
  language: nullable,
  type: nullable,
  metadata: data,
  created_at: moment,
  updated_at: moment,
})

const step = z.strictObject({
  stage: text,
  state: z.enum(['running', 'succeeded', 'failed', 'skipped']),
  attempt: whole,
  detail: z.unknown(),
  duration: z.number().nullable(),
})

const state = z.enum(['pending', 'running', 'succeeded', 'failed', 'dead'])

const job = z.strictObject({
  document_id: text,
  state,
  attempts: whole,
  max_attempts: whole,
  reason: nullable,
  enqueued_at: moment,
  started_at: moment.nullable(),
  finished_at: moment.nullable(),
  retry_at: moment.nullable(),
  again_after: z.boolean(),
  steps: z.array(step),
})

export const documentStatus = job.extend({
  searchable: z.boolean(),
  degraded: z.array(text),
  repair_at: moment.nullable(),
})

const lacking = z.strictObject({
  document_id: text,
  failed_stages: z.array(text),
  repairs: whole,
  repair_at: moment.nullable(),
})

const counts = z.record(z.enum([...state.options, 'degraded']), whole)

export const documentList = z.strictObject({ documents: z.array(z.union([summary, job, lacking])), counts })

const span = z.strictObject({ start: whole, end: whole })
const entity = z.strictObject({
  entity_id: text,
  name: text,
  type: text,
  confidence: share,
  span: span.nullable(),
  description: nullable,
})
const topics = z.array(z.strictObject({ name: text, score: share, detail: data.nullable() }))

export const storedDocument = summary.extend({
  status: state,
  chunks: z.array(
    z.strictObject({
      ...{ ordinal: whole, start: whole, end: whole, text, heading: nullable },
      embedded: z.boolean(),
    }),
  ),
  entities: z.array(entity),
  relationships: z.array(
    z.strictObject({
      ...{ source_entity_id: text, target_entity_id: text, type: text, context: nullable },
      confidence: share,
    }),
  ),
  analysis: z.strictObject({ concepts: topics, themes: topics, domains: topics }),
})

export const related = z.strictObject({
  related: z.array(
    z.strictObject({
      ...{ document_id: text, title: text, source: nullable, score: z.number() },
      shared_entities: z.array(text),
      similarity: z.number().nullable(),
    }),
  ),
})

const engine = z.strictObject({ rank: whole, score: z.number() }).nullable()

export const searchResult = z.strictObject({
  query: text,
  hits: z.array(
    z.strictObject({
      ...{ document_id: text, title: text, source: nullable, type: nullable, score: z.number() },
      ...{ words: engine, vector: engine },
      chunk: z.strictObject({ ordinal: whole, start: whole, end: whole, heading: nullable }),
      snippet: z.strictObject({ text, marks: z.array(span) }),
      entities: z.array(entity),
    }),
  ),
  ...{ total: whole, has_more: z.boolean(), limit: whole, offset: whole },
  ...{ terms: z.array(text), warnings: z.array(text), search_time_ms: z.number() },
})

export const entityList = z.strictObject({
  entities: z.array(
    z.strictObject({
      ...{ name: text, type: text, confidence: share, description: nullable },
      ...{ entity_ids: z.array(text), document_count: whole, document_ids: z.array(text) },
    }),
  ),
})

export const redriven = z.strictObject({ redriven: whole, dead: whole })
export const live = z.strictObject({ live: z.literal(true), uptime_seconds: whole })
export const ready = z.strictObject({ ready: z.boolean(), reasons: z.array(text) })

export const health = z.looseObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  degraded: z.array(text),
  upstreams: z.record(text, z.looseObject({ url: text, healthy: z.boolean() })),
  store: z.strictObject({ healthy: z.boolean(), vectors: text }),
  stopping: z.boolean(),
  uptime_seconds: whole,
})

export const clientList = z.strictObject({
  clients: z.array(
    z.strictObject({
      name: text,
      url: nullable,
      metrics: data.describe("the original system's figures, with the state of the breaker"),
      pool: data.describe('connections, lines and limits, by origin'),
      server: data.nullable(),
    }),
  ),
})
