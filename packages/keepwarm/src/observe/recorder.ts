/**
 * What a client's calls and attempts came to. Whatever happens is counted where it happens: numbers in arrays that are there
 * already, so that a call costs no allocation, and nothing is computed before somebody asks.
 */
import type { ErrorCode, KeepwarmError } from '../errors.ts'
import { realRuntime } from '../runtime.ts'
import { AttemptTallies } from './attempt-tallies.ts'
import { bucketBounds, type Buckets } from './buckets.ts'
import { CallTallies, type CallVerdict } from './call-tallies.ts'
import type { ClientMetrics } from './client-metrics.ts'
import { EventLog } from './event-log.ts'
import { History, type Gauges, type HistorySlice } from './history.ts'
import type { AttemptMoments, CallMoments } from './moments.ts'
import { OperationFigures } from './operations.ts'
import { outcomeNumber } from './outcomes.ts'
import type { ClientFigures } from './snapshot.ts'
import { eventOfAttempt, eventOfCall, type ToldEvent } from './told-events.ts'
import type { BreakerState } from './words.ts'

export type { CallVerdict } from './call-tallies.ts'
export type { ClientMetrics } from './client-metrics.ts'

export interface RecorderOptions {
  /** The name of the client. */
  readonly client?: string
  readonly buckets?: Buckets | undefined
  /** Milliseconds since 1970. Default: the machine's. */
  readonly wallClock?: () => number
  /** How the client and its connections are at the moment. Default: nothing is known. */
  readonly look?: () => Gauges
}

const nothingKnown: Gauges = {
  ...{ inUse: NaN, idle: NaN, dialing: NaN, waiting: NaN, oldestWait: NaN, limit: NaN, breaker: NaN },
  ...{ opened: 0, closed: 0 },
}

export class Recorder {
  readonly events: EventLog
  private readonly client: string
  private readonly wallClock: () => number
  private readonly look: () => Gauges
  private startedAt: number
  private readonly calls: CallTallies
  private readonly attemptsEnded: AttemptTallies
  private readonly attempts = { initial: 0, retry: 0, hedge: 0 }
  private attemptsUnderWay = 0
  private hedgesWon = 0
  private opens = 0
  private retriesByReason: Record<string, number> = {}
  private suppressed: Record<string, number> = {}
  private readonly operations = new OperationFigures()
  /** Made with the first call: many clients are never used. */
  private past: History | undefined

  constructor(options: RecorderOptions = {}) {
    const {
      client = 'default',
      wallClock = () => realRuntime.wallClock(),
      look = () => nothingKnown,
    } = options
    this.client = client
    this.wallClock = wallClock
    this.look = look
    this.startedAt = wallClock()
    this.events = new EventLog(client, wallClock)
    const bounds = bucketBounds(options.buckets)
    this.calls = new CallTallies(bounds)
    this.attemptsEnded = new AttemptTallies(bounds)
  }

  /** When the figures began, in ms since 1970. */
  get since(): number {
    return this.startedAt
  }

  // ── what happens ───────────────────────────────────────────────────────────────────────────────────────────

  /** A call began. */
  began(now: number): void {
    this.calls.began()
    this.history.touch(now)
  }

  attemptBegan(why: keyof ClientFigures['attempts'], now: number): void {
    const { history } = this
    this.attempts[why]++
    this.attemptsUnderWay++
    history.touch(now)
    history.began(why)
  }

  /** An attempt ended, for the first and only time. `sent`: a byte of it may have reached the server. */
  attemptEnded(
    attempt: AttemptMoments,
    origin: string,
    ending: ErrorCode | number,
    sent: boolean,
    reason?: string,
  ): void {
    this.attemptsUnderWay--
    this.attemptsEnded.ended(attempt, origin, ending, sent)
    if (typeof ending === 'string') this.tell(eventOfAttempt(ending), origin, attempt.endedAt, reason)
  }

  /** The attempt that begins now makes good what is named here. */
  retried(reason: string, origin: string, now: number): void {
    this.retriesByReason[reason] = (this.retriesByReason[reason] ?? 0) + 1
    this.events.again('retry', origin, `tried again: ${reason}`, now)
  }

  notRetried(because: string): void {
    this.suppressed[because] = (this.suppressed[because] ?? 0) + 1
  }

