import type { ConfigProblem } from '../errors.ts'
import type { OptionRow } from './option-row.ts'
import { optionRows } from './options-table.ts'
import type { OptionInput, OptionName } from './options-table.ts'
import { optionIn } from './option-path.ts'
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
  /** Parts of a file, the one that counts most first; all count less than variables. */
  readonly file?: readonly FilePart[]
  /** Told what would be an error, were it not for `CONFIG_STRICT=false`. Default: a warning of the process. */
  readonly warn?: (problems: readonly ConfigProblem[]) => void
}

/** Values that a file gives, by the names of the table. */
export interface FilePart {
  /** Where they stand: `clients.json: groups.slow`. */
  readonly place: string
  readonly values: Readonly<Record<string, unknown>>
}

export type Source = 'code' | 'environment' | 'file' | 'default'

/** A value that somebody gave, and where. */
export interface Given {
  /** undefined where code gave what no variable could say, such as a function. */
  readonly value: Value | undefined
  readonly source: Exclude<Source, 'default'>
  /** The option in code, the variable in the environment, or the place in the file. */
  readonly label: string
  /** As it was written, without credentials. */
  readonly raw: string
  /** How much it counts; the less, the more. */
  readonly rank: number
}

/** What is given, and by whom. */
export interface Layers {
  /** In the shape of a client's own options, what counts most first; they count more than all others. */
  readonly options: readonly object[]
  readonly overrides: ConfigOverrides
  readonly environment: Environment | undefined
}

/** The prefix that every service falls back to. */
export const commonPrefix = 'HTTP_CLIENT'

/** The rank of variables that are for this client. */
const OWN = 2

/** The rank from which on something is said for all clients: of common variables, and of files below them. */
export const COMMON = 3

/** Collects what was given: in code, in the environment, in a file. What cannot be read goes to `problems`. */
export function collectGiven(layers: Layers, problems: ConfigProblem[]): Map<OptionName, Given> {
  const given = new Map<OptionName, Given>()
  for (const [name, row] of optionRows) {
    const found =
      fromOptions(name, row, layers.options) ??
      fromCode(name, row, layers.overrides[name], problems) ??
      fromEnvironment(name, row, layers.environment, problems) ??
      fromFile(name, row, layers.environment?.file, problems)
    if (found !== undefined && found !== 'wrong') given.set(name, found)
  }
  return given
}

/** The prefixes that are read, the one that counts more first. */
export function prefixesOf({ prefix }: Environment): readonly string[] {
  return prefix === commonPrefix ? [prefix] : [prefix, commonPrefix]
}

/** What is wrong with a client's own options is for the client to say. */
function fromOptions(name: OptionName, row: OptionRow, layers: readonly object[]): Given | undefined {
  const rank = layers.findIndex((options) => optionIn(options, name, row) !== undefined)
  const value = rank < 0 ? undefined : optionIn(layers[rank]!, name, row)
  if (value === undefined) return undefined
  const from = { source: 'code', label: row.option, rank: rank / layers.length } as const
  const reading = row.kind === 'file' ? undefined : readCode(row, row.option, value)
  if (reading?.value !== undefined) return { ...from, value: reading.value, raw: show(row, value) }
  const isNumber = typeof value === 'number'
  return {
    ...from,
    value: value === Infinity ? value : undefined,
    raw: isNumber ? String(value) : '(not shown)',
  }
}

/** Where something is wrong, nothing below it is asked. */
type Found = Given | 'wrong' | undefined

function fromCode(name: OptionName, row: OptionRow, value: unknown, problems: ConfigProblem[]): Found {
  if (value === undefined) return undefined
  const reading = readCode(row, name, value)
  if (reading.problem === undefined)
    return { value: reading.value, source: 'code', label: name, raw: show(row, value), rank: 1 }
  problems.push({ ...reading.problem, option: name, source: 'code' })
  return 'wrong'
}

/** A variable that is empty is not there. One that cannot be read is a problem, and the next one is not asked. */
function fromEnvironment(
  name: OptionName,
  row: OptionRow,
  environment: Environment | undefined,
  problems: ConfigProblem[],
): Found {
  if (environment === undefined) return undefined
  for (const [variable, rank] of variablesOf(row, environment)) {
    const text = environment.variables[variable]?.trim()
    if (text === undefined || text === '') continue
    const reading = readText(row, variable, text)
    if (reading.problem === undefined)
      return { value: reading.value, source: 'environment', label: variable, raw: show(row, text), rank }
    // One variable may set two options, and is wrong only once.
    if (!problems.some((problem) => problem.variable === variable))
      problems.push({ ...reading.problem, option: name, source: 'environment' })
    return 'wrong'
  }
  return undefined
}

function fromFile(
  name: OptionName,
  row: OptionRow,
  parts: readonly FilePart[] = [],
  problems: ConfigProblem[],
): Found {
  for (const [index, { place, values }] of parts.entries()) {
    const value = values[name]
    if (value === undefined) continue
    const label = `${place}.${name}`
    const reading = readCode(row, label, value)
    if (reading.problem === undefined)
      return { value: reading.value, source: 'file', label, raw: show(row, value), rank: COMMON + 1 + index }
    problems.push({ ...reading.problem, option: name, source: 'file' })
    return 'wrong'
  }
  return undefined
}

/** Each with its rank: a service's own count more than the common ones. */
function variablesOf(
  { env, alsoEnv }: OptionRow,
  environment: Environment,
): [variable: string, rank: number][] {
  const suffixes = alsoEnv === undefined ? [env] : [env, alsoEnv]
  return prefixesOf(environment).flatMap((prefix) =>
    suffixes.map((suffix): [string, number] => [
      `${prefix}_${suffix}`,
      prefix === environment.prefix ? OWN : COMMON,
    ]),
  )
}
