/** Who makes the calls of the chaos: two clients, each over a pool that is used without it as well. */
import { readFileSync } from 'node:fs'
import { ConnectionPool, HttpClient, type ConnectionPoolOptions } from 'keepwarm'
import type { Dispatcher } from 'undici'
import { fetchTimeout } from './chaos-choose.ts'

export interface ChaosClients {
  readonly clients: readonly HttpClient[]
  readonly pools: readonly ConnectionPool[]
}

const pem = (name: string): Buffer => readFileSync(new URL(`test-only-${name}.pem`, import.meta.url))

/** Trusted, all three: what is wrong with two of them is their date and their name. */
const connect = { ca: [pem('cert'), pem('expired-cert'), pem('other-name-cert')] }

/** Everything comes to an end soon, so that every ending is met. */
export const narrow = {
  maxConnections: 24,
  maxConnectionsPerOrigin: 5,
  maxIdleConnections: 6,
  maxQueue: 8,
  acquireTimeout: 300,
  connectTimeout: 250,
  idleTimeout: 150,
  idleGrace: 30,
  maxConnectionAge: 1_500,
  maxRequestsPerConnection: 40,
} as const satisfies ConnectionPoolOptions

const wide: ConnectionPoolOptions = { maxConnections: 100, connectTimeout: 500 }

/** `dispatched` is told of every attempt by the path of its request. */
export function openClients(dispatched: (path: string) => void): ChaosClients {
  const pools = [narrow, wide].map((limits) => new ToldPool({ ...limits, connect }, dispatched))
  const [first, second] = [pools[0]!, pools[1]!]
  const usual = new HttpClient({ name: 'usual', pool: first, timeout: fetchTimeout })
  const stubborn = new HttpClient({
    name: 'stubborn',
    pool: second,
    timeout: fetchTimeout,
    breaker: false,
    budget: { start: 100, perSuccess: 1 },
    retry: { attempts: 5, base: 10 },
  })
  return { clients: [usual, stubborn], pools }
}

class ToldPool extends ConnectionPool {
  private readonly dispatched: (path: string) => void

  constructor(options: ConnectionPoolOptions, dispatched: (path: string) => void) {
    super(options)
    this.dispatched = dispatched
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.dispatched(options.path)
    return super.dispatch(options, handler)
  }
}
