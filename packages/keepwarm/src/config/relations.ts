/** Options that bound each other. */
import type { ConfigProblem } from '../errors.ts'
import type { Given } from './given.ts'
import { optionsTable } from './options-table.ts'
import type { OptionName } from './options-table.ts'
import { valueText } from './read-value.ts'
import { numberOf, type Scene } from './settled.ts'

/**
 * `lesser` may not exceed `greater`. Where one was not given, the one that `yields` is adjusted. Where both were, `lesser`
 * is when it counts less, as a common variable does beside a service's own; else it is a mistake.
 */
interface Relation {
  readonly lesser: OptionName
  readonly greater: OptionName
  readonly yields: 'lesser' | 'greater'
}

const relations: readonly Relation[] = [
  { lesser: 'maxConnectionsPerOrigin', greater: 'maxConnections', yields: 'lesser' },
  { lesser: 'maxIdleConnections', greater: 'maxConnections', yields: 'lesser' },
  { lesser: 'minConnections', greater: 'maxConnections', yields: 'lesser' },
  { lesser: 'warmUp', greater: 'maxConnections', yields: 'lesser' },
  { lesser: 'idleTimeout', greater: 'maxIdleTimeout', yields: 'lesser' },
  { lesser: 'attemptTimeout', greater: 'timeout', yields: 'lesser' },
  { lesser: 'connectTimeout', greater: 'timeout', yields: 'lesser' },
  { lesser: 'acquireTimeout', greater: 'timeout', yields: 'lesser' },
  { lesser: 'backoffBase', greater: 'backoffCap', yields: 'greater' },
  { lesser: 'throttledBase', greater: 'backoffCap', yields: 'lesser' },
  { lesser: 'budgetStart', greater: 'budgetCap', yields: 'lesser' },
  { lesser: 'breakerOpenFor', greater: 'breakerMaxOpenFor', yields: 'greater' },
  { lesser: 'limiterMin', greater: 'limiterMax', yields: 'greater' },
]

export function settleRelations(scene: Scene): void {
  for (const relation of relations) relate(relation, scene)
}

function relate({ lesser, greater, yields }: Relation, scene: Scene): void {
  const { given, settled, problems } = scene
  if (settled.get(lesser)?.unused === true) return
  const [less, more] = [numberOf(scene, lesser), numberOf(scene, greater)]
  if (less === undefined || more === undefined || less <= more) return
  const [lessGiven, moreGiven] = [given.get(lesser), given.get(greater)]
  const both = lessGiven !== undefined && moreGiven !== undefined
  if (both && lessGiven.rank <= moreGiven.rank)
    problems.push(contradiction(lesser, lessGiven, greater, moreGiven))
  else if (both || yields === 'lesser' || lessGiven === undefined)
    settled.set(lesser, { value: more, note: `limited by ${greater}`, adjusted: true })
  else settled.set(greater, { value: less, note: `raised to ${lesser}`, adjusted: true })
}

function contradiction(lesser: OptionName, less: Given, greater: OptionName, more: Given): ConfigProblem {
  const limit = valueText(optionsTable[greater], more.value)
  return conflict(
    lesser,
    less,
    `at most ${more.label} (${limit})`,
    less.source === 'environment' ? `${less.label}=${limit}` : `${less.label}: ${JSON.stringify(more.value)}`,
  )
}

/** What was given for an option does not go with another. */
export function conflict(
  option: OptionName,
  { label, raw, source }: Given,
  expected: string,
  fix?: string,
): ConfigProblem {
  const problem = { variable: label, received: raw, expected, reason: 'conflict', option, source } as const
  return fix === undefined ? problem : { ...problem, fix }
}
