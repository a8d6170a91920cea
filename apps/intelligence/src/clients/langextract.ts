/** A client of LangExtract: concepts, themes, domains and patterns of texts, entities and relationships of documents. */
import { snakeKeys } from './camel.ts'
import { langextractErrors } from './langextract/errors.ts'
import {
  batch,
  extraction,
  semanticAnalysis,
  type DocumentExtraction,
  type SemanticAnalysis,
} from './langextract/wire.ts'
import type { SkippedItem } from './lenient-list.ts'
import {
  limitsOf,
  ServiceClient,
  type CallLimits,
  type ServiceClientOptions,
  type ServiceMetrics,
  type ServiceTraits,
} from './service-client.ts'

/** Milliseconds for one document, and for a batch of them; the 5 s of the client are for an analysis. */
const DOCUMENT_TIMEOUT = 30_000
const BATCH_TIMEOUT = 300_000

export interface AnalysisRequest {
  readonly content: string
  /** What the text is about or where it comes from. */
  readonly context?: string
  /** Default `en`. */
  readonly language?: string
  /** What is less certain is not answered; 0 to 1. Default 0.7. */
  readonly minConfidence?: number
}

export interface ExtractionOptions {
  /** Default `standard`. */
  readonly mode?: 'fast' | 'standard' | 'comprehensive' | 'custom'
  readonly includeSemanticAnalysis?: boolean
  readonly includeRelationshipExtraction?: boolean
  /** 0 to 1. Default 0.3. */
  readonly minConfidenceThreshold?: number
  readonly expectedEntityTypes?: readonly string[]
  readonly semanticContext?: string
  readonly maxEntitiesPerType?: number
  /** How long the service may work on a document. Default 300. */
  readonly timeoutSeconds?: number
}

export interface DocumentRequest {
  readonly documentPath: string
  /** Default: the service reads the file, if it may. */
  readonly content?: string
  readonly options?: ExtractionOptions
  /** Whether the service stores what it finds in its graph. Default false. */
  readonly updateKnowledgeGraph?: boolean
  /** Whether the service tells others what it found. Default false. */
  readonly emitEvents?: boolean
}

export interface BatchRequest {
  /** Files that the service reads itself. */
  readonly documentPaths?: readonly string[]
  /** Documents whose text goes with the request. */
  readonly documents?: readonly { readonly documentPath: string; readonly content: string }[]
  readonly options?: ExtractionOptions
  /** 1 to 20. Default 5. */
  readonly maxConcurrentExtractions?: number
  /** Whether the others go on when one fails. Default true. */
  readonly continueOnError?: boolean
}

export interface BatchExtraction {
  readonly results: readonly DocumentExtraction[]
  readonly failed: readonly { readonly documentPath: string; readonly error: string }[]
  /** Documents that were asked for and of which the answer says nothing. */
  readonly missing: readonly string[]
}

export interface LangextractMetrics extends ServiceMetrics {
  /** Items of answers that were left out because they were broken. */
  readonly skipped_items: number
}

const traits: ServiceTraits = {
  name: 'langextract',
  defaults: {
    baseUrl: 'http://archon-langextract:8156',
    maxConnections: 20,
    maxIdleConnections: 5,
    timeout: 5_000,
  },
  groups: {
    extract: { paths: ['/extract/*'], share: 0.4 },
    analyze: { paths: ['/analyze/*'], share: 0.5 },
  },
  errors: langextractErrors,
}

/**
 * 20 connections, 5 of them kept idle; 5 s for an analysis, 30 s for a document, 5 min for a batch. Rejects with a
 * {@link LangextractError} of the class that says what is the matter. Nothing here changes anything in the service
 * unless it is told to, so a call that failed on the way is sent again.
 *
 * @example
 * await using langextract = new ClientLangextractHttp({ baseUrl: 'http://langextract:8156' })
 * const { concepts, skipped } = await langextract.analyzeSemantic({ content: 'A pool keeps idle sockets.' })
 */
export class ClientLangextractHttp extends ServiceClient {
  private skippedItems = 0

  constructor(options: ServiceClientOptions = {}) {
    super(traits, options)
  }

  analyzeSemantic(request: AnalysisRequest, limits?: CallLimits): Promise<SemanticAnalysis> {
    const { content, context = null, language = 'en', minConfidence = 0.7 } = request
    const json = { content, context, language, min_confidence: minConfidence }
    return this.ask(async () => {
      const call = { json, idempotent: true, ...limitsOf(limits) }
      return this.counted(await this.http.post('/analyze/semantic', call).json(semanticAnalysis))
    })
  }

  extractDocument(request: DocumentRequest, limits?: CallLimits): Promise<DocumentExtraction> {
    const { documentPath, content, options = {}, updateKnowledgeGraph = false, emitEvents = false } = request
    const fields = { documentPath, content, updateKnowledgeGraph, emitEvents }
    const json = { ...snakeKeys(fields), extraction_options: snakeKeys(options) }
    const idempotent = !updateKnowledgeGraph && !emitEvents
    return this.ask(async () => {
      const call = { json, idempotent, ...limitsOf(limits, DOCUMENT_TIMEOUT) }
      return this.counted(await this.http.post('/extract/document', call).json(extraction))
    })
  }

  /** Documents that fail are listed, and so are those that the service says nothing about. */
  extractBatch(request: BatchRequest, limits?: CallLimits): Promise<BatchExtraction> {
    const { documentPaths = [], documents = [], options = {}, ...rest } = request
    const json = {
      ...snakeKeys(rest),
      document_paths: documentPaths,
      documents: documents.map(snakeKeys),
      extraction_options: snakeKeys(options),
    }
    return this.ask(async () => {
      const call = { json, idempotent: true, ...limitsOf(limits, BATCH_TIMEOUT) }
      const { results, failed } = await this.http.post('/extract/batch', call).json(batch)
      for (const result of results) this.counted(result)
      const answered = new Set([...results, ...failed].map(({ documentPath }) => documentPath))
      const asked = [...documentPaths, ...documents.map(({ documentPath }) => documentPath)]
      return { results, failed, missing: asked.filter((path) => !answered.has(path)) }
    })
  }

  override getMetrics(): LangextractMetrics {
    return { ...super.getMetrics(), skipped_items: this.skippedItems }
  }

  override resetMetrics(): void {
    super.resetMetrics()
    this.skippedItems = 0
  }

  private counted<Answer extends { readonly skipped: readonly SkippedItem[] }>(answer: Answer): Answer {
    this.skippedItems += answer.skipped.length
    return answer
  }
}
