import { ConfigError, type ConfigProblem } from '../errors.ts'
import { isObject } from '../known-options.ts'
import { resolveLimiter, type LimiterOptions, type LimiterSettings } from '../limit/options.ts'

/** true for the defaults, false or undefined for a limit that does not adapt. */
export type LimiterOption = boolean | LimiterOptions

/** @param within its full name: `limiter`, or `groups.slow.limiter` */
export function limiterProblems(limiter: unknown, within = 'limiter'): ConfigProblem[] {
  if (limiter === undefined || typeof limiter === 'boolean') return []
  if (!isObject(limiter)) {
    const received = JSON.stringify(limiter) ?? `a ${typeof limiter}`
    return [{ variable: within, received, expected: 'true, false or an object such as { max: 50 }' }]
  }
  try {
    resolveLimiter(limiter)
    return []
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems.map((problem) => named(problem, within))
    throw thrown
  }
}

function named({ variable, received, expected, fix }: ConfigProblem, within: string): ConfigProblem {
  const full = (text: string): string => text.replaceAll('limiter.', `${within}.`)
  const words = { variable: full(variable), received, expected: full(expected) }
  return fix === undefined ? words : { ...words, fix: full(fix) }
}

/** With the defaults filled in; null where the limit does not adapt. */
export function resolveLimiterOption(limiter: LimiterOption | undefined): LimiterSettings | null {
  if (limiter === undefined || limiter === false) return null
  return resolveLimiter(limiter === true ? {} : limiter)
}

/** Whether a limiter that was made with `before` may go on under `after`. */
export function isSameLimiter(before: LimiterSettings | null, after: LimiterSettings | null): boolean {
  if (before === null || after === null) return before === after
  const { algorithm, min, max, initial } = before
  return algorithm === after.algorithm && min === after.min && max === after.max && initial === after.initial
}
