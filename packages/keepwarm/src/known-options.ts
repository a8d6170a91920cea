/** Options that do not exist: TypeScript finds them, JavaScript does not, and they would vanish without a word. */
import type { ConfigProblem } from './errors.ts'
import { nearest } from './nearest.ts'
import { ownName } from './option-habits.ts'

/**
 * The names of an options type. The compiler sees to it that none is missing and none too many.
 *
 * @example const names = namesOf<LimitOptions>({ maxConnections: true, … })
 */
export function namesOf<Options>(names: Readonly<Record<keyof Options, true>>): ReadonlySet<string> {
  return new Set(Object.keys(names))
}

const none: readonly ConfigProblem[] = []

/**
 * One problem for each given name that is not known, or for options that are no object. What is undefined is not
 * given. Costs next to nothing where all is well: every call with options comes through here.
 *
 * @param within the option that holds these, such as `retry`; without it they are those of the call or constructor.
 */
export function optionProblems(
  given: unknown,
  known: ReadonlySet<string>,
  within?: string,
): readonly ConfigProblem[] {
  if (!isObject(given)) return [noObject(given, within ?? 'options')]
  let problems: ConfigProblem[] | undefined
  for (const name in given) {
    if (known.has(name) || given[name] === undefined || !Object.hasOwn(given, name)) continue
    problems ??= []
    problems.push(unknown(name, known, within === undefined ? '' : `${within}.`))
  }
  return problems ?? none
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function noObject(given: unknown, variable: string): ConfigProblem {
  const received = Array.isArray(given) ? 'an array' : given == null ? String(given) : `a ${typeof given}`
  return { variable, received, expected: 'an object' }
}

/** Thirty names would help nobody. */
function listed(known: ReadonlySet<string>): string {
  return known.size > 12 ? '' : `: ${[...known].join(', ')}`
}

/** The value is not shown: who knows what it is. */
function unknown(name: string, known: ReadonlySet<string>, prefix: string): ConfigProblem {
  const own = ownName(name, known)
  const meant = own ?? nearest(name, known)
  const expected = `a known option${meant === undefined ? listed(known) : `; did you mean ${prefix}${meant}?`}`
  const rename = meant === undefined ? `remove ${prefix}${name}` : `rename it to ${prefix}${meant}`
  const fix = own === undefined ? rename : `use ${prefix}${own}; what it takes may be another thing`
  return { variable: prefix + name, received: '(not shown)', expected, fix }
}
