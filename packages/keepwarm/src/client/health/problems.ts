/** What is wrong with the numbers of health checks, and of connections that shall be there before anybody asks. */
import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { checkOptionNames, resolveChecks, type CheckOptions } from '../../health/options.ts'
import { isObject } from '../../known-options.ts'
import type { HttpClientOptions } from '../options.ts'

export function healthProblems(options: HttpClientOptions): ConfigProblem[] {
  const { warmUp, minConnections, healthChecks } = options
  return [
    ...countProblems('warmUp', warmUp),
    ...countProblems('minConnections', minConnections),
    ...checkProblems(healthChecks),
    ...homeProblems(options),
  ]
}

function countProblems(variable: string, count: unknown): ConfigProblem[] {
  if (count === undefined || (Number.isInteger(count) && (count as number) >= 0)) return []
  const received = typeof count === 'number' ? String(count) : (JSON.stringify(count) ?? `a ${typeof count}`)
  return [{ variable, received, expected: 'a whole number of connections from 0' }]
}

/** What the checks themselves say, under the name that the client's option has. Names that are unknown are told elsewhere. */
function checkProblems(checks: CheckOptions | boolean | undefined): ConfigProblem[] {
  if (!isObject(checks)) return []
  try {
    const known = Object.entries(checks).filter(([name]) => checkOptionNames.has(name))
    resolveChecks(Object.fromEntries(known) as CheckOptions)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const renamed = (text: string): string => text.replaceAll('health.', 'healthChecks.')
    return error.problems.map(({ variable, received, expected }) => ({
      variable: renamed(variable),
      received,
      expected: renamed(expected),
    }))
  }
}

/** All of these go to the client's own endpoints. */
function homeProblems({ baseUrl, healthChecks, warmUp, minConnections }: HttpClientOptions): ConfigProblem[] {
  if (baseUrl !== undefined) return []
  const given: readonly [string, unknown][] = [
    ['healthChecks', healthChecks === false ? undefined : healthChecks],
    ['warmUp', warmUp === 0 ? undefined : warmUp],
    ['minConnections', minConnections === 0 ? undefined : minConnections],
  ]
  return given
    .filter(([, value]) => value !== undefined)
    .map(([variable, value]) => ({
      variable,
      received: isObject(value) ? 'an object' : String(value),
      expected: 'a client with a baseUrl: without one nobody knows where to',
      fix: `add baseUrl, or remove ${variable}`,
    }))
}
