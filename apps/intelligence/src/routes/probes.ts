/** For whoever starts, stops and balances services: is it alive, and may requests be sent to it? */
import type { FastifyInstance } from 'fastify'
import { shownClients, type ServiceContext } from './context.ts'

export interface Readiness {
  readonly ready: boolean
  /** Why not, or what is missing although it is: whoever reads it need not ask further. */
  readonly reasons: readonly string[]
}

/** Asks the store alone; of the upstreams it tells what is known, so that probes are no load for them. */
async function readiness(context: ServiceContext): Promise<Readiness> {
  const broken: string[] = []
  if (context.stopping) broken.push('the service is stopping')
  try {
    await context.store.check()
  } catch {
    broken.push(`the store (${context.store.kind}) cannot be used`)
  }
  const missing = shownClients(context)
    .filter(({ metrics }) => metrics().circuit_breaker_state === 'open')
    .map(({ name }) => `${name} is left alone: its breaker is open`)
  return { ready: broken.length === 0, reasons: [...broken, ...missing] }
}

export function probeRoutes(app: FastifyInstance, context: ServiceContext): void {
  app.get('/health/live', () => ({
    live: true,
    uptime_seconds: Math.round((Date.now() - context.startedAt) / 1_000),
  }))
  app.get('/health/ready', async (_request, reply) => {
    const found = await readiness(context)
    return reply.code(found.ready ? 200 : 503).send(found)
  })
}
