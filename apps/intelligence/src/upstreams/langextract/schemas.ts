/** What the LangExtract stand-in takes. Options it does not act on are accepted and answered with a warning. */
import { z } from 'zod'

const share = z.coerce.number().min(0).max(1)

/** The same fields come as a JSON body from the original client and as query parameters from the original service. */
export const analysis = z.object({
  content: z.string().min(1, 'must not be empty'),
  context: z.string().nullish(),
  language: z.string().min(1).default('en'),
  min_confidence: share.default(0.7),
})

const extractionOptions = z.looseObject({
  mode: z.enum(['fast', 'standard', 'comprehensive', 'custom']).default('standard'),
  include_semantic_analysis: z.boolean().default(true),
  include_relationship_extraction: z.boolean().default(true),
  min_confidence_threshold: z.number().min(0).max(1).default(0.3),
  expected_entity_types: z.array(z.string()).default([]),
  semantic_context: z.string().nullish(),
  max_entities_per_type: z.number().int().positive().nullish(),
  timeout_seconds: z.number().positive().max(3600).default(300),
})
export type ExtractionOptions = z.output<typeof extractionOptions>

const given = extractionOptions.prefault({})

export const document = z.looseObject({
  document_path: z.string().min(1, 'must not be empty'),
  content: z.string().nullish(),
  extraction_options: given,
  update_knowledge_graph: z.boolean().optional(),
  emit_events: z.boolean().optional(),
})
export type DocumentRequest = z.output<typeof document>

export const batch = z
  .object({
    document_paths: z.array(z.string().min(1)).default([]),
    /** Not in the original: documents whose text comes with the request, since this server may read no files. */
    documents: z.array(z.object({ document_path: z.string().min(1), content: z.string() })).default([]),
    extraction_options: given,
    max_concurrent_extractions: z.number().int().min(1).max(20).default(5),
    continue_on_error: z.boolean().default(true),
  })
  .refine(({ document_paths, documents }) => document_paths.length + documents.length > 0, {
    path: ['document_paths'],
    message: 'name at least one document, here or in "documents"',
  })
