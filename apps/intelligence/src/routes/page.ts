/** The page for people, at the root; programs get a short list of the routes there. */
import { BuiltPage } from '@keepwarm/dashboard/serving'
import type { FastifyInstance } from 'fastify'
import { operations } from '../openapi/operations.ts'
import { wantsPage } from './guard.ts'
import { cookieFor, sessionRoutes } from './session.ts'

const page = new BuiltPage(
  () => import('../built/page.js'),
  'The page is not built: npm run build -w intelligence. The routes are at /openapi.json.',
)

/** @param apiToken what requests have to show; undefined where only this machine can ask */
export function pageRoutes(app: FastifyInstance, apiToken: string | undefined): void {
  sessionRoutes(app, apiToken)
  app.get<{ Querystring: { token?: unknown } }>('/', async (request, reply) => {
    if (!wantsPage(request)) return shortList
    const { token } = request.query
    if (token !== undefined) {
      // A token stays in no address: not in the history, nor in what is copied from it.
      const cookie =
        typeof token === 'string' && apiToken !== undefined ? cookieFor(request, token, apiToken) : undefined
      if (cookie !== undefined) void reply.header('set-cookie', cookie)
      return reply.header('referrer-policy', 'no-referrer').redirect('./', 303)
    }
    reply.raw.setHeader('x-request-id', request.id)
    await page.send(reply.raw)
    return reply.hijack()
  })
}

const shortList = {
  service: 'intelligence',
  routes: Object.fromEntries(operations.map(({ method, path, summary }) => [`${method} ${path}`, summary])),
}
