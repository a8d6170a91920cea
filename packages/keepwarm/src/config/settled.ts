import type { ConfigProblem } from '../errors.ts'
import type { Given } from './given.ts'
import type { OptionName } from './options-table.ts'
import type { Value } from './read-value.ts'

/** What an option is in the end. */
export interface Settling {
  readonly value: Value | undefined
  /** Why it is not what was written, or not the usual default. */
  readonly note?: string
  /** Whether the client has to be told, although nobody gave it. */
  readonly adjusted?: true
  /** Whether it says nothing, because what it belongs to is switched off. */
  readonly unused?: true
}

export type Settled = Map<OptionName, Settling>

/** Everything that the rules of a configuration look at, and change. */
export interface Scene {
  readonly given: ReadonlyMap<OptionName, Given>
  readonly settled: Settled
  readonly problems: ConfigProblem[]
  /** Whether all that the client is told is known: a base URL that is missing now will not come later. */
  readonly isWhole: boolean
}

export function valueOf({ settled }: Scene, name: OptionName): Value | undefined {
  return settled.get(name)?.value
}

/** A number, or undefined where the option is none or nothing bounds it. */
export function numberOf(scene: Scene, name: OptionName): number | undefined {
  const value = valueOf(scene, name)
  return typeof value === 'number' && value !== Infinity ? value : undefined
}
