/** The part of Ollama's HTTP contract that is used here. */
import { z } from 'zod'
import { camelKeys } from '../camel.ts'

/** One vector of the same length for each of `count` texts. */
export function embeddings(count: number): z.ZodType<Float32Array[]> {
  return z
    .object({ embeddings: z.array(z.array(z.number()).min(1)).length(count) })
    .transform((answer, context) => {
      const length = answer.embeddings[0]?.length
      const odd = answer.embeddings.findIndex((vector) => vector.length !== length)
      if (odd === -1) return answer.embeddings.map((vector) => Float32Array.from(vector))
      const message = `vector ${odd} has ${answer.embeddings[odd]?.length} numbers, the first has ${length}`
      context.issues.push({ code: 'custom', message, input: answer.embeddings[odd] })
      return z.NEVER
    })
}

/** A line of a streamed answer: an error, a piece, or the last one. */
export const generationLine = z.union([
  z.object({ error: z.string() }),
  z.object({ response: z.string(), done: z.boolean(), done_reason: z.string().nullish() }),
])
export type GenerationLine = z.output<typeof generationLine>

const model = z
  .object({
    name: z.string(),
    modified_at: z.string(),
    size: z.number(),
    digest: z.string(),
    details: z.looseObject({}).default({}),
  })
  .transform(camelKeys)
export type OllamaModel = z.output<typeof model>
export const tags = z.object({ models: z.array(model) })

export const version = z.object({ version: z.string() })
