/**
 * A stand-in for the original system's LangExtract service: entities, relationships and semantic analysis by rules.
 *
 * The original's client and service disagreed about `POST /analyze/semantic`. The client sent a JSON body and
 * expected scored objects; the service read query parameters and answered lists of strings, so a real call failed
 * with 422, and its answer, had it come, would have been read as empty. The client's contract is kept here, because
 * it says more (scores, contexts, indicators) and the reference service is built on it; the parameters are read
 * from the body and from the query, the body first.
 *
 * The original's batch endpoint read paths from its own disk and left out the documents that failed. Here files are
 * read only below `documentsRoot`, texts can come with the request, and failures are listed.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { analyze } from './langextract/analyze.ts'
import { DocumentUnavailable, readDocument } from './langextract/documents.ts'
import { extract, type Extraction } from './langextract/extract.ts'
import * as schemas from './langextract/schemas.ts'
import type { DocumentRequest, ExtractionOptions } from './langextract/schemas.ts'
import { Statistics } from './langextract/statistics.ts'
import { accept, fastApiDetail, Refusal, type Problem } from './refusal.ts'
import { goneSignal, serve, type Upstream, type UpstreamOptions } from './upstream.ts'

export interface LangextractOptions extends UpstreamOptions {
  /** The folder below which documents may be read by path. Default: none may be. */
  readonly documentsRoot?: string
}

interface Service {
  readonly statistics: Statistics
  readonly root: string | undefined
}

/**
 * @example
 * const langextract = await startLangextract()
 * const body = JSON.stringify({ content: 'The pool keeps idle sockets.', min_confidence: 0.3 })
 * await fetch(`${langextract.url}/analyze/semantic`, { method: 'POST', body })
 */
export function startLangextract(options: LangextractOptions = {}): Promise<Upstream> {
  const service = { statistics: new Statistics(), root: options.documentsRoot }
  return serve({
    name: 'langextract',
    options,
    errorBody: (_status, message) => ({ detail: message }),
    routes: (app) => routes(app, service),
  })
}

function routes(app: FastifyInstance, service: Service): void {
  const { statistics } = service
  app.get('/health', () => ({
    status: 'healthy',
    timestamp: new Date().toISOString(),
    version: '0.1.0',
    components: { language_extractor: 'healthy', document_analyzer: 'healthy' },
    uptime_seconds: statistics.uptimeSeconds,
  }))
  app.get('/statistics', () => statistics.snapshot())
  app.post('/analyze/semantic', (request, reply) =>
    statistics.count('analyze_semantic', () =>
      analyze(accept(schemas.analysis, bodyOverQuery(request), invalid), goneSignal(reply)),
    ),
  )
  app.post('/extract/document', (request, reply) =>
    statistics.count('extract_document', () => {
      const body = accept(schemas.document, request.body, invalid)
      return one(service, body, body.extraction_options, goneSignal(reply))
    }),
  )
  app.post('/extract/batch', (request, reply) =>
    statistics.count('extract_batch', () => batch(service, request.body, goneSignal(reply))),
  )
}

function bodyOverQuery(request: FastifyRequest): unknown {
  const { body, query } = request
  return typeof body === 'object' && body !== null ? { ...(query as object), ...body } : query
}

async function one(
  { statistics, root }: Service,
  document: Pick<DocumentRequest, 'document_path' | 'content' | 'update_knowledge_graph' | 'emit_events'>,
  options: ExtractionOptions,
  gone: AbortSignal,
): Promise<Extraction> {
  const path = document.document_path
  const limit = AbortSignal.timeout(options.timeout_seconds * 1000)
  try {
    const content = document.content ?? (await readDocument(root, path))
    const extraction = await extract(
      path,
      content,
      options,
      unserved(document),
      AbortSignal.any([gone, limit]),
    )
    statistics.documentDone(extraction.enriched_entities.length, extraction.relationships.length)
    return extraction
  } catch (error) {
    if (error instanceof DocumentUnavailable) {
      throw invalid([{ path: ['content'], message: error.message }])
    }
    if (limit.aborted)
      throw new Refusal(504, { detail: `not done within timeout_seconds (${options.timeout_seconds})` })
    throw error
  }
}

async function batch(service: Service, body: unknown, gone: AbortSignal): Promise<unknown> {
  const started = performance.now()
  const request = accept(schemas.batch, body, invalid)
  const queue = [...request.documents, ...request.document_paths.map((document_path) => ({ document_path }))]
  const total = queue.length
  const results: Extraction[] = []
  const failed: { document_path: string; error: string }[] = []
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        results.push(await one(service, next, request.extraction_options, gone))
      } catch (error) {
        failed.push({ document_path: next.document_path, error: reason(error) })
        if (!request.continue_on_error) queue.length = 0
      }
    }
  }
  await Promise.all(Array.from({ length: request.max_concurrent_extractions }, worker))
  return {
    results,
    failed,
    total_documents: total,
    successful_documents: results.length,
    failed_documents: failed.length,
    // With continue_on_error off, what was still waiting when one failed.
    skipped_documents: total - results.length - failed.length,
    processing_time_seconds: Math.round(performance.now() - started) / 1000,
  }
}

function invalid(problems: readonly Problem[]): Refusal {
  return new Refusal(422, fastApiDetail(problems))
}

function reason(error: unknown): string {
  if (error instanceof Refusal) {
    const { detail } = error.body as { detail: string | { msg: string }[] }
    return typeof detail === 'string' ? detail : detail.map(({ msg }) => msg).join('; ')
  }
  return error instanceof Error ? error.message : String(error)
}

/** What was asked for and is not done here. */
function unserved(document: Pick<DocumentRequest, 'update_knowledge_graph' | 'emit_events'>): string[] {
  const warnings: string[] = []
  if (document.update_knowledge_graph === true)
    warnings.push('there is no knowledge graph here: nothing was stored')
  if (document.emit_events === true) warnings.push('there is no event bus here: no event was sent')
  return warnings
}
