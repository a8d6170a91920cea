/** What the Ollama stand-in takes. Fields it has no use for (images, templates, most options) pass unread. */
import { z } from 'zod'
import { keepAliveMs } from './models.ts'

const model = z.string().min(1, 'must name a model')
const keepAlive = z
  .union([z.string(), z.number()])
  .optional()
  .refine((value) => keepAliveMs(value) !== undefined, 'must be seconds or a duration such as "5m"')
  .transform((value) => keepAliveMs(value)!)
const format = z
  .union([z.literal('json'), z.literal('').transform(() => undefined), z.record(z.string(), z.unknown())])
  .nullish()
  .transform((value) => value ?? undefined)
const options = z.looseObject({ num_predict: z.number().int().optional() }).nullish()
const dimensions = z.number().int().nonnegative().nullish()

export const show = z.object({ model: model.optional(), name: model.optional() })

export const embed = z.object({
  model,
  input: z.union([z.string(), z.array(z.string())], 'invalid input type').nullish(),
  truncate: z.boolean().nullish(),
  dimensions,
  keep_alive: keepAlive,
})

export const embeddings = z.object({ model, prompt: z.string().nullish(), keep_alive: keepAlive })

export const generate = z.object({
  model,
  prompt: z.string().nullish(),
  system: z.string().nullish(),
  format,
  options,
  think: z.unknown().optional(),
  stream: z.boolean().nullish(),
  keep_alive: keepAlive,
})

export const chat = z.object({
  model,
  messages: z.array(z.looseObject({ role: z.string(), content: z.string().nullish() })).nullish(),
  tools: z.array(z.unknown()).nullish(),
  think: z.unknown().optional(),
  format,
  options,
  stream: z.boolean().nullish(),
  keep_alive: keepAlive,
})

export const openAiEmbeddings = z.object({
  model,
  input: z.union(
    [z.string().min(1, 'must not be empty'), z.array(z.string()).min(1, 'must not be empty')],
    'invalid input type: a non-empty string or array of strings',
  ),
  dimensions,
  encoding_format: z.enum(['float', 'base64']).nullish(),
})
