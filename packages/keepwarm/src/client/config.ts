/** From configuration to clients. */
import { HTTPClientConfig as Settings } from '../config/http-client-config.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { HttpClient } from './http-client.ts'
import type { HttpClientOptions } from './options.ts'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * How a client behaves, settled and checked: from code, from the environment, or both. Durations are milliseconds;
 * docs/configuration.md has the table of options and variables.
 *
 * @example
 * const config = HTTPClientConfig.fromEnv('SEARCH_SERVICE_HTTP_CLIENT')
 * console.log(config.explain()) // every value, and where it came from
 * await using client = config.createClient({ baseUrl: 'http://search:8055' })
 */
export class HTTPClientConfig extends Settings {
  /**
   * A client with these settings. `options` adds what no variable sets, and counts more than the settings.
   * @throws ConfigError naming every option that is wrong.
   */
  createClient(options: HttpClientOptions = {}): HttpClient {
    const { maxConnectionsPerOrigin, ...settings } = this.toClientOptions()
    const chosen =
      this.entries.maxConnectionsPerOrigin.source === 'default' ? {} : { maxConnectionsPerOrigin }
    return new HttpClient({ ...settings, ...chosen, ...options })
  }
}

/**
 * A client as the `HTTP_CLIENT_…` variables say.
 *
 * @throws ConfigError naming every variable that cannot be used.
 * @example await using client = createDefaultClient({ baseUrl: 'http://orders:8080' })
 */
export function createDefaultClient(
  options: HttpClientOptions = {},
  env: Variables = process.env,
): HttpClient {
  return HTTPClientConfig.fromEnv('HTTP_CLIENT', env).createClient(options)
}

/** Clients by name, made together and closed together. */
export type Clients<Name extends string> = Readonly<Record<Name, HttpClient>> & AsyncDisposable

/**
 * Named clients: what is given here counts most, then (for `search-service`) `SEARCH_SERVICE_HTTP_CLIENT_…`, then
 * `HTTP_CLIENT_…`. What is wrong with any of them is reported at once, and then none is made.
 *
 * @throws ConfigError naming every variable and option that is wrong.
 * @example
 * await using clients = createClients({ search: { baseUrl: 'http://search:8055' }, ollama: {} })
 * await clients.search.get('/health').text()
 */
export function createClients<Name extends string>(
  definitions: Readonly<Record<Name, HttpClientOptions>>,
  env: Variables = process.env,
): Clients<Name> {
  const clients = {} as Record<Name, HttpClient>
  const problems: ConfigProblem[] = []
  for (const [name, options] of Object.entries(definitions) as [Name, HttpClientOptions][]) {
    try {
      clients[name] = createNamed(name, options, env)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
    }
  }
  const all = Object.values<HttpClient>(clients)
  if (problems.length > 0) {
    for (const client of all) void client.close()
    throw new ConfigError(problems)
  }
  const close = async (): Promise<void> => void (await Promise.all(all.map((client) => client.close())))
  return Object.defineProperty(clients, Symbol.asyncDispose, { value: close }) as Clients<Name>
}

function createNamed(name: string, options: HttpClientOptions, env: Variables): HttpClient {
  const prefix = `${name.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase()}_HTTP_CLIENT`
  return HTTPClientConfig.fromEnv(prefix, env).createClient({ name, ...options })
}
