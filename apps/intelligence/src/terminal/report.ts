/** What the run came to, as data: the summary prints it, `--json` gives it as it is. */
import type { IndexRun } from '../indexing/index-run.ts'
import type { Service } from '../app.ts'
import { shownClients } from '../routes/context.ts'

export interface ClientReport {
  readonly name: string
  /** Requests that its pool was asked to carry, repeated ones and health checks included. */
  readonly requests: number
  readonly connections_opened: number
  /** What the server counted at its own sockets; null where it is no stand-in. */
  readonly server_connections: number | null
  readonly reused: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly retries: number
  readonly failed: number
}

export interface Report {
  readonly version: 1
  /** False when it was stopped before the end. */
  readonly finished: boolean
  readonly documents: {
    readonly read: number
    readonly indexed: number
    /** Not done when it was stopped; they wait in DATA_DIR, if there is one. */
    readonly waiting: number
    readonly unchanged: number
    readonly left_over: number
    readonly degraded: number
    /** Which stages are missing, and of how many documents. */
    readonly degraded_stages: Readonly<Record<string, number>>
    readonly lost: readonly { readonly document: string; readonly reason: string }[]
    readonly skipped: readonly { readonly path: string; readonly reason: string; readonly message: string }[]
    readonly retried: number
  }
  /** In the store, everything counted. */
  readonly stored: {
    documents: number
    chunks: number
    vectors: number
    entities: number
    relationships: number
  }
  readonly duration_ms: number
  readonly clients: readonly ClientReport[]
  readonly search: SearchReport | null
  readonly url: string
}

export interface SearchReport {
  readonly query: string
  readonly total: number
  readonly took_ms: number
  readonly warnings: readonly string[]
  readonly hits: readonly {
    readonly title: string
    readonly source: string | null
    readonly text: string
    readonly marks: readonly { readonly start: number; readonly end: number }[]
  }[]
}

export async function makeReport(
  service: Service,
  run: IndexRun,
  search: SearchReport | null,
  finished: boolean,
): Promise<Report> {
  const { documents, jobs, unfinished } = service.context.store
  const counts = run.counts()
  const dead = counts.dead.map(async ({ documentId, source }) => {
    return { document: source, reason: (await jobs.status(documentId))?.reason ?? 'it was removed' }
  })
  return {
    version: 1,
    finished,
    documents: {
      read: counts.read,
      indexed: counts.done,
      waiting: counts.wanted - counts.done - counts.dead.length,
      unchanged: counts.unchanged,
      left_over: counts.leftOver,
      degraded: counts.degraded,
      degraded_stages: (await unfinished.count()).byStage,
      lost: await Promise.all(dead),
      skipped: counts.skipped.map(({ source, reason, message }) => ({ path: source, reason, message })),
      retried: counts.retried,
    },
    stored: await documents.counts(),
    duration_ms: counts.duration,
    clients: clientReports(service),
    search,
    url: service.url,
  }
}

function clientReports({ context }: Service): ClientReport[] {
  return shownClients(context).map(({ name, upstream, pool, metrics }) => {
    const { counters } = pool()
    const { p50_duration_ms, p99_duration_ms, retries_attempted, failed_requests } = metrics()
    return {
      name,
      requests: counters.requests,
      connections_opened: counters.opened,
      server_connections: upstream?.standIn?.connections.opened ?? null,
      reused: counters.reused,
      p50_ms: p50_duration_ms,
      p99_ms: p99_duration_ms,
      retries: retries_attempted,
      failed: failed_requests,
    }
  })
}
