import type { BreakerOptions } from '../breaker/options.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { CallPlan, CallTimeouts } from '../exchange/plan.ts'
import { isObject } from '../known-options.ts'
import { isPriority, priorities, type Priority } from '../pool/lanes.ts'
import type { ConnectionPoolOptions } from '../pool/options.ts'
import type { ConnectionPool } from '../pool/pool.ts'
import type { BudgetOptions } from '../retry/budget.ts'
import { resolveRetry, type RetryOptions } from '../retry/options.ts'
import { clientOptionProblems, retryProblems, unknownCallOptions } from './known-options.ts'
import { parseHttpUrl, shownUrl, type Base, type Query } from './target.ts'

/** Header names and values; undefined takes a default header away. Or a `Headers`, or pairs of names and values. */
export type HeaderInit =
  Readonly<Record<string, string | readonly string[] | undefined>> | Iterable<readonly [string, string]>

/** Time limits of a call, in milliseconds; Infinity switches one off. */
export interface TimeoutOptions {
  /** The whole call: waiting, all attempts, the waits between them, and the body. Default 30 s. */
  readonly timeout?: number
  /** One attempt, from asking for a connection to the end of the body. Default: what is left of `timeout`. */
  readonly attemptTimeout?: number
  /** From the request's last byte to the response's headers. Default: what is left of the attempt. */
  readonly headersTimeout?: number
  /** The longest pause while the request is sent. Default 5 s. */
  readonly writeTimeout?: number
  /** The longest pause between two parts of the response's body. Default 10 s. */
  readonly bodyIdleTimeout?: number
}

/** Options of an {@link HttpClient}; those of its pool among them, unless it shares one. */
export interface HttpClientOptions extends TimeoutOptions, Omit<ConnectionPoolOptions, 'client'> {
  /** For messages and figures. Default: the base URL's host, or `default`. */
  readonly name?: string
  /** Where paths lead; its own path is kept in front of them. A user name and password become an Authorization header. */
  readonly baseUrl?: string | URL
  /** A pool to share. The client then neither configures nor closes it. */
  readonly pool?: ConnectionPool
  /** Sent with every call. */
  readonly headers?: HeaderInit
  /** When and how often a call is tried again; false for never. Default 3 attempts in all. */
  readonly retry?: RetryOptions | false
  /** What pays for retries. */
  readonly budget?: BudgetOptions
  /** When an origin is left alone; false for never. */
  readonly breaker?: BreakerOptions | false
  /** The most bytes of a response's body. Default 64 MiB. */
  readonly maxResponseBytes?: number
  /** What `checkHealth()` asks for. Default `/health`. */
  readonly healthPath?: string
}

/** What one call may say for itself. */
export interface CallOptions extends TimeoutOptions {
  readonly query?: Query
  readonly headers?: HeaderInit
  /** A value to send as JSON. */
  readonly json?: unknown
  /** A body to send as it is; a stream can be sent only once. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array | string> | URLSearchParams
  readonly signal?: AbortSignal
  readonly retry?: RetryOptions | false
  /** Whether the server may get it twice. Default: by the method, or an Idempotency-Key header. */
  readonly idempotent?: boolean
  /** Whether it is served before or after others that wait for a connection. Default `auto`. */
  readonly priority?: Priority
  /** Whether the shorthands throw HttpStatusError when the status is not from 200 to 299. Default true. */
  readonly throwOnStatus?: boolean
  readonly maxResponseBytes?: number
}

const noRetry = { attempts: 1 }

/**
 * The plan of calls that say nothing for themselves.
 * @throws ConfigError naming every option that is wrong.
 */
export function resolvePlan(options: HttpClientOptions): CallPlan {
  requireObject(options)
  const problems = [...clientOptionProblems(options), ...limitProblems(options)]
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    timeouts: {
      total: options.timeout ?? 30_000,
      attempt: options.attemptTimeout ?? Infinity,
      headers: options.headersTimeout ?? Infinity,
      write: options.writeTimeout ?? 5_000,
      bodyIdle: options.bodyIdleTimeout ?? 10_000,
    },
    retry: resolveRetry(options.retry === false ? noRetry : options.retry),
    maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024,
    guarded: options.breaker !== false,
    signal: undefined,
  }
}

