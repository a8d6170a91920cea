/** A client's figures as `getMetrics()` shows them. */
import type { OperationMetrics } from './operations.ts'
import type { BreakerState } from './words.ts'

/**
 * A client's figures under the names that the original system's dashboards know. *Calls* are what the user asked
 * once; *attempts* are what was tried. A call is successful when the server answered below 500 (and not 408, 425
 * or 429, which refuse it); cancelled calls are neither successful nor failed.
 */
export interface ClientMetrics {
  /** Calls that ended. */
  readonly total_requests: number
  readonly successful_requests: number
  readonly failed_requests: number
  /** Calls that the caller cancelled. */
  readonly cancelled_requests: number
  /** Attempts that were sent on their way, the first ones included. */
  readonly total_attempts: number
  /** Calls that ended because a time limit was reached: acquire, connect, attempt or total. */
  readonly timeout_errors: number
  /** How often the breaker opened (not how often it refused). */
  readonly circuit_breaker_opens: number
  /** Calls that an open breaker refused. */
  readonly circuit_breaker_rejections: number
  /** Attempts that were made because an earlier one failed. */
  readonly retries_attempted: number
  readonly retries_by_reason: Readonly<Record<string, number>>
  /** Retries that were not made, by the reason why not. */
  readonly retries_suppressed: Readonly<Record<string, number>>
  /** Second attempts that went out beside a slow one, and those of them whose answer was the call's. */
  readonly hedges_sent: number
  readonly hedges_won: number
  /** Sum over all calls that ended, failed ones included. */
  readonly total_duration_ms: number
  /** `total_duration_ms / total_requests`. */
  readonly avg_duration_ms: number
  readonly p50_duration_ms: number
  readonly p99_duration_ms: number
  /** `successful_requests / (successful_requests + failed_requests)`; 1 before the first call. */
  readonly success_rate: number
  /** By the operation that calls name, where they name one. */
  readonly operations: Readonly<Record<string, OperationMetrics>>
  /** The worst breaker of the client's origins. */
  readonly circuit_breaker_state: BreakerState
  /** No breaker is open, and the last health check, if there was one, found the service well. */
  readonly is_healthy: boolean
}
