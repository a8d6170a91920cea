import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import { namesOf } from '../known-options.ts'

/** When a breaker trips and how it finds back. All times in milliseconds. */
export interface BreakerOptions {
  /** The share of failures among the completions of the window that trips it, above 0 and up to 1. Default 0.5. */
  readonly failureRatio?: number
  /** Below this many completions in the window the share says nothing. Default 20. */
  readonly minimumCompletions?: number
  /** How far back completions are counted, in ms. Default 10000, in ten buckets. */
  readonly window?: number
  /** Failures to connect in a row that trip it by themselves, for a dead host that is seldom called. Default 5. */
  readonly connectFailures?: number
  /**
   * How long it stays open before a probe, in ms. Default 5000, shortened by chance by up to a quarter; longer when the
   * answer that opened it asks for more with `Retry-After`.
   */
  readonly openFor?: number
  /** From the third re-opening on `openFor` doubles, up to this, in ms; `Retry-After` too. Default 60000. */
  readonly maxOpenFor?: number
  /** Probes that may be under way at once when half-open, and successes that close it. Default 3. */
  readonly probes?: number
  /**
   * How long a probe may take, in ms; then its permit goes to another. Default: twice what all but the slowest hundredth
   * of the last answers took, at least a second, doubled at each re-opening, at most 30 s; and 30 s while no answers
   * are known.
   */
  readonly probeTimeout?: number
  /** After it has closed, calls are let back in little by little for so long, in ms; 0 for all at once. Default 1000. */
  readonly rampFor?: number
  /** A caller who leaves after so long, in ms, counts as a failure: the server was too slow. Default Infinity: never. */
  readonly slowAfter?: number
  /** Whether 429 counts as a failure. Default false: the server is well, and asks for less. */
  readonly overloadIsFailure?: boolean
}

export const breakerOptionNames: ReadonlySet<string> = namesOf<BreakerOptions>({
  failureRatio: true,
  minimumCompletions: true,
  window: true,
  connectFailures: true,
  openFor: true,
  maxOpenFor: true,
  probes: true,
  probeTimeout: true,
  rampFor: true,
  slowAfter: true,
  overloadIsFailure: true,
})

/** {@link BreakerOptions} with every default filled in. */
export interface BreakerSettings extends Required<Omit<BreakerOptions, 'probeTimeout'>> {
  /** undefined: by what the answers took. */
  readonly probeTimeout: number | undefined
}

export const breakerDefaults: BreakerSettings = {
  failureRatio: 0.5,
  minimumCompletions: 20,
  window: 10_000,
  connectFailures: 5,
  openFor: 5_000,
  maxOpenFor: 60_000,
  probes: 3,
  probeTimeout: undefined,
  rampFor: 1_000,
  slowAfter: Infinity,
  overloadIsFailure: false,
}

/**
 * Fills in the defaults.
 *
 * @throws ConfigError naming every option that cannot be used.
 * @example resolveBreaker({ openFor: 1_000 }).probes // 3
 */
export function resolveBreaker(options: BreakerOptions = {}): BreakerSettings {
  const openFor = options.openFor ?? breakerDefaults.openFor
  const settings: BreakerSettings = {
    failureRatio: options.failureRatio ?? breakerDefaults.failureRatio,
    minimumCompletions: options.minimumCompletions ?? breakerDefaults.minimumCompletions,
    window: options.window ?? breakerDefaults.window,
    connectFailures: options.connectFailures ?? breakerDefaults.connectFailures,
    openFor,
    maxOpenFor: options.maxOpenFor ?? Math.max(breakerDefaults.maxOpenFor, openFor),
    probes: options.probes ?? breakerDefaults.probes,
    probeTimeout: options.probeTimeout ?? breakerDefaults.probeTimeout,
    rampFor: options.rampFor ?? breakerDefaults.rampFor,
    slowAfter: options.slowAfter ?? breakerDefaults.slowAfter,
    overloadIsFailure: options.overloadIsFailure ?? breakerDefaults.overloadIsFailure,
  }
  const problems = findProblems(settings)
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

function findProblems(settings: BreakerSettings): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: keyof BreakerSettings, expected: string): void => {
    if (!holds) problems.push({ variable: `breaker.${option}`, received: String(settings[option]), expected })
  }
  const { failureRatio, openFor, maxOpenFor, probeTimeout = 1, rampFor, slowAfter } = settings
  require(failureRatio > 0 && failureRatio <= 1, 'failureRatio', 'a number above 0 and up to 1')
  for (const option of ['minimumCompletions', 'connectFailures', 'probes'] as const)
    require(Number.isInteger(settings[option]) && settings[option] >= 1, option, 'a whole number from 1')
  for (const option of ['window', 'openFor'] as const)
    require(settings[option] > 0 && Number.isFinite(settings[option]), option, 'milliseconds above 0')
  require(probeTimeout > 0 && Number.isFinite(probeTimeout), 'probeTimeout', 'milliseconds above 0')
  require(rampFor >= 0 && Number.isFinite(rampFor), 'rampFor', 'milliseconds from 0')
  require(slowAfter > 0, 'slowAfter', 'milliseconds above 0, or Infinity for never')
  require(typeof settings.overloadIsFailure === 'boolean', 'overloadIsFailure', 'true or false')
  const ordered = maxOpenFor >= openFor && Number.isFinite(maxOpenFor)
  require(ordered, 'maxOpenFor', `milliseconds, not less than breaker.openFor (${openFor})`)
  return problems
}
