/** Many documents in one request: those that can be used are taken, the others are told with their reasons. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Draft } from '../indexing/draft.ts'
import { takeIn } from '../indexing/intake.ts'
import type { ServiceContext } from './context.ts'
import { newQuery, refuseWhileStopping, statusUrl } from './documents.ts'
import { draftOf, line, newDocument } from './new-document.ts'
import { accept, fieldProblems, Problem, type FieldProblem } from './problems.ts'

export const newBatch = z.strictObject({
  name: line(200).min(1, 'must not be empty').default('batch'),
  documents: z
    .array(z.unknown())
    .min(1, 'must hold at least one document')
    .max(1_000, 'must hold at most 1000 documents; send the rest in another batch'),
})

export interface Rejected {
  /** Its place among those that were sent, from 0. */
  readonly index: number
  readonly errors: readonly FieldProblem[]
}

export function batchRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.post('/documents/batch', async (request, reply) => {
    refuseWhileStopping(context)
    const { force } = accept(newQuery, request.query, 'the query')
    const { name, documents } = accept(newBatch, request.body, 'the batch')
    const batch = { id: randomUUID(), name }
    const { drafts, rejected } = readDrafts(documents, (input) => draftOf(input, context, batch))
    if (drafts.length === 0) {
      throw new Problem(400, 'none of the documents can be used; see rejected', {
        rejected: rejected.slice(0, 20),
      })
    }
    const taken = await takeIn(context, drafts, { force })
    const accepted = drafts.map(({ id }, index) => {
      const status = taken[index] === 'unchanged' ? 'unchanged' : 'pending'
      return { id, status, status_url: statusUrl(id) }
    })
    const url = `/events?batch=${batch.id}`
    return reply.code(202).send({ batch, documents: accepted, rejected, events_url: url })
  })
}

/** Of several with one id the last counts, as if they had come one after another. */
function readDrafts(
  documents: readonly unknown[],
  toDraft: (input: z.output<typeof newDocument>) => Draft,
): { readonly drafts: readonly Draft[]; readonly rejected: readonly Rejected[] } {
  const drafts = new Map<string, Draft>()
  const rejected: Rejected[] = []
  for (const [index, document] of documents.entries()) {
    const read = newDocument.safeParse(document)
    if (!read.success) {
      rejected.push({ index, errors: fieldProblems(read.error) })
      continue
    }
    const draft = toDraft(read.data)
    drafts.set(draft.id, draft)
  }
  return { drafts: [...drafts.values()], rejected }
}
