import type { ConnectionPoolOptions } from '../pool/options.ts'
import type { HttpClientOptions } from './options.ts'

/**
 * The options of a client's own pool. A client of one upstream may use its whole pool for it. undici's coarse timers
 * are off, the exchange keeps the time. The pool need not know what the client sends, credentials least of all.
 */
export function poolOptions(options: HttpClientOptions): ConnectionPoolOptions {
  const { headers: _headers, baseUrl, maxConnections = 100, ...others } = options
  return {
    ...others,
    maxConnections,
    maxConnectionsPerOrigin: options.maxConnectionsPerOrigin ?? (baseUrl === undefined ? 20 : maxConnections),
    client: { headersTimeout: 0, bodyTimeout: 0 },
  }
}
