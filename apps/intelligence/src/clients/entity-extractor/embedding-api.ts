/** The two ways to ask for embeddings: what is sent, what comes back, and where the models are listed. */
import { z } from 'zod'
import { embeddings, tags } from './ollama.ts'

export interface EmbeddingApi {
  readonly path: string
  readonly modelsPath: string
  request(model: string, texts: readonly string[]): object
  /** One vector of the same length for each of `count` texts. */
  answer(count: number): z.ZodType<Float32Array[]>
  readonly models: z.ZodType<string[]>
}

const ollama: EmbeddingApi = {
  path: '/api/embed',
  modelsPath: '/api/tags',
  // A text that is cut in silence has a vector of another text.
  request: (model, input) => ({ model, input, truncate: false }),
  answer: embeddings,
  models: tags.transform(({ models }) => models.map(({ name }) => name)),
}

const numbers = z.array(z.number()).min(1)

const openai: EmbeddingApi = {
  path: '/v1/embeddings',
  modelsPath: '/v1/models',
  request: (model, input) => ({ model, input, encoding_format: 'float' }),
  answer: (count) =>
    z
      .object({ data: z.array(z.object({ index: z.number().int(), embedding: numbers })).length(count) })
      // The order is not promised, only the index.
      .transform(({ data }) => ({
        embeddings: Array.from(
          { length: count },
          (_, index) => data.find((one) => one.index === index)?.embedding,
        ),
      }))
      .pipe(z.preprocess((answer) => answer, embeddings(count))),
  models: z
    .object({ data: z.array(z.object({ id: z.string() })) })
    .transform(({ data }) => data.map(({ id }) => id)),
}

export const embeddingApis: Readonly<Record<'ollama' | 'openai', EmbeddingApi>> = { ollama, openai }
