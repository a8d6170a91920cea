/** A dashboard of clients: watched by keepwarm's own `observe()`. */
import { HttpClient, observe, type Observed, type ObservedClients } from 'keepwarm'
import { makeDashboard, type Dashboard } from './dashboard.ts'
import { resolveSettings, type DashboardOptions } from './options.ts'

/**
 * A live dashboard of a client, of several, or of what `createClients()` returned. Only this machine may look, and nothing
 * can be changed, unless {@link DashboardOptions} say otherwise. While nobody looks it does nothing.
 *
 * @throws ConfigError naming every option that is wrong, or when it is given something else than clients
 * @example
 * createServer(dashboard(clients).handle).listen(9_090, '127.0.0.1')
 * @example
 * app.use('/dashboard', dashboard(clients).handle) // Express
 * await fastify.register(dashboard(clients).fastify, { prefix: '/dashboard' })
 * const { url } = await dashboard(clients).listen()
 */
export function dashboard(clients: ObservedClients, options: DashboardOptions = {}): Dashboard {
  const { name, runtime } = resolveSettings(options)
  const observed: Observed = observe(clients, { runtime, ...(name !== undefined && { name }) })
  const find = (wanted: string): HttpClient | undefined =>
    listOf(clients).find((client) => client.name === wanted && !client.closed)
  return makeDashboard({ observed, find, mayGrow: typeof clients === 'function' }, options)
}

/** Those that can be changed by hand. */
function listOf(clients: ObservedClients): HttpClient[] {
  if (typeof clients === 'function') return listOf(clients())
  if (clients instanceof HttpClient) return [clients]
  const list: unknown[] = Symbol.iterator in clients ? [...clients] : Object.values(clients)
  return list.filter((one) => one instanceof HttpClient)
}
