/** What is wrong with the numbers of a client or a call, and with what they say together. */
import type { ConfigProblem } from '../errors.ts'
import type { CallPlan } from '../exchange/plan.ts'
import { isPriority, priorities } from '../pool/lanes.ts'
import type { DecodeOptions } from './decode/reading.ts'
import { reachProblems } from './egress-problems.ts'
import { healthProblems } from './health/problems.ts'
import type { CallOptions, HttpClientOptions, TimeoutOptions } from './options.ts'

const timeoutKeys = [
  'timeout',
  'attemptTimeout',
  'headersTimeout',
  'writeTimeout',
  'bodyIdleTimeout',
] as const

type Limits = TimeoutOptions & { readonly maxResponseBytes?: number }

export function clientLimitProblems(options: HttpClientOptions): ConfigProblem[] {
  return [
    ...limitProblems(options),
    ...(options.pool === undefined ? [] : acquireProblems(options)), // an own pool looks at it itself
    ...decodeProblems(options),
    ...oneOf('resilience', options.resilience, ['standard', 'hedged', 'none']),
    ...oneOf('deadlineHeader', options.deadlineHeader, ['grpc-timeout', 'x-envoy-expected-rq-timeout-ms']),
    ...floorProblems(options.attemptFloor),
    ...redirectProblems(options),
    ...togetherProblems(options),
    ...healthProblems(options),
    ...reachProblems(options),
  ]
}

export function callLimitProblems(options: CallOptions, plan: CallPlan): ConfigProblem[] {
  return [
    ...limitProblems(options),
    ...acquireProblems(options),
    ...signalProblems(options),
    ...priorityProblems(options.priority),
    ...decodeProblems(options),
    ...oneOf('resilience', options.resilience, ['none']),
    ...hedgeProblems(options.hedge, plan),
    ...sendingProblems(options),
    ...redirectProblems(options),
    ...(options.operation === undefined || typeof options.operation === 'string'
      ? []
      : [problem('operation', options.operation, 'a name')]),
    ...(options.resume === undefined || typeof options.resume === 'boolean'
      ? []
      : [problem('resume', options.resume, 'true or false')]),
  ]
}

function limitProblems(options: Limits): ConfigProblem[] {
  const problems = timeoutKeys
    .filter((variable) => !(options[variable] === undefined || isNumber(options[variable], Number.MIN_VALUE)))
    .map((variable) => problem(variable, options[variable], 'milliseconds above 0'))
  const { maxResponseBytes } = options
  if (maxResponseBytes !== undefined && !isNumber(maxResponseBytes, 0)) {
    problems.push(problem('maxResponseBytes', maxResponseBytes, 'bytes from 0'))
  }
  return problems
}

function acquireProblems({ acquireTimeout }: { readonly acquireTimeout?: number }): ConfigProblem[] {
  return acquireTimeout === undefined || isNumber(acquireTimeout, 0)
    ? []
    : [problem('acquireTimeout', acquireTimeout, 'milliseconds from 0')]
}

/** Numbers that are right each by itself. */
function togetherProblems(options: HttpClientOptions): ConfigProblem[] {
  const { timeout = 30_000, attemptTimeout, breaker, hedge } = options
  const problems: ConfigProblem[] = []
  if (attemptTimeout !== undefined && attemptTimeout !== Infinity) {
    if (attemptTimeout > timeout)
      problems.push(problem('attemptTimeout', attemptTimeout, `not more than timeout (${timeout})`))
    const window = typeof breaker === 'object' ? breaker.window : undefined
    if (window !== undefined && window < 2 * attemptTimeout) {
      const expected = `at least twice attemptTimeout (${2 * attemptTimeout}): attempts that hang have to be seen`
      problems.push(problem('breaker.window', window, expected))
    }
  }
  const after = typeof hedge === 'object' ? hedge.after : undefined
  const longest = Math.min(timeout, attemptTimeout ?? Infinity)
  if (typeof after === 'number' && after >= longest)
    problems.push(problem('hedge.after', after, `less than the time of an attempt (${longest})`))
  return problems
}

function floorProblems(floor: unknown): ConfigProblem[] {
  return floor === undefined || (isNumber(floor, 0) && floor !== Infinity)
    ? []
    : [problem('attemptFloor', floor, 'milliseconds from 0')]
}

function redirectProblems({
  followRedirects: most,
}: {
  readonly followRedirects?: unknown
}): ConfigProblem[] {
  if (most === undefined || typeof most === 'boolean' || (Number.isInteger(most) && isNumber(most, 0)))
    return []
  return [problem('followRedirects', most, 'true, false or a whole number from 0')]
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

function hedgeProblems(hedge: unknown, plan: CallPlan): ConfigProblem[] {
  if (hedge === undefined || hedge === false || (hedge === true && plan.hedged)) return []
  const expected = hedge === true ? 'a client that hedges: new HttpClient({ hedge: true })' : 'true or false'
  return [problem('hedge', hedge, expected)]
}

function decodeProblems({ decompress, maxDecompressionRatio }: DecodeOptions): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  if (decompress !== undefined && typeof decompress !== 'boolean')
    problems.push(problem('decompress', decompress, 'true or false'))
  if (maxDecompressionRatio !== undefined && !isNumber(maxDecompressionRatio, 1))
    problems.push(problem('maxDecompressionRatio', maxDecompressionRatio, 'a number from 1, such as 100'))
  return problems
}

function sendingProblems({
  expectContinue,
  onUploadProgress,
  onDownloadProgress,
  onTrailers,
}: CallOptions): ConfigProblem[] {
  const listeners = Object.entries({ onUploadProgress, onDownloadProgress, onTrailers })
  const problems = listeners
    .filter(([, listener]) => listener !== undefined && typeof listener !== 'function')
    .map(([variable, listener]) => problem(variable, listener, 'a function'))
  if (expectContinue !== undefined && typeof expectContinue !== 'boolean')
    problems.push(problem('expectContinue', expectContinue, 'true or false'))
  return problems
}

function oneOf(variable: string, value: unknown, allowed: readonly string[]): ConfigProblem[] {
  return value === undefined || allowed.includes(value as string)
    ? []
    : [problem(variable, value, allowed.join(', '))]
}

function isNumber(value: unknown, least: number): boolean {
  return typeof value === 'number' && value >= least
}

function problem(variable: string, value: unknown, expected: string): ConfigProblem {
  return { variable, received: typeof value === 'string' ? JSON.stringify(value) : String(value), expected }
}
