/** From configuration to a client. */
import type { ConfigOverrides, Environment } from '../config/given.ts'
import { HTTPClientConfig as Settings } from '../config/http-client-config.ts'
import { put } from '../config/option-path.ts'
import { optionRows } from '../config/options-table.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { rememberEnvPrefix } from './env-prefix.ts'
import { HttpClient } from './http-client.ts'
import { mergeOptions } from './named/merge-options.ts'
import type { HttpClientOptions } from './options.ts'
import { uselessSettings } from './named/shared-pool-problems.ts'

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
   * A client with these settings. `options` adds what no variable sets, and counts more than the settings, part by part.
   * @throws ConfigError naming every option that is wrong.
   */
  createClient(options: HttpClientOptions = {}): HttpClient {
    // A text would be taken for an option for each of its letters; the client says it in a line.
    if (typeof options !== 'object' || options === null) return new HttpClient(options)
    const whole = this.withOptions(options)
    const useless = options.pool === undefined ? [] : uselessSettings(whole, whole.from[1]?.prefix ?? '')
    if (useless.length > 0) throw new ConfigError(useless)
    const client = whole.told(() => new HttpClient(whole.over(options)))
    return rememberEnvPrefix(client, whole.from[1]?.prefix)
  }

  /**
   * The same configuration with a client's options on top, so that `explain()` knows them, too.
   * @throws ConfigError naming what contradicts what was given.
   */
  withOptions(options: HttpClientOptions): HTTPClientConfig {
    const [overrides, environment] = this.from
    // What was left out has been told of.
    return new HTTPClientConfig(overrides, environment && { ...environment, warn: () => {} }, [options])
  }

  /** These settings as a client takes them, with `options` on top, of which they were made. */
  over(options: HttpClientOptions): HttpClientOptions {
    const merged: Record<string, unknown> = { ...mergeOptions(this.toClientOptions(), options) }
    for (const [option, value] of this.adjusted) put(merged, option, value)
    return merged
  }

  /**
   * What a client finds wrong with an option that came from a variable or a file is told with that.
   * @throws ConfigError
   */
  told<Result>(make: () => Result): Result {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      throw new ConfigError(error.problems.map((problem) => this.sourceOf(problem)))
    }
  }

  private sourceOf(problem: ConfigProblem): ConfigProblem {
    const row = optionRows.find(([, { option }]) => option === problem.variable)
    if (row === undefined) return problem
    const { source, variable, place } = this.entries[row[0]]
    const written = variable ?? place
    if (written === undefined || source === 'default') return problem
    const { fix: _, ...others } = problem
    return { ...others, variable: written, option: row[0], source }
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

/** A configuration from all there is. */
export function configOf(environment: Environment, options: readonly HttpClientOptions[]): HTTPClientConfig {
  const none: ConfigOverrides = {}
  return new HTTPClientConfig(none, environment, options)
}
