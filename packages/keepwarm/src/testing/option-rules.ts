/** What is wrong with options, as a list of rules that hold or do not. */
import type { ConfigProblem } from '../errors.ts'

/** An option, what came, whether that will do, and what would. */
export type Rule = readonly [option: string, received: unknown, holds: boolean, expected: string]

/** A problem for each rule that does not hold. */
export function broken(rules: readonly Rule[]): ConfigProblem[] {
  return rules
    .filter(([, , holds]) => !holds)
    .map(([variable, received, , expected]) => ({ variable, received: shown(received), expected }))
}

function shown(value: unknown): string {
  return typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? 'undefined')
}
