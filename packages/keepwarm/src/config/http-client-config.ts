import { ConfigError } from '../errors.ts'
import { explainEntries } from './explain.ts'
import { commonPrefix } from './given.ts'
import type { ConfigOverrides, Environment } from './given.ts'
import { optionRows } from './options-table.ts'
import type { OptionName, OptionValues } from './options-table.ts'
import { resolveOptions } from './resolve.ts'
import type { ConfigEntry } from './resolve.ts'

/**
 * A configuration in the shape that `new HttpClient()` takes. What is absent was not given, and the client or the
 * servers know better.
 */
export interface ClientSettings {
  readonly baseUrl?: string
  readonly healthPath: string
  readonly timeout: number
  readonly headersTimeout?: number
  readonly writeTimeout: number
  readonly bodyIdleTimeout: number
  readonly maxResponseBytes: number
  readonly maxConnections: number
  readonly maxConnectionsPerOrigin: number
  readonly maxIdleConnections: number
  readonly maxQueue: number
  readonly acquireTimeout: number
  readonly connectTimeout: number
  readonly idleTimeout?: number
  readonly maxConnectionAge: number
  readonly maxRequestsPerConnection?: number
  readonly retry: {
    /** The first one included. */
    readonly attempts: number
    readonly base: number
    readonly multiplier: number
    readonly cap: number
  }
}

/** What `console.log` calls, so that it shows no credentials either. */
const forConsole = Symbol.for('nodejs.util.inspect.custom')

class Fields {
  constructor(values: OptionValues) {
    Object.assign(this, values)
  }
}

/** The options of the table are fields. Durations are milliseconds, sizes bytes. */
const OptionFields: new (values: OptionValues) => OptionValues = Fields as new (
  values: OptionValues,
) => OptionValues

/**
 * How a client behaves, settled and checked. Every option is a field; docs/configuration.md has the table.
 *
 * @example
 * const config = HTTPClientConfig.fromEnv('SEARCH_SERVICE_HTTP_CLIENT', process.env, { timeout: '60s' })
 * config.maxConnections // 50, from SEARCH_SERVICE_HTTP_CLIENT_MAX_CONNECTIONS
 * console.log(config.explain())
 */
export class HTTPClientConfig extends OptionFields {
  /** Where each value came from. For people: credentials are masked here. */
  readonly entries: Readonly<Record<OptionName, ConfigEntry>>

  /**
   * @param overrides options in code. Durations are milliseconds or strings with a unit, sizes bytes or strings.
   * @param environment where to read what is not given in code; without it, nothing is read.
   * @throws ConfigError naming every problem at once: values that cannot be read, are out of range, or contradict each
   *   other, and names that do not exist.
   */
  constructor(overrides: ConfigOverrides = {}, environment?: Environment) {
    const { resolution, problems } = resolveOptions(overrides, environment)
    if (problems.length > 0) throw new ConfigError(problems)
    super(resolution.values)
    this.entries = resolution.entries
    Object.defineProperty(this, forConsole, { value: () => this.explain() })
  }

  /**
   * Reads the environment. What counts most comes first: `overrides`, `<prefix>_…`, `HTTP_CLIENT_…`, the default. A
   * variable that is empty is not there. A bare number is seconds where a duration is meant.
   *
   * @throws ConfigError naming every problem at once.
   * @example HTTPClientConfig.fromEnv('SEARCH_SERVICE_HTTP_CLIENT')
   */
  static fromEnv<Config extends HTTPClientConfig>(
    this: new (overrides?: ConfigOverrides, environment?: Environment) => Config,
    prefix: string = commonPrefix,
    env: Readonly<Record<string, string | undefined>> = process.env,
    overrides: ConfigOverrides = {},
  ): Config {
    return new this(overrides, { prefix, variables: env })
  }

  /** A table of every option, its value and where it came from, without credentials. */
  explain(): string {
    return explainEntries(this.entries)
  }

  /**
   * The options of a client. Absent are an `idleTimeout` and a `headersTimeout` that nobody gave: the pool learns the
   * one from the servers, and the other is then whatever time the call has left.
   */
  toClientOptions(): ClientSettings {
    const { entries, baseUrl, headersTimeout, idleTimeout, maxRequestsPerConnection } = this
    return {
      ...(baseUrl !== undefined && { baseUrl }),
      healthPath: this.healthPath,
      timeout: this.timeout,
      ...(entries.headersTimeout.source !== 'default' && { headersTimeout }),
      writeTimeout: this.writeTimeout,
      bodyIdleTimeout: this.bodyIdleTimeout,
      maxResponseBytes: this.maxResponseBytes,
      maxConnections: this.maxConnections,
      maxConnectionsPerOrigin: this.maxConnectionsPerOrigin,
      maxIdleConnections: this.maxIdleConnections,
      maxQueue: this.maxQueue,
      acquireTimeout: this.acquireTimeout,
      connectTimeout: this.connectTimeout,
      ...(entries.idleTimeout.source !== 'default' && { idleTimeout }),
      maxConnectionAge: this.maxConnectionAge,
      ...(maxRequestsPerConnection > 0 && { maxRequestsPerConnection }),
      retry: {
        attempts: this.retries + 1,
        base: this.backoffBase,
        multiplier: this.backoffMultiplier,
        cap: this.backoffCap,
      },
    }
  }

  /** The values without credentials, so that a configuration can be logged. */
  toJSON(): Record<string, number | string | undefined> {
    return Object.fromEntries(optionRows.map(([name]) => [name, this.entries[name].value]))
  }
}
