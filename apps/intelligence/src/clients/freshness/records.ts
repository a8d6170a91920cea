/** Rows of the freshness tables as they come over the bridge. Times become milliseconds since 1970. */
import { z } from 'zod'
import { camelKeys } from '../camel.ts'

const moment = z.string().transform((text, context) => {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  context.issues.push({ code: 'custom', message: `"${text}" is not a date`, input: text })
  return z.NEVER
})

/** Lists and objects come parsed from PostgreSQL and as JSON text from SQLite. */
const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .unknown()
    .transform((value, context): unknown => {
      if (typeof value !== 'string') return value
      try {
        return JSON.parse(value)
      } catch {
        context.issues.push({ code: 'custom', message: 'is not JSON', input: value })
        return z.NEVER
      }
    })
    .pipe(schema)

const score = z.number().min(0).max(1).nullable()
const level = z.enum(['FRESH', 'STALE', 'OUTDATED', 'CRITICAL'])
const scores = {
  freshness_score: score,
  time_score: score,
  dependency_score: score,
  content_score: score,
  usage_score: score,
  freshness_level: level,
}

export const documentRow = z
  .object({
    document_id: z.string(),
    file_path: z.string(),
    file_size: z.number().nullable(),
    document_type: z.string(),
    language: z.string().nullable(),
    content_hash: z.string().nullable(),
    created_at: moment,
    last_modified: moment.nullable(),
    last_analyzed: moment.nullable(),
    updated_at: moment,
    ...scores,
    dependencies: json(z.array(z.unknown())),
    metadata: json(z.record(z.string(), z.unknown())),
    tags: json(z.array(z.string())),
    version: z.number().int(),
  })
  .transform(camelKeys)
/** A document as the database knows it. Scores are null until one is recorded. */
export type FreshnessDocument = z.output<typeof documentRow>

export const historyRow = z
  .object({
    document_id: z.string(),
    ...scores,
    details: json(z.record(z.string(), z.unknown())),
    recorded_at: moment,
  })
  .transform(camelKeys)
export type RecordedScore = z.output<typeof historyRow>

export const versionRow = z.object({ version: z.number().int() })

export const levelRow = z
  .object({
    freshness_level: level,
    documents: z.number().int(),
    scored: z.number().int(),
    score_sum: z.number().nullable(),
    oldest: moment.nullable(),
  })
  .transform(camelKeys)
export type LevelRow = z.output<typeof levelRow>

/** The bridge answers 200 with `success: false` where others answer with a status. */
export const executeAnswer = z.discriminatedUnion('success', [
  z.object({
    success: z.literal(true),
    data: z.array(z.record(z.string(), z.unknown())).nullish(),
    rows_affected: z.number().int().nullish(),
  }),
  z.looseObject({
    success: z.literal(false),
    message: z.string().nullish(),
    error_code: z.string().nullish(),
    retry_allowed: z.boolean().nullish(),
  }),
])
