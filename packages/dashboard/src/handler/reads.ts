/** What can be read, by its path below the mount. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { diagnosisText, prometheusFormat, prometheusText, type ProcessSnapshot } from 'keepwarm'
import { answer, head, json, text } from './answer.ts'
import type { Sight, Source, View } from './observed.ts'
import { sendPage } from './page.ts'
import type { Broadcast } from './stream/broadcast.ts'
import { Watcher } from './stream/watcher.ts'

export interface Reading {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  /** Whether anybody may read this, so that it says no more than it must. */
  readonly isPublic: boolean
}

/** One object for all scrapes: the exporter remembers by it which origins it tells apart. */
export class Metered {
  latest: ProcessSnapshot | undefined

  snapshot(): ProcessSnapshot {
    return this.latest!
  }
}

export interface ReadsHost {
  readonly metered: Metered
  readonly source: Source
  readonly broadcast: Broadcast
}

type Read = (host: ReadsHost, reading: Reading) => void | Promise<void>

/** The slowest pace, in seconds. */
const SLOWEST = 60
/** A second to come: nothing is newer. */
const NO_ROWS = Number.MAX_SAFE_INTEGER

export const reads: Readonly<Record<string, Read>> = {
  '/': (_, { response }) => sendPage(response),
  '/events': watch,
  '/snapshot.json': async ({ source }, { response, query }) => {
    json(response, 200, (await source.look(viewOf(query), NO_ROWS)).snapshot)
  },
  '/diagnose': diagnose,
  '/metrics': metrics,
  '/health/live': ({ broadcast }, { response }) => {
    json(response, broadcast.closed ? 503 : 200, { status: broadcast.closed ? 'closed' : 'ok' })
  },
  '/health/ready': ready,
}

async function watch({ broadcast, source }: ReadsHost, { request, response, query }: Reading): Promise<void> {
  const later = { 'retry-after': '10' }
  if (source.over) return text(response, 503, 'The clients are closed.', later)
  if (broadcast.isFull) {
    const sentence = `${broadcast.count} already watch, which is as many as may: close one of them, or raise maxWatchers.`
    return text(response, 503, sentence, later)
  }
  // When the stream ends, so does its connection: a server that closes would wait for it to time out.
  response.shouldKeepAlive = false
  head(response, 200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
  if (request.method === 'HEAD') return void response.end()
  response.flushHeaders()
  request.socket.setTimeout?.(0)
  const seen = query.get('since') ?? String(request.headers['last-event-id'] ?? '')
  const every = Math.min(SLOWEST, Math.max(1, wholeNumber(query.get('every')) ?? 1))
  await broadcast.join(new Watcher(response, { view: viewOf(query), every, since: wholeNumber(seen) ?? 0 }))
}

async function diagnose({ source }: ReadsHost, { request, response, query }: Reading): Promise<void> {
  const { snapshot, verdicts } = await source.look(viewOf(query), NO_ROWS)
  const wantsText = query.has('text') || /^\s*text\/plain\b/.test(String(request.headers.accept ?? ''))
  if (wantsText) return text(response, 200, diagnosisText(verdicts), { vary: 'accept' })
  json(response, 200, { version: 1, at: snapshot.at, verdicts })
}

async function metrics({ source, metered }: ReadsHost, { request, response }: Reading): Promise<void> {
  metered.latest = (await source.look('sum', NO_ROWS)).snapshot
  const { format, contentType } = prometheusFormat(request.headers.accept)
  answer(response, 200, { 'content-type': contentType }, prometheusText(metered, { format }))
}

/** Ready as long as no client is without its service. */
async function ready({ source, broadcast }: ReadsHost, { response, isPublic }: Reading): Promise<void> {
  const { snapshot }: Sight = await source.look('sum', NO_ROWS)
  const clients = Object.fromEntries(snapshot.clients.map(({ name, health }) => [name, health]))
  const isUnwell = broadcast.closed || Object.values(clients).some(({ status }) => status === 'unhealthy')
  const status = isUnwell ? 'unready' : 'ready'
  json(response, isUnwell ? 503 : 200, isPublic ? { status } : { status, clients })
}

function viewOf(query: URLSearchParams): View {
  const id = query.get('process') ?? ''
  return /^\d{1,12}(\.\d{1,9})?$/.test(id) ? id : 'sum'
}

function wholeNumber(given: string | null): number | undefined {
  return given !== null && /^\d{1,12}$/.test(given) ? Number(given) : undefined
}
