import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'

/** When an endpoint is checked, and what it takes to change one's mind about it. All times in milliseconds. */
export interface CheckOptions {
  /** Between two checks, in ms. Default 10000. */
  readonly interval?: number
  /** Between two checks when the last one spoke against those before, in ms. Default a fifth of `interval`. */
  readonly edgeInterval?: number
  /** Between two checks when nobody has asked for so long, in ms. Default six times `interval`. */
  readonly idleInterval?: number
  /** By which share each of these is longer or shorter by chance, from 0 to below 1. Default 0.1. */
  readonly jitter?: number
  /** A check that takes longer has failed, in ms; less than `interval`. Default half of `interval`. */
  readonly timeout?: number
  /** Checks that fail in a row until it is down. Default 3. */
  readonly down?: number
  /** Checks that pass in a row until it is up again. Default 2. */
  readonly up?: number
}

/** From which numbers on something is no longer healthy. */
export interface VerdictOptions {
  /** The share of failures from which it is degraded, above 0 and up to 1. Default 0.1. */
  readonly degradedRatio?: number
  /** The share of failures from which it is unhealthy, not less than `degradedRatio`. Default 0.5. */
  readonly unhealthyRatio?: number
  /** Below this many completions the share says nothing. Default 20. */
  readonly minimumCompletions?: number
  /** Waiting for a connection for so long is degraded, in ms. Default 1000. */
  readonly degradedWait?: number
}

export type CheckSettings = Required<CheckOptions>
export type VerdictSettings = Required<VerdictOptions>

export const checkOptionNames: ReadonlySet<string> = namesOf<CheckOptions>({
  interval: true,
  edgeInterval: true,
  idleInterval: true,
  jitter: true,
  timeout: true,
  down: true,
  up: true,
})

const verdictOptionNames: ReadonlySet<string> = namesOf<VerdictOptions>({
  degradedRatio: true,
  unhealthyRatio: true,
  minimumCompletions: true,
  degradedWait: true,
})

export const checkDefaults: CheckSettings = {
  interval: 10_000,
  edgeInterval: 2_000,
  idleInterval: 60_000,
  jitter: 0.1,
  timeout: 5_000,
  down: 3,
  up: 2,
}

export const verdictDefaults: VerdictSettings = {
  degradedRatio: 0.1,
  unhealthyRatio: 0.5,
  minimumCompletions: 20,
  degradedWait: 1_000,
}

/**
 * Fills in the defaults.
 *
 * @throws ConfigError naming every option that cannot be used or is not known.
 * @example resolveChecks({ interval: 5_000 }).timeout // 2500
 */
export function resolveChecks(options: CheckOptions = {}): CheckSettings {
  refuse(optionProblems(options, checkOptionNames, 'health'))
  const interval = options.interval ?? checkDefaults.interval
  const settings: CheckSettings = {
    interval,
    edgeInterval: options.edgeInterval ?? interval / 5,
    idleInterval: options.idleInterval ?? interval * 6,
    jitter: options.jitter ?? checkDefaults.jitter,
    timeout: options.timeout ?? interval / 2,
    down: options.down ?? checkDefaults.down,
    up: options.up ?? checkDefaults.up,
  }
  refuse(checkProblems(settings))
  return settings
}

/**
 * Fills in the defaults.
 *
 * @throws ConfigError naming every option that cannot be used or is not known.
 */
export function resolveVerdict(options: VerdictOptions = {}): VerdictSettings {
  refuse(optionProblems(options, verdictOptionNames, 'health.verdict'))
  const settings: VerdictSettings = {
    degradedRatio: options.degradedRatio ?? verdictDefaults.degradedRatio,
    unhealthyRatio: options.unhealthyRatio ?? verdictDefaults.unhealthyRatio,
    minimumCompletions: options.minimumCompletions ?? verdictDefaults.minimumCompletions,
    degradedWait: options.degradedWait ?? verdictDefaults.degradedWait,
  }
  refuse(verdictProblems(settings))
  return settings
}

function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) throw new ConfigError(problems)
}

function checkProblems(settings: CheckSettings): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: keyof CheckSettings, expected: string): void => {
    if (!holds) problems.push({ variable: `health.${option}`, received: String(settings[option]), expected })
  }
  const { interval, edgeInterval, idleInterval, jitter, timeout } = settings
  require(isAbove0(interval), 'interval', 'milliseconds above 0')
  const upToInterval = `milliseconds above 0, not more than health.interval (${interval})`
  require(isAbove0(edgeInterval) && !(edgeInterval > interval), 'edgeInterval', upToInterval)
  const longer = Number.isFinite(idleInterval) && !(idleInterval < interval)
  require(longer, 'idleInterval', `milliseconds, not less than health.interval (${interval})`)
  require(jitter >= 0 && jitter < 1, 'jitter', 'a number from 0 to below 1')
  const shorter = `milliseconds above 0, less than health.interval (${interval})`
  require(isAbove0(timeout) && !(timeout >= interval), 'timeout', shorter)
  for (const option of ['down', 'up'] as const)
    require(isWhole(settings[option]), option, 'a whole number from 1')
  return problems
}

function verdictProblems(settings: VerdictSettings): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: keyof VerdictSettings, expected: string): void => {
    if (holds) return
    problems.push({ variable: `health.verdict.${option}`, received: String(settings[option]), expected })
  }
  const { degradedRatio, unhealthyRatio, minimumCompletions, degradedWait } = settings
  require(degradedRatio > 0 && degradedRatio <= 1, 'degradedRatio', 'a number above 0 and up to 1')
  const ordered = unhealthyRatio >= degradedRatio && unhealthyRatio <= 1
  const expected = `a number up to 1, not less than health.verdict.degradedRatio (${degradedRatio})`
  require(ordered, 'unhealthyRatio', expected)
  require(isWhole(minimumCompletions), 'minimumCompletions', 'a whole number from 1')
  require(degradedWait >= 0 && Number.isFinite(degradedWait), 'degradedWait', 'milliseconds from 0')
  return problems
}

function isAbove0(value: number): boolean {
  return Number.isFinite(value) && value > 0
}

function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= 1
}
