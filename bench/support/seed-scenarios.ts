/** The loads of the original's table. */
import { requests, upstreams } from './documents.ts'
import type { Caller, Limits } from './seed-arms.ts'
import { share } from './share.ts'

export interface Scenario {
  readonly name: string
  readonly title: string
  readonly limits: Limits
  /** How many requests a run makes. */
  readonly requests: number
  run(caller: Caller): Promise<void>
}

export interface Sizes {
  readonly sequential: number
  readonly workers: number
  readonly perWorker: number
  readonly documents: number
}

/** The limits of the original's clients for its embedding and analysis services. */
const limits: Limits = { maxConnections: 20, maxIdleConnections: 5 }
const documentsAtOnce = 10

export function scenarios({ sequential, workers, perWorker, documents }: Sizes): Scenario[] {
  return [
    {
      name: 'sequential',
      title: `${sequential} requests, one after another`,
      limits,
      requests: sequential,
      run: (caller) => share(sequential, 1, (document) => embed(caller, document)),
    },
    {
      name: 'burst',
      title: `${workers} requests at once, once`,
      limits,
      requests: workers,
      run: (caller) => share(workers, workers, (document) => embed(caller, document)),
    },
    {
      name: 'indexing',
      title: `${documents} documents indexed, ${documentsAtOnce} at a time: embed, analyse, store`,
      limits,
      requests: documents * upstreams.length,
      run: (caller) => share(documents, documentsAtOnce, (document) => index(caller, document)),
    },
    {
      name: 'concurrent',
      title: `${workers} workers with ${perWorker} requests each`,
      limits,
      requests: workers * perWorker,
      run: (caller) => share(workers * perWorker, workers, (document) => embed(caller, document)),
    },
  ]
}

async function embed(caller: Caller, document: number): Promise<void> {
  await caller.post('embed', requests.embed(document))
}

async function index(caller: Caller, document: number): Promise<void> {
  for (const upstream of upstreams) await caller.post(upstream, requests[upstream](document))
}
