/** What the run came to, as data: the summary prints it, `--json` gives it as it is. */
import type { IndexRun } from '../indexing/index-run.ts'
import type { Service } from '../app.ts'
import { shownClients, type ShownClient } from '../routes/context.ts'
import type { ProcessReport } from './sharing.ts'

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
  /** Those that shared the work; null where one was alone. */
  readonly processes: readonly ProcessReport[] | null
  /** Of this process and the workers that it started, together; of two times the longer. */
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

/** What a report is made of. */
export interface Outcome {
  readonly service: Service
  readonly run: IndexRun
  readonly search: SearchReport | null
  /** False when it was stopped before the end. */
  readonly finished: boolean
  readonly processes: readonly ProcessReport[] | null
  /** What the clients of other processes did. */
  readonly others: readonly (readonly ClientReport[])[]
}

export async function makeReport({ service, run, search, finished, ...rest }: Outcome): Promise<Report> {
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
    processes: rest.processes,
    clients: together([clientReports(shownClients(service.context)), ...rest.others]),
    search,
    url: service.url,
  }
}

export function clientReports(clients: readonly ShownClient[]): ClientReport[] {
  return clients.map(({ name, upstream, pool, metrics }) => {
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

/** Clients of the same name in several processes as one: counts are added, and of times the longest stands. */
export function together(processes: readonly (readonly ClientReport[])[]): ClientReport[] {
  const all = new Map<string, ClientReport>()
  for (const one of processes.flat()) {
    const sum = all.get(one.name)
    all.set(one.name, sum === undefined ? one : add(sum, one))
  }
  return [...all.values()]
}

function add(a: ClientReport, b: ClientReport): ClientReport {
  return {
    name: a.name,
    requests: a.requests + b.requests,
    connections_opened: a.connections_opened + b.connections_opened,
    // The stand-ins are those of the process that started the others.
    server_connections: a.server_connections ?? b.server_connections,
    reused: a.reused + b.reused,
    p50_ms: Math.max(a.p50_ms, b.p50_ms),
    p99_ms: Math.max(a.p99_ms, b.p99_ms),
    retries: a.retries + b.retries,
    failed: a.failed + b.failed,
  }
}
