/** What methods of the pool and the client are told, checked before anything is done. */
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'

export interface CloseOptions {
  /** Milliseconds after which whatever is left is ended. Default: never. */
  readonly timeout?: number
}

const closeOptionNames = namesOf<CloseOptions>({ timeout: true })

/** @throws ConfigError when the timeout is no number from 0, or an option is none of close() */
export function checkClose(options: CloseOptions | null | undefined): void {
  if (options === undefined || options === null) return
  const { timeout } = options
  const problems: ConfigProblem[] = [...optionProblems(options, closeOptionNames)]
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    problems.push({ variable: 'timeout', received: shown(timeout), expected: 'milliseconds from 0' })
  }
  if (problems.length > 0) throw new ConfigError(problems)
}

/** Which connections. */
export interface EvictOptions {
  /** Those of one origin. */
  readonly origin?: string | URL
  /** The one with this id, as `connections()` has it. */
  readonly id?: number
}

const evictOptionNames = namesOf<EvictOptions>({ origin: true, id: true })

/** @throws ConfigError when an option is none of evict(): a misspelt one must not evict everything */
export function checkEvict(options: EvictOptions): void {
  const problems = optionProblems(options, evictOptionNames)
  if (problems.length > 0) throw new ConfigError(problems)
}

/** @throws ConfigError when it is no whole number from 0 */
export function checkWarmCount(count: unknown): void {
  if (Number.isInteger(count) && (count as number) >= 0) return
  throw new ConfigError([
    { variable: 'count', received: shown(count), expected: 'a whole number of connections from 0' },
  ])
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
