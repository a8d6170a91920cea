import { HTTPClientConfig, type HttpClient, type HttpClientOptions } from 'keepwarm'

export interface SearchServiceClientOptions {
  /** Milliseconds for a whole call, in place of what the environment says. */
  readonly timeout?: number
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Options of the HttpClient that no variable sets. */
  readonly client?: HttpClientOptions
}

/**
 * The application's shared client, as the environment configures it: `SEARCH_SERVICE_HTTP_CLIENT_…` counts most, then
 * `HTTP_CLIENT_…`, then the defaults.
 *
 * @throws ConfigError naming every variable that cannot be used
 * @example await using client = createSearchServiceClient({ timeout: 30_000 })
 */
export function createSearchServiceClient(options: SearchServiceClientOptions = {}): HttpClient {
  const { timeout, env = process.env, client } = options
  const config = HTTPClientConfig.fromEnv('SEARCH_SERVICE_HTTP_CLIENT', env, { timeout })
  return config.createClient({ name: 'search-service', ...client })
}
