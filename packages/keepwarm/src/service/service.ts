/** A service declared once: a typed client, its health check, its figures by operation, its mock. */
import { HttpClient } from '../client/http-client.ts'
import type { Health } from '../client/health/health.ts'
import type { HttpClientOptions } from '../client/options.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { OperationMetrics } from '../observe/operations.ts'
import type { Operations, ServiceMethods } from './operation.ts'
import { parsePath, pathProblem } from './path.ts'
import { perform } from './perform.ts'
import type { Input, Named } from './request.ts'

export interface ServiceDefinition<O extends Operations> {
  /** For messages and figures, and the name of its client. */
  readonly name: string
  /** What its health check asks for. Default `/health`. */
  readonly healthPath?: string
  readonly operations: O
}

/** What the client of a service has besides the operations. */
export interface ServiceFrame extends AsyncDisposable {
  readonly client: HttpClient
  checkHealth(): Promise<Health>
  /** The figures of each operation that was called, by its name. */
  metrics(): Readonly<Record<string, OperationMetrics>>
}

export type ServiceClient<O extends Operations> = ServiceMethods<O> & ServiceFrame

const frame: ReadonlySet<string> = new Set(['client', 'checkHealth', 'metrics', 'calls', 'then'])
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']

/** Made by {@link defineService}. */
export class Service<const O extends Operations = Operations> {
  readonly name: string
  readonly healthPath: string
  readonly operations: O
  /** @internal */
  readonly named: ReadonlyMap<string, Named>

  constructor({ name, healthPath = '/health', operations }: ServiceDefinition<O>) {
    const problems = Object.entries(operations).flatMap(([key, operation]) =>
      problemsOf(name, key, operation),
    )
    if (problems.length > 0) throw new ConfigError(problems)
    this.name = name
    this.healthPath = healthPath
    this.operations = operations
    const entries = Object.entries(operations).map(([key, operation]) => {
      const named = { label: `${name}.${key}`, operation, template: parsePath(operation.path) }
      return [key, named] as const
    })
    this.named = new Map(entries)
  }

  /**
   * Its operations over a client that is there already, which closes it.
   * @example const api = search.over(clients.search)
   */
  over(client: HttpClient): ServiceClient<O> {
    return this.bound(client, async () => {})
  }

  /**
   * Its operations over a client of its own, closed with it.
   * @throws ConfigError naming every option that is wrong.
   * @example await using api = search.create({ baseUrl: 'http://search:8055' })
   */
  create(options: HttpClientOptions): ServiceClient<O> {
    const client = new HttpClient({ name: this.name, healthPath: this.healthPath, ...options })
    return this.bound(client, () => client.close())
  }

  private bound(client: HttpClient, close: () => Promise<void>): ServiceClient<O> {
    const calls = [...this.named].map(([key, named]) => [
      key,
      (input?: Input) => perform(client, named, input),
    ])
    const own: ServiceFrame = {
      client,
      checkHealth: () => client.checkHealth(),
      metrics: () => this.metricsOf(client),
      [Symbol.asyncDispose]: close,
    }
    return Object.assign(own, Object.fromEntries(calls) as ServiceMethods<O>)
  }

  private metricsOf(client: HttpClient): Record<string, OperationMetrics> {
    const { operations } = client.getMetrics()
    const ours = [...this.named].map(([key, { label }]) => [key, operations[label]] as const)
    return Object.fromEntries(ours.filter(([, figures]) => figures !== undefined)) as Record<
      string,
      OperationMetrics
    >
  }
}

/**
 * Declares a service. Every operation becomes a method whose input and result are typed by its path and its schemas (zod,
 * valibot, arktype, any Standard Schema); what is sent is checked before it is sent, what comes back when it comes.
 *
 * @throws ConfigError naming every operation that cannot be called.
 * @example
 * const search = defineService({
 *   name: 'search',
 *   operations: {
 *     document: { method: 'GET', path: '/documents/{id}', returns: Document },
 *     query: { method: 'POST', path: '/query', json: Query, returns: Hits, idempotent: true, timeout: 2_000 },
 *   },
 * })
 * await using api = search.create({ baseUrl: 'http://search:8055' })
 * const document = await api.document({ params: { id: 7 } })
 */
export function defineService<const O extends Operations>(definition: ServiceDefinition<O>): Service<O> {
  return new Service(definition)
}

function problemsOf(service: string, key: string, operation: Operations[string]): ConfigProblem[] {
  const variable = `${service}.${key}`
  const problems: ConfigProblem[] = []
  if (frame.has(key)) {
    const expected = `another name: ${[...frame].join(', ')} mean something else on a service's client`
    problems.push({ variable, received: `"${key}"`, expected })
  }
  const path = pathProblem(operation.path)
  if (path !== undefined)
    problems.push({ variable: `${variable}.path`, received: JSON.stringify(operation.path), expected: path })
  if (!methods.includes(operation.method))
    problems.push({
      variable: `${variable}.method`,
      received: String(operation.method),
      expected: methods.join(', '),
    })
  if (operation.returns !== undefined && operation.returnsEach !== undefined) {
    const expected = 'either `returns` or `returnsEach`'
    problems.push({ variable, received: 'both', expected })
  }
  return problems
}
