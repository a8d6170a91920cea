import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import { namesOf } from '../known-options.ts'
import type { Backoff } from './backoff.ts'

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
   * Statuses that are worth another try. Default 408, 429, 500, 502, 503, 504. 501 and 505 are never tried again:
   * the server has said that it cannot do this at all.
   */
  readonly statuses?: Iterable<number>
  /**
   * The longest `Retry-After` that is waited for, in ms. Default 60000. When a server asks for more, the call fails at
   * once and the error carries `retryAfter`: to come back earlier than asked would help nobody.
   */
  readonly maxRetryAfter?: number
}

export const retryOptionNames: ReadonlySet<string> = namesOf<RetryOptions>({
  attempts: true,
  base: true,
  multiplier: true,
  cap: true,
  statuses: true,
  maxRetryAfter: true,
})

/** {@link RetryOptions} with every default filled in, in the shape that `decideRetry` asks for. */
export interface RetrySettings {
  readonly attempts: number
  readonly backoff: Backoff
  readonly statuses: ReadonlySet<number>
  readonly maxRetryAfter: number
}

export const retryDefaults: RetrySettings = {
  attempts: 3,
  backoff: { base: 100, multiplier: 2, cap: 5_000 },
  statuses: new Set([408, 429, 500, 502, 503, 504]),
  maxRetryAfter: 60_000,
}

/**
 * Fills in the defaults.
 *
 * @throws ConfigError naming every option that cannot be used.
 * @example resolveRetry({ attempts: 5 }).backoff.cap // 5000
 */
export function resolveRetry(options: RetryOptions = {}): RetrySettings {
  const settings: RetrySettings = {
    attempts: options.attempts ?? retryDefaults.attempts,
    backoff: {
      base: options.base ?? retryDefaults.backoff.base,
      multiplier: options.multiplier ?? retryDefaults.backoff.multiplier,
      cap: options.cap ?? Math.max(retryDefaults.backoff.cap, options.base ?? 0),
    },
    statuses: options.statuses === undefined ? retryDefaults.statuses : new Set(options.statuses),
    maxRetryAfter: options.maxRetryAfter ?? retryDefaults.maxRetryAfter,
  }
  const problems = findProblems(settings)
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

function findProblems({ attempts, backoff, statuses, maxRetryAfter }: RetrySettings): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: string, received: unknown, expected: string): void => {
    if (!holds) problems.push({ variable: `retry.${option}`, received: String(received), expected })
  }
  const { base, multiplier, cap } = backoff
  require(Number.isInteger(attempts) && attempts >= 1, 'attempts', attempts, 'a whole number from 1')
  require(base >= 0 && Number.isFinite(base), 'base', base, 'milliseconds from 0')
  require(multiplier >= 1 && Number.isFinite(multiplier), 'multiplier', multiplier, 'a number from 1')
  require(cap >= base && Number.isFinite(cap), 'cap', cap, `milliseconds, not less than retry.base (${base})`)
  require(maxRetryAfter >= 0, 'maxRetryAfter', maxRetryAfter, 'milliseconds from 0')
  for (const status of statuses)
    require(Number.isInteger(status) &&
      status >= 400 &&
      status <= 599, 'statuses', status, 'statuses from 400 to 599')
  return problems
}
