/** What named clients are made of: definitions in code, checked, and what each client gets of them. */
import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { isObject, optionProblems } from '../../known-options.ts'
import { poolOptionNames, type ConnectionPoolOptions } from '../../pool/options.ts'
import type { ConnectionPool } from '../../pool/pool.ts'
import type { ClientsFile } from './file.ts'
import { nameProblems } from './prefixes.ts'
import type { HttpClientOptions } from '../options.ts'

/** Whether a client shares one pool with others, or has its own; or a pool to share with others besides. */
export type PoolChoice = 'own' | 'shared' | ConnectionPool

/** Options that several clients have in common. */
export interface CommonOptions extends Omit<HttpClientOptions, 'name' | 'baseUrl' | 'pool'> {
  /** Default `own`. */
  readonly pool?: PoolChoice
}

/** One client among several. */
export interface ClientDefinition<Group extends string = string> extends Omit<HttpClientOptions, 'pool'> {
  /** Default `own`. */
  readonly pool?: PoolChoice
  /** The group whose options it takes where it says nothing itself. */
  readonly group?: Group
}

/** Several clients, with what they have in common. */
export interface ClientDefinitions<Name extends string = string, Group extends string = string> {
  /** For all clients, where neither they nor their group say something. */
  readonly defaults?: CommonOptions
  /** For the clients that name it. */
  readonly groups?: Readonly<Record<Group, CommonOptions>>
  readonly clients: Readonly<Record<Name, ClientDefinition<NoInfer<Group>>>>
  /** The pool of the clients that share one: its limits are for all of them together. */
  readonly pool?: ConnectionPoolOptions
  /** The path of a JSON file, or what such a file says. It counts less than variables. */
  readonly file?: string | URL | ClientsFile
}

/** One client, with all that code says of it. */
export interface Definition {
  readonly name: string
  readonly group: string | undefined
  readonly pool: PoolChoice
  /** What the client says, and its group. */
  readonly own: readonly HttpClientOptions[]
  /** All that code says of it, the client itself first, then its group and the defaults. */
  readonly layers: readonly HttpClientOptions[]
}

const definitionNames: ReadonlySet<string> = new Set(['defaults', 'groups', 'clients', 'pool', 'file'])

/** The short form, names and options alone, in the long form's shape. */
export function asDefinitions(given: object): ClientDefinitions {
  const problems = optionProblems(given, new Set(isObject(given) ? Object.keys(given) : []))
  if (problems.length > 0) throw new ConfigError(problems)
  if ('clients' in given) return given as ClientDefinitions
  return { clients: given as ClientDefinitions['clients'] }
}

/**
 * What each client is made of.
 * @param problems gets what is wrong with single clients
 * @throws ConfigError when the whole has not the shape of definitions
 */
export function readDefinitions(
  definitions: ClientDefinitions,
  problems: ConfigProblem[],
): readonly Definition[] {
  const { clients, groups = {}, defaults = {} } = definitions
  const { pool } = definitions
  const shape = [
    ...optionProblems(definitions, definitionNames),
    ...shapeProblems(definitions),
    ...(pool === undefined ? [] : optionProblems(pool, poolOptionNames, 'pool')),
  ]
  if (shape.length > 0) throw new ConfigError(shape)
  const wrong = nameProblems(Object.keys(clients))
  problems.push(...wrong)
  const usable = ([name]: [string, unknown]): boolean => !wrong.some(({ client }) => client === name)
  return Object.entries(clients)
    .filter(usable)
    .map(([name, client]) => {
      const { group } = client
      const common = group === undefined ? {} : groups[group]
      if (common === undefined) problems.push(unknownGroup(name, group, Object.keys(groups)))
      return definitionOf(name, client, common ?? {}, defaults)
    })
}

function definitionOf(
  name: string,
  client: ClientDefinition,
  group: CommonOptions,
  defaults: CommonOptions,
): Definition {
  const { group: groupName, pool = group.pool ?? defaults.pool ?? 'own', ...options } = client
  const own = [options, withoutPool(group)]
  return { name, group: groupName, pool, own, layers: [...own, withoutPool(defaults)] }
}

function withoutPool(common: CommonOptions): HttpClientOptions {
  const { pool: _, ...options } = common
  return options
}

function shapeProblems({ clients, groups, defaults }: ClientDefinitions): ConfigProblem[] {
  const parts = { clients, groups, defaults, ...prefixed('groups', groups), ...prefixed('clients', clients) }
  return Object.entries(parts)
    .filter(([name, value]) => !isObject(value) && (value !== undefined || name === 'clients'))
    .map(([variable, value]) => ({
      variable,
      received: value === null ? 'null' : typeof value,
      expected: 'an object',
    }))
}

/** Each by its full name. One that is undefined is no object, either. */
function prefixed(section: string, values: unknown): Record<string, unknown> {
  if (!isObject(values)) return {}
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${section}.${name}`, value ?? null]),
  )
}

function unknownGroup(name: string, group: unknown, known: readonly string[]): ConfigProblem {
  return {
    variable: `clients.${name}.group`,
    received: JSON.stringify(group) ?? typeof group,
    expected: known.length === 0 ? 'none, as there are no groups' : known.join(', '),
    reason: 'missing',
    client: name,
  }
}
