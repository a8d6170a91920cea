/** Documents: accepted, watched, read, tried again, removed. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { takeIn } from '../indexing/intake.ts'
import type { JobStatus } from '../indexing/job-records.ts'
import { relatedDocuments } from '../search/search.ts'
import type { ServiceContext } from './context.ts'
import { toWire } from './json.ts'
import { draftOf, newDocument } from './new-document.ts'
import { accept, Problem } from './problems.ts'

const whole = (least: number, most: number): z.ZodType<number> =>
  z.coerce.number(`must be a whole number from ${least} to ${most}`).int().min(least).max(most)

export const page = { limit: whole(1, 100).default(20), offset: whole(0, 1_000_000).default(0) }

const states = ['pending', 'running', 'succeeded', 'failed', 'dead'] as const
export const newQuery = z.strictObject({
  /** Indexes it also when nothing about it has changed. */
  force: z.stringbool().default(false),
})
export const listQuery = z.strictObject({ state: z.enum([...states, 'degraded']).optional(), ...page })
export const relatedQuery = z.strictObject({ limit: whole(1, 100).default(10) })

type WithId = { Params: { id: string } }

export function documentRoutes(app: FastifyInstance, context: ServiceContext): void {
  const { store, worker } = context
  const { documents, jobs, unfinished } = store

  app.post('/documents', async (request, reply) => {
    refuseWhileStopping(context)
    const { force } = accept(newQuery, request.query, 'the query')
    const input = accept(newDocument, request.body, 'the document')
    const draft = draftOf(input, context)
    const [taken] = await takeIn(context, [draft], { force })
    const url = statusUrl(draft.id)
    void reply.code(taken === 'unchanged' ? 200 : 202).header('location', url)
    return { id: draft.id, status: taken === 'unchanged' ? 'unchanged' : 'pending', status_url: url }
  })

  app.get('/documents', async (request) => {
    const { state, ...some } = accept(listQuery, request.query, 'the query')
    const listed =
      state === undefined
        ? await documents.list(some)
        : state === 'degraded'
          ? await unfinished.list(some)
          : (await jobs.list(state, some)).map(withoutLease)
    const [counts, lacking] = await Promise.all([jobs.counts(), unfinished.count()])
    return { documents: toWire(listed), counts: { ...counts, degraded: lacking.documents } }
  })

  app.get<WithId>('/documents/:id', async ({ params }) => {
    const stored = await documents.get(params.id)
    if (stored !== undefined)
      return toWire({ ...stored, status: (await jobs.status(params.id))?.state ?? 'succeeded' })
    const { state } = await statusOf(context, params.id)
    throw new Problem(404, `the document ${params.id} is not indexed (yet): its job is ${state}`, {
      job_state: state,
      status_url: statusUrl(params.id),
    })
  })

  app.get<WithId>('/documents/:id/status', async ({ params }) => {
    const status = await statusOf(context, params.id)
    const lacking = status.state === 'succeeded' ? await unfinished.get(params.id) : undefined
    return toWire({
      ...withoutLease(status),
      searchable: (await documents.summary(params.id)) !== undefined,
      degraded: lacking?.failedStages ?? [],
      repairAt: lacking?.repairAt ?? null,
    })
  })

  app.post<WithId>('/documents/:id/retry', async ({ params }, reply) => {
    refuseWhileStopping(context)
    const status = await statusOf(context, params.id)
    const again = (await jobs.retry(params.id)) === 'ready' || (await unfinished.repair(params.id))
    if (!again) {
      const why = status.state === 'succeeded' ? 'everything about it is done' : `its job is ${status.state}`
      throw new Problem(409, `there is nothing to try again for the document ${params.id}: ${why}`)
    }
    worker.wake()
    return reply.code(202).send({ id: params.id, status: 'pending', status_url: statusUrl(params.id) })
  })

  app.delete<WithId>('/documents/:id', async ({ params }, reply) => {
    if (!(await documents.remove(params.id))) throw unknown(params.id)
    worker.cancel(params.id)
    context.feed.tell({ type: 'removed', document: params.id })
    return reply.code(204).send()
  })

  app.get<WithId>('/documents/:id/related', async (request) => {
    const { limit } = accept(relatedQuery, request.query, 'the query')
    const related = await relatedDocuments(store, request.params.id, limit)
    if (related === undefined) throw unknown(request.params.id)
    return { related: toWire(related) }
  })
}

export function refuseWhileStopping({ stopping }: Pick<ServiceContext, 'stopping'>): void {
  if (stopping) throw new Problem(503, 'the service is stopping; send it again later')
}

async function statusOf({ store }: ServiceContext, id: string): Promise<JobStatus> {
  const status = await store.jobs.status(id)
  if (status === undefined) throw unknown(id)
  return status
}

/** The job's own id is the queue's affair: documents are named by theirs. */
function withoutLease({ id: _jobId, ...status }: JobStatus): Omit<JobStatus, 'id'> {
  return status
}

function unknown(id: string): Problem {
  return new Problem(404, `there is no document ${id}`)
}

export function statusUrl(id: string): string {
  return `/documents/${encodeURIComponent(id)}/status`
}
