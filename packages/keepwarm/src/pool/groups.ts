/** Endpoint groups: sets of paths whose requests have a limit and a line of their own. */
import type { ConfigProblem } from '../errors.ts'
import { isObject, namesOf, optionProblems } from '../known-options.ts'
import type { LimiterSettings } from '../limit/options.ts'
import { limiterProblems, resolveLimiterOption, type LimiterOption } from './limiter-options.ts'
import type { LaneLimits } from './limits.ts'
import { httpUrl } from './origin-key.ts'

/** The limits of an endpoint group. */
export interface EndpointGroupLimits {
  /** Requests of the group in flight at once, for each origin. */
  readonly maxInFlight?: number
  /** Requests of the group that may wait; the next one fails at once with `queue_full`. Default: the pool's `maxQueue`. */
  readonly maxQueue?: number
  /**
   * Whether the limit follows what the server can do for these paths, never above `maxInFlight`. true for the defaults,
   * false for a fixed one. Default: the pool's `limiter`; the group then has one of its own, with the same options.
   */
  readonly limiter?: LimiterOption
}

/** Paths of an origin whose requests have a limit and a line of their own. */
export interface EndpointGroup extends EndpointGroupLimits {
  /** Whole paths without their query; `*` stands for anything: `/api/generate`, `/workflows/*`. */
  readonly paths: readonly string[]
  /** The origin that has them. Default: any. */
  readonly origin?: string | URL
  readonly maxInFlight: number
}

/**
 * Endpoint groups by their name. A path belongs to the first group that has it.
 *
 * @example { generate: { paths: ['/api/generate', '/api/chat'], maxInFlight: 8 } }
 */
export type EndpointGroups = Readonly<Record<string, EndpointGroup>>

const limitOptions = { maxInFlight: true, maxQueue: true, limiter: true } as const
const groupNames = namesOf<EndpointGroup>({ paths: true, origin: true, ...limitOptions })
const limitNames = namesOf<EndpointGroupLimits>(limitOptions)

/** What is wrong with the groups of a pool, if anything. */
export function groupProblems(groups: unknown): ConfigProblem[] {
  if (groups === undefined) return []
  if (!isObject(groups)) return [problem('groups', groups, 'an object of endpoint groups by name')]
  return Object.entries(groups).flatMap(([name, group]) => {
    const within = `groups.${name}`
    const unknown = optionProblems(group, groupNames, within)
    return isObject(group) ? [...unknown, ...shapeProblems(within, group)] : [...unknown]
  })
}

/** What is wrong with new limits of groups that exist. */
export function groupLimitProblems(changes: unknown, groups: EndpointGroups = {}): ConfigProblem[] {
  if (changes === undefined) return []
  if (!isObject(changes)) return [problem('groups', changes, 'an object of limits by the name of the group')]
  return Object.entries(changes).flatMap(([name, limits]) => {
    const within = `groups.${name}`
    if (!Object.hasOwn(groups, name)) return [problem(within, limits, existing(groups))]
    const unknown = optionProblems(limits, limitNames, within)
    return isObject(limits) ? [...unknown, ...limitProblems(within, limits)] : [...unknown]
  })
}

function existing(groups: EndpointGroups): string {
  const names = Object.keys(groups)
  return names.length === 0 ? 'nothing: this pool has no groups' : `a group of this pool: ${names.join(', ')}`
}

function shapeProblems(within: string, group: Readonly<Record<string, unknown>>): ConfigProblem[] {
  const { paths, origin, maxInFlight } = group
  const problems = limitProblems(within, group)
  if (maxInFlight === undefined)
    problems.push(problem(`${within}.maxInFlight`, undefined, 'a whole number from 1'))
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every(isPath)) {
    problems.push(problem(`${within}.paths`, paths, 'a list of paths such as /api/generate or /workflows/*'))
  }
  const isText = typeof origin === 'string' || origin instanceof URL
  if (origin !== undefined && !(isText && httpUrl(String(origin)) !== undefined)) {
    problems.push(problem(`${within}.origin`, origin, 'an http or https origin such as http://host:8080'))
  }
  return problems
}

function limitProblems(within: string, given: Readonly<Record<string, unknown>>): ConfigProblem[] {
  const least = { maxInFlight: 1, maxQueue: 0 }
  const numbers = Object.entries(least)
    .filter(([name, from]) => given[name] !== undefined && !isCount(given[name], from))
    .map(([name, from]) => problem(`${within}.${name}`, given[name], `a whole number from ${from}`))
  return [...numbers, ...limiterProblems(given['limiter'], `${within}.limiter`)]
}

function isCount(value: unknown, from: number): boolean {
  return typeof value === 'number' && value >= from && (Number.isInteger(value) || value === Infinity)
}

function isPath(path: unknown): boolean {
  return typeof path === 'string' && /^[/*][^?#]*$/.test(path)
}

function problem(variable: string, value: unknown, expected: string): ConfigProblem {
  const received = value === undefined ? 'nothing' : (JSON.stringify(value) ?? `a ${typeof value}`)
  return { variable, received, expected }
}

/** The limits of all groups, the changed ones before those that they were made with, and those before the pool's. */
export function resolveGroups(
  groups: EndpointGroups = {},
  changes: Readonly<Record<string, EndpointGroupLimits>> = {},
  maxQueue: number,
  limiter: LimiterSettings | null,
): ReadonlyMap<string, LaneLimits> {
  return new Map(
    Object.entries(groups).map(([name, group]) => {
      const own = changes[name]?.limiter ?? group.limiter
      const lane: LaneLimits = {
        maxInFlight: changes[name]?.maxInFlight ?? group.maxInFlight,
        maxQueue: changes[name]?.maxQueue ?? group.maxQueue ?? maxQueue,
        limiter: own === undefined ? limiter : resolveLimiterOption(own),
      }
      return [name, lane]
    }),
  )
}
