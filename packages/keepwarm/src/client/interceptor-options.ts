/** What the interceptor may be told: what a client may, without what concerns connections and where paths lead. */
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { isObject, namesOf, optionProblems } from '../known-options.ts'
import { groupProblems, type EndpointGroups } from '../pool/groups.ts'
import type { Runtime } from '../runtime.ts'
import { clientOptionProblems } from './known-options.ts'
import { clientLimitProblems } from './limit-problems.ts'
import type { HttpClientOptions, TimeoutOptions } from './options.ts'

type Policies =
  | 'retry'
  | 'budget'
  | 'breaker'
  | 'hedge'
  | 'resilience'
  | 'attemptFloor'
  | 'deadlineHeader'
  | 'maxResponseBytes'

/** Paths of an origin that are guarded by themselves. */
export interface GuardedPaths {
  /** Whole paths without their query; `*` stands for anything: `/api/generate`, `/workflows/*`. */
  readonly paths: readonly string[]
  /** The origin that has them. Default: any. */
  readonly origin?: string | URL
}

/** Options of {@link resilience}. Their meaning and their defaults are those of an `HttpClient`. */
export interface ResilienceOptions extends TimeoutOptions, Pick<HttpClientOptions, Policies> {
  /** Paths that have a breaker and a budget of their own, by a name for them. Default: one for each origin. */
  readonly groups?: Readonly<Record<string, GuardedPaths>>
  /** The clock, the timers and chance; for tests. Default: the machine's. */
  readonly runtime?: Runtime
}

const names = namesOf<ResilienceOptions>({
  timeout: true,
  attemptTimeout: true,
  headersTimeout: true,
  writeTimeout: true,
  bodyIdleTimeout: true,
  retry: true,
  budget: true,
  breaker: true,
  hedge: true,
  resilience: true,
  attemptFloor: true,
  deadlineHeader: true,
  maxResponseBytes: true,
  groups: true,
  runtime: true,
})

const groupNames = namesOf<GuardedPaths>({ paths: true, origin: true })

/**
 * The options as a client would have them.
 * @throws ConfigError naming every option that is unknown or wrong.
 */
export function asClientOptions(options: ResilienceOptions): HttpClientOptions {
  const unknown = optionProblems(options, names)
  if (!isObject(options)) throw new ConfigError(unknown)
  const { groups, ...known } = Object.fromEntries(
    Object.entries(options).filter(([name]) => names.has(name)),
  ) as ResilienceOptions
  const problems = [
    ...unknown,
    ...clientOptionProblems(known),
    ...clientLimitProblems(known),
    ...pathProblems(groups),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  return groups === undefined ? known : { ...known, groups: unlimited(groups) }
}

function pathProblems(groups: unknown): ConfigProblem[] {
  if (!isObject(groups)) return groupProblems(groups)
  return Object.entries(groups).flatMap(([name, group]) => [
    ...optionProblems(group, groupNames, `groups.${name}`),
    ...(isObject(group) ? groupProblems(unlimited({ [name]: known(group) })) : []),
  ])
}

function known({ paths, origin }: Readonly<Record<string, unknown>>): GuardedPaths {
  return { paths, ...(origin !== undefined && { origin }) } as GuardedPaths
}

/** Connections, and who may have one, are the dispatcher's affair. */
function unlimited(groups: Readonly<Record<string, GuardedPaths>>): EndpointGroups {
  return Object.fromEntries(
    Object.entries(groups).map(([name, group]) => [name, { ...group, maxInFlight: Infinity }]),
  )
}
