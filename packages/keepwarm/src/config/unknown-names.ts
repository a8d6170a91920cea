import type { ConfigProblem } from '../errors.ts'
import { prefixesOf } from './given.ts'
import type { Environment } from './given.ts'
import { nearest } from '../nearest.ts'
import { optionRows } from './options-table.ts'

const suffixes = new Set(optionRows.map(([, row]) => row.env))
const names = new Set<string>(optionRows.map(([name]) => name))

/** A prefix under which no variable can stand would just read nothing. */
export function wrongPrefix({ prefix }: Environment): ConfigProblem[] {
  if (/^[A-Z][A-Z0-9_]*[A-Z0-9]$/.test(prefix)) return []
  const upper = prefix.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
  return [
    {
      variable: 'prefix',
      received: JSON.stringify(prefix),
      expected: 'HTTP_CLIENT, or that of a service, such as SEARCH_SERVICE_HTTP_CLIENT',
      fix: `'${upper.replace(/^_|(_HTTP_CLIENT)?_*$/g, '')}_HTTP_CLIENT'`,
    },
  ]
}

/** Variables that carry one of our prefixes and mean nothing: a misspelt limit would otherwise just not be there. */
export function unknownVariables(environment: Environment): ConfigProblem[] {
  const prefixes = prefixesOf(environment).map((prefix) => `${prefix}_`)
  return Object.entries(environment.variables).flatMap(([variable, text]) => {
    const prefix = prefixes.find((each) => variable.startsWith(each))
    if (prefix === undefined || text === undefined || text.trim() === '') return []
    const suffix = variable.slice(prefix.length)
    if (suffixes.has(suffix)) return []
    const meant = nearest(suffix, suffixes)
    return [problem(variable, 'variable', meant === undefined ? undefined : prefix + meant)]
  })
}

/** Options in code that do not exist; TypeScript finds them, JavaScript does not. */
export function unknownOptions(overrides: object): ConfigProblem[] {
  return Object.entries(overrides)
    .filter(([name, value]) => !names.has(name) && value !== undefined)
    .map(([name]) => problem(name, 'option', nearest(name, names)))
}

/** The value is not shown: who knows what it is. */
function problem(variable: string, what: string, meant: string | undefined): ConfigProblem {
  const all = `a known ${what} (see docs/configuration.md)`
  return {
    variable,
    received: '(not shown)',
    expected: meant === undefined ? all : `a known ${what}; did you mean ${meant}?`,
    fix: meant === undefined ? `remove ${variable}` : `rename it to ${meant}`,
  }
}
