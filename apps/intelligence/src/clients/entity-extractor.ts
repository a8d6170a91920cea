/** Ollama's part in the indexing: vectors for texts, entities and relationships of documents. */
import { z } from 'zod'
import { answerFormat, instructions, parseAnswer, promptFor, type Answer } from './entity-extractor/answer.ts'
import { embedTexts, type Embedded } from './entity-extractor/embedding.ts'
import {
  EmbeddingError,
  extractorErrors,
  GenerationError,
  OllamaUnavailableError,
} from './entity-extractor/errors.ts'
import { Pulse } from './entity-extractor/pulse.ts'
import { BrokenAnswer, readAnswer } from './entity-extractor/generation.ts'
import { mergeAnswers, type Extraction } from './entity-extractor/merge.ts'
import { embeddingApis, type EmbeddingApi } from './entity-extractor/embedding-api.ts'
import { generationLine, tags, version, type OllamaModel } from './entity-extractor/ollama.ts'
import { Warmth } from './entity-extractor/warmth.ts'
import { windowsOf } from './entity-extractor/windows.ts'
import { inParallel } from './in-parallel.ts'
import { describeIssues } from './lenient-list.ts'
import {
  limitsOf,
  ServiceClient,
  type CallLimits,
  type ServiceClientOptions,
  type ServiceTraits,
} from './service-client.ts'

/** A model may think for long before its first word, but not pause for a minute between two. */
const generationTimeouts = { timeout: 600_000, headersTimeout: 600_000, bodyIdleTimeout: 60_000 }
/** Ollama's own default is smaller than a window with its answer, and what does not fit it drops silently. */
const CONTEXT_TOKENS = 8_192
const WINDOW_OVERLAP = 300
/** Milliseconds after which a model that does not even answer a single word is taken to be down. */
const CANARY_TIMEOUT = 5_000

export interface EntityExtractorOptions extends ServiceClientOptions {
  /** Default `nomic-embed-text`. */
  readonly embeddingModel?: string
  /** Default `llama3.2`. */
  readonly generationModel?: string
  /** Who embeds: Ollama's own `/api/embed`, or any server with OpenAI's `/v1/embeddings`. Default `ollama`. */
  readonly embeddingApi?: keyof typeof embeddingApis
  /** Milliseconds for a call that finds its model unloaded, and waits while it is read. Default 2 min. */
  readonly coldTimeout?: number
  /** Milliseconds between two looks whether the server is still there, while a model is thinking. Default 5 s. */
  readonly pulseEvery?: number
  /** Texts that are sent to be embedded at once. Default 16. */
  readonly batchSize?: number
  /** Batches or windows under way at once, for each call. Default 3. */
  readonly concurrency?: number
  /** Characters of a document that the model sees at once. Default 6,000. */
  readonly windowSize?: number
}

function traitsFor({ modelsPath }: EmbeddingApi): ServiceTraits {
  return {
    name: 'entity-extractor',
    defaults: {
      baseUrl: 'http://localhost:11434',
      maxConnections: 20,
      maxIdleConnections: 5,
      timeout: 30_000,
      healthPath: modelsPath,
    },
    groups: {
      generate: { paths: ['/api/generate', '/api/chat'], share: 0.5 },
      embed: { paths: ['/api/embed', '/api/embeddings', '/v1/embeddings'], share: 0.4 },
    },
    errors: extractorErrors,
  }
}

export interface ExtractionRequest {
  readonly text: string
  /** Where the document comes from; part of the entities' ids. */
  readonly sourcePath: string
  readonly title?: string
}

/**
 * 20 connections, 5 of them kept idle; 30 s for vectors (2 min while the model is read), 10 min for entities. Rejects with an
 * {@link EntityExtractorError} of the class that says what is the matter. Asking a model changes nothing, so a call
 * that failed on the way is sent again.
 *
 * @example
 * await using extractor = new EnhancedEntityExtractor({ baseUrl: 'http://localhost:11434' })
 * const [vector] = await extractor.embed(['A pool keeps idle sockets.'])
 * const { entities } = await extractor.extractEntities({ text, sourcePath: 'docs/pool.md' })
 */
export class EnhancedEntityExtractor extends ServiceClient {
  private readonly api: EmbeddingApi
  private readonly warmth: Warmth
  private readonly pulse: Pulse
  private readonly embeddingModel: string
  private readonly generationModel: string
  private readonly batchSize: number
  private readonly concurrency: number
  private readonly windowSize: number

  constructor(options: EntityExtractorOptions = {}) {
    const { embeddingModel, generationModel, embeddingApi, ...rest } = options
    const { batchSize, concurrency, windowSize, coldTimeout, pulseEvery, ...forClient } = rest
    const api = embeddingApis[embeddingApi ?? 'ollama']
    super(traitsFor(api), forClient)
    this.api = api
    this.warmth = new Warmth(coldTimeout ?? 120_000)
    this.pulse = new Pulse(async () => (await this.http.checkHealth()).healthy, pulseEvery)
    this.embeddingModel = embeddingModel ?? 'nomic-embed-text'
    this.generationModel = generationModel ?? 'llama3.2'
    this.batchSize = checkCount('batchSize', batchSize ?? 16, 1)
    this.concurrency = checkCount('concurrency', concurrency ?? 3, 1)
    this.windowSize = checkCount('windowSize', windowSize ?? 6_000, 2 * WINDOW_OVERLAP)
  }

