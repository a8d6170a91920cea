/** What is given as an environment must be one: TypeScript sees to that, JavaScript does not. */
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { Environment } from './given.ts'

/** @throws ConfigError when the prefix or a variable is no text, as when options stand where the environment belongs */
export function refuseNoEnvironment({ prefix, variables }: Environment): void {
  const problems = [...wrongPrefix(prefix), ...wrongVariables(variables)]
  if (problems.length > 0) throw new ConfigError(problems)
}

function wrongPrefix(prefix: unknown): ConfigProblem[] {
  if (typeof prefix === 'string') return []
  const expected = "text, such as 'SEARCH_SERVICE_HTTP_CLIENT'"
  return [{ variable: 'prefix', received: inWords(prefix), expected, source: 'code' }]
}

function wrongVariables(variables: unknown): ConfigProblem[] {
  if (typeof variables !== 'object' || variables === null)
    return [
      {
        variable: 'env',
        received: inWords(variables),
        expected: 'variables, as process.env',
        source: 'code',
      },
    ]
  return Object.entries(variables)
    .filter(([, value]) => value !== undefined && typeof value !== 'string')
    .map(([variable, value]) => ({
      ...{ variable, received: inWords(value), source: 'code' as const },
      expected: 'text, as all variables of an environment are',
      fix:
        typeof value === 'object'
          ? 'the argument is the environment itself, such as process.env; options stand in another'
          : 'put it between quotes',
    }))
}

/** Values are not shown: who knows what they are. */
function inWords(value: unknown): string {
  return value === null || value === undefined ? String(value) : typeof value
}
