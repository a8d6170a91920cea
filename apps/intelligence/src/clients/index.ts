/** The clients of the services that the application calls: one of each, made together and closed together. */
import type { HttpClient } from 'keepwarm'
import { EnhancedEntityExtractor, type EntityExtractorOptions } from './entity-extractor.ts'
import { FreshnessDatabase } from './freshness.ts'
import { ClientLangextractHttp } from './langextract.ts'
import { createSearchServiceClient, type SearchServiceClientOptions } from './search-service-client.ts'
import type { ServiceClientOptions } from './service-client.ts'
import { WorkflowCoordinatorClient } from './workflow-coordinator.ts'

export * from './entity-extractor.ts'
export * from './entity-extractor/errors.ts'
export type { Embedded, EmbeddingFailure } from './entity-extractor/embedding.ts'
export type { Extraction } from './entity-extractor/merge.ts'
export type { OllamaModel } from './entity-extractor/ollama.ts'
export * from './freshness.ts'
export * from './freshness-score.ts'
export * from './freshness/errors.ts'
export type { FreshnessDocument, RecordedScore } from './freshness/records.ts'
export type { FreshnessStats } from './freshness/stats.ts'
export type { DocumentInput, UpsertMode } from './freshness/statements.ts'
export * from './langextract.ts'
export * from './langextract/errors.ts'
export type { DocumentExtraction, SemanticAnalysis } from './langextract/wire.ts'
export type { SkippedItem } from './lenient-list.ts'
export * from './search-service-client.ts'
export { ServiceClient } from './service-client.ts'
export type { CallLimits, ServiceClientOptions, ServiceMetrics } from './service-client.ts'
export { ServiceError } from './service-error.ts'
export type { RequestProblem } from './service-error.ts'
export * from './workflow-coordinator.ts'
export * from './workflow-coordinator/errors.ts'
export type {
  ActiveWorkflows,
  CancelledWorkflow,
  TriggeredWorkflow,
  Workflow,
  WorkflowNode,
  WorkflowState,
  WorkflowStatus,
  WorkflowSummary,
} from './workflow-coordinator/wire.ts'

/** Where the services are. */
export interface ServiceUrls {
  readonly ollama?: string
  readonly langextract?: string
  readonly bridge?: string
  readonly coordinator?: string
}

export interface ServiceClientsOptions {
  /** Default: `OLLAMA_BASE_URL`, `LANGEXTRACT_SERVICE_URL`, `BRIDGE_SERVICE_URL` and `WORKFLOW_COORDINATOR_URL`. */
  readonly urls?: ServiceUrls
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What else each client is told. */
  readonly extractor?: EntityExtractorOptions
  readonly langextract?: ServiceClientOptions
  readonly freshness?: ServiceClientOptions
  readonly coordinator?: ServiceClientOptions
  readonly shared?: Omit<SearchServiceClientOptions, 'env'>
}

export interface ServiceClients extends AsyncDisposable {
  readonly extractor: EnhancedEntityExtractor
  readonly langextract: ClientLangextractHttp
  readonly freshness: FreshnessDatabase
  readonly coordinator: WorkflowCoordinatorClient
  /** For background work; configured by the environment. */
  readonly shared: HttpClient
  /** Closes every client, also when another one cannot be closed; then rejects with all that failed. */
  close(options?: { timeout?: number }): Promise<void>
}

/**
 * The four clients and the shared one. Nothing is connected before the first call.
 *
 * @throws ConfigError naming every option or variable that cannot be used
 * @example await using clients = createServiceClients({ urls: { ollama: 'http://127.0.0.1:11434' } })
 */
export function createServiceClients(options: ServiceClientsOptions = {}): ServiceClients {
  const { urls = {}, env = process.env } = options
  const at = (url: string | undefined, variable: string): ServiceClientOptions => {
    const baseUrl = url ?? (env[variable]?.trim() || undefined)
    return { env, ...(baseUrl === undefined ? {} : { baseUrl }) }
  }
  const clients = {
    extractor: new EnhancedEntityExtractor({ ...at(urls.ollama, 'OLLAMA_BASE_URL'), ...options.extractor }),
    langextract: new ClientLangextractHttp({
      ...at(urls.langextract, 'LANGEXTRACT_SERVICE_URL'),
      ...options.langextract,
    }),
    freshness: new FreshnessDatabase({ ...at(urls.bridge, 'BRIDGE_SERVICE_URL'), ...options.freshness }),
    coordinator: new WorkflowCoordinatorClient({
      ...at(urls.coordinator, 'WORKFLOW_COORDINATOR_URL'),
      ...options.coordinator,
    }),
    shared: createSearchServiceClient({ env, ...options.shared }),
  }
  const close = (how?: { timeout?: number }): Promise<void> => closeAll(Object.values(clients), how)
  return { ...clients, close, [Symbol.asyncDispose]: () => close() }
}

interface Closable {
  readonly name: string
  close(options?: { timeout?: number }): Promise<void>
}

async function closeAll(clients: readonly Closable[], how: { timeout?: number } | undefined): Promise<void> {
  const failures: Error[] = []
  const closing = clients.map(async (client) => {
    try {
      await client.close(how)
    } catch (error) {
      failures.push(new Error(`${client.name} did not close: ${String(error)}`, { cause: error }))
    }
  })
  await Promise.all(closing)
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} clients did not close`)
}
