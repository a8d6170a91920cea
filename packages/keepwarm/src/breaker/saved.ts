import { ConfigError } from '../errors.ts'
import type { ConfigProblem } from '../errors.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

/**
 * What a breaker knows of its server, as plain JSON, so that another process can go on from there. All times are
 * durations: neither the wall clock nor the zero of the monotonic clock matters. Open time that was left when it was
 * saved begins to run when it is read. Handles that force it and permits under way belong to the process and stay there.
 */
export interface SavedBreaker {
  readonly version: 1
  readonly state: BreakerState
  /** Milliseconds that it was to stay open; 0 when it was not. */
  readonly openFor: number
  /** Openings one after another, without the first. */
  readonly reopenings: number
  readonly probesSucceeded: number
  readonly failedConnects: number
  /** Milliseconds since it last closed; null when it never was open. */
  readonly closedFor: number | null
  /** Milliseconds of the ramp that had gone by, and its credit; null when there was none. */
  readonly ramp: { readonly elapsed: number; readonly credit: number } | null
  /** The window's length in ms, and its buckets, the newest first: completions and failures. */
  readonly window: { readonly length: number; readonly buckets: readonly (readonly [number, number])[] }
  /** What all but the slowest hundredth of the last answers took, in ms; null when unknown. */
  readonly p99: number | null
  readonly lastFailure: string | null
}

/**
 * Holds what comes from a file or a store against the shape that it must have.
 *
 * @throws ConfigError naming everything that does not fit.
 */
export function readSaved(value: unknown): SavedBreaker {
  const saved = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<keyof SavedBreaker, unknown>
  >
  const problems: ConfigProblem[] = []
  const require = (holds: boolean, name: keyof SavedBreaker, expected: string): void => {
    if (holds) return
    const received = JSON.stringify(saved[name]) ?? 'undefined'
    const fix = 'pass what exportState() returned, or begin without a saved state'
    problems.push({ variable: `breaker.saved.${name}`, received: received.slice(0, 100), expected, fix })
  }
  require(saved.version === 1, 'version', '1')
  require(['closed', 'open', 'half-open'].includes(
    saved.state as string,
  ), 'state', 'closed, open or half-open')
  for (const name of ['reopenings', 'probesSucceeded', 'failedConnects'] as const)
    require(isCount(saved[name]), name, 'a whole number from 0')
  require(isDuration(saved.openFor), 'openFor', 'milliseconds from 0')
  for (const name of ['closedFor', 'p99'] as const)
    require(saved[name] === null || isDuration(saved[name]), name, 'milliseconds from 0, or null')
  require(saved.ramp === null || isRamp(saved.ramp), 'ramp', 'null, or { elapsed, credit }')
  require(isWindow(saved.window), 'window', '{ length, buckets } with pairs of completions and failures')
  const { lastFailure } = saved
  require(lastFailure === null || typeof lastFailure === 'string', 'lastFailure', 'a text, or null')
  if (problems.length > 0) throw new ConfigError(problems)
  return saved as SavedBreaker
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value)
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && isDuration(value)
}

function isRamp(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('elapsed' in value) || !('credit' in value))
    return false
  return isDuration(value.elapsed) && isDuration(value.credit) && value.credit <= 1
}

function isWindow(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('length' in value) || !('buckets' in value))
    return false
  return isDuration(value.length) && Array.isArray(value.buckets) && value.buckets.every(isBucket)
}

function isBucket(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isCount)) return false
  const [completed, failed] = value as [number, number]
  return failed <= completed
}
