/**
 * A finished document on its way to the search service: what is sent, and what is made of it there. The text goes
 * once, chunks are places in it, and vectors are the bytes of their 32-bit numbers in base64: a fifth of their digits.
 */
import { z } from 'zod'
import { snakeKeys } from '../clients/camel.ts'
import { contentHash, contentSize } from '../store/identity.ts'
import type { Analysis, IndexedDocument } from '../store/records.ts'
import type { Draft } from './draft.ts'
import { packVector, unpackVector, type Findings, type StageName } from './findings.ts'
import type { Lease } from './job-records.ts'

export const DELIVERY_PATH = '/vectorize/document'

/** Bytes of a delivery at most: the largest document that is taken, with its vectors. */
export const DELIVERY_LIMIT = 256 * 1024 * 1024

const noAnalysis: Analysis = { concepts: [], themes: [], domains: [] }

/** @param job by which the receiver knows whether this is still wanted; only for the service that has the queue. */
export function toDelivery(
  draft: Draft,
  findings: Findings,
  degraded: readonly StageName[],
  job: Lease | undefined,
): Record<string, unknown> {
  const { chunks = [], vectors = [], entities = [], relationships = [], analysis, language } = findings
  return {
    document_id: draft.id,
    title: draft.title,
    source_path: draft.source,
    content: draft.content,
    type: draft.type,
    language: language ?? null,
    metadata: draft.metadata,
    chunks: chunks.map(({ ordinal, start, end, heading }) => {
      return { start, end, heading, vector: packVector(vectors[ordinal] ?? null) }
    }),
    entities: entities.map(snakeKeys),
    relationships: relationships.map(snakeKeys),
    analysis: analysis ?? noAnalysis,
    degraded,
    ...(job === undefined ? {} : { job: { id: job.id, lease: job.lease } }),
  }
}

const place = z.number().int().min(0)
const share = z.number().min(0).max(1)
const name = z.string().min(1)
const data = z.record(z.string(), z.json())
const topics = z.array(z.object({ name, score: share, detail: data.nullable() }))

/** Base64 of 32-bit numbers; whether they are numbers is the store's question. */
const vector = z
  .string()
  .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'is not base64')
  .refine((text) => Buffer.byteLength(text, 'base64') % 4 === 0, 'is not a row of 32-bit numbers')

export const deliverySchema = z
  .object({
    document_id: name.max(200),
    title: z.string(),
    source_path: z.string().nullable(),
    content: z.string(),
    type: z.string().nullable(),
    language: z.string().nullable(),
    metadata: data,
    chunks: z.array(
      z.object({ start: place, end: place, heading: z.string().nullable(), vector: vector.nullable() }),
    ),
    entities: z.array(
      z.object({
        entity_id: name,
        name,
        type: name,
        confidence: share,
        span: z.object({ start: place, end: place }).nullable(),
        description: z.string().nullable(),
      }),
    ),
    relationships: z.array(
      z.object({
        source_entity_id: name,
        target_entity_id: name,
        type: name,
        confidence: share,
        context: z.string().nullable(),
      }),
    ),
    analysis: z.object({ concepts: topics, themes: topics, domains: topics }),
    degraded: z.array(z.string()).default([]),
    job: z.object({ id: name, lease: z.number().int() }).optional(),
  })
  .superRefine(({ content, chunks }, context) => {
    const bad = chunks.findIndex(({ start, end }) => end < start || end > content.length)
    if (bad === -1) return
    const message = 'is not a place in the content'
    context.addIssue({ code: 'custom', path: ['chunks', bad], message })
  })

export type Delivery = z.output<typeof deliverySchema>

/** The document as the store takes it. */
export function fromDelivery(delivery: Delivery): IndexedDocument {
  const { content } = delivery
  return {
    id: delivery.document_id,
    title: delivery.title,
    source: delivery.source_path,
    contentHash: contentHash(content),
    size: contentSize(content),
    language: delivery.language,
    type: delivery.type,
    metadata: delivery.metadata,
    chunks: delivery.chunks.map(({ start, end, heading, vector }, ordinal) => {
      return { ordinal, start, end, heading, text: content.slice(start, end), vector: unpackVector(vector) }
    }),
    entities: delivery.entities.map(({ entity_id, ...entity }) => ({ entityId: entity_id, ...entity })),
    relationships: delivery.relationships.map(({ source_entity_id, target_entity_id, ...rest }) => {
      return { sourceEntityId: source_entity_id, targetEntityId: target_entity_id, ...rest }
    }),
    analysis: delivery.analysis,
  }
}

/** What the search service answers. `again`: stored, and a newer version of the document is waiting already. */
export const deliveredSchema = z.object({
  success: z.literal(true),
  outcome: z.enum(['stored', 'succeeded', 'again']),
  embedding_dimension: z.number(),
  total_chunks: z.number(),
  indexed_chunks: z.number(),
  failed_chunks: z.number(),
})
export type Delivered = z.output<typeof deliveredSchema>
