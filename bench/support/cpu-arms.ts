/** The ways to get a small text over a pool that is already warm. */
import { ConnectionPool, HttpClient } from 'keepwarm'
import { fetch, Pool, request, type Dispatcher } from 'undici'
import { dispatchText } from './dispatch-text.ts'

export interface Getter {
  get(): Promise<string>
  close(): Promise<void>
}

type Opener = (origin: string, connections: number) => Getter

export const cpuArms = {
  'undici Pool.dispatch': over(undiciPool, dispatchText),
  'keepwarm ConnectionPool.dispatch': over(keepwarmPool, dispatchText),
  'keepwarm client.get().text()': over(client, (own) => own.get('/').text()),
  'undici.request on undici Pool': over(undiciPool, requestText),
  'undici.request on ConnectionPool': over(keepwarmPool, requestText),
  'undici fetch on undici Pool': over(undiciPool, async (dispatcher, origin) => {
    const response = await fetch(`${origin}/`, { dispatcher })
    return await response.text()
  }),
  'keepwarm client.fetch': over(client, async (own, origin) => (await own.fetch(`${origin}/`)).text()),
} as const satisfies Record<string, Opener>

export type CpuArm = keyof typeof cpuArms

function over<D extends { close(): Promise<void> }>(
  open: (origin: string, connections: number) => D,
  get: (dispatcher: D, origin: string) => Promise<string>,
): Opener {
  return (origin, connections) => {
    const dispatcher = open(origin, connections)
    return { get: () => get(dispatcher, origin), close: () => dispatcher.close() }
  }
}

function undiciPool(origin: string, connections: number): Pool {
  return new Pool(origin, { connections })
}

/** As many connections as the load wants, so that both pools hold the same number. */
function limits(connections: number): { [limit: string]: number } {
  return {
    maxConnections: connections,
    maxConnectionsPerOrigin: connections,
    maxIdleConnections: connections,
    maxQueue: connections,
  }
}

function keepwarmPool(_origin: string, connections: number): ConnectionPool {
  return new ConnectionPool(limits(connections))
}

/** With everything on: deadlines, retries, breaker, figures. */
function client(origin: string, connections: number): HttpClient {
  return new HttpClient({ baseUrl: origin, ...limits(connections) })
}

async function requestText(dispatcher: Dispatcher, origin: string): Promise<string> {
  const { body } = await request(`${origin}/`, { dispatcher })
  return body.text()
}
