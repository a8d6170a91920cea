/** What a call of the entity extractor can end with. */
import { ServiceError, type ErrorTable } from '../service-error.ts'
import type { EmbeddingFailure } from './embedding.ts'

export class EntityExtractorError extends ServiceError {}
/** Ollama could not be reached, hung up, answered 503 (its queue is full), or its breaker is open. */
export class OllamaUnavailableError extends EntityExtractorError {}
export class OllamaTimeoutError extends EntityExtractorError {}
/** 404: the model is not there. `ollama pull` gets it. */
export class ModelNotFoundError extends EntityExtractorError {}
/** 429; `retryAfter` says in ms when to come back. */
export class OllamaRateLimitError extends EntityExtractorError {}
/** A 5xx other than 503. */
export class OllamaServerError extends EntityExtractorError {}
/** The model's answer broke off, or is not what was asked for. */
export class GenerationError extends EntityExtractorError {}

/** Some texts could not be embedded. The vectors of the others are here and need not be asked for again. */
export class EmbeddingError extends EntityExtractorError {
  /** The texts that failed, by their place in the list; at least one. */
  readonly failures: readonly EmbeddingFailure[]
  /** In the texts' order; undefined where it failed. */
  readonly vectors: readonly (Float32Array | undefined)[]

  constructor(
    service: string,
    failures: readonly EmbeddingFailure[],
    vectors: readonly (Float32Array | undefined)[],
  ) {
    const { index, error } = failures[0]!
    const { code, phase, sent, attempts, retryAfter, status, responseData } = error
    const reason = error.message.replace(`${service}: `, '')
    const message = `${failures.length} of ${vectors.length} texts could not be embedded; the first is text ${index}: ${reason}`
    super(service, message, {
      code,
      sent,
      attempts,
      status,
      responseData,
      cause: error,
      ...(phase === undefined ? {} : { phase }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    })
    this.failures = failures
    this.vectors = vectors
  }
}

export const extractorErrors: ErrorTable = {
  byStatus: { 404: ModelNotFoundError, 429: OllamaRateLimitError, 503: OllamaUnavailableError },
  server: OllamaServerError,
  timeout: OllamaTimeoutError,
  unavailable: OllamaUnavailableError,
  other: EntityExtractorError,
}
