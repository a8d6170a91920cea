/** The service tells what it can be asked: the whole in OpenAPI, the short form at the root. */
import type { FastifyInstance } from 'fastify'
import { openApiDocument } from '../openapi/document.ts'
import { operations } from '../openapi/operations.ts'
import type { ServiceContext } from './context.ts'

export function describeRoutes(app: FastifyInstance, { guarded }: ServiceContext): void {
  const document = openApiDocument({ guarded })
  app.get('/openapi.json', () => document)
  app.get('/', () => ({
    service: 'intelligence',
    routes: Object.fromEntries(operations.map(({ method, path, summary }) => [`${method} ${path}`, summary])),
  }))
}
