/** Documents: accepted, watched, read, tried again, removed. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { toDraft, type Origin } from '../indexing/draft.ts'
import type { JobStatus } from '../indexing/job-records.ts'
import { MAX_ATTEMPTS } from '../indexing/verdict.ts'
import { relatedDocuments } from '../search/search.ts'
import { currentWork, keepWork } from '../trace/current.ts'
import type { ServiceContext } from './context.ts'
import { toWire } from './json.ts'
import { accept, Problem } from './problems.ts'

const idSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')
  .regex(/^[^\s\p{Cc}/?#][^\p{Cc}]*$/u, 'must begin with a letter or digit and hold no control characters')

const line = (most: number): z.ZodString =>
  z
    .string()
    .max(most, `must have at most ${most} characters`)
    .regex(/^\P{Cc}*$/u, 'must hold no control characters')

const newDocument = z.strictObject({
  content: z.string().superRefine((content, context) => {
    const problem = contentProblem(content)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  }),
  id: idSchema.optional(),
  title: line(500).min(1, 'must not be empty').optional(),
  source: line(2_000).min(1, 'must not be empty').optional(),
  type: line(100).min(1, 'must not be empty').optional(),
  metadata: z.record(z.string(), z.json()).optional(),
})

/** A text, and all of it: what would be changed in silence on its way is refused. */
function contentProblem(content: string): string | undefined {
  if (content.trim() === '') return 'is empty'
  const zero = content.indexOf('\0')
  if (zero !== -1) return `is not a text: character ${zero} is NUL`
  return content.isWellFormed() ? undefined : 'holds half of a surrogate pair'
}

const whole = (least: number, most: number): z.ZodType<number> =>
  z.coerce.number(`must be a whole number from ${least} to ${most}`).int().min(least).max(most)

export const page = { limit: whole(1, 100).default(20), offset: whole(0, 1_000_000).default(0) }

const states = ['pending', 'running', 'succeeded', 'failed', 'dead'] as const
const listQuery = z.strictObject({ state: z.enum([...states, 'degraded']).optional(), ...page })
const relatedQuery = z.strictObject({ limit: whole(1, 100).default(10) })

type WithId = { Params: { id: string } }

export function documentRoutes(app: FastifyInstance, context: ServiceContext): void {
  const { store, worker } = context
  const { documents, jobs, unfinished } = store

  app.post('/documents', async (request, reply) => {
    if (context.stopping) throw new Problem(503, 'the service is stopping; send it again later')
    const input = accept(newDocument, request.body, 'the document')
    const draft = toDraft({ ...input, origin: originOf() }, Date.now())
    await jobs.enqueue([draft], { maxAttempts: MAX_ATTEMPTS })
    worker.wake()
    const url = statusUrl(draft.id)
    return reply.code(202).header('location', url).send({ id: draft.id, status: 'pending', status_url: url })
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
    if (context.stopping) throw new Problem(503, 'the service is stopping; send it again later')
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
    return reply.code(204).send()
  })

  app.get<WithId>('/documents/:id/related', async (request) => {
    const { limit } = accept(relatedQuery, request.query, 'the query')
    const related = await relatedDocuments(store, request.params.id, limit)
    if (related === undefined) throw unknown(request.params.id)
    return { related: toWire(related) }
  })
}

function originOf(): Origin | undefined {
  const work = currentWork()
  return work && keepWork(work)
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

function statusUrl(id: string): string {
  return `/documents/${encodeURIComponent(id)}/status`
}