  /**
   * A vector for each text, in their order. Rejects with {@link EmbeddingError} when a text could not be embedded; it
   * names the text and carries the vectors of the others.
   */
  async embed(texts: readonly string[], limits?: CallLimits): Promise<Float32Array[]> {
    const outcomes = await this.embedAll(texts, limits)
    const failures = outcomes.filter((outcome) => 'error' in outcome)
    if (failures.length === 0)
      return outcomes.flatMap((outcome) => ('vector' in outcome ? [outcome.vector] : []))
    const vectors = outcomes.map((outcome) => ('vector' in outcome ? outcome.vector : undefined))
    throw new EmbeddingError(this.name, failures, vectors)
  }

  /**
   * What became of each text: its vector or its error. A text that is longer than the model's context is an error and
   * not cut. Rejects only when it is cancelled.
   */
  embedAll(texts: readonly string[], limits?: CallLimits): Promise<Embedded[]> {
    const { batchSize, concurrency } = this
    const plan = { batchSize, concurrency, signal: limits?.signal }
    return embedTexts(texts, plan, (batch, patient, signal) => {
      const timeout = limits?.timeout ?? this.warmth.timeout(performance.now())
      const call = { json: this.api.request(this.embeddingModel, batch), idempotent: true }
      const patience = patient ? {} : ({ retry: false } as const)
      return this.ask(async () => {
        const waits = { ...waitingFor(timeout), ...limitsOf({ timeout, signal }) }
        const answer = this.http.post(this.api.path, { ...call, ...patience, ...waits })
        const vectors = await answer.json(this.api.answer(batch.length))
        this.warmth.answered(performance.now())
        return vectors
      })
    })
  }

  /** Embeds one word, past the breaker: resolves when the model answers at all, rejects like `embed`. */
  async canary(limits?: CallLimits): Promise<void> {
    const call = { json: this.api.request(this.embeddingModel, ['keepwarm']), idempotent: true } as const
    const waits = { ...limitsOf(limits, CANARY_TIMEOUT), resilience: 'none' } as const
    await this.ask(() => this.http.post(this.api.path, { ...call, ...waits }).json(this.api.answer(1)))
  }

  /**
   * The entities of a document and how they are related. A long one is read window by window; when one of them fails,
   * the others are cancelled, because entities of half a document would look like those of a whole one.
   */
  async extractEntities(request: ExtractionRequest, limits?: CallLimits): Promise<Extraction> {
    const { text, sourcePath } = request
    if (text.trim() === '') return { entities: [], relationships: [], skipped: [] }
    const windows = windowsOf(text, { size: this.windowSize, overlap: WINDOW_OVERLAP })
    const answers = await inParallel(windows, this.concurrency, limits?.signal, (window, signal) =>
      this.generate({ ...request, text: window.text }, { timeout: limits?.timeout, signal }),
    )
    return mergeAnswers(text, sourcePath, answers)
  }

  /** The models that Ollama has. */
  async models(limits?: CallLimits): Promise<OllamaModel[]> {
    const { models } = await this.ask(() => this.http.get('/api/tags', limitsOf(limits)).json(tags))
    return models
  }

  /** The names of the models that the server has, whichever way of embedding it speaks. */
  modelNames(limits?: CallLimits): Promise<string[]> {
    return this.ask(() => this.http.get(this.api.modelsPath, limitsOf(limits)).json(this.api.models))
  }

  async version(limits?: CallLimits): Promise<string> {
    return (await this.ask(() => this.http.get('/api/version', limitsOf(limits)).json(version))).version
  }

  private generate(document: ExtractionRequest, limits: CallLimits): Promise<Answer> {
    const json = {
      model: this.generationModel,
      system: instructions,
      prompt: promptFor(document),
      format: answerFormat,
      stream: true,
      options: { temperature: 0, num_ctx: CONTEXT_TOKENS },
    }
    const timeouts =
      limits.timeout === undefined
        ? generationTimeouts
        : { ...generationTimeouts, headersTimeout: limits.timeout }
    const waits = waitingFor(limits.timeout ?? timeouts.timeout)
    return this.ask(async () => {
      using watched = this.pulse.watch()
      const signal = AbortSignal.any([
        watched.signal,
        ...(limits.signal === undefined ? [] : [limits.signal]),
      ])
      const call = { json, idempotent: true, ...waits, ...timeouts, ...limitsOf({ ...limits, signal }) }
      try {
        return parseAnswer(await readAnswer(this.http.post('/api/generate', call).ndjson(generationLine)))
      } catch (error) {
        throw watched.signal.aborted && limits.signal?.aborted !== true
          ? this.gone(error)
          : this.broken(error)
      }
    })
  }

  private gone(cause: unknown): OllamaUnavailableError {
    const message = 'it was not there for a while after the call began, so that no answer can come'
    const facts = { code: 'attempt_timeout', phase: 'headers', sent: 'maybe', cause } as const
    return new OllamaUnavailableError(this.name, message, facts)
  }

  private broken(error: unknown): unknown {
    const facts = { phase: 'body', sent: 'maybe', cause: error } as const
    if (error instanceof BrokenAnswer) {
      const code = { error_line: 'status', cut_off: 'reset', too_long: 'validation' } as const
      return new GenerationError(this.name, error.message, { ...facts, code: code[error.why] })
    }
    if (error instanceof SyntaxError) {
      return new GenerationError(this.name, `the model's answer is not JSON: ${error.message}`, {
        ...facts,
        code: 'decode',
      })
    }
    if (!(error instanceof z.ZodError)) return error
    const message = `the model's answer is not what was asked for: ${describeIssues(error.issues)}`
    return new GenerationError(this.name, message, { ...facts, code: 'validation' })
  }
}

/** Models are slow, and whoever waits for its turn has not failed: it may wait as long as the call may take. */
function waitingFor(timeout: number | undefined): { acquireTimeout?: number } {
  return timeout === undefined ? {} : { acquireTimeout: timeout }
}

function checkCount(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new RangeError(`${option} = ${value}: expected a whole number from ${least}`)
}
