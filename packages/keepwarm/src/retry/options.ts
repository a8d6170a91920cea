import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import { namesOf } from '../known-options.ts'
import type { Backoff, Growth, Jitter } from './backoff.ts'
import type { ShouldRetry } from './hook.ts'

/** When and how often a call is tried again. All times in milliseconds. */
export interface RetryOptions {
  /** How many times a call is tried in all, the first included; 1 means never again. Default 3. */
  readonly attempts?: number
  /** The longest possible wait before the first retry, in ms. Default 100. */
  readonly base?: number
  /** How much longer each further wait may be; 1 or more. Default 2. */
  readonly multiplier?: number
  /** The longest wait between two attempts, in ms, unless the server asks for more. Default 5000. */
  readonly cap?: number
  /**
   * In place of `base` after a 429 or a 503, in ms: who is asked for less waits longer. Default ten times `base`, which
   * is 1000, but not more than `cap`.
   */
  readonly throttledBase?: number
  /** How the waits grow: by `multiplier`, by one `base` each, or not at all. Default `exponential`. */
  readonly growth?: Growth
  /**
   * How the waits are spread: `full` draws from nothing to the whole wait; a number from 0 to 1 up to that share more or
   * less. Default `full`: clients that failed together shall not come back together.
   */
  readonly jitter?: Jitter
  /**
   * Statuses that are worth another try. Default 408, 429, 500, 502, 503, 504. 501 and 505 are never tried again:
   * the server has said that it cannot do this at all. 425 is tried again once, listed or not.
   */
  readonly statuses?: Iterable<number>
  /**
   * The longest `Retry-After` that is waited for, in ms. Default 60000. When a server asks for more, the call fails at
   * once and the error carries `retryAfter`: to come back earlier than asked would help nobody.
   */
  readonly maxRetryAfter?: number
  /**
   * The last word on each retry: true for another try, false for none, undefined to leave it to the rules. It is asked
   * only where another try is safe and there is an attempt left: what may have been processed goes again only if
   * `idempotent` says so, and neither a cancelled call nor 501, 505 or a refused certificate ever does. When it throws,
   * the call fails with the error that it was asked about.
   *
   * @example shouldRetry: ({ ending }) => ('status' in ending && ending.status === 404 ? true : undefined)
   */
  readonly shouldRetry?: ShouldRetry
}

export const retryOptionNames: ReadonlySet<string> = namesOf<RetryOptions>({
  attempts: true,
  base: true,
  multiplier: true,
  cap: true,
  throttledBase: true,
  growth: true,
  jitter: true,
  statuses: true,
  maxRetryAfter: true,
  shouldRetry: true,
})

/** {@link RetryOptions} with every default filled in, in the shape that `decideRetry` asks for. */
export interface RetrySettings {
  readonly attempts: number
  readonly backoff: Required<Backoff>
  readonly throttledBase: number
  readonly statuses: ReadonlySet<number>
  readonly maxRetryAfter: number
  readonly shouldRetry: ShouldRetry | undefined
}

export const retryDefaults: RetrySettings = {
  attempts: 3,
  backoff: { base: 100, multiplier: 2, cap: 5_000, growth: 'exponential', jitter: 'full' },
  throttledBase: 1_000,
  statuses: new Set([408, 429, 500, 502, 503, 504]),
  maxRetryAfter: 60_000,
  shouldRetry: undefined,
}

/**
 * Fills in the defaults.
 *
 * @param defaults what holds where nothing is given: those of the client for a call.
 * @throws ConfigError naming every option that cannot be used.
 * @example resolveRetry({ attempts: 5 }).backoff.cap // 5000
 */
export function resolveRetry(
  options: RetryOptions = {},
  defaults: RetrySettings = retryDefaults,
): RetrySettings {
  const { backoff } = defaults
  const base = options.base ?? backoff.base
  const cap = options.cap ?? Math.max(backoff.cap, base)
  const settings: RetrySettings = {
    attempts: options.attempts ?? defaults.attempts,
    backoff: {
      base,
      multiplier: options.multiplier ?? backoff.multiplier,
      cap,
      growth: options.growth ?? backoff.growth,
      jitter: options.jitter ?? backoff.jitter,
    },
    throttledBase: options.throttledBase ?? usualThrottledBase(base, cap, defaults),
    statuses: options.statuses === undefined ? defaults.statuses : new Set(options.statuses),
    maxRetryAfter: options.maxRetryAfter ?? defaults.maxRetryAfter,
    shouldRetry: options.shouldRetry ?? defaults.shouldRetry,
  }
  const problems = findProblems(settings)
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

/** Who changes `base` changes this with it, in the same proportion. */
function usualThrottledBase(base: number, cap: number, { backoff, throttledBase }: RetrySettings): number {
  if (base === backoff.base) return Math.min(throttledBase, cap)
  return Math.min(backoff.base === 0 ? base * 10 : base * (throttledBase / backoff.base), cap)
}

const growths: readonly unknown[] = ['exponential', 'linear', 'constant']

function findProblems(settings: RetrySettings): ConfigProblem[] {
  const { attempts, backoff, throttledBase, statuses, maxRetryAfter, shouldRetry } = settings
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: string, received: unknown, expected: string): void => {
    if (!holds) problems.push({ variable: `retry.${option}`, received: String(received), expected })
  }
  const { base, multiplier, cap, growth, jitter } = backoff
  require(Number.isInteger(attempts) && attempts >= 1, 'attempts', attempts, 'a whole number from 1')
  require(isFrom(0, base), 'base', base, 'milliseconds from 0')
  require(isFrom(1, multiplier), 'multiplier', multiplier, 'a number from 1')
  require(isFrom(base, cap), 'cap', cap, `milliseconds, not less than retry.base (${base})`)
  const throttled = isFrom(0, throttledBase) && throttledBase <= cap
  // It follows from base and cap where it is not given, and then their problems are told already.
  if (isFrom(0, base) && isFrom(base, cap))
    require(throttled, 'throttledBase', throttledBase, `milliseconds from 0 to retry.cap (${cap})`)
  require(growths.includes(growth), 'growth', growth, 'exponential, linear or constant')
  require(jitter === 'full' ||
    (isFrom(0, jitter) && jitter <= 1), 'jitter', jitter, 'full, or a number from 0 to 1')
  require(maxRetryAfter >= 0, 'maxRetryAfter', maxRetryAfter, 'milliseconds from 0')
  const hook = shouldRetry === undefined || typeof shouldRetry === 'function'
  require(hook, 'shouldRetry', typeof shouldRetry, 'a function')
  for (const status of statuses) require(isRetryable(status), 'statuses', status, 'statuses from 400 to 599')
  return problems
}

function isFrom(least: number, value: unknown): boolean {
  return typeof value === 'number' && value >= least && Number.isFinite(value)
}

function isRetryable(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status <= 599
}
