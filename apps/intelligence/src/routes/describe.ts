/** The service tells what it can be asked. */
import type { FastifyInstance } from 'fastify'
import { openApiDocument } from '../openapi/document.ts'
import type { ServiceContext } from './context.ts'

export function describeRoutes(app: FastifyInstance, { guarded }: ServiceContext): void {
  const document = openApiDocument({ guarded })
  app.get('/openapi.json', () => document)
}
