/** How the service is: itself, each upstream by name, and the figures of each client. */
import type { FastifyInstance } from 'fastify'
import type { Health } from 'keepwarm'
import type { UpstreamName } from '../upstreams/index.ts'
import { shownClients, type ServiceContext } from './context.ts'

/** What is answered for a while without asking the upstreams again, in ms. */
const HEALTH_AGE = 1_000

export interface UpstreamHealth extends Health {
  readonly url: string
  readonly stand_in: boolean
}

export interface ServiceHealth {
  /** `degraded`: everything is accepted and words are found, but what the named upstreams do is missing for now. */
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  /** The process answers; what else it can do, `status` says. */
  readonly live: true
  readonly degraded: readonly string[]
  readonly upstreams: Readonly<Record<UpstreamName, UpstreamHealth>>
  readonly store: { readonly healthy: boolean; readonly vectors: string }
  readonly documents: object
  readonly stopping: boolean
  readonly uptime_seconds: number
}

/** Asks all upstreams at once. */
export async function checkHealth(context: ServiceContext): Promise<ServiceHealth> {
  const { clients, upstreams, stopping } = context
  const checks = {
    ollama: clients.extractor,
    langextract: clients.langextract,
    bridge: clients.freshness,
    coordinator: clients.coordinator,
  }
  const answers = await Promise.all(
    upstreams.map(async ({ name, url, standIn }) => {
      return [name, { url, stand_in: standIn !== undefined, ...(await checks[name].checkHealth()) }] as const
    }),
  )
  const unwell = answers.filter(([, { healthy }]) => !healthy).map(([name]) => name)
  const store = await checkStore(context)
  const broken = !store.healthy || stopping || unwell.length === answers.length
  return {
    status: broken ? 'unhealthy' : unwell.length > 0 ? 'degraded' : 'healthy',
    live: true,
    degraded: unwell,
    upstreams: Object.fromEntries(answers) as Record<UpstreamName, UpstreamHealth>,
    store: { healthy: store.healthy, vectors: context.store.vectors.kind },
    documents: store.documents,
    stopping,
    uptime_seconds: Math.round((Date.now() - context.startedAt) / 1_000),
  }
}

async function checkStore({ store }: ServiceContext): Promise<{ healthy: boolean; documents: object }> {
  try {
    const [counts, lacking] = await Promise.all([store.jobs.counts(), store.unfinished.count()])
    return { healthy: true, documents: { ...counts, degraded: lacking.documents } }
  } catch {
    return { healthy: false, documents: {} }
  }
}

export function statusRoutes(app: FastifyInstance, context: ServiceContext): void {
  let asked: { readonly at: number; readonly health: Promise<ServiceHealth> } | undefined
  app.get('/health', async (_request, reply) => {
    const now = Date.now()
    if (asked === undefined || now - asked.at > HEALTH_AGE) asked = { at: now, health: checkHealth(context) }
    const health = await asked.health
    return reply.code(health.status === 'unhealthy' ? 503 : 200).send(health)
  })

  app.get('/clients', () => ({
    clients: shownClients(context).map(({ name, upstream, metrics, pool }) => ({
      name,
      url: upstream?.url ?? null,
      metrics: metrics(),
      pool: pool(),
      // What the other side counted at its own sockets; only a stand-in can be asked.
      server:
        upstream?.standIn === undefined
          ? null
          : { connections_opened: upstream.standIn.connections.opened, requests: upstream.standIn.requests },
    })),
  }))
}
