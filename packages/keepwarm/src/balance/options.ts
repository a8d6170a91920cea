import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'
import { isObject, namesOf, optionProblems } from '../known-options.ts'

/** When an endpoint is taken out because of how its requests end. All times in milliseconds. */
export interface EjectionOptions {
  /** Failures in a row that eject it. Default 5. */
  readonly failures?: number
  /** Failures to connect in a row that eject it. Default 5. */
  readonly connectFailures?: number
  /** How often the success rates are compared, in ms; an endpoint that is well for so long is forgiven one ejection. Default 10000. */
  readonly interval?: number
  /** Endpoints with fewer requests in an interval are not compared. Default 100. */
  readonly minimumRequests?: number
  /** With fewer endpoints to compare, an average says nothing. At least 3. Default 5. */
  readonly minimumEndpoints?: number
  /** How many standard deviations below the average a success rate is an outlier. Default 1.9. */
  readonly deviations?: number
  /**
   * How far below the average it must be besides, from 0 to 1: when all do well, the last of them does well, too.
   * Default 0.05.
   */
  readonly margin?: number
  /** How long the first ejection lasts, in ms; the nth in a row n times as long. Default 10000, shortened by chance by up to a quarter. */
  readonly ejectFor?: number
  /** The longest ejection, in ms. Default 300000. */
  readonly maxEjectFor?: number
  /** The share of endpoints that may be out at once, from 0 to 1; one always may. Default 0.5 below ten endpoints, 0.1 from ten on. */
  readonly maxShare?: number
}

/** How requests are spread over the endpoints of a service. All times in milliseconds. */
export interface BalanceOptions {
  /** How fast a peak of latency is forgotten, in ms: after so long a third of it is left. Default 10000. */
  readonly decay?: number
  /** What a failure counts as, at least, in ms. The attempt timeout is a good value. Default 30000. */
  readonly failurePenalty?: number
  /** How long a new endpoint, or one that came back, takes to get its full share, in ms. 0 gives it at once. Default 10000. */
  readonly slowStart?: number
  /** The share it begins with, above 0 and up to 1. Default 0.1. */
  readonly slowStartFrom?: number
  /** When the share of endpoints that are well is below this, all are used, from 0 to 1. Default 0.5. */
  readonly panicBelow?: number
  /** How much each endpoint can carry, beside the others, above 0. Those without have 1. Default none. */
  readonly weights?: Readonly<Record<string, number>>
  /** Taking endpoints out that fail. `false` leaves all in. */
  readonly ejection?: EjectionOptions | false
}

const ejectionOptionNames: ReadonlySet<string> = namesOf<EjectionOptions>({
  failures: true,
  connectFailures: true,
  interval: true,
  minimumRequests: true,
  minimumEndpoints: true,
  deviations: true,
  margin: true,
  ejectFor: true,
  maxEjectFor: true,
  maxShare: true,
})

export const balanceOptionNames: ReadonlySet<string> = namesOf<BalanceOptions>({
  decay: true,
  failurePenalty: true,
  slowStart: true,
  slowStartFrom: true,
  panicBelow: true,
  weights: true,
  ejection: true,
})

/** {@link EjectionOptions} with every default filled in; `maxShare` stays open, as its default depends on the number. */
export type EjectionSettings = Required<Omit<EjectionOptions, 'maxShare'>> & {
  readonly maxShare: number | undefined
}

/** {@link BalanceOptions} with every default filled in. */
export type BalanceSettings = Required<Omit<BalanceOptions, 'ejection'>> & {
  readonly ejection: EjectionSettings | false
}

export const ejectionDefaults: EjectionSettings = {
  failures: 5,
  connectFailures: 5,
  interval: 10_000,
  minimumRequests: 100,
  minimumEndpoints: 5,
  deviations: 1.9,
  margin: 0.05,
  ejectFor: 10_000,
  maxEjectFor: 300_000,
  maxShare: undefined,
}

export const balanceDefaults: BalanceSettings = {
  decay: 10_000,
  failurePenalty: 30_000,
  slowStart: 10_000,
  slowStartFrom: 0.1,
  panicBelow: 0.5,
  weights: {},
  ejection: ejectionDefaults,
}

