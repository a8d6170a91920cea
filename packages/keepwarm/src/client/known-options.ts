/** What a client and a call may be told, and what is told in the wrong shape. */
import { balanceOptionNames } from '../balance/options.ts'
import { breakerOptionNames } from '../breaker/options.ts'
import type { ConfigProblem } from '../errors.ts'
import { checkOptionNames } from '../health/options.ts'
import { hedgeOptionNames } from '../hedge/options.ts'
import { cookieProblems } from './cookies.ts'
import { hookProblems } from './hooks.ts'
import { isObject, namesOf, optionProblems } from '../known-options.ts'
import { maskedUrl } from '../masked-url.ts'
import { loggerProblems } from '../observe/logging/logger.ts'
import { poolOptionNames, type ConnectionPoolOptions } from '../pool/options.ts'
import { budgetOptionNames } from '../retry/budget.ts'
import { retryOptionNames } from '../retry/options.ts'
import type { DecodeOptions } from './decode/reading.ts'
import { metricsProblems } from './metrics-options.ts'
import type { CallOptions, HttpClientOptions, TimeoutOptions } from './options.ts'

const timeouts = {
  timeout: true,
  attemptTimeout: true,
  headersTimeout: true,
  writeTimeout: true,
  bodyIdleTimeout: true,
} as const satisfies Record<keyof TimeoutOptions, true>

const decoding = { decompress: true, maxDecompressionRatio: true } as const satisfies Record<
  keyof DecodeOptions,
  true
>

const ownNames = namesOf<Omit<HttpClientOptions, keyof ConnectionPoolOptions>>({
  ...timeouts,
  ...decoding,
  name: true,
  baseUrl: true,
  pool: true,
  headers: true,
  retry: true,
  budget: true,
  breaker: true,
  hedge: true,
  balance: true,
  resilience: true,
  attemptFloor: true,
  deadlineHeader: true,
  hooks: true,
  interceptors: true,
  maxResponseBytes: true,
  followRedirects: true,
  cookies: true,
  metrics: true,
  logger: true,
  healthPath: true,
  healthChecks: true,
  warmUp: true,
  minConnections: true,
})

const clientOptionNames: ReadonlySet<string> = new Set(
  [...ownNames, ...poolOptionNames].filter((name) => name !== 'client'),
)

const callOptionNames = namesOf<CallOptions>({
  ...timeouts,
  ...decoding,
  acquireTimeout: true,
  hooks: true,
  query: true,
  headers: true,
  json: true,
  form: true,
  body: true,
  expectContinue: true,
  onUploadProgress: true,
  onDownloadProgress: true,
  operation: true,
  onTrailers: true,
  signal: true,
  retry: true,
  hedge: true,
  resilience: true,
  resume: true,
  idempotent: true,
  priority: true,
  throwOnStatus: true,
  followRedirects: true,
  maxResponseBytes: true,
})

export function isClientOption(name: string): boolean {
  return clientOptionNames.has(name)
}

/** What a client's options are called and made of; their numbers are judged elsewhere. */
export function clientOptionProblems(options: HttpClientOptions): ConfigProblem[] {
  return [
    ...optionProblems(options, clientOptionNames),
    ...retryProblems(options.retry),
    ...(options.breaker === undefined || options.breaker === false
      ? []
      : optionProblems(options.breaker, breakerOptionNames, 'breaker')),
    ...(options.budget === undefined ? [] : optionProblems(options.budget, budgetOptionNames, 'budget')),
    ...hedgeProblems(options.hedge),
    ...(options.balance === undefined ? [] : optionProblems(options.balance, balanceOptionNames, 'balance')),
    ...hookProblems(options.hooks),
    ...cookieProblems(options.cookies),
    ...interceptorProblems(options.interceptors),
    ...poolProblems(options.pool),
    ...metricsProblems(options.metrics),
    ...loggerProblems(options.logger),
    ...healthPathProblems(options.healthPath),
    ...checksProblems(options.healthChecks),
  ]
}

/** Names that a call does not know; an empty list costs nothing. */
export function unknownCallOptions(options: CallOptions): readonly ConfigProblem[] {
  const problems = optionProblems(options, callOptionNames)
  return problems.length === 0 ? problems : problems.map(aboutDials)
}

/** Who looks for it knows it from the client. */
function aboutDials(problem: ConfigProblem): ConfigProblem {
  if (problem.variable !== 'connectTimeout') return problem
  const expected = "an option of a call: a dial serves whoever waits, so that its limit is the client's"
  const fix = 'acquireTimeout for what the call waits, connectTimeout for the client'
  return { ...problem, expected, fix }
}

export function retryProblems(retry: unknown): readonly ConfigProblem[] {
  return retry === undefined || retry === false ? [] : optionProblems(retry, retryOptionNames, 'retry')
}

function hedgeProblems(hedge: unknown): readonly ConfigProblem[] {
  return hedge === undefined || typeof hedge === 'boolean'
    ? []
    : optionProblems(hedge, hedgeOptionNames, 'hedge')
}

function checksProblems(checks: unknown): readonly ConfigProblem[] {
  return checks === undefined || typeof checks === 'boolean'
    ? []
    : optionProblems(checks, checkOptionNames, 'healthChecks')
}

function interceptorProblems(interceptors: unknown): ConfigProblem[] {
  if (interceptors === undefined) return []
  const isList = Array.isArray(interceptors)
  if (isList && interceptors.every((one) => typeof one === 'function')) return []
  const received = isList ? 'a list with something else in it' : `a ${typeof interceptors}`
  return [
    { variable: 'interceptors', received, expected: "a list of undici's interceptors, which are functions" },
  ]
}

function poolProblems(pool: unknown): ConfigProblem[] {
  if (pool === undefined) return []
  if (isObject(pool) && typeof pool['dispatch'] === 'function') return []
  const received = pool === null ? 'null' : `a ${typeof pool} without dispatch()`
  const expected = 'a ConnectionPool; options of an own pool stand beside the others, such as maxConnections'
  return [{ variable: 'pool', received, expected }]
}

function healthPathProblems(path: unknown): ConfigProblem[] {
  if (path === undefined || (typeof path === 'string' && path.startsWith('/'))) return []
  const received = typeof path === 'string' ? JSON.stringify(maskedUrl(path)) : `a ${typeof path}`
  return [{ variable: 'healthPath', received, expected: 'a path that begins with /, such as /health' }]
}