  /** A second attempt went out beside a slow one (which is counted when it begins), or its answer was the call's. */
  hedged(what: 'sent' | 'won'): void {
    if (what === 'won') this.hedgesWon++
  }

  breakerChanged(change: 'opened' | 'closed', origin: string, why: string | undefined): void {
    if (change === 'opened') this.opens++
    const text = `the breaker ${change}${change === 'opened' && why !== undefined ? `: ${why}` : ''}`
    this.events.tell('breaker', change === 'opened' ? 'warn' : 'info', origin, text)
  }

  /** A call ended. `ending`: the error, or the status of the response. */
  ended(call: CallMoments, verdict: CallVerdict, ending: KeepwarmError | number, now: number): void {
    const { calls, history } = this
    const { operation } = call.plan
    const duration = calls.ended(call, verdict, ending, now)
    history.touch(now)
    history.ended(
      outcomeNumber(typeof ending === 'number' ? ending : ending.code),
      duration,
      calls.lastPhases,
    )
    if (operation !== undefined) this.operations.ended(operation, verdict, duration, call.sentAttempts)
    if (typeof ending !== 'number') this.tell(eventOfCall(ending.code), call.origin, now)
  }

  private tell(event: ToldEvent | undefined, origin: string, now: number, reason?: string): void {
    if (event === undefined) return
    this.events.again(event.kind, origin, reason === undefined ? event.text : `${event.text}: ${reason}`, now)
  }

  // ── what is shown ──────────────────────────────────────────────────────────────────────────────────────────

  /** Calls that ended. */
  get total(): number {
    return this.calls.total
  }

  figures(): ClientFigures {
    const { calls, attemptsEnded } = this
    return {
      calls: calls.figures(),
      attempts: { ...this.attempts },
      attemptsInFlight: this.attemptsUnderWay,
      attemptsEnded: attemptsEnded.allEnded,
      retries: { byReason: { ...this.retriesByReason }, suppressed: { ...this.suppressed } },
      hedgesWon: this.hedgesWon,
      phases: calls.phaseTotals(),
      histograms: { call: calls.histogram(), ...attemptsEnded.histograms() },
      attemptsByOrigin: attemptsEnded.byOrigin(),
      operations: this.operations.metrics,
    }
  }

  metrics(breakerState: BreakerState, lastHealthy: boolean | undefined): ClientMetrics {
    const { calls } = this
    const { total, verdicts } = calls
    const judged = verdicts.successful + verdicts.failed
    return {
      total_requests: total,
      successful_requests: verdicts.successful,
      failed_requests: verdicts.failed,
      cancelled_requests: verdicts.cancelled,
      total_attempts: calls.attempts,
      timeout_errors: calls.timeouts,
      circuit_breaker_opens: this.opens,
      circuit_breaker_rejections: calls.refused,
      retries_attempted: Object.values(this.retriesByReason).reduce((all, one) => all + one, 0),
      retries_by_reason: { ...this.retriesByReason },
      retries_suppressed: { ...this.suppressed },
      hedges_sent: this.attempts.hedge,
      hedges_won: this.hedgesWon,
      total_duration_ms: calls.duration,
      avg_duration_ms: total === 0 ? 0 : calls.duration / total,
      p50_duration_ms: calls.percentile(50),
      p99_duration_ms: calls.percentile(99),
      success_rate: judged === 0 ? 1 : verdicts.successful / judged,
      operations: this.operations.metrics,
      circuit_breaker_state: breakerState,
      is_healthy: breakerState !== 'open' && lastHealthy !== false,
    }
  }

  /** Seconds that are over, from `since` (unix) on. */
  historySince(since: number, now: number): HistorySlice {
    return this.history.slice(this.client, since, now)
  }

  /** The figures begin anew: with what is under way, so that they go on adding up. The history stays. */
  reset(): void {
    const { attempts } = this
    this.calls.reset()
    this.attemptsEnded.reset()
    attempts.initial = this.attemptsUnderWay
    attempts.retry = attempts.hedge = this.hedgesWon = this.opens = 0
    this.retriesByReason = {}
    this.suppressed = {}
    this.operations.reset()
    this.startedAt = this.wallClock()
  }

  private get history(): History {
    return (this.past ??= new History(this.wallClock, this.look))
  }
}
