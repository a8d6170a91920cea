/** What a failure means for a document: try again, and when, or give up. Pure; chance comes as an argument. */
import { HttpStatusError, KeepwarmError, type ErrorCode } from 'keepwarm'
import { FreshnessDatabaseError, ServiceError } from '../clients/index.ts'
import { StoreError } from '../store/errors.ts'
import { StageTimeoutError } from './stage-limits.ts'

export interface Failure {
  /** Whether another attempt may end differently. */
  readonly mayPass: boolean
  /** Milliseconds that somebody asked us to wait. */
  readonly retryAfter: number
  /** For people; says nothing of our own insides. */
  readonly reason: string
}

/** Trouble on the way, or our own queue being full. Answers that are not what was agreed will be so again. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'queue_full',
  'acquire_timeout',
  'breaker_open',
  'connect',
  'reset',
  'protocol',
  'attempt_timeout',
  'deadline',
])

/** SQLite: busy, locked, disk full, input/output. */
const passingInSqlite: ReadonlySet<unknown> = new Set([5, 6, 10, 13])

/** @example judgeFailure(error) // { mayPass: true, retryAfter: 2_000, reason: 'ollama: …' } */
export function judgeFailure(error: unknown): Failure {
  if (error instanceof KeepwarmError) {
    const { code, message, retryAfter = 0 } = error
    return {
      mayPass: code === 'status' ? statusMayPass(error) : passing.has(code),
      retryAfter,
      reason: message,
    }
  }
  if (error instanceof StoreError) {
    return { mayPass: error.code === 'unavailable', retryAfter: 0, reason: error.message }
  }
  if (error instanceof StageTimeoutError) return { mayPass: true, retryAfter: 0, reason: error.message }
  const inSqlite = error instanceof Error && 'errcode' in error
  if (inSqlite) {
    const { errcode } = error as { errcode: unknown }
    return {
      mayPass: passingInSqlite.has(errcode),
      retryAfter: 0,
      reason: `the database failed (${String(errcode)})`,
    }
  }
  const kind = error instanceof Error ? error.name : typeof error
  return { mayPass: false, retryAfter: 0, reason: `a fault of this program (${kind}); its log says more` }
}

function statusMayPass(error: KeepwarmError): boolean {
  if (error instanceof FreshnessDatabaseError && error.status === 200) return error.retryAllowed
  const carries = error instanceof ServiceError || error instanceof HttpStatusError
  const status = carries ? (error.status ?? 0) : 0
  if (status === 501 || status === 505) return false
  return status >= 500 || status === 408 || status === 425 || status === 429
}

/** How often a document is tried before it is dead, the first time included: with the usual pauses some four minutes. */
export const MAX_ATTEMPTS = 8

export interface BackoffOptions {
  /** Milliseconds before the second attempt. */
  readonly base: number
  /** Milliseconds at most, unless somebody asked for more. */
  readonly cap: number
}

/** Three times as long after each attempt, half of it by chance; never sooner than was asked for. */
export function backoff(
  attempt: number,
  options: BackoffOptions,
  retryAfter: number,
  random: number,
): number {
  const full = Math.min(options.cap, options.base * 3 ** (attempt - 1))
  return Math.max(retryAfter, full * (0.5 + random / 2))
}
