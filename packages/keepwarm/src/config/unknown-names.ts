import type { ConfigProblem } from '../errors.ts'
import { countEdits, nearest } from '../nearest.ts'
import { commonPrefix, prefixesOf } from './given.ts'
import type { Environment } from './given.ts'
import { optionRows } from './options-table.ts'

/** Says whether what is wrong is told or refused; not an option of a client. */
const ofTheReader = ['CONFIG_STRICT']
const suffixes = new Set<string>([...optionRows.map(([, row]) => row.env), ...ofTheReader])
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
      source: 'code',
    },
  ]
}

/** Variables that carry one of our prefixes and mean nothing: a misspelt limit would otherwise just not be there. */
export function unknownVariables(environment: Environment): ConfigProblem[] {
  const prefixes = prefixesOf(environment).map((prefix) => `${prefix}_`)
  return setVariables(environment.variables).flatMap((variable) => {
    const prefix = prefixes.find((each) => variable.startsWith(each))
    const suffix = variable.slice(prefix?.length ?? 0)
    if (prefix === undefined || suffixes.has(suffix)) return []
    const meant = nearest(suffix, suffixes)
    return [problem(variable, 'variable', meant === undefined ? undefined : prefix + meant, 'environment')]
  })
}

/**
 * Known variables under a prefix that nobody reads but that is almost one of `prefixes`: SEARCH_SERVCE_HTTP_CLIENT_….
 * Two services may well be called A and B, or SHARD_1 and SHARD_2; so names are long, and digits the same.
 */
export function strayPrefixes(
  prefixes: readonly string[],
  variables: Environment['variables'],
): ConfigProblem[] {
  const ours = prefixes.map(serviceOf)
  return setVariables(variables).flatMap((variable) => {
    const [, service = '', suffix = ''] = /^(.+)_HTTP_CLIENT_(.+)$/.exec(variable) ?? []
    if (service.length < 5 || !suffixes.has(suffix) || ours.includes(service)) return []
    const meant = ours.find((each) => digits(each) === digits(service) && countEdits(each, service) <= 2)
    const name = meant === undefined ? undefined : `${meant}_${commonPrefix}_${suffix}`
    return name === undefined ? [] : [problem(variable, 'variable', name, 'environment')]
  })
}

/** Options in code that do not exist; TypeScript finds them, JavaScript does not. */
export function unknownOptions(overrides: object): ConfigProblem[] {
  return Object.entries(overrides)
    .filter(([name, value]) => !names.has(name) && value !== undefined)
    .map(([name]) => problem(name, 'option', nearest(name, names), 'code'))
}

/** Options in a file that do not exist. */
export function unknownInFile({ file = [] }: Environment): ConfigProblem[] {
  return file.flatMap(({ place, values }) =>
    Object.keys(values)
      .filter((name) => !names.has(name))
      .map((name) => {
        const meant = nearest(name, names)
        return problem(`${place}.${name}`, 'option', meant && `${place}.${meant}`, 'file')
      }),
  )
}

function setVariables(variables: Environment['variables']): string[] {
  return Object.entries(variables)
    .filter(([, text]) => text !== undefined && text.trim() !== '')
    .map(([variable]) => variable)
}

function serviceOf(prefix: string): string {
  return prefix.replace(/_?HTTP_CLIENT$/, '')
}

function digits(text: string): string {
  return text.replaceAll(/\D/g, '')
}

/** The value is not shown: who knows what it is. */
function problem(
  variable: string,
  what: 'variable' | 'option',
  meant: string | undefined,
  source: 'code' | 'environment' | 'file',
): ConfigProblem {
  const all = `a known ${what} (see docs/configuration.md)`
  return {
    variable,
    received: '(not shown)',
    expected: meant === undefined ? all : `a known ${what}; did you mean ${meant}?`,
    fix: meant === undefined ? `remove ${variable}` : `rename it to ${meant}`,
    reason: what === 'variable' ? 'unknown_variable' : 'unknown_option',
    source,
  }
}
