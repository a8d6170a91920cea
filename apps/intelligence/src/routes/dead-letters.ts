/** Documents that were given up: their reasons are listed with them, and they can be given another chance. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ServiceContext } from './context.ts'
import { refuseWhileStopping } from './documents.ts'
import { accept } from './problems.ts'

export const redriveBody = z.strictObject({
  /** How many at most, the oldest first. */
  limit: z.number().int().min(1).max(10_000).default(1_000),
})

export function deadLetterRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.post('/dead-letters/redrive', async (request, reply) => {
    refuseWhileStopping(context)
    const { limit } = accept(redriveBody, request.body ?? {}, 'the request')
    const redriven = await context.store.jobs.redrive(limit)
    if (redriven > 0) context.worker.wake()
    const { dead } = await context.store.jobs.counts()
    return reply.code(202).send({ redriven, dead })
  })
}
