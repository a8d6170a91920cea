/** From what a client and a call were told to how a call is made; everything that is wrong is named at once. */
import { breakerDefaults, type BreakerOptions } from '../breaker/options.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { CallPlan, CallTimeouts } from '../exchange/plan.ts'
import type { HedgeOptions } from '../hedge/options.ts'
import { isObject } from '../known-options.ts'
import { resolveRetry, type RetryOptions } from '../retry/options.ts'
import type { CallsOptions } from './calls.ts'
import { cookieHooks } from './cookies.ts'
import { hookLists, hookProblems } from './hooks.ts'
import { clientOptionProblems, retryProblems, unknownCallOptions } from './known-options.ts'
import { callLimitProblems, clientLimitProblems } from './limit-problems.ts'
import type { CallOptions, HttpClientOptions } from './options.ts'

const noRetry = { attempts: 1 }

/**
 * The plan of calls that say nothing for themselves.
 * @throws ConfigError naming every option that is wrong.
 */
export function resolvePlan(options: HttpClientOptions): CallPlan {
  requireObject(options)
  const problems = [...clientOptionProblems(options), ...clientLimitProblems(options)]
  if (problems.length > 0) throw new ConfigError(problems)
  const { resilience } = options
  const cookies = options.cookies && cookieHooks(options.cookies)
  const retry = options.retry ?? (resilience === 'none' ? false : undefined)
  return {
    timeouts: {
      total: options.timeout ?? 30_000,
      attempt: options.attemptTimeout ?? Infinity,
      acquire: options.acquireTimeout,
      headers: options.headersTimeout ?? Infinity,
      write: options.writeTimeout ?? 5_000,
      bodyIdle: options.bodyIdleTimeout ?? 10_000,
    },
    retry: resolveRetry(retry === false ? noRetry : retry),
    maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024,
    guarded: (options.breaker ?? (resilience === 'none' ? false : undefined)) !== false,
    hedged: hedgeOf(options) !== undefined,
    resumed: false,
    least: options.attemptFloor ?? 0,
    operation: undefined,
    signal: undefined,
    hooks: hookLists(cookies && hookLists(undefined, cookies), options.hooks),
    makeBody: undefined,
  }
}

/** What the client keeps for each origin, and tells them. */
export function guardOptions(
  options: HttpClientOptions,
  { timeouts }: CallPlan,
): Omit<CallsOptions, 'name' | 'runtime' | 'pool' | 'endpoints'> {
  const penalty = Math.min(timeouts.attempt, timeouts.total)
  return {
    breaker: breakerOf(options.breaker, timeouts),
    budget: options.budget,
    hedge: hedgeOf(options),
    groups: options.groups,
    balance: { ...(penalty !== Infinity && { failurePenalty: penalty }), ...options.balance },
    deadlineHeader: options.deadlineHeader,
  }
}

/** A window in which not even two attempts can end would say nothing. */
function breakerOf(
  breaker: BreakerOptions | false | undefined,
  { attempt }: CallTimeouts,
): BreakerOptions | undefined {
  if (breaker === false || attempt === Infinity) return breaker === false ? undefined : breaker
  return { window: Math.max(breakerDefaults.window, 2 * attempt), ...breaker }
}

function hedgeOf({ hedge, resilience }: HttpClientOptions): HedgeOptions | undefined {
  if (hedge === undefined) return resilience === 'hedged' ? {} : undefined
  if (hedge === true) return {}
  return hedge === false ? undefined : hedge
}

/**
 * The client's plan with what the call says; the client's own plan when it says nothing.
 * @throws ConfigError naming every option that is wrong.
 */
export function planCall(plan: CallPlan, options: CallOptions | undefined): CallPlan {
  if (options === undefined) return plan
  requireObject(options)
  const unknown = unknownCallOptions(options)
  if (unknown.length === 0 && !changesPlan(options)) return plan
  const problems = [
    ...unknown,
    ...retryProblems(options.retry),
    ...hookProblems(options.hooks),
    ...callLimitProblems(options, plan),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  const bare = options.resilience === 'none'
  return {
    timeouts: overrideTimeouts(plan.timeouts, options),
    retry: overrideRetry(plan, options.retry ?? (bare ? false : undefined)),
    maxResponseBytes: options.maxResponseBytes ?? plan.maxResponseBytes,
    guarded: plan.guarded && !bare,
    hedged: plan.hedged && !bare && options.hedge !== false,
    resumed: options.resume ?? plan.resumed,
    least: plan.least,
    operation: options.operation,
    signal: options.signal,
    hooks: hookLists(plan.hooks, options.hooks),
    makeBody: undefined,
  }
}

function requireObject(options: unknown): void {
  if (isObject(options)) return
  const received = typeof options === 'string' ? JSON.stringify(options) : String(options)
  throw new ConfigError([{ variable: 'options', received, expected: 'an object' }] satisfies ConfigProblem[])
}

const planKeys: readonly (keyof CallOptions)[] = [
  'timeout',
  'attemptTimeout',
  'headersTimeout',
  'writeTimeout',
  'bodyIdleTimeout',
  'acquireTimeout',
  'operation',
  'signal',
  'hooks',
  'retry',
  'hedge',
  'resilience',
  'resume',
  'priority',
  'maxResponseBytes',
  'decompress',
  'maxDecompressionRatio',
  'expectContinue',
  'onUploadProgress',
  'onDownloadProgress',
  'onTrailers',
  'followRedirects',
]

function changesPlan(options: CallOptions): boolean {
  for (const key of planKeys) if (options[key] !== undefined) return true
  return false
}

function overrideTimeouts(timeouts: CallTimeouts, options: CallOptions): CallTimeouts {
  return {
    total: options.timeout ?? timeouts.total,
    attempt: options.attemptTimeout ?? timeouts.attempt,
    acquire: options.acquireTimeout ?? timeouts.acquire,
    headers: options.headersTimeout ?? timeouts.headers,
    write: options.writeTimeout ?? timeouts.write,
    bodyIdle: options.bodyIdleTimeout ?? timeouts.bodyIdle,
  }
}

function overrideRetry({ retry }: CallPlan, options: RetryOptions | false | undefined): CallPlan['retry'] {
  if (options === undefined) return retry
  return options === false ? { ...retry, attempts: 1 } : resolveRetry(options, retry)
}
