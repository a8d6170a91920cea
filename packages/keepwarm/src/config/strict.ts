/** `CONFIG_STRICT`: whether what is wrong with the environment or a file is an error. */
import type { ConfigProblem } from '../errors.ts'
import { prefixesOf, type Environment } from './given.ts'
import { kinds } from './kinds.ts'

export const strictVariable = 'CONFIG_STRICT'

export function isStrict(environment: Environment): boolean {
  return strictText(environment)?.value !== false
}

/** What stands there is neither true nor false. */
export function strictProblems(environment: Environment): ConfigProblem[] {
  const found = strictText(environment)
  if (found === undefined || found.value !== undefined) return []
  const { variable, text } = found
  const received = JSON.stringify(text.slice(0, 80))
  return [
    {
      ...{ variable, received, expected: kinds.flag.inText, fix: `${variable}=true` },
      ...{ reason: 'not_allowed', source: 'environment' },
    },
  ]
}

function strictText(
  environment: Environment,
): { variable: string; text: string; value: boolean | undefined } | undefined {
  for (const prefix of prefixesOf(environment)) {
    const variable = `${prefix}_${strictVariable}`
    const text = environment.variables[variable]?.trim() ?? ''
    if (text !== '') return { variable, text, value: kinds.flag.fromText(text) }
  }
  return undefined
}
