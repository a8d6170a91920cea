import { poolOptionNames, type ConnectionPoolOptions } from '../pool/options.ts'
import type { HttpClientOptions } from './options.ts'

/**
 * The options of a client's own pool. A client of one upstream may use its whole pool for it. undici's coarse timers
 * are off, the exchange keeps the time. The pool is told its own options alone: it need not know what the client sends,
 * credentials least of all.
 */
export function poolOptions(options: HttpClientOptions): ConnectionPoolOptions {
  const { baseUrl, maxConnections = 100 } = options
  const own = Object.entries(options).filter(([name]) => poolOptionNames.has(name))
  return {
    ...Object.fromEntries(own),
    maxConnections,
    maxConnectionsPerOrigin: options.maxConnectionsPerOrigin ?? (baseUrl === undefined ? 20 : maxConnections),
    client: { headersTimeout: 0, bodyTimeout: 0 },
  }
}
