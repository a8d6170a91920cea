/** The three embedding endpoints: Ollama's own, its older one, and the OpenAI-style one. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { accept, describeProblems, Refusal } from '../refusal.ts'
import { goneSignal } from '../upstream.ts'
import type { Model } from './models.ts'
import { badRequest, openAiError } from './refusals.ts'
import * as schemas from './schemas.ts'
import type { Work } from './work.ts'

export async function embed(work: Work, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const body = accept(schemas.embed, request.body, badRequest)
  const { model, dimensions } = embedding(work, body.model, body.dimensions)
  const inputs =
    typeof body.input === 'string' ? [body.input].filter((text) => text !== '') : (body.input ?? [])
  const task = {
    inputs,
    normalise: true,
    truncate: body.truncate ?? true,
    dimensions,
    keepAlive: body.keep_alive,
  }
  const { vectors, tokens, durations } = await work.embed(model, task, goneSignal(reply))
  return {
    model: body.model,
    embeddings: vectors,
    total_duration: durations.total,
    load_duration: durations.load,
    prompt_eval_count: tokens,
  }
}

/** The superseded endpoint gives raw vectors: same direction, not scaled to length 1. */
export async function legacyEmbeddings(
  work: Work,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const body = accept(schemas.embeddings, request.body, badRequest)
  const { model, dimensions } = embedding(work, body.model, undefined)
  const inputs = [body.prompt ?? ''].filter((text) => text !== '')
  const task = { inputs, normalise: false, truncate: true, dimensions, keepAlive: body.keep_alive }
  const { vectors } = await work.embed(model, task, goneSignal(reply))
  return { embedding: vectors[0] ?? [] }
}

export async function openAiEmbeddings(
  work: Work,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const body = accept(schemas.openAiEmbeddings, request.body, (problems) =>
    openAiError(400, describeProblems(problems)),
  )
  try {
    const { model, dimensions } = embedding(work, body.model, body.dimensions)
    const inputs = typeof body.input === 'string' ? [body.input] : body.input
    const task = { inputs, normalise: true, truncate: true, dimensions, keepAlive: 5 * 60_000 }
    const { vectors, tokens } = await work.embed(model, task, goneSignal(reply))
    const shape = body.encoding_format === 'base64' ? base64 : (vector: number[]) => vector
    return {
      object: 'list',
      data: vectors.map((vector, index) => ({ object: 'embedding', embedding: shape(vector), index })),
      model: body.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }
  } catch (error) {
    if (error instanceof Refusal) throw openAiError(error.status, (error.body as { error: string }).error)
    throw error
  }
}

/** A smaller size than the model's own may be asked for; a larger one is ignored, as Ollama does. */
function embedding(
  work: Work,
  name: string,
  wanted: number | null | undefined,
): { model: Model; dimensions: number } {
  const model = work.find(name)
  if (model.dimensions === undefined)
    throw new Refusal(400, { error: `"${name}" does not support embeddings` })
  const dimensions = wanted == null || wanted === 0 ? model.dimensions : Math.min(wanted, model.dimensions)
  return { model, dimensions }
}

/** 32-bit floats, little end first, as OpenAI's clients decode them. */
function base64(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4))
  return bytes.toString('base64')
}
