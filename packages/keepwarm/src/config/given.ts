import type { ConfigProblem } from '../errors.ts'
import { optionRows } from './options-table.ts'
import type { OptionInput, OptionName, OptionRow } from './options-table.ts'
import { readCode, readText, show } from './read-value.ts'
import type { Value } from './read-value.ts'

/**
 * Options given in code; they outweigh the environment. Durations are milliseconds or strings with a unit (`'15s'`),
 * sizes bytes or strings with a unit (`'64MiB'`). `undefined` means not given.
 */
export type ConfigOverrides = { readonly [Name in OptionName]?: OptionInput<Name> | undefined }

/** Where values are read from that are not given in code. */
export interface Environment {
  /** `HTTP_CLIENT`, or `<SERVICE>_HTTP_CLIENT`, which falls back to `HTTP_CLIENT`. */
  readonly prefix: string
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** A value that somebody gave, and where. */
export interface Given {
  readonly value: Value
  readonly source: 'code' | 'environment'
  /** The option in code, or the variable in the environment. */
  readonly label: string
  /** As it was written, without credentials. */
  readonly raw: string
}

/** The prefix that every service falls back to. */
export const commonPrefix = 'HTTP_CLIENT'

/** Collects what was given, in code first, then in the environment; whatever cannot be read goes to `problems`. */
export function collectGiven(
  overrides: ConfigOverrides,
  environment: Environment | undefined,
  problems: ConfigProblem[],
): Map<OptionName, Given> {
  const given = new Map<OptionName, Given>()
  for (const [name, row] of optionRows) {
    const found =
      fromCode(name, row, overrides[name], problems) ?? fromEnvironment(row, environment, problems)
    if (found !== undefined) given.set(name, found)
  }
  return given
}

/** The prefixes that are read, the one that counts more first. */
export function prefixesOf({ prefix }: Environment): readonly string[] {
  return prefix === commonPrefix ? [prefix] : [prefix, commonPrefix]
}

function fromCode(
  option: OptionName,
  row: OptionRow,
  value: unknown,
  problems: ConfigProblem[],
): Given | undefined {
  if (value === undefined) return undefined
  const reading = readCode(row, option, value)
  if (reading.problem === undefined)
    return { value: reading.value, source: 'code', label: option, raw: show(row, value) }
  problems.push(reading.problem)
  return undefined
}

/** A variable that is empty is not there. One that cannot be read is a problem, and the next one is not asked. */
function fromEnvironment(
  row: OptionRow,
  environment: Environment | undefined,
  problems: ConfigProblem[],
): Given | undefined {
  if (environment === undefined) return undefined
  for (const variable of variablesOf(row, environment)) {
    const text = environment.variables[variable]?.trim()
    if (text === undefined || text === '') continue
    const reading = readText(row, variable, text)
    if (reading.problem === undefined)
      return { value: reading.value, source: 'environment', label: variable, raw: show(row, text) }
    // One variable may set two options, and is wrong only once.
    if (!problems.some((problem) => problem.variable === variable)) problems.push(reading.problem)
    return undefined
  }
  return undefined
}

function variablesOf({ env, alsoEnv }: OptionRow, environment: Environment): string[] {
  const suffixes = alsoEnv === undefined ? [env] : [env, alsoEnv]
  return prefixesOf(environment).flatMap((prefix) => suffixes.map((suffix) => `${prefix}_${suffix}`))
}
