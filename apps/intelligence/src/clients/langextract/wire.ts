/**
 * LangExtract's contract: what its answers must be. The lists that the service promises must be there; single items
 * of them that are broken are left out and told.
 */
import { z } from 'zod'
import type { Entity, Relationship } from '../../store/records.ts'
import { camelKeys } from '../camel.ts'
import { lenientList } from '../lenient-list.ts'

const share = z.number().min(0).max(1)
const text = z.string().min(1)
const textOrNull = z
  .string()
  .nullish()
  .transform((value) => value ?? null)

const concept = z.object({ concept: text, score: share, context: textOrNull })
const theme = z
  .object({ theme: text, weight: share, related_concepts: z.array(z.string()).default([]) })
  .transform(camelKeys)
const domain = z.object({ domain: text, confidence: share, subdomain: textOrNull })
const pattern = z
  .object({
    pattern_type: text,
    description: z.string(),
    strength: share,
    indicators: z.array(z.string()).default([]),
  })
  .transform(camelKeys)

export const semanticAnalysis = z
  .object({
    concepts: lenientList('concepts', concept),
    themes: lenientList('themes', theme),
    domains: lenientList('domains', domain),
    patterns: lenientList('patterns', pattern),
    language: text,
    processing_time_ms: z.number().nullish(),
    metadata: z.record(z.string(), z.unknown()).default({}),
  })
  .transform(({ concepts, themes, domains, patterns, language, processing_time_ms, metadata }) => ({
    concepts: concepts.items,
    themes: themes.items,
    domains: domains.items,
    patterns: patterns.items,
    language,
    processingTimeMs: processing_time_ms ?? null,
    metadata,
    /** What was left out because it was broken. */
    skipped: [concepts, themes, domains, patterns].flatMap((list) => list.skipped),
  }))
export type SemanticAnalysis = z.output<typeof semanticAnalysis>

const interval = z.object({ start_pos: z.number().int().min(0), end_pos: z.number().int().min(0) })

/** The service writes types in lower case, everyone else here in upper case. */
const entity = z
  .object({
    entity_id: text,
    name: text,
    entity_type: text,
    description: textOrNull,
    confidence_score: share,
    properties: z.looseObject({ char_intervals: z.array(interval).nullish() }).nullish(),
  })
  .transform(({ entity_id, name, entity_type, description, confidence_score, properties }): Entity => {
    const first = properties?.char_intervals?.[0]
    return {
      entityId: entity_id,
      name,
      type: entity_type.toUpperCase(),
      confidence: confidence_score,
      span: first === undefined ? null : { start: first.start_pos, end: first.end_pos },
      description,
    }
  })

const relationship = z
  .object({
    source_entity_id: text,
    target_entity_id: text,
    relationship_type: text,
    confidence_score: share,
    context: textOrNull,
  })
  .transform((one): Relationship => ({
    sourceEntityId: one.source_entity_id,
    targetEntityId: one.target_entity_id,
    type: one.relationship_type.toUpperCase(),
    confidence: one.confidence_score,
    context: one.context,
  }))

export const extraction = z
  .object({
    extraction_id: text,
    document_path: text,
    enriched_entities: lenientList('enriched_entities', entity),
    relationships: lenientList('relationships', relationship),
    semantic_results: semanticAnalysis.nullish(),
    extraction_statistics: z.record(z.string(), z.unknown()).default({}),
    status: z.literal('completed'),
    warnings: z.array(z.string()).default([]),
    errors: z.array(z.string()).default([]),
  })
  .transform((answer) => ({
    extractionId: answer.extraction_id,
    documentPath: answer.document_path,
    entities: answer.enriched_entities.items,
    relationships: answer.relationships.items,
    semantic: answer.semantic_results ?? null,
    statistics: answer.extraction_statistics,
    warnings: answer.warnings,
    errors: answer.errors,
    /** What was left out because it was broken. */
    skipped: [
      ...answer.enriched_entities.skipped,
      ...answer.relationships.skipped,
      ...(answer.semantic_results?.skipped ?? []),
    ],
  }))
export type DocumentExtraction = z.output<typeof extraction>

export const batch = z.object({
  results: z.array(extraction),
  failed: z
    .array(z.object({ document_path: z.string(), error: z.string() }).transform(camelKeys))
    .default([]),
})
