/** The ways to get a small text over a pool that is already warm. */
import { ConnectionPool, HttpClient } from 'keepwarm'
import { Dispatcher1Wrapper, fetch as undiciFetch, Pool, request, type Dispatcher } from 'undici'
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
    const response = await undiciFetch(`${origin}/`, { dispatcher })
    return await response.text()
  }),
  "Node's fetch on undici Pool": over(undiciPool, async (dispatcher, origin) => {
    // Node's types know no dispatcher; its fetch takes one, in the dialect of its own undici.
    const response = await fetch(`${origin}/`, {
      dispatcher: inDialect(dispatcher),
    } as unknown as RequestInit)
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

/** undici 8 and its handlers came with Node 26; before, a dispatcher has to be wrapped, as its documentation says. */
function inDialect(dispatcher: Dispatcher): Dispatcher {
  return Number(process.versions.node.split('.', 1)[0]) >= 26 ? dispatcher : wrapped(dispatcher)
}

const wrappers = new WeakMap<Dispatcher, Dispatcher>()

function wrapped(dispatcher: Dispatcher): Dispatcher {
  const known = wrappers.get(dispatcher) ?? new Dispatcher1Wrapper(dispatcher)
  wrappers.set(dispatcher, known)
  return known
}

async function requestText(dispatcher: Dispatcher, origin: string): Promise<string> {
  const { body } = await request(`${origin}/`, { dispatcher })
  return body.text()
}
