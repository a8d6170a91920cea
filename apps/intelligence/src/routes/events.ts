/** Progress as server-sent events: what happens to all documents, to one, or to those of a batch. */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { documentOf, type Feed, type NumberedEvent } from '../indexing/feed.ts'
import type { ServiceContext } from './context.ts'
import { accept, Problem } from './problems.ts'

/** Streams at once. */
const MOST_STREAMS = 100
/** Bytes that may wait for a slow reader; one that falls further behind is left, and can come back for the rest. */
const MOST_WAITING = 1024 * 1024
/** Milliseconds between signs of life. */
const HEARTBEAT = 15_000

export const eventsQuery = z.strictObject({
  document: z.string().min(1).max(200).optional(),
  batch: z.string().min(1).max(200).optional(),
  /** As the header `last-event-id`, for those who cannot set it. */
  last_event_id: z.string().max(100).optional(),
})

type Wanted = (numbered: NumberedEvent) => boolean

export function eventRoutes(app: FastifyInstance, context: ServiceContext): void {
  const { feed } = context
  const open = new Set<ServerResponse>()
  app.get('/events', async (request, reply) => {
    const { document, batch, last_event_id } = accept(eventsQuery, request.query, 'the query')
    // What other processes told is here now. From here on nothing is waited for, or something would be left out.
    await feed.reach()
    if (open.size >= MOST_STREAMS || context.stopping) {
      throw new Problem(503, `there are ${open.size} streams of events already; come back later`, {
        retry_after: 5,
      })
    }
    const header = request.headers['last-event-id']
    const from = (typeof header === 'string' ? header : undefined) ?? last_event_id
    const wanted = wantedOf(feed, document, batch)
    reply.hijack()
    if (reply.raw.destroyed) return
    begin(reply.raw, open, request.id)
    const missed = from === undefined ? [] : feed.after(from)
    if (missed === undefined) reset(reply.raw)
    for (const numbered of missed ?? []) if (wanted(numbered)) write(reply.raw, numbered)
    const leave = feed.follow(
      (numbered) => {
        if (wanted(numbered)) write(reply.raw, numbered)
      },
      () => reset(reply.raw),
    )
    reply.raw.once('close', leave)
  })
  // Streams never end by themselves, and would keep the server from closing.
  app.addHook('preClose', (done) => {
    for (const stream of open) stream.end()
    done()
  })
}

function begin(stream: ServerResponse, open: Set<ServerResponse>, requestId: string): void {
  open.add(stream)
  stream.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': requestId,
  })
  stream.write('retry: 1000\n\n')
  const alive = setInterval(() => stream.write(': still here\n\n'), HEARTBEAT)
  stream.once('close', () => {
    clearInterval(alive)
    open.delete(stream)
  })
}

/** The documents of a batch are known by their acceptance, which comes first. */
function wantedOf(feed: Feed, document: string | undefined, batch: string | undefined): Wanted {
  if (batch === undefined) return ({ event }) => document === undefined || documentOf(event) === document
  const members = feed.membersOf(batch)
  return ({ event }) => {
    if (event.type === 'accepted' && event.batch === batch) members.add(event.document)
    const about = documentOf(event)
    return about !== undefined && members.has(about) && (document === undefined || about === document)
  }
}

/** What was missed for good is told: the states of the documents have to be asked for. */
function reset(stream: ServerResponse): void {
  stream.write('event: reset\ndata: {"type":"reset"}\n\n')
}

function write(stream: ServerResponse, { id, event }: NumberedEvent): void {
  if (stream.writableLength > MOST_WAITING) return void stream.destroy()
  stream.write(`id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}
