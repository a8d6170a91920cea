/** A document as it is sent to the service. */
import { z } from 'zod'
import { toDraft, type Batch, type Draft } from '../indexing/draft.ts'
import { currentWork, keepWork } from '../trace/current.ts'
import type { ServiceContext } from './context.ts'

const idSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')
  .regex(/^[^\s\p{Cc}/?#][^\p{Cc}]*$/u, 'must begin with a letter or digit and hold no control characters')

export const line = (most: number): z.ZodString =>
  z
    .string()
    .max(most, `must have at most ${most} characters`)
    .regex(/^\P{Cc}*$/u, 'must hold no control characters')

/** The last that a Date can be. */
const LAST_MOMENT = 8.64e15

export const newDocument = z.strictObject({
  content: z.string().superRefine((content, context) => {
    const problem = contentProblem(content)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  }),
  id: idSchema.optional(),
  title: line(500).min(1, 'must not be empty').optional(),
  source: line(2_000).min(1, 'must not be empty').optional(),
  type: line(100).min(1, 'must not be empty').optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  /** When the text was changed, milliseconds since 1970. Default: now. What is younger than now counts as now. */
  modified_at: z.number().int().min(0).max(LAST_MOMENT).optional(),
})

/** A text, and all of it: what would be changed in silence on its way is refused. */
function contentProblem(content: string): string | undefined {
  if (content.trim() === '') return 'is empty'
  const zero = content.indexOf('\0')
  if (zero !== -1) return `is not a text: character ${zero} is NUL`
  return content.isWellFormed() ? undefined : 'holds half of a surrogate pair'
}

/** As the queue takes it, on behalf of the request that brought it. */
export function draftOf(
  { modified_at: modifiedAt, ...input }: z.output<typeof newDocument>,
  { embeddingModel }: Pick<ServiceContext, 'embeddingModel'>,
  batch?: Batch,
): Draft {
  const work = currentWork()
  const metadata = { ...input.metadata, embedding_model: embeddingModel }
  return toDraft({ ...input, modifiedAt, metadata, batch, origin: work && keepWork(work) }, Date.now())
}
