/**
 * What a failure means for a document: try again, and when, or give up; and whether it was the document's own doing.
 * Pure; chance comes as an argument.
 */
import { HttpStatusError, KeepwarmError, type ErrorCode } from 'keepwarm'
import { FreshnessDatabaseError, GenerationError, ServiceError } from '../clients/index.ts'
import { StoreError } from '../store/errors.ts'
import { StageTimeoutError } from './stage-limits.ts'

/**
 * Who is to blame. `elsewhere`: whatever had been sent would have failed. `unclear`: the document may be what breaks the
 * upstream, or the upstream is down for all.
 */
export type Blame = 'document' | 'elsewhere' | 'unclear'

export interface Failure {
  /** Whether another attempt may end differently. */
  readonly mayPass: boolean
  /** Milliseconds that somebody asked us to wait. */
  readonly retryAfter: number
  readonly blame: Blame
  /** For people; says nothing of our own insides. */
  readonly reason: string
}

/**
 * Trouble on the way, our own queue being full, and answers that are not what was agreed: something that stands between
 * us and the upstream may have given them.
 */
const passing: ReadonlySet<ErrorCode> = new Set([
  'queue_full',
  'acquire_timeout',
  'breaker_open',
  'connect',
  'reset',
  'protocol',
  'attempt_timeout',
  'deadline',
  'decode',
  'validation',
])

/** SQLite: busy, locked, disk full, input/output. */
const passingInSqlite: ReadonlySet<unknown> = new Set([5, 6, 10, 13])

/** @example judgeFailure(error) // { mayPass: true, blame: 'unclear', retryAfter: 2_000, reason: 'ollama: …' } */
export function judgeFailure(error: unknown): Failure {
  if (error instanceof KeepwarmError) return judgeCall(error)
  if (error instanceof StoreError) return inStore(error.code === 'unavailable', error.message)
  if (error instanceof StageTimeoutError) {
    return { mayPass: true, blame: 'unclear', retryAfter: 0, reason: error.message }
  }
  if (error instanceof Error && 'errcode' in error) {
    return inStore(passingInSqlite.has(error.errcode), `the database failed (${String(error.errcode)})`)
  }
  const kind = error instanceof Error ? error.name : typeof error
  const reason = `a fault of this program (${kind}); its log says more`
  return { mayPass: false, blame: 'document', retryAfter: 0, reason }
}

function judgeCall(error: KeepwarmError): Failure {
  const { code, message: reason, retryAfter = 0 } = error
  const mayPass = code === 'status' ? statusMayPass(error) : passing.has(code) && !isOfModel(error)
  return { mayPass, blame: mayPass ? blameFor(error) : 'document', retryAfter, reason }
}

/** What a model says of a text at temperature 0 it will say again, however little it is what was asked for. */
function isOfModel(error: KeepwarmError): boolean {
  return error instanceof GenerationError && (error.code === 'decode' || error.code === 'validation')
}

/** Our own store is busy, full or away for every document. */
function inStore(mayPass: boolean, reason: string): Failure {
  return { mayPass, blame: mayPass ? 'elsewhere' : 'document', retryAfter: 0, reason }
}

/** What was never sent nobody has read, and an upstream that asks for less asks all. */
function blameFor(error: KeepwarmError): Blame {
  const status = statusOf(error)
  return error.sent === 'no' || status === 429 || status === 503 ? 'elsewhere' : 'unclear'
}

/**
 * Whether the failure costs the document one of its attempts. In an outage it does not: there may be any number of
 * attempts, however long it lasts.
 *
 * @param answersOthers whether the upstream answers others meanwhile
 */
export function isOwnFailure({ blame }: Pick<Failure, 'blame'>, answersOthers: boolean): boolean {
  return blame === 'document' || (blame === 'unclear' && answersOthers)
}

function statusMayPass(error: KeepwarmError): boolean {
  if (error instanceof FreshnessDatabaseError && error.status === 200) return error.retryAllowed
  const status = statusOf(error)
  if (status === 501 || status === 505) return false
  return status >= 500 || status === 408 || status === 425 || status === 429
}

function statusOf(error: KeepwarmError): number {
  const carries = error instanceof ServiceError || error instanceof HttpStatusError
  return carries ? (error.status ?? 0) : 0
}

/**
 * How often a document may fail by itself before it is dead, the first time included: with the usual pauses some four
 * minutes. What an outage does to it is not counted.
 */
export const MAX_ATTEMPTS = 8

export interface BackoffOptions {
  /** Milliseconds before the second attempt. */
  readonly base: number
  /** Milliseconds at most, unless somebody asked for more. */
  readonly cap: number
}

/** Between attempts. */
export const usualPauses: BackoffOptions = { base: 1_000, cap: 60_000 }

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
