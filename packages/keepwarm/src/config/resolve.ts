import type { ConfigProblem } from '../errors.ts'
import { collectGiven } from './given.ts'
import type { ConfigOverrides, Environment, Given } from './given.ts'
import { optionRows, optionsTable } from './options-table.ts'
import type { OptionName, OptionValues } from './options-table.ts'
import { defaultOf, valueText } from './read-value.ts'
import type { Value } from './read-value.ts'
import { unknownOptions, unknownVariables, wrongPrefix } from './unknown-names.ts'

/** One option as it was settled, for people to read: nothing in it is secret. */
export interface ConfigEntry {
  /** The value in effect; a URL without its credentials. */
  readonly value: Value | undefined
  readonly source: 'code' | 'environment' | 'default'
  /** The variable it came from. */
  readonly variable?: string
  /** What was written, where something was. */
  readonly raw?: string
  /** Why the value in effect is not the one that was written, or not the usual default. */
  readonly note?: string
}

export interface Resolution {
  readonly values: OptionValues
  readonly entries: Readonly<Record<OptionName, ConfigEntry>>
}

type Settled = Map<OptionName, { value: Value | undefined; note?: string }>

/** `lesser` may not exceed `greater`. It is a mistake when both were given; otherwise the one that `yields` is adjusted. */
interface Relation {
  readonly lesser: OptionName
  readonly greater: OptionName
  readonly yields: 'lesser' | 'greater'
}

const relations: readonly Relation[] = [
  { lesser: 'maxConnectionsPerOrigin', greater: 'maxConnections', yields: 'lesser' },
  { lesser: 'maxIdleConnections', greater: 'maxConnections', yields: 'lesser' },
  { lesser: 'connectTimeout', greater: 'timeout', yields: 'lesser' },
  { lesser: 'acquireTimeout', greater: 'timeout', yields: 'lesser' },
  { lesser: 'backoffBase', greater: 'backoffCap', yields: 'greater' },
]

/** Settles every option: code, then the service's variables, then the common ones, then the default. */
export function resolveOptions(
  overrides: ConfigOverrides,
  environment: Environment | undefined,
): { readonly resolution: Resolution; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = []
  const given = collectGiven(overrides, environment, problems)
  problems.push(...unknownOptions(overrides))
  if (environment !== undefined) problems.push(...wrongPrefix(environment), ...unknownVariables(environment))
  const settled = withDefaults(given)
  for (const relation of relations) relate(relation, given, settled, problems)
  return { resolution: present(given, settled), problems }
}

function withDefaults(given: ReadonlyMap<OptionName, Given>): Settled {
  const settled: Settled = new Map(
    optionRows.map(([name, row]) => [name, { value: given.get(name)?.value ?? defaultOf(row) }]),
  )
  const follow = (name: OptionName, other: OptionName, note: string): void => {
    if (!given.has(name)) settled.set(name, { value: settled.get(other)?.value, note })
  }
  if (given.has('baseUrl'))
    follow('maxConnectionsPerOrigin', 'maxConnections', 'one base URL, so all of maxConnections')
  if (given.has('timeout')) follow('headersTimeout', 'timeout', 'as long as timeout')
  return settled
}

function relate(
  { lesser, greater, yields }: Relation,
  given: ReadonlyMap<OptionName, Given>,
  settled: Settled,
  problems: ConfigProblem[],
): void {
  const [less, more] = [settled.get(lesser)?.value, settled.get(greater)?.value]
  if (less === undefined || more === undefined || less <= more) return
  const [lessGiven, moreGiven] = [given.get(lesser), given.get(greater)]
  if (lessGiven !== undefined && moreGiven !== undefined)
    problems.push(conflict(lesser, lessGiven, greater, moreGiven))
  else if (yields === 'lesser' || lessGiven === undefined)
    settled.set(lesser, { value: more, note: `limited by ${greater}` })
  else settled.set(greater, { value: less, note: `raised to ${lesser}` })
}

function conflict(lesser: OptionName, less: Given, greater: OptionName, more: Given): ConfigProblem {
  const limit = valueText(optionsTable[greater], more.value)
  return {
    variable: less.label,
    received: less.raw,
    expected: `at most ${more.label} (${limit})`,
    fix: less.source === 'environment' ? `${less.label}=${limit}` : `${lesser}: ${more.value}`,
  }
}

function present(given: ReadonlyMap<OptionName, Given>, settled: Settled): Resolution {
  const values: Partial<Record<OptionName, Value | undefined>> = {}
  const entries: Partial<Record<OptionName, ConfigEntry>> = {}
  for (const [name, row] of optionRows) {
    const { value, note } = settled.get(name) ?? { value: undefined }
    const from = given.get(name)
    values[name] = value
    entries[name] = {
      value: typeof value === 'string' ? valueText(row, value) : value,
      source: from?.source ?? 'default',
      ...(from !== undefined && { raw: from.raw }),
      ...(from?.source === 'environment' && { variable: from.label }),
      ...(note !== undefined && { note }),
    }
  }
  // The loop above has gone through every row, and each kind reads its own type of value.
  return { values: values as OptionValues, entries: entries as Record<OptionName, ConfigEntry> }
}