/** The client's plan with what the call says; the client's own plan when it says nothing. */
export function planCall(plan: CallPlan, options: CallOptions | undefined): CallPlan {
  if (options === undefined) return plan
  requireObject(options)
  const unknown = unknownCallOptions(options)
  if (unknown.length === 0 && !changesPlan(options)) return plan
  const problems = [
    ...unknown,
    ...retryProblems(options.retry),
    ...limitProblems(options),
    ...signalProblems(options),
    ...priorityProblems(options.priority),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    timeouts: overrideTimeouts(plan.timeouts, options),
    retry: overrideRetry(plan, options.retry),
    maxResponseBytes: options.maxResponseBytes ?? plan.maxResponseBytes,
    guarded: plan.guarded,
    signal: options.signal,
  }
}

function requireObject(options: unknown): void {
  if (!isObject(options)) throw new ConfigError([problem('options', options, 'an object')])
}

const planKeys: readonly (keyof CallOptions)[] = [
  'timeout',
  'attemptTimeout',
  'headersTimeout',
  'writeTimeout',
  'bodyIdleTimeout',
  'signal',
  'retry',
  'priority',
  'maxResponseBytes',
]

function changesPlan(options: CallOptions): boolean {
  for (const key of planKeys) if (options[key] !== undefined) return true
  return false
}

function overrideTimeouts(timeouts: CallTimeouts, options: TimeoutOptions): CallTimeouts {
  return {
    total: options.timeout ?? timeouts.total,
    attempt: options.attemptTimeout ?? timeouts.attempt,
    headers: options.headersTimeout ?? timeouts.headers,
    write: options.writeTimeout ?? timeouts.write,
    bodyIdle: options.bodyIdleTimeout ?? timeouts.bodyIdle,
  }
}

function overrideRetry({ retry }: CallPlan, options: RetryOptions | false | undefined): CallPlan['retry'] {
  if (options === undefined) return retry
  if (options === false) return { ...retry, attempts: 1 }
  const { attempts, statuses, maxRetryAfter, backoff } = retry
  return resolveRetry({ attempts, statuses, maxRetryAfter, ...backoff, ...options })
}

const timeoutKeys = [
  'timeout',
  'attemptTimeout',
  'headersTimeout',
  'writeTimeout',
  'bodyIdleTimeout',
] as const

function limitProblems(options: TimeoutOptions & { maxResponseBytes?: number }): ConfigProblem[] {
  const problems = timeoutKeys
    .filter((variable) => !(options[variable] === undefined || isNumber(options[variable], Number.MIN_VALUE)))
    .map((variable) => problem(variable, options[variable], 'milliseconds above 0'))
  const { maxResponseBytes } = options
  if (maxResponseBytes !== undefined && !isNumber(maxResponseBytes, 0)) {
    problems.push(problem('maxResponseBytes', maxResponseBytes, 'bytes from 0'))
  }
  return problems
}

function signalProblems({ signal }: { signal?: unknown }): ConfigProblem[] {
  const isSignal = typeof signal === 'object' && signal !== null && 'aborted' in signal
  if (signal === undefined || isSignal) return []
  return [problem('signal', signal, 'an AbortSignal, such as AbortSignal.timeout(1_000)')]
}

function priorityProblems(priority: unknown): ConfigProblem[] {
  if (priority === undefined || isPriority(priority)) return []
  return [problem('priority', priority, Object.keys(priorities).join(', '))]
}

function isNumber(value: unknown, least: number): boolean {
  return typeof value === 'number' && value >= least
}

function problem(variable: string, value: unknown, expected: string): ConfigProblem {
  return { variable, received: typeof value === 'string' ? JSON.stringify(value) : String(value), expected }
}

/**
 * Splits a base URL.
 * @throws ConfigError when it is not an http or https URL, or carries a query
 */
export function resolveBase(baseUrl: string | URL): { base: Base; authorization: string | undefined } {
  const url = parseHttpUrl(String(baseUrl))
  if (url === undefined || url.search !== '' || url.hash !== '') {
    throw badBase(baseUrl, 'an http or https URL without a query, such as http://search:8055/api')
  }
  return {
    base: { origin: url.origin, path: url.pathname.replace(/\/+$/, '') },
    authorization: basicAuthorization(url, baseUrl),
  }
}

function basicAuthorization({ username, password }: URL, baseUrl: string | URL): string | undefined {
  if (username === '' && password === '') return undefined
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return `Basic ${Buffer.from(credentials).toString('base64')}`
  } catch {
    throw badBase(baseUrl, 'a user name and password whose percent signs are written %25')
  }
}

function badBase(baseUrl: string | URL, expected: string): ConfigError {
  return new ConfigError([
    { variable: 'baseUrl', received: JSON.stringify(shownUrl(String(baseUrl))), expected },
  ])
}
