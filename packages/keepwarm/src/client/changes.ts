/** What of a client can change while it works. */
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { CallPlan } from '../exchange/plan.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import { checkLimitNames, resolveLimits, type LimitOptions } from '../pool/options.ts'
import type { RetryOptions } from '../retry/options.ts'
import { isClientOption } from './known-options.ts'
import { mergeOptions } from './named/merge-options.ts'
import type { HttpClientOptions, TimeoutOptions } from './options.ts'
import { resolvePlan } from './plan.ts'
import { poolOptions } from './pool-options.ts'

/**
 * New settings of a client that works. Those of the pool hold at once, lower ones as requests end; all others for calls
 * that begin from now on. What is absent stays as it is.
 */
export interface ClientChanges extends TimeoutOptions, LimitOptions {
  readonly retry?: RetryOptions | false
  readonly maxResponseBytes?: number
  readonly attemptFloor?: number
  readonly followRedirects?: boolean | number
}

const limitNames: ReadonlySet<string> = namesOf<LimitOptions>({
  maxConnections: true,
  maxConnectionsPerOrigin: true,
  maxIdleConnections: true,
  maxQueue: true,
  maxConnectionsPerAddress: true,
  maxDials: true,
  limiter: true,
  groups: true,
})

const changeNames: ReadonlySet<string> = new Set([
  ...limitNames,
  ...namesOf<Omit<ClientChanges, keyof LimitOptions>>({
    timeout: true,
    attemptTimeout: true,
    headersTimeout: true,
    writeTimeout: true,
    bodyIdleTimeout: true,
    retry: true,
    maxResponseBytes: true,
    attemptFloor: true,
    followRedirects: true,
  }),
])

/** @internal A client's state after a change. */
export interface Changed {
  readonly options: HttpClientOptions
  readonly plan: CallPlan
  readonly limits: LimitOptions
}

/**
 * @internal What a change comes to, before anything has changed.
 * @param options those that the client goes by now
 * @throws ConfigError naming everything that is wrong, or cannot change while the client works
 */
export function planChanges(options: HttpClientOptions, changes: ClientChanges): Changed {
  refuse(unchangeable(options, changes))
  const { groups, ...others } = changes
  const next = mergeOptions(options, others)
  const problems: ConfigProblem[] = []
  const plan = told(problems, () => resolvePlan(next))
  const limits = limitsOf(next, changes)
  told(problems, () => checkLimitNames(limits, options.groups))
  told(problems, () => resolveLimits(poolOptions(next), groups === undefined ? {} : { groups }))
  if (plan === undefined || problems.length > 0) throw new ConfigError(problems)
  return { options: next, plan, limits }
}

/** With a base URL one origin may have the whole pool, also when that grows. */
function limitsOf(next: HttpClientOptions, changes: ClientChanges): LimitOptions {
  const given = Object.entries(changes).filter(([name, value]) => limitNames.has(name) && value !== undefined)
  const limits: LimitOptions = Object.fromEntries(given)
  if (limits.maxConnections === undefined || limits.maxConnectionsPerOrigin !== undefined) return limits
  return { ...limits, maxConnectionsPerOrigin: poolOptions(next).maxConnectionsPerOrigin ?? 20 }
}

function unchangeable(options: HttpClientOptions, changes: ClientChanges): ConfigProblem[] {
  const known = (name: string): boolean => isClientOption(name) && !changeNames.has(name)
  const fixed = isObjectLike(changes) ? Object.keys(changes).filter(known) : []
  const shared = Object.keys(options.pool === undefined ? {} : changes).filter((name) => limitNames.has(name))
  const unknown = optionProblems(changes, changeNames).filter(({ variable }) => !fixed.includes(variable))
  return [
    ...unknown,
    ...fixed.map((name) =>
      fixedProblem(name, 'nothing: it cannot change while the client works; make a new client'),
    ),
    ...shared.map((name) => fixedProblem(name, 'nothing: the client shares its pool; use pool.setLimits()')),
  ]
}

function isObjectLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function fixedProblem(variable: string, expected: string): ConfigProblem {
  return { variable, received: '(not shown)', expected, reason: 'conflict', option: variable, source: 'code' }
}

/** Gathers what is wrong instead of stopping at the first. */
function told<Result>(problems: ConfigProblem[], check: () => Result): Result | undefined {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) throw new ConfigError(problems)
}
