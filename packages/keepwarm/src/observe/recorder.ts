/**
 * What a client's calls and attempts came to. Whatever happens is counted where it happens: numbers in arrays that are there
 * already, so that a call costs no allocation, and nothing is computed before somebody asks.
 */
import type { ErrorCode, KeepwarmError } from '../errors.ts'
import { realRuntime } from '../runtime.ts'
import { bucketBounds, type Buckets } from './buckets.ts'
import type { ClientMetrics } from './client-metrics.ts'
import { Durations } from './durations.ts'
import { EventLog } from './event-log.ts'
import { History, type Gauges, type HistorySlice } from './history.ts'
import { readPhases, type AttemptMoments, type CallMoments } from './moments.ts'
import { OperationFigures } from './operations.ts'
import { byOutcome, outcomeNames, outcomeNumber } from './outcomes.ts'
import { phaseNames } from './series.ts'
import type { ClientFigures, PhaseTotals } from './snapshot.ts'
import { eventOfAttempt, eventOfCall, type ToldEvent } from './told-events.ts'
import type { BreakerState } from './words.ts'

export type { ClientMetrics } from './client-metrics.ts'
export type CallVerdict = 'successful' | 'failed' | 'cancelled'

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
  private readonly options: RecorderOptions
  private readonly wallClock: () => number
  private startedAt: number
  private readonly calls = { started: 0, inFlight: 0, successful: 0, failed: 0, cancelled: 0 }
  private readonly attempts = { initial: 0, retry: 0, hedge: 0 }
  private attemptsUnderWay = 0
  private attemptsOfEnded = 0
  private hedgesWon = 0
  private readonly callsEnded = new Float64Array(outcomeNames.length)
  private readonly attemptsEnded = new Float64Array(outcomeNames.length)
  private readonly phases = new Float64Array(phaseNames.length)
  private readonly phasesOfCall = new Float64Array(phaseNames.length)
  private timeouts = 0
  private opens = 0
  private retriesByReason: Record<string, number> = {}
  private suppressed: Record<string, number> = {}
  private duration = 0
  private readonly operations = new OperationFigures()
  /** Made with the first call: many clients are never used. */
  private durations: Durations | undefined
  private past: History | undefined

  constructor(options: RecorderOptions = {}) {
    this.options = options
    this.wallClock = options.wallClock ?? (() => realRuntime.wallClock())
    this.startedAt = this.wallClock()
    this.events = new EventLog(options.client ?? 'default', this.wallClock)
  }

  /** When the figures began, in ms since 1970. */
  get since(): number {
    return this.startedAt
  }

  // ── what happens ───────────────────────────────────────────────────────────────────────────────────────────

  /** A call began. */
  began(now: number): void {
    this.calls.started++
    this.calls.inFlight++
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
    this.attemptsEnded[outcomeNumber(ending)]!++
    this.ofDurations.attempt(attempt, sent)
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
    const { calls, phases, phasesOfCall, history } = this
    const { operation } = call.plan
    const code = typeof ending === 'number' ? ending : ending.code
    const outcome = outcomeNumber(code)
    const duration = now - call.clock.startedAt
    calls.inFlight--
    calls[verdict]++
    this.callsEnded[outcome]!++
    this.attemptsOfEnded += call.sentAttempts
    this.duration += duration
    this.ofDurations.call(duration)
    readPhases(call, now, phasesOfCall)
    for (let i = 0; i < phases.length; i++) phases[i]! += phasesOfCall[i]!
    history.touch(now)
    history.ended(outcome, duration, phasesOfCall)
    if (operation !== undefined) this.operations.ended(operation, verdict, duration, call.sentAttempts)
    if (typeof ending !== 'number') this.failed(ending, call.origin, now)
  }

  private failed(error: KeepwarmError, origin: string, now: number): void {
    if (isTimeout(error)) this.timeouts++
    this.tell(eventOfCall(error.code), origin, now)
  }

  private tell(event: ToldEvent | undefined, origin: string, now: number, reason?: string): void {
    if (event === undefined) return
    this.events.again(event.kind, origin, reason === undefined ? event.text : `${event.text}: ${reason}`, now)
  }

  // ── what is shown ──────────────────────────────────────────────────────────────────────────────────────────

  /** Calls that ended. */
  get total(): number {
    return this.calls.started - this.calls.inFlight
  }

  figures(): ClientFigures {
    const { calls, retriesByReason, suppressed } = this
    const { started, inFlight, cancelled } = calls
    return {
      calls: { started, inFlight, ended: byOutcome(this.callsEnded), cancelled },
      attempts: { ...this.attempts },
      attemptsInFlight: this.attemptsUnderWay,
      attemptsEnded: byOutcome(this.attemptsEnded),
      retries: { byReason: { ...retriesByReason }, suppressed: { ...suppressed } },
      hedgesWon: this.hedgesWon,
      phases: Object.fromEntries(
        phaseNames.map((name, index) => [name, this.phases[index]!]),
      ) as unknown as PhaseTotals,
      histograms: this.ofDurations.histograms(),
    }
  }

  metrics(breakerState: BreakerState, lastHealthy: boolean | undefined): ClientMetrics {
    const { calls, total, durations } = this
    const judged = calls.successful + calls.failed
    return {
      total_requests: total,
      successful_requests: calls.successful,
      failed_requests: calls.failed,
      cancelled_requests: calls.cancelled,
      total_attempts: this.attemptsOfEnded,
      timeout_errors: this.timeouts,
      circuit_breaker_opens: this.opens,
      circuit_breaker_rejections: this.callsEnded[outcomeNumber('breaker_open')]!,
      retries_attempted: Object.values(this.retriesByReason).reduce((all, one) => all + one, 0),
      retries_by_reason: { ...this.retriesByReason },
      retries_suppressed: { ...this.suppressed },
      hedges_sent: this.attempts.hedge,
      hedges_won: this.hedgesWon,
      total_duration_ms: this.duration,
      avg_duration_ms: total === 0 ? 0 : this.duration / total,
      p50_duration_ms: durations?.percentile(50) ?? 0,
      p99_duration_ms: durations?.percentile(99) ?? 0,
      success_rate: judged === 0 ? 1 : calls.successful / judged,
      operations: this.operations.metrics,
      circuit_breaker_state: breakerState,
      is_healthy: breakerState !== 'open' && lastHealthy !== false,
    }
  }

  /** Seconds that are over, from `since` (unix) on. */
  historySince(since: number, now: number): HistorySlice {
    return this.history.slice(this.options.client ?? 'default', since, now)
  }

  /** The figures begin anew: with what is under way, so that they go on adding up. The history stays. */
  reset(): void {
    const { calls, attempts } = this
    calls.started = calls.inFlight
    calls.successful = calls.failed = calls.cancelled = 0
    attempts.initial = this.attemptsUnderWay
    attempts.retry = attempts.hedge = this.attemptsOfEnded = this.hedgesWon = 0
    this.timeouts = this.opens = this.duration = 0
    for (const counts of [this.callsEnded, this.attemptsEnded, this.phases]) counts.fill(0)
    this.retriesByReason = {}
    this.suppressed = {}
    this.durations?.reset()
    this.operations.reset()
    this.startedAt = this.wallClock()
  }

  private get ofDurations(): Durations {
    return (this.durations ??= new Durations(bucketBounds(this.options.buckets)))
  }

  private get history(): History {
    return (this.past ??= new History(this.wallClock, this.options.look ?? (() => nothingKnown)))
  }
}

function isTimeout({ code, cause }: KeepwarmError): boolean {
  if (code === 'connect') return (cause as { code?: unknown } | undefined)?.code === 'UND_ERR_CONNECT_TIMEOUT'
  return code === 'acquire_timeout' || code === 'attempt_timeout' || code === 'deadline'
}
