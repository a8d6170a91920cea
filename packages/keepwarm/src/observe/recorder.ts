/** What a client's calls came to: counters and one histogram of durations, native and cheap to write. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { KeepwarmError } from '../errors.ts'
import { OperationFigures, type OperationMetrics } from './operations.ts'
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

export type CallVerdict = 'successful' | 'failed' | 'cancelled'

export class Recorder {
  private successful = 0
  private failed = 0
  private cancelled = 0
  private attempts = 0
  private timeouts = 0
  private opens = 0
  private rejections = 0
  private retries = 0
  private retriesByReason: Record<string, number> = {}
  private suppressed: Record<string, number> = {}
  private hedges = { sent: 0, won: 0 }
  private duration = 0
  private histogram: RecordableHistogram = createHistogram()
  private readonly operations = new OperationFigures()

  retried(reason: string): void {
    this.retries++
    this.retriesByReason[reason] = (this.retriesByReason[reason] ?? 0) + 1
  }

  notRetried(because: string): void {
    this.suppressed[because] = (this.suppressed[because] ?? 0) + 1
  }

  hedged(what: 'sent' | 'won'): void {
    this.hedges[what]++
  }

  breakerOpened(): void {
    this.opens++
  }

  /** A call ended after `duration` ms and so many attempts. `operation`: what it was, where it said so. */
  ended(
    verdict: CallVerdict,
    duration: number,
    attempts: number,
    error: KeepwarmError | undefined,
    operation?: string,
  ): void {
    if (operation !== undefined) this.operations.ended(operation, verdict, duration, attempts)
    this[verdict]++
    this.attempts += attempts
    this.duration += duration
    this.histogram.record(Math.max(1, Math.round(duration * 1_000)))
    if (error === undefined) return
    if (isTimeout(error)) this.timeouts++
    else if (error.code === 'breaker_open') this.rejections++
  }

  /** Calls that ended. */
  get total(): number {
    return this.successful + this.failed + this.cancelled
  }

  metrics(breakerState: BreakerState, lastHealthy: boolean | undefined): ClientMetrics {
    const { total } = this
    const judged = this.successful + this.failed
    return {
      total_requests: total,
      successful_requests: this.successful,
      failed_requests: this.failed,
      cancelled_requests: this.cancelled,
      total_attempts: this.attempts,
      timeout_errors: this.timeouts,
      circuit_breaker_opens: this.opens,
      circuit_breaker_rejections: this.rejections,
      retries_attempted: this.retries,
      retries_by_reason: { ...this.retriesByReason },
      retries_suppressed: { ...this.suppressed },
      hedges_sent: this.hedges.sent,
      hedges_won: this.hedges.won,
      total_duration_ms: this.duration,
      avg_duration_ms: total === 0 ? 0 : this.duration / total,
      p50_duration_ms: this.percentile(50),
      p99_duration_ms: this.percentile(99),
      success_rate: judged === 0 ? 1 : this.successful / judged,
      operations: this.operations.metrics,
      circuit_breaker_state: breakerState,
      is_healthy: breakerState !== 'open' && lastHealthy !== false,
    }
  }

  reset(): void {
    this.successful = this.failed = this.cancelled = this.attempts = 0
    this.timeouts = this.opens = this.rejections = this.retries = this.duration = 0
    this.retriesByReason = {}
    this.suppressed = {}
    this.hedges = { sent: 0, won: 0 }
    this.histogram.reset()
    this.operations.reset()
  }

  private percentile(percent: number): number {
    return this.histogram.count === 0 ? 0 : this.histogram.percentile(percent) / 1_000
  }
}

function isTimeout({ code, cause }: KeepwarmError): boolean {
  if (code === 'connect') return (cause as { code?: unknown } | undefined)?.code === 'UND_ERR_CONNECT_TIMEOUT'
  return code === 'acquire_timeout' || code === 'attempt_timeout' || code === 'deadline'
}
