/** The worker and its pipeline. */
import type { ServiceClients } from '../clients/index.ts'
import type { Settings } from '../config/settings.ts'
import { askTarget, type DeliveryTarget } from '../indexing/deliver.ts'
import type { Feed } from '../indexing/feed.ts'
import { Pipeline, type PipelineOptions } from '../indexing/pipeline.ts'
import { roomFor, upstreamsOf } from '../indexing/room.ts'
import { stageLimitsFor } from '../indexing/stage-limits.ts'
import { Answering } from '../indexing/answering.ts'
import { IndexWorker, type WorkerLog, type WorkerOptions } from '../indexing/worker.ts'
import type { Store } from '../store/store.ts'

export interface IndexingOptions {
  readonly settings: Settings
  /** What the worker is told. */
  readonly worker?: Pick<WorkerOptions, 'backoff' | 'lease'>
  /** What the pipeline is told: pauses between repairs of degraded documents, and limits of its stages. */
  readonly pipeline?: Pick<PipelineOptions, 'repairs' | 'limits'>
}

interface Parts {
  readonly store: Store
  readonly clients: ServiceClients
  readonly log: WorkerLog
  readonly token: string
  readonly ownUrl: () => string
}

export function makeWorker(
  { settings, worker, pipeline }: IndexingOptions,
  { store, clients, log, token, ownUrl }: Parts,
): IndexWorker {
  const { searchUrl, searchToken, indexConcurrency: concurrency } = settings
  // A token that was made up here is no other service's business.
  const target = (): DeliveryTarget =>
    searchUrl === undefined
      ? { url: ownUrl(), hasQueue: true, token }
      : { url: '', hasQueue: false, token: searchToken }
  const upstreams = upstreamsOf(clients)
  const limits = stageLimitsFor(concurrency)
  const answering = new Answering({
    embed: (signal) => clients.extractor.canary({ signal }),
    deliver: (signal) => askTarget(clients.shared, target(), signal),
  })
  return new IndexWorker({
    store,
    pipeline: new Pipeline({ clients, target, unfinished: store.unfinished, limits, ...pipeline }),
    concurrency,
    log,
    room: () => roomFor(upstreams),
    answering,
    ...worker,
  })
}

/** What the worker does is told in the feed. */
export function tellFeed({ worker, feed }: { readonly worker: IndexWorker; readonly feed: Feed }): void {
  worker.watch({
    stage: ({ documentId: document, attempt }, stage, state) =>
      feed.tell({ type: 'stage', document, stage, state, attempt }),
    ended: ({ documentId: document, attempt }, outcome) =>
      feed.tell({ type: 'ended', document, outcome, attempt }),
  })
}
