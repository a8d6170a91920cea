import { ConfigError, type ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import { AimdRule } from './aimd.ts'
import { GradientRule } from './gradient.ts'
import { HalfProbeLimiter } from './half-probe.ts'
import type { Limiter } from './limiter.ts'
import { WindowedLimiter } from './windowed.ts'

export type LimiterAlgorithm = 'half-probe' | 'gradient' | 'aimd'

export const limiterAlgorithms: readonly LimiterAlgorithm[] = ['half-probe', 'gradient', 'aimd']

/** How many requests may be in flight at once, when the number follows what the server can do. */
export interface LimiterOptions {
  /**
   * How the number is found. Default `half-probe`: of the three it alone comes to 95 % of what the best fixed limit serves
   * under every workload of `npm run bench -- limits`, with half of the requests done in less than twice the time of an idle server
   * (where four clients share it: in less than three times); and it alone does not drift, neither in ten minutes of overload nor among four clients.
   *
   * `gradient` serves as much where a server is overloaded, but its limit climbs for as long as that lasts (to eight times
   * the server's slots in ten minutes). `aimd` is the simplest; it needs a while when a server becomes slower, and drifts
   * among several clients. All three shrink when requests are lost, and when the server says that it is too much.
   *
   * None can tell a line of other clients from a server that became slower in another way than all its requests by one
   * factor; what `half-probe` makes of that is said at `Baseline`. Several clients get equal parts only from a server that
   * answers 429 or 503 with Retry-After when too many stand in line.
   */
  readonly algorithm?: LimiterAlgorithm
  /** Never fewer than these, even when nothing comes back; a whole number. Default 1. */
  readonly min?: number
  /** Never more than these; a whole number. Default 200, or `min` where that is more. */
  readonly max?: number
  /**
   * What it begins with; a whole number from `min` to `max`. Default 4, or the nearest that is allowed. From there it
   * doubles several times in a second or two. It is small so that the first thing that is learnt, how fast the server is
   * when nobody stands in line, is true: clients who all begin at a server's limit would see each other's line.
   */
  readonly initial?: number
}

const limiterOptionNames: ReadonlySet<string> = namesOf<LimiterOptions>({
  algorithm: true,
  min: true,
  max: true,
  initial: true,
})

/** {@link LimiterOptions} with every default filled in. */
export type LimiterSettings = Required<LimiterOptions>

export const limiterDefaults: LimiterSettings = { algorithm: 'half-probe', min: 1, max: 200, initial: 4 }

/**
 * Fills in the defaults.
 *
 * @throws ConfigError naming every option that cannot be used.
 * @example resolveLimiter({ max: 50 }).initial // 4
 */
export function resolveLimiter(options: LimiterOptions = {}): LimiterSettings {
  const unknown = optionProblems(options, limiterOptionNames, 'limiter')
  if (unknown.length > 0) throw new ConfigError(unknown)
  const min = options.min ?? limiterDefaults.min
  const max = options.max ?? Math.max(limiterDefaults.max, min)
  const settings: LimiterSettings = {
    algorithm: options.algorithm ?? limiterDefaults.algorithm,
    min,
    max,
    initial: options.initial ?? Math.min(max, Math.max(min, limiterDefaults.initial)),
  }
  const problems = findProblems(settings)
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

function findProblems(settings: LimiterSettings): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: keyof LimiterSettings, expected: string): void => {
    if (!holds) problems.push({ variable: `limiter.${option}`, received: String(settings[option]), expected })
  }
  const { algorithm, min, max, initial } = settings
  const wholeFrom = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least
  require(limiterAlgorithms.includes(algorithm), 'algorithm', `one of ${limiterAlgorithms.join(', ')}`)
  require(wholeFrom(min, 1), 'min', 'a whole number from 1')
  if (!wholeFrom(min, 1)) return problems // what depends on it cannot be judged
  require(wholeFrom(max, min), 'max', `a whole number, not less than limiter.min (${min})`)
  if (!wholeFrom(max, min)) return problems
  require(wholeFrom(initial, min) && initial <= max, 'initial', `a whole number from ${min} to ${max}`)
  return problems
}

/**
 * A limiter for one lane of the pool.
 *
 * @throws ConfigError naming every option that cannot be used.
 * @example
 * const limiter = createLimiter({ max: 100 })
 * limiter.sample(48, 3, 'success', now, random)
 * lane.maxInFlight = limiter.limit
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const settings = resolveLimiter(options)
  switch (settings.algorithm) {
    case 'half-probe':
      return new HalfProbeLimiter(settings)
    case 'gradient':
      return new WindowedLimiter(settings, new GradientRule())
    case 'aimd':
      return new WindowedLimiter(settings, new AimdRule())
  }
}
