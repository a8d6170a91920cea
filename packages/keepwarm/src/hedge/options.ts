import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import { isObject, namesOf } from '../known-options.ts'

/** A moment that moves with the origin's own latencies: when so large a share of its answers has come. */
export interface AfterQuantile {
  /** Above 0 and below 1, such as 0.95: then about 5 % of the calls have not been answered. */
  readonly quantile: number
}

/** When a second attempt goes out while the first is still under way. */
export interface HedgeOptions {
  /**
   * How long the first attempt has, in ms from 1, or a quantile of what is usual. Default `{ quantile: 0.95 }`, which
   * begins after a hundred samples and is never less than 1 ms.
   */
  readonly after?: number | AfterQuantile
  /** How many hedges a call may have besides its first attempt, 1 to 4. Default 1. */
  readonly most?: number
  /** Hedges as a share of requests, above 0 and up to 1; what is above waits on. Default 0.05. */
  readonly share?: number
}

export const hedgeOptionNames: ReadonlySet<string> = namesOf<HedgeOptions>({
  after: true,
  most: true,
  share: true,
})

/** {@link HedgeOptions} with every default filled in. */
export type HedgeSettings = Required<HedgeOptions>

export const hedgeDefaults: HedgeSettings = { after: { quantile: 0.95 }, most: 1, share: 0.05 }

/** No hedge goes out sooner, in ms: timers are no finer. */
export const SOONEST = 1

/**
 * Fills in the defaults.
 *
 * @throws ConfigError naming every option that cannot be used.
 * @example resolveHedge({ after: 20 }).share // 0.05
 */
export function resolveHedge(options: HedgeOptions = {}): HedgeSettings {
  const settings: HedgeSettings = {
    after: options.after ?? hedgeDefaults.after,
    most: options.most ?? hedgeDefaults.most,
    share: options.share ?? hedgeDefaults.share,
  }
  const { after, most, share } = settings
  const problems: ConfigProblem[] = []
  if (!isAfter(after))
    problems.push({
      variable: 'hedge.after',
      received: shown(after),
      expected: `milliseconds from ${SOONEST}, or { quantile } above 0 and below 1`,
      fix: 'hedge: { after: { quantile: 0.95 } }',
    })
  if (!(Number.isInteger(most) && most >= 1 && most <= 4))
    problems.push({
      variable: 'hedge.most',
      received: String(most),
      expected: 'a whole number from 1 to 4',
    })
  if (!(share > 0 && share <= 1))
    problems.push({
      variable: 'hedge.share',
      received: String(share),
      expected: 'a number above 0 and up to 1',
    })
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

function isAfter(after: unknown): boolean {
  if (typeof after === 'number') return after >= SOONEST && Number.isFinite(after)
  if (!isObject(after)) return false
  const { quantile, ...others } = after
  return typeof quantile === 'number' && quantile > 0 && quantile < 1 && Object.keys(others).length === 0
}

function shown(after: unknown): string {
  return isObject(after) ? JSON.stringify(after) : String(after)
}
