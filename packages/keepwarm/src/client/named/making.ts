/** From definitions, variables and a file to clients: what is wrong is gathered, and then nothing is made. */
import { commonPrefix, type Environment } from '../../config/given.ts'
import { isStrict } from '../../config/strict.ts'
import { warnOfProcess } from '../../config/leniency.ts'
import { refuseNoEnvironment } from '../../config/environment-check.ts'
import { strayPrefixes } from '../../config/unknown-names.ts'
import { ConfigError, KeepwarmError, type ConfigProblem } from '../../errors.ts'
import { poolOptionNames } from '../../pool/options.ts'
import { ConnectionPool } from '../../pool/pool.ts'
import { partsFor, readClientsFile, type ReadFile } from './file.ts'
import { configOf, type HTTPClientConfig } from '../config.ts'
import { rememberEnvPrefix } from '../env-prefix.ts'
import { HttpClient } from '../http-client.ts'
import { mergeOptions } from './merge-options.ts'
import { readDefinitions, type ClientDefinitions, type Definition } from './definitions.ts'
import { prefixOf } from './prefixes.ts'
import type { HttpClientOptions } from '../options.ts'
import { resolvePlan } from '../plan.ts'
import { uselessOptions, uselessSettings } from './shared-pool-problems.ts'

export interface Made {
  readonly clients: readonly {
    readonly name: string
    readonly client: HttpClient
    readonly config: HTTPClientConfig
  }[]
  readonly pool: ConnectionPool | undefined
}

/** A client that can be made. */
interface Plan {
  readonly definition: Definition
  readonly config: HTTPClientConfig
  readonly options: HttpClientOptions
}

type Variables = Environment['variables']

/** @throws ConfigError naming everything that is wrong, with the client that it is wrong for */
export function makeClients(definitions: ClientDefinitions, variables: Variables): Made {
  refuseNoEnvironment({ prefix: commonPrefix, variables })
  const problems: ConfigProblem[] = []
  const warnings = new Map<string, ConfigProblem>()
  const warn = (told: readonly ConfigProblem[]): void =>
    told.forEach((each) => warnings.set(each.variable, each))
  const parts = readDefinitions(definitions, problems)
  const names = parts.map(({ name }) => name)
  const { file: given = {} } = definitions
  const outside: ConfigProblem[] = strayPrefixes(names.map(prefixOf), variables)
  const file = readClientsFile(given, names, outside)
  if (isStrict({ prefix: commonPrefix, variables })) problems.push(...outside)
  else sort(outside, problems, warn)
  const plans = parts.flatMap((definition) => {
    const { name, group } = definition
    const environment = {
      ...{ prefix: prefixOf(name), variables, warn },
      file: partsFor(file, name, group, problems),
    }
    return told(problems, name, () => planOf(definition, environment, problems)) ?? []
  })
  const isShared = parts.some(({ pool }) => pool === 'shared') || definitions.pool !== undefined
  const pool = isShared
    ? told(problems, undefined, () =>
        sharedPool(definitions, { prefix: commonPrefix, variables, warn }, file),
      )
    : undefined
  for (const plan of plans)
    told(problems, plan.definition.name, () => plan.config.told(() => rehearse(plan, pool)))
  if (problems.length > 0) {
    void pool?.destroy()
    throw new ConfigError(withoutDoubles(problems))
  }
  warnOfProcess([...warnings.values()])
  const clients = plans.map((plan) => ({
    name: plan.definition.name,
    client: rememberEnvPrefix(new HttpClient(withPool(plan, pool)), prefixOf(plan.definition.name)),
    config: plan.config,
  }))
  return { clients, pool }
}

/** Without strictness only what code says is refused. */
function sort(
  found: readonly ConfigProblem[],
  problems: ConfigProblem[],
  warn: (told: readonly ConfigProblem[]) => void,
): void {
  problems.push(...found.filter(({ source }) => source === 'code'))
  warn(found.filter(({ source }) => source !== 'code'))
}

function planOf(definition: Definition, environment: Environment, problems: ConfigProblem[]): Plan {
  const { name, layers, pool } = definition
  const config = configOf(environment, layers)
  const said = layers.toReversed().reduce(mergeOptions, {})
  const options = { name, ...config.over(said) }
  if (pool === 'own') return { definition, config, options }
  const useless = [...uselessOptions(name, definition.own), ...uselessSettings(config, prefixOf(name))]
  problems.push(...useless.map((problem) => ({ ...problem, client: name })))
  return { definition, config, options: without(options, poolOptionNames) }
}

/** The limits of all clients together: `pool` in code, then `defaults`, `HTTP_CLIENT_…`, and the file's defaults. */
function sharedPool(
  { pool = {}, defaults = {} }: ClientDefinitions,
  environment: Environment,
  { label, content }: ReadFile,
): ConnectionPool {
  const { pool: _, ...common } = defaults
  const options = mergeOptions(only(common, poolOptionNames), pool)
  const place = `${label}: defaults`
  const config = configOf({ ...environment, file: [{ place, values: content.defaults ?? {} }] }, [options])
  return new ConnectionPool({
    ...only(config.over(options), poolOptionNames),
    client: { headersTimeout: 0, bodyTimeout: 0, ...pool.client },
  })
}

/** Makes the client without anything that it would do by itself, to hear what is wrong with it. */
function rehearse(plan: Plan, pool: ConnectionPool | undefined): void {
  resolvePlan(plan.options)
  const still = { warmUp: 0, minConnections: 0, healthChecks: false }
  void new HttpClient({ ...withPool(plan, pool), ...still }).destroy()
}

function withPool({ definition, options }: Plan, pool: ConnectionPool | undefined): HttpClientOptions {
  const shared = definition.pool === 'shared' ? pool : definition.pool
  return shared === 'own' || shared === undefined ? options : { ...options, pool: shared }
}

function only(options: object, names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.has(name)))
}

function without(options: HttpClientOptions, names: ReadonlySet<string>): HttpClientOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => !names.has(name) || name === 'runtime'),
  )
}

/** Gathers what is wrong, with the client's name. */
function told<Result>(
  problems: ConfigProblem[],
  client: string | undefined,
  make: () => Result,
): Result | undefined {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof KeepwarmError)) throw error
    problems.push(
      ...problemsOf(error).map((problem) => (client === undefined ? problem : { ...problem, client })),
    )
    return undefined
  }
}

/** A header that cannot be sent is told by the client in its own way. */
function problemsOf(error: KeepwarmError): readonly ConfigProblem[] {
  if (error instanceof ConfigError) return error.problems
  const told = {
    variable: 'headers',
    received: '(not shown)',
    expected: `headers that can be sent: ${error.message}`,
  }
  return [{ ...told, reason: 'not_allowed', source: 'code' }]
}

/** A common variable is wrong for every client, and told once. */
function withoutDoubles(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const isCommon = ({ variable }: ConfigProblem): boolean => variable.startsWith(`${commonPrefix}_`)
  const seen = new Set<string>()
  return problems.flatMap((problem) => {
    const { client: _, ...common } = problem
    const one: ConfigProblem = isCommon(problem) ? common : problem
    const key = `${one.variable} ${one.client ?? ''} ${one.expected}`
    if (seen.has(key)) return []
    seen.add(key)
    return [one]
  })
}
