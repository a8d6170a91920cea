import {
  createClients,
  type ClientMetrics,
  type ConfigOverrides,
  type Health,
  type HttpClient,
  type HttpClientOptions,
} from 'keepwarm'
import { endpointGroups, shareOut, type GroupShares } from './endpoint-groups.ts'
import { toServiceError, type ErrorTable } from './service-error.ts'

/** Every option of the HttpClient may be given; `pool` shares a pool, which then is not closed with the client. */
export interface ServiceClientOptions extends HttpClientOptions {
  /** Where variables are read that count less than the options here. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What counts less than the variables, in place of what the client has by itself. */
  readonly defaults?: ConfigOverrides
}

/** What a service's client is by itself. */
export interface ServiceTraits {
  /** For figures; its variables begin with it: `langextract` reads `LANGEXTRACT_HTTP_CLIENT_…`. */
  readonly name: string
  /** What counts less than options and variables. */
  readonly defaults: ConfigOverrides
  /** Paths that have lines of their own, so that a health check finds a connection whatever they do. */
  readonly groups: GroupShares
  readonly errors: ErrorTable
}

/** The figures of a service's client, under the original system's names. */
export interface ServiceMetrics extends ClientMetrics {
  /** When health was last asked, ISO 8601; null before the first time. */
  readonly last_health_check: string | null
}

/** What a call may say for itself. */
export interface CallLimits {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the whole call, retries included, in place of the client's. */
  readonly timeout?: number | undefined
}

/** Three attempts in all. */
const common: ConfigOverrides = { retries: 2 }

/** What the four clients share: one HttpClient each, its figures, its health, its end, and errors in their own words. */
export class ServiceClient implements AsyncDisposable {
  /** For whatever the typed methods do not cover. Its errors are keepwarm's own. */
  readonly http: HttpClient
  private readonly errors: ErrorTable
  private lastHealthCheck: string | null = null

  /** @throws ConfigError naming every option and variable that cannot be used */
  constructor({ name, defaults, groups, errors }: ServiceTraits, options: ServiceClientOptions) {
    const { env = process.env, defaults: given = {}, ...own } = options
    // A shared pool has the groups that it was made with.
    const shared = own.pool !== undefined || own.groups !== undefined
    const client = shared ? own : { ...own, groups: endpointGroups(groups) }
    const file = {
      clients: { [name]: { ...common, ...(shared ? callsOnly(defaults) : defaults), ...given } },
    }
    this.http = createClients({ clients: { [name]: client }, file }, env)[name]!
    if (!shared) shareOut(this.http.pool, groups)
    this.errors = errors
  }

  get name(): string {
    return this.http.name
  }

  getMetrics(): ServiceMetrics {
    return { ...this.http.getMetrics(), last_health_check: this.lastHealthCheck }
  }

  resetMetrics(): void {
    this.http.resetMetrics()
  }

  /** Asks the service how it is: 2 s, one attempt, past the breaker. Reads what it says, not only its status. Never rejects. */
  async checkHealth(): Promise<Health> {
    const health = await this.http.checkHealth()
    this.lastHealthCheck = health.last_check
    return health
  }

  /** Lets calls under way finish, then closes its connections; with `timeout` (ms) whatever is left then is ended. */
  close(options?: { timeout?: number }): Promise<void> {
    return this.http.close(options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Whatever the call rejects with becomes the service's own error. */
  protected async ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      throw toServiceError(error, this.name, this.errors)
    }
  }
}

/** Without the limits of a pool, which is somebody else's. */
function callsOnly(defaults: ConfigOverrides): ConfigOverrides {
  const pools: ReadonlySet<string> = new Set(['maxConnections', 'maxIdleConnections'])
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !pools.has(name)))
}

/** The limits that were given, as options of a call; `timeout` is used when none was. */
export function limitsOf(
  limits: CallLimits | undefined,
  timeout?: number,
): { signal?: AbortSignal; timeout?: number } {
  const total = limits?.timeout ?? timeout
  return {
    ...(limits?.signal === undefined ? {} : { signal: limits.signal }),
    ...(total === undefined ? {} : { timeout: total }),
  }
}
