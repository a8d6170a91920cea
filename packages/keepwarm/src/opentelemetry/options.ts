import type { MeterProvider, TextMapPropagator, TracerProvider } from '@opentelemetry/api'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { isObject, namesOf, optionProblems } from '../known-options.ts'
import type { ObservedClients } from '../observe/observe.ts'

/** Metrics that the conventions want to be asked for. */
export type OptInMetric =
  | 'http.client.active_requests'
  | 'http.client.open_connections'
  | 'http.client.connection.duration'
  | 'http.client.request.body.size'
  | 'http.client.response.body.size'

/** Who makes the CLIENT spans and `http.client.request.duration` of requests. */
export type WhoseRequests = 'auto' | 'always' | 'never'

export interface InstrumentOptions {
  /** A client, several, those of `createClients()`, or a function that lists them. */
  readonly clients: ObservedClients
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider
  /** Default: the global one. */
  readonly meterProvider?: MeterProvider
  /** Writes the context of each attempt into its headers. Default: the global one. */
  readonly propagator?: TextMapPropagator
  /** Default true. */
  readonly traces?: boolean
  /** Default true. */
  readonly metrics?: boolean
  /**
   * Whether each attempt has a CLIENT span, and is counted in `http.client.request.duration`. `auto`: not while somebody
   * else, such as `instrumentation-undici`, listens to `undici:request:create` and does the same. Default `auto`.
   */
  readonly requests?: WhoseRequests
  /** Metrics that are off without being asked for. Default: none. */
  readonly optIn?: readonly OptInMetric[]
  /**
   * Names in a query whose values spans do not show, besides the signatures of AWS, Azure and Google that they never show;
   * `all` for every value. Default: none.
   */
  readonly redactQuery?: 'all' | readonly string[]
}

const names = namesOf<InstrumentOptions>({
  clients: true,
  tracerProvider: true,
  meterProvider: true,
  propagator: true,
  traces: true,
  metrics: true,
  requests: true,
  optIn: true,
  redactQuery: true,
})

const optIns: readonly OptInMetric[] = [
  'http.client.active_requests',
  'http.client.open_connections',
  'http.client.connection.duration',
  'http.client.request.body.size',
  'http.client.response.body.size',
]

/** @throws ConfigError naming every option that is wrong. */
export function checkOptions(options: InstrumentOptions): void {
  if (!isObject(options)) {
    const received = options === null ? 'null' : typeof options
    throw new ConfigError([{ variable: 'options', received, expected: 'an object such as { clients }' }])
  }
  const problems = [...optionProblems(options, names), ...valueProblems(options)]
  if (problems.length > 0) throw new ConfigError(problems)
}

function valueProblems({ requests, optIn, redactQuery, ...others }: InstrumentOptions): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const wrong = (variable: string, value: unknown, expected: string): void => {
    problems.push({ variable, received: JSON.stringify(value) ?? typeof value, expected })
  }
  if (requests !== undefined && !['auto', 'always', 'never'].includes(requests))
    wrong('requests', requests, 'auto, always or never')
  for (const metric of listOf(optIn))
    if (!(optIns as readonly unknown[]).includes(metric))
      wrong('optIn', metric, `one of ${optIns.join(', ')}`)
  if (redactQuery !== 'all' && listOf(redactQuery).some((name) => typeof name !== 'string'))
    wrong('redactQuery', redactQuery, "'all', or a list of names")
  for (const name of ['traces', 'metrics'] as const)
    if (others[name] !== undefined && typeof others[name] !== 'boolean')
      wrong(name, others[name], 'true or false')
  return problems
}

/** What is no list is a wrong element of one. */
function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}
