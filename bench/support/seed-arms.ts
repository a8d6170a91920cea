/** The four ways to call the upstreams that are compared. */
import { HttpClient } from 'keepwarm'
import { Agent, request } from 'undici'
import { paths, type Origins, type Upstream } from './documents.ts'

export const arms = ['new client', 'new connection', 'pooled', 'undici Agent'] as const
export type ArmName = (typeof arms)[number]

export interface Limits {
  readonly maxConnections: number
  readonly maxIdleConnections: number
}

/** What a run has open. */
export interface Caller {
  post(upstream: Upstream, json: object): Promise<unknown>
  close(): Promise<unknown>
}

/** Each arm begins every run with nothing open, so that it pays for the connections it needs. */
export const openers: Readonly<Record<ArmName, (origins: Origins, limits: Limits) => Caller>> = {
  'new client': clientPerRequest,
  'new connection': (origins, limits) => oneClient(origins, limits, { maxRequestsPerConnection: 1 }),
  pooled: (origins, limits) => oneClient(origins, limits, {}),
  'undici Agent': undiciAgent,
}

function clientPerRequest(origins: Origins, limits: Limits): Caller {
  return {
    post: async (upstream, json) => {
      await using client = new HttpClient({ baseUrl: origins[upstream], ...limits })
      return await client.post(paths[upstream], { json }).json()
    },
    close: async () => {},
  }
}

/** One client per upstream, as the service has them. */
function oneClient(origins: Origins, limits: Limits, more: { maxRequestsPerConnection?: number }): Caller {
  const open = (upstream: Upstream): HttpClient =>
    new HttpClient({ baseUrl: origins[upstream], ...limits, ...more })
  const clients = { embed: open('embed'), analyse: open('analyse'), store: open('store') }
  return {
    post: (upstream, json) => clients[upstream].post(paths[upstream], { json }).json(),
    close: () => Promise.all(Object.values(clients).map((client) => client.close())),
  }
}

/** undici's own pools, one per origin; they have no limit for idle connections. */
function undiciAgent(origins: Origins, { maxConnections }: Limits): Caller {
  const dispatcher = new Agent({ connections: maxConnections })
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  return {
    post: async (upstream, json) => {
      const url = origins[upstream] + paths[upstream]
      const options = { method: 'POST', headers, body: JSON.stringify(json), dispatcher } as const
      const { statusCode, body } = await request(url, options)
      if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`)
      return body.json()
    },
    close: () => dispatcher.close(),
  }
}
