/**
 * A stand-in for Ollama: its HTTP API on loopback, without a model. Embeddings are feature hashing (see
 * text/embedding.ts), answers are what rules find in the prompt's text (see ollama/task.ts), and both say so in the
 * model's details. Queueing, errors, streaming and the measured durations behave as Ollama's.
 */
import type { FastifyInstance } from 'fastify'
import { embed, legacyEmbeddings, openAiEmbeddings } from './ollama/embeddings.ts'
import { chat, generate } from './ollama/generation.ts'
import { contextLength, defaultModels, type Model, type ModelOption } from './ollama/models.ts'
import { badRequest } from './ollama/refusals.ts'
import * as schemas from './ollama/schemas.ts'
import { Work } from './ollama/work.ts'
import { accept, Refusal } from './refusal.ts'
import { serve, type Upstream, type UpstreamOptions } from './upstream.ts'

export interface OllamaOptions extends UpstreamOptions {
  /** Default: `nomic-embed-text` (768 dimensions) and `llama3.2` (answers prompts). */
  readonly models?: readonly ModelOption[]
  /** Requests worked on at once. Default 4. */
  readonly parallel?: number
  /** Requests that may wait; more are answered with 503. Default 512. */
  readonly maxQueue?: number
  /** Milliseconds a request waits in its slot before the work, in place of a model's thinking. Default 0. */
  readonly latency?: number
  /** Milliseconds before each piece of an answer, in place of a model's writing. Default 0. */
  readonly pieceInterval?: number
}

const version = '0.0.0-keepwarm-stand-in'

/**
 * @example
 * const ollama = await startOllama()
 * await fetch(`${ollama.url}/api/embed`, { method: 'POST', body: JSON.stringify({ model: 'nomic-embed-text', input: 'hi' }) })
 * await ollama.close()
 */
export function startOllama(options: OllamaOptions = {}): Promise<Upstream> {
  const { models = defaultModels, parallel = 4, maxQueue = 512, latency = 0, pieceInterval = 0 } = options
  const work = new Work({ models, parallel, maxQueue, latency, pieceInterval })
  return serve({
    name: 'ollama',
    options,
    errorBody: (_status, message) => ({ error: message }),
    routes: (app) => routes(app, work),
  })
}

function routes(app: FastifyInstance, work: Work): void {
  const since = new Date().toISOString()
  app.get('/', (_request, reply) => reply.type('text/plain').send('Ollama is running'))
  app.get('/api/version', () => ({ version }))
  app.get('/api/tags', () => ({ models: [...work.models.values()].map((model) => listed(model, since)) }))
  app.get('/api/ps', () => ({ models: running(work, since) }))
  app.post('/api/show', (request) => show(work, request.body, since))
  app.post('/api/embed', (request, reply) => embed(work, request, reply))
  app.post('/api/embeddings', (request, reply) => legacyEmbeddings(work, request, reply))
  app.post('/api/generate', (request, reply) => generate(work, request, reply))
  app.post('/api/chat', (request, reply) => chat(work, request, reply))
  app.post('/v1/embeddings', (request, reply) => openAiEmbeddings(work, request, reply))
  app.get('/v1/models', () => ({
    object: 'list',
    data: [...work.models.values()].map(({ name }) => ({
      id: name,
      object: 'model',
      created: Math.floor(Date.parse(since) / 1000),
      owned_by: 'library',
    })),
  }))
}

function listed({ name, digest, details }: Model, since: string): Record<string, unknown> {
  return { name, model: name, modified_at: since, size: 0, digest, details }
}

function running(work: Work, since: string): Record<string, unknown>[] {
  return [...work.loaded.at(Date.now())].map(([name, until]) => {
    const { modified_at: _unused, ...model } = listed(work.find(name), since)
    return { ...model, expires_at: new Date(until).toISOString(), size_vram: 0 }
  })
}

function show(work: Work, body: unknown, since: string): Record<string, unknown> {
  const asked = accept(schemas.show, body, badRequest)
  const name = asked.model ?? asked.name
  if (name === undefined) throw new Refusal(400, { error: 'model is required' })
  const model = work.find(name)
  const size = model.dimensions === undefined ? {} : { 'rules.embedding_length': model.dimensions }
  return {
    modelfile: `# ${model.name}: rules that stand in for a model; there are no weights`,
    parameters: '',
    template: '{{ .Prompt }}',
    details: model.details,
    model_info: { 'general.architecture': 'rules', 'rules.context_length': contextLength, ...size },
    capabilities: model.capabilities,
    modified_at: since,
  }
}