/**
 * Fills in the defaults.
 *
 * @throws ConfigError naming every option that cannot be used or is not known.
 * @example resolveBalance({ failurePenalty: 5_000 }).decay // 10000
 */
export function resolveBalance(options: BalanceOptions = {}): BalanceSettings {
  const unknown = optionProblems(options, balanceOptionNames, 'balance')
  if (unknown.length > 0) throw new ConfigError(unknown)
  const settings: BalanceSettings = {
    ...balanceDefaults,
    ...given(options),
    ejection: resolveEjection(options.ejection),
  }
  const problems = [...balanceProblems(settings), ...weightProblems(settings.weights)]
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

/** @throws ConfigError naming every option that cannot be used or is not known. */
export function resolveEjection(options: EjectionOptions | false = {}): EjectionSettings | false {
  if (options === false) return false
  const unknown = optionProblems(options, ejectionOptionNames, 'balance.ejection')
  if (unknown.length > 0) throw new ConfigError(unknown)
  const { ejectFor = ejectionDefaults.ejectFor } = options
  const maxEjectFor = Math.max(ejectionDefaults.maxEjectFor, ejectFor)
  const settings: EjectionSettings = { ...ejectionDefaults, maxEjectFor, ...given(options) }
  const problems = ejectionProblems(settings)
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

/** @param weights by endpoint */
export function weightProblems(weights: unknown): ConfigProblem[] {
  const variable = 'balance.weights'
  if (!isObject(weights)) return [{ variable, received: typeof weights, expected: 'an object' }]
  return Object.entries(weights)
    .filter(([, weight]) => !(typeof weight === 'number' && weight > 0 && Number.isFinite(weight)))
    .map(([endpoint, weight]) => ({
      variable: `${variable}[${JSON.stringify(endpoint)}]`,
      received: String(weight),
      expected: 'a number above 0; to send nothing there, leave the endpoint out',
    }))
}

/** What is undefined is not given. */
function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options
}

type NumberOption = Exclude<keyof BalanceSettings, 'weights' | 'ejection'>

function balanceProblems(settings: BalanceSettings): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: NumberOption, expected: string): void => {
    if (!holds) problems.push({ variable: `balance.${option}`, received: String(settings[option]), expected })
  }
  for (const option of ['decay', 'failurePenalty'] as const)
    require(isAbove0(settings[option]), option, 'milliseconds above 0')
  require(isFrom0(settings.slowStart), 'slowStart', 'milliseconds from 0')
  const { slowStartFrom } = settings
  require(isShare(slowStartFrom) && slowStartFrom > 0, 'slowStartFrom', 'a number above 0 and up to 1')
  require(isShare(settings.panicBelow), 'panicBelow', 'a number from 0 to 1')
  return problems
}

function ejectionProblems(settings: EjectionSettings): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, option: keyof EjectionSettings, expected: string): void => {
    if (holds) return
    problems.push({ variable: `balance.ejection.${option}`, received: String(settings[option]), expected })
  }
  for (const option of ['failures', 'connectFailures', 'minimumRequests'] as const)
    require(isWhole(settings[option], 1), option, 'a whole number from 1')
  require(isWhole(settings.minimumEndpoints, 3), 'minimumEndpoints', 'a whole number from 3')
  for (const option of ['interval', 'ejectFor'] as const)
    require(isAbove0(settings[option]), option, 'milliseconds above 0')
  require(isFrom0(settings.deviations), 'deviations', 'a number from 0')
  require(isShare(settings.margin), 'margin', 'a number from 0 to 1')
  const { ejectFor, maxEjectFor, maxShare } = settings
  const ordered = isFrom0(maxEjectFor) && maxEjectFor >= ejectFor
  require(ordered, 'maxEjectFor', `milliseconds, not less than balance.ejection.ejectFor (${ejectFor})`)
  require(maxShare === undefined || isShare(maxShare), 'maxShare', 'a number from 0 to 1')
  return problems
}

function isFrom0(value: number): boolean {
  return Number.isFinite(value) && value >= 0
}

function isAbove0(value: number): boolean {
  return Number.isFinite(value) && value > 0
}

function isShare(value: number): boolean {
  return isFrom0(value) && value <= 1
}

function isWhole(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least
}
