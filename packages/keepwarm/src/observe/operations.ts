/** What calls came to by the operation that they name: the same few figures for each. */
import type { CallVerdict } from './call-tallies.ts'
import { QuickQuantiles } from './quick-quantiles.ts'

/** The figures of one operation; the words are those of {@link ClientMetrics}. */
export interface OperationMetrics {
  readonly total_requests: number
  readonly successful_requests: number
  readonly failed_requests: number
  readonly cancelled_requests: number
  readonly total_attempts: number
  readonly avg_duration_ms: number
  /** Within 3.5 %, like the other one. */
  readonly p50_duration_ms: number
  readonly p99_duration_ms: number
  readonly success_rate: number
}

/** So many are told apart; whoever puts ids into names shall not fill the memory. */
const MOST = 200
/** Under which all further ones are counted. */
const OTHERS = '(others)'
class Figures {
  private readonly counts = { successful: 0, failed: 0, cancelled: 0 }
  private attempts = 0
  private duration = 0
  /** Two kilobytes; a native histogram of the same reach is fifteen times as large. */
  private readonly durations = new QuickQuantiles()

  ended(verdict: CallVerdict, duration: number, attempts: number): void {
    this.counts[verdict]++
    this.attempts += attempts
    this.duration += duration
    this.durations.add(duration)
  }

  get metrics(): OperationMetrics {
    const { successful, failed, cancelled } = this.counts
    const total = successful + failed + cancelled
    return {
      total_requests: total,
      successful_requests: successful,
      failed_requests: failed,
      cancelled_requests: cancelled,
      total_attempts: this.attempts,
      avg_duration_ms: total === 0 ? 0 : this.duration / total,
      p50_duration_ms: this.durations.percentile(50),
      p99_duration_ms: this.durations.percentile(99),
      success_rate: successful + failed === 0 ? 1 : successful / (successful + failed),
    }
  }
}

export class OperationFigures {
  private readonly figures = new Map<string, Figures>()

  ended(operation: string, verdict: CallVerdict, duration: number, attempts: number): void {
    this.of(operation).ended(verdict, duration, attempts)
  }

  get metrics(): Record<string, OperationMetrics> {
    return Object.fromEntries([...this.figures].map(([name, figures]) => [name, figures.metrics]))
  }

  reset(): void {
    this.figures.clear()
  }

  private of(operation: string): Figures {
    const name = this.figures.has(operation) || this.figures.size < MOST ? operation : OTHERS
    let figures = this.figures.get(name)
    if (figures === undefined) this.figures.set(name, (figures = new Figures()))
    return figures
  }
}
