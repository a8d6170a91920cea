import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import { adjustments, toClientSettings, type ClientSettings } from './client-settings.ts'
import { isDifferent, type ConfigEntry } from './entries.ts'
import { envBlock, explainEntries } from './explain.ts'
import { commonPrefix } from './given.ts'
import type { ConfigOverrides, Environment } from './given.ts'
import { optionRows } from './options-table.ts'
import type { OptionName, OptionValues } from './options-table.ts'
import type { Value } from './read-value.ts'
import type { Resolution } from './resolve.ts'
import { settle, warnOfProcess } from './leniency.ts'
import { surroundings, type Surrounding } from './surroundings.ts'

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
  /** What would have been an error, were it not for `CONFIG_STRICT=false`; the defaults are in its place. */
  readonly warnings: readonly ConfigProblem[]
  readonly #resolution: Resolution
  readonly #from: readonly [ConfigOverrides, Environment | undefined]

  /**
   * @param overrides options in code. Durations are milliseconds or strings with a unit, sizes bytes or strings.
   * @param environment where to read what is not given in code; without it, nothing is read.
   * @param options of a client, what counts most first; they count more than `overrides`.
   * @throws ConfigError naming every problem at once: values that cannot be read, are out of range, or contradict each
   *   other, and names that do not exist.
   */
  constructor(overrides: ConfigOverrides = {}, environment?: Environment, options: readonly object[] = []) {
    const { resolution, warnings } = settle({ options, overrides, environment })
    if (resolution.problems.length > 0) throw new ConfigError(resolution.problems)
    super(resolution.values)
    this.entries = resolution.entries
    this.warnings = warnings
    this.#resolution = resolution
    this.#from = [overrides, environment]
    Object.defineProperty(this, forConsole, { value: () => this.explain() })
    if (warnings.length > 0) (environment?.warn ?? warnOfProcess)(warnings)
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

  /** What differs from the defaults, whoever says so. Credentials are masked. */
  get differences(): Readonly<Partial<Record<OptionName, ConfigEntry>>> {
    return Object.fromEntries(
      optionRows
        .filter(([name, row]) => isDifferent(row, this.entries[name]))
        .map(([name]) => [name, this.entries[name]]),
    )
  }

  /** Proxies and certificates that the environment names for every program, and whether they apply here. */
  surroundings(
    variables: Readonly<Record<string, string | undefined>> = process.env,
  ): readonly Surrounding[] {
    return surroundings(variables, this)
  }

  /** A table of every option, its value and where it came from, and of what else applies; without credentials. */
  explain(): string {
    const around = this.surroundings().map(
      ({ variable, value, applies, note }) =>
        [variable, value, `${applies ? 'applies' : 'does not apply'}: ${note}`] as const,
    )
    return explainEntries(this.entries, around)
  }

  /**
   * What was given, as a block of variables that says it again, for a file such as `.env`. What holds credentials is
   * there as a comment, and masked.
   */
  toEnv(prefix: string = this.#from[1]?.prefix ?? commonPrefix): string {
    return envBlock(this.entries, prefix)
  }

  /**
   * The options of a client. What nobody gave is absent: the client and the servers know better. Files of certificates
   * are there with their contents.
   */
  toClientOptions(): ClientSettings {
    return toClientSettings(this.#resolution)
  }

  /** What had to be adjusted to something else, by its place among a client's options. */
  protected get adjusted(): readonly (readonly [option: string, value: unknown])[] {
    return adjustments(this.#resolution)
  }

  /** The values without credentials, so that a configuration can be logged. A limit that is off is `none`. */
  toJSON(): Record<string, Value | undefined> {
    return Object.fromEntries(optionRows.map(([name]) => [name, this.entries[name].value]))
  }

  /** What it was made of, for a client's options on top. */
  protected get from(): readonly [ConfigOverrides, Environment | undefined] {
    return this.#from
  }
}
