/** Where finished documents arrive: from this process's own pipeline, or from another machine that has the token. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  DELIVERY_LIMIT,
  DELIVERY_PATH,
  deliverySchema,
  fromDelivery,
  type Delivered,
} from '../indexing/delivery.ts'
import type { Replaced } from '../store/documents.ts'
import type { ServiceContext } from './context.ts'
import { showsToken } from './guard.ts'
import { accept, Problem } from './problems.ts'

export function vectorizeRoutes(app: FastifyInstance, context: ServiceContext): void {
  const { documents, jobs } = context.store
  const options = {
    bodyLimit: DELIVERY_LIMIT,
    // Before the body is read.
    onRequest: async (request: FastifyRequest) => {
      const trusted = !context.guarded && isLoopback(request.socket.remoteAddress)
      if (!trusted && !showsToken(request, context.token)) {
        throw new Problem(
          403,
          `${DELIVERY_PATH} takes documents from this machine, or with SEARCH_SERVICE_TOKEN`,
        )
      }
    },
  }
  app.post(DELIVERY_PATH, options, async (request): Promise<Delivered & object> => {
    const delivery = accept(deliverySchema, request.body, 'the delivery')
    const document = fromDelivery(delivery)
    const dimension = document.chunks.find(({ vector }) => vector !== null)?.vector?.length ?? 0
    if (delivery.job === undefined) return told('stored', await documents.replace(document), dimension)
    const { job } = delivery
    // The job ends with the storing, and only for the lease that still holds: a document is stored once, and one that
    // was removed meanwhile does not come back.
    const chunks = document.chunks.length
    const vectors = document.chunks.filter(({ vector }) => vector !== null).length
    const { outcome, replaced } = await jobs.complete(job, {
      document,
      degraded: delivery.degraded.length > 0,
      stages: [{ stage: 'deliver', state: 'succeeded', detail: { chunks, vectors } }],
    })
    if (outcome === 'lost' || replaced === undefined) {
      throw new Problem(409, `the job of ${document.id} is another's by now, or the document was removed`)
    }
    return told(outcome, replaced, dimension)
  })
}

function told(
  outcome: Delivered['outcome'],
  { chunks, vectors, ...rest }: Replaced,
  dimension: number,
): Delivered {
  return {
    success: true,
    outcome,
    ...rest,
    embedding_dimension: dimension,
    total_chunks: chunks,
    indexed_chunks: vectors,
    failed_chunks: chunks - vectors,
  }
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address)
}
