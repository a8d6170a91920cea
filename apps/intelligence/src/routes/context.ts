/** What the routes work with. */
import type { ClientMetrics, HttpClient, PoolSnapshot } from 'keepwarm'
import type { ServiceClients } from '../clients/index.ts'
import type { Feed } from '../indexing/feed.ts'
import type { IndexWorker } from '../indexing/worker.ts'
import type { Store } from '../store/store.ts'
import type { Upstream, UpstreamName } from '../upstreams/index.ts'

export interface UpstreamFacts {
  readonly name: UpstreamName
  /** Without credentials. */
  readonly url: string
  /** The embedded stand-in, where no URL was given. */
  readonly standIn: Upstream | undefined
}

export interface ServiceContext {
  readonly store: Store
  readonly worker: IndexWorker
  /** What happens to documents, as it happens. */
  readonly feed: Feed
  /** Kept with each document: with another model it has to be indexed again. */
  readonly embeddingModel: string
  /** The folder below which folders may be indexed by request; undefined for none. */
  readonly indexRoot: string | undefined
  readonly clients: ServiceClients
  readonly upstreams: readonly UpstreamFacts[]
  /** What a delivery from another machine has to show. */
  readonly token: string
  /** Requests have to show a token: whoever is on this machine is not trusted for that alone. */
  readonly guarded: boolean
  readonly startedAt: number
  /** True from the moment it is told to stop: no new documents are taken. */
  stopping: boolean
}

/** One client as it is shown. */
export interface ShownClient {
  readonly name: string
  readonly http: HttpClient
  readonly upstream: UpstreamFacts | undefined
  readonly metrics: () => ClientMetrics
  readonly pool: () => PoolSnapshot
}

/** The four clients with their upstreams, and the shared one. */
export function shownClients({
  clients,
  upstreams,
}: Pick<ServiceContext, 'clients' | 'upstreams'>): ShownClient[] {
  const { extractor, langextract, freshness, coordinator, shared } = clients
  const of = (name: UpstreamName): UpstreamFacts | undefined => upstreams.find((one) => one.name === name)
  const pairs = [
    [extractor, of('ollama')],
    [langextract, of('langextract')],
    [freshness, of('bridge')],
    [coordinator, of('coordinator')],
  ] as const
  const four = pairs.map(([client, upstream]) => {
    const { name, http } = client
    return { name, http, upstream, metrics: () => client.getMetrics(), pool: () => http.pool.snapshot() }
  })
  const own = { name: shared.name, http: shared, upstream: undefined }
  return [...four, { ...own, metrics: () => shared.getMetrics(), pool: () => shared.pool.snapshot() }]
}
