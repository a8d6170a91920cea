/** For operators: the dashboard, the figures for Prometheus, and what is wrong in words. */
import { dashboard } from '@keepwarm/dashboard'
import type { FastifyInstance } from 'fastify'
import { diagnosisText, observe } from 'keepwarm'
import { shownClients, type ServiceContext } from './context.ts'

export const DASHBOARD_PATH = '/dashboard'

const NAME = 'intelligence-service'

/**
 * @param token what whoever looks from elsewhere has to show; the dashboard asks for it itself, as a browser cannot send it
 *   in a header.
 */
export function watchRoutes(
  app: FastifyInstance,
  context: ServiceContext,
  { apiToken }: { readonly apiToken: string | undefined },
): void {
  const clients = shownClients(context).map(({ http }) => http)
  const board = dashboard(clients, { name: NAME, ...(apiToken !== undefined && { token: apiToken }) })
  const observed = observe(clients, { name: NAME })
  app.register(board.fastify, { prefix: DASHBOARD_PATH })
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(observed.prometheus()),
  )
  app.get('/diagnose', async ({ headers }, reply) => {
    const verdicts = observed.diagnose()
    if (headers.accept?.startsWith('text/plain') !== true) return verdicts
    return reply.type('text/plain; charset=utf-8').send(diagnosisText(verdicts))
  })
  // Whoever watches has a request that does not end by itself.
  app.addHook('preClose', async () => {
    await board.close()
    observed[Symbol.dispose]()
  })
}
