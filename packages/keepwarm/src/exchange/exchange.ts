/**
 * One call's life: the handler that the pool sees, the controller that the caller holds, and the only place where
 * an attempt becomes an outcome. It asks pure policies what comes next and keeps the time.
 *
 *     admit ─▶ wait ─▶ send ─▶ headers ─▶ body ─▶ over
 *      ▲  ▲      │       │        │         │
 *      │  │      └───────┴────────┴─────────┴── failed: decideRetry ──▶ over
 *      │  └───────────── backoff ◀──────────────────┘ (again)
 *      └── a status worth another try: its body is read away (discard) first
 *
 * The caller is told exactly once. What arrives from an attempt that was given up is not listened to.
 */
import { errors, type Dispatcher } from 'undici'
import { AgendaItem } from '../agenda.ts'
import { REFUSED, type Breaker } from '../breaker/machine.ts'
import { isConnectFailure, judge, type JudgedEnding } from '../breaker/judge.ts'
import { KeepwarmError, type AttemptRecord, type Phase, type Sent } from '../errors.ts'
import type { DispatchOptions, Lease, PoolHandler } from '../pool/lease.ts'
import type { RetryBudget } from '../retry/budget.ts'
import {
  chargeRetry,
  decideRetry,
  type AttemptEnding,
  type NotRetried,
  type RetryDecision,
} from '../retry/decide.ts'
import { parseRetryAfter } from '../retry/retry-after.ts'
import type { Runtime } from '../runtime.ts'
import { nameForeignError, nameOwnError, type NamedError } from './foreign-errors.ts'
import type { CallPlan } from './plan.ts'
import { hasIdempotencyKey, isReplayable } from './request-facts.ts'
import { breakerOpen, callFailed, cancelled, tooLarge, tooLate } from './texts.ts'
import type { Timed, Timekeeper } from './timekeeper.ts'

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]
type UpgradeSocket = Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>[3]
type RawHeaders = NonNullable<Dispatcher.DispatchController['rawHeaders']> | null

/** How a call ended, for whoever counts. */
export type Outcome = { readonly status: number } | { readonly error: KeepwarmError }

/** What a client remembers of one origin. */
export interface OriginGuard {
  readonly breaker: Breaker
  readonly budget: RetryBudget
}

/** What an exchange needs of its client. */
export interface ExchangeHost {
  readonly runtime: Runtime
  readonly timekeeper: Timekeeper
  readonly pool: Dispatcher
  guard(origin: string): OriginGuard
  /** A retry was decided on. */
  retried(reason: string): void
  /** An attempt ended; `opened` when it tripped the breaker. */
  breakerChanged(change: 'opened' | 'closed'): void
  ended(exchange: Exchange, outcome: Outcome): void
}

/** A handler may say that it collects the body: until the end nobody has seen a part, and it can go again. */
export interface CallHandler extends Dispatcher.DispatchHandler {
  readonly collects?: boolean
}

/** Bytes of a body that are read away to keep its connection; beyond that a new connection is cheaper. */
const MOST_DISCARDED = 65_536

export class Exchange extends AgendaItem implements PoolHandler, Dispatcher.DispatchController, Timed {
  readonly options: DispatchOptions
  readonly origin: string
  aborted = false
  paused = false
  reason: Error | null = null
  /** Number of the attempt under way, from 1. */
  attempt = 0
  startedAt = 0
  /** Read by the pool: until when this attempt may wait for a connection. */
  acquireBy = Infinity
  notRetried: NotRetried | undefined
  private readonly host: ExchangeHost
  private readonly guard: OriginGuard
  private readonly plan: CallPlan
  private readonly handler: CallHandler
  private phase: Phase | 'backoff' | 'discard' | 'over' = 'admit'
  private lease: Lease | null = null
  private permit = REFUSED
  private deadline = Infinity
  private attemptStartedAt = 0
  /** When the phase began, or was last seen to move. */
  private movedAt = 0
  private status = 0
  private received = 0
  private wait = 0
  private charged = false
  private records: AttemptRecord[] | undefined
  private onAbort: (() => void) | undefined

  constructor(host: ExchangeHost, plan: CallPlan, options: DispatchOptions, handler: CallHandler) {
    super()
    this.host = host
    this.plan = plan
    this.options = options
    this.origin = String(options.origin ?? '')
    this.guard = host.guard(this.origin)
    this.handler = handler
  }

  get attempts(): readonly AttemptRecord[] {
    return this.records ?? []
  }

  start(): void {
    this.startedAt = this.host.runtime.now()
    this.deadline = this.startedAt + this.plan.timeouts.total
    const { signal } = this.plan
    if (signal !== undefined) {
      // Already aborted: nothing is dialed, nothing is counted against the server.
      if (signal.aborted) return this.finish(cancelled(this, signal.reason))
      this.onAbort = () => this.giveUp(cancelled(this, signal.reason))
      signal.addEventListener('abort', this.onAbort, { once: true })
    }
    try {
      this.handler.onRequestStart?.(this, {})
    } catch (error) {
      return this.finish(cancelled(this, error))
    }
    if (this.phase === 'admit') this.tryOnce(this.startedAt)
  }

  // ── the caller's controller ────────────────────────────────────────────────────────────────────────────────

  /** The caller's handler hears the reason that it gave, as undici does it. */
  abort(reason?: Error): void {
    if (this.phase === 'over') return
    this.aborted = true
    this.reason = reason ?? new errors.RequestAbortedError()
    this.giveUp(cancelled(this, this.reason), this.reason)
  }

  pause(): void {
    this.paused = true
    this.lease?.pause()
  }

  resume(): void {
    this.paused = false
    if (this.phase === 'body') this.enter('body', this.host.runtime.now())
    this.lease?.resume()
  }

  get rawHeaders(): RawHeaders {
    return this.lease?.rawHeaders ?? null
  }

  get rawTrailers(): RawHeaders {
    return this.lease?.rawTrailers ?? null
  }

  // ── an attempt, as the pool reports it ─────────────────────────────────────────────────────────────────────

  onRequestStart(lease: Dispatcher.DispatchController): void {
    this.lease = lease as Lease
    if (this.paused) lease.pause()
  }

  onWire(): void {
    this.enter('send', this.host.runtime.now())
  }

  onBodySent(chunk: Buffer): void {
    if (this.phase === 'send') this.movedAt = this.host.runtime.now()
    this.handler.onBodySent?.(chunk)
  }

  onRequestSent(): void {
    if (this.phase === 'send') this.enter('headers', this.host.runtime.now())
    this.handler.onRequestSent?.()
  }

  onResponseStarted(): void {
    this.handler.onResponseStarted?.()
  }

  onResponseStart(
    lease: Dispatcher.DispatchController,
    status: number,
    headers: Headers,
    text?: string,
  ): void {
    if (lease !== this.lease) return
    if (status < 200) return this.handler.onResponseStart?.(this, status, headers, text)
    this.status = status
    const now = this.host.runtime.now()
    if (status >= 400 && this.goesAgain({ status }, 'maybe', now, headers)) {
      this.record(status, 'headers', 'maybe', now)
      this.received = 0
      return this.enter('discard', now)
    }
    this.enter('body', now)
    this.handler.onResponseStart?.(this, status, headers, text)
  }

  onResponseData(lease: Dispatcher.DispatchController, chunk: Buffer): void {
    if (lease !== this.lease) return
    this.received += chunk.length
    this.movedAt = this.host.runtime.now()
    if (this.phase === 'discard') {
      if (this.received > MOST_DISCARDED) this.stopDiscarding()
      return
    }
    if (this.received > this.plan.maxResponseBytes) {
      return this.strike(tooLarge(this, this.plan.maxResponseBytes))
    }
    this.handler.onResponseData?.(this, chunk)
  }

  onResponseEnd(lease: Dispatcher.DispatchController, trailers: Headers): void {
    if (lease !== this.lease) return
    this.settleBreaker({ status: this.status })
    if (this.phase === 'discard') return this.rest()
    this.close({ status: this.status })
    this.handler.onResponseEnd?.(this, trailers)
  }

  onRequestUpgrade(
    lease: Dispatcher.DispatchController,
    status: number,
    headers: Headers,
    socket: UpgradeSocket,
  ): void {
    if (lease !== this.lease) return void socket.destroy()
    this.settleBreaker({ status })
    this.close({ status })
    if (this.handler.onRequestUpgrade !== undefined)
      this.handler.onRequestUpgrade(this, status, headers, socket)
    else socket.destroy()
  }

  onResponseError(lease: Dispatcher.DispatchController, error: Error): void {
    if (lease !== this.lease || this.phase === 'over') return
    const facts = { sent: this.sent, phase: this.place }
    const own = error instanceof KeepwarmError
    this.failed(own ? nameOwnError(error, facts) : nameForeignError(error, facts), error)
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** The clock of this exchange came up: for a limit that may have moved since. */
  onTime(now: number): void {
    if (this.phase === 'over') return
    if (this.phase === 'backoff' && now >= this.limit()) {
      this.host.timekeeper.holdFor(-1)
      return this.tryOnce(now)
    }
    if (now < this.limit()) return this.host.timekeeper.call(this, this.limit())
    const late = tooLate(this, this.place, now, this.deadline, this.plan.timeouts)
    if (late.code === 'deadline') this.giveUp(late)
    else if (this.phase === 'discard') this.stopDiscarding()
    else this.strike(late)
  }

  /** When the phase must be over. */
  private limit(): number {
    const { write, headers, bodyIdle, attempt } = this.plan.timeouts
    if (this.phase === 'backoff') return this.movedAt + this.wait
    let limit = Math.min(this.deadline, this.attemptStartedAt + attempt)
    if (this.phase === 'send') limit = Math.min(limit, this.movedAt + write)
    else if (this.phase === 'headers') limit = Math.min(limit, this.movedAt + headers)
    else if ((this.phase === 'body' && !this.paused) || this.phase === 'discard') {
      limit = Math.min(limit, this.movedAt + bodyIdle)
    }
    return limit
  }

  /** Only an earlier limit moves the clock; a later one is found out when it rings. */
  private enter(phase: 'wait' | 'send' | 'headers' | 'body' | 'backoff' | 'discard', now: number): void {
    this.phase = phase
    this.movedAt = now
    const limit = this.limit()
    if (this.bucket === -1 || limit < this.at) this.host.timekeeper.call(this, limit)
  }

  // ── what comes next ────────────────────────────────────────────────────────────────────────────────────────

  private tryOnce(now: number): void {
    if (this.plan.guarded) {
      const { breaker } = this.guard
      this.permit = breaker.admit(now)
      if (this.permit === REFUSED) return this.finish(breakerOpen(this, breaker, now))
    }
    this.attempt++
    this.attemptStartedAt = now
    this.acquireBy = Math.min(this.deadline, now + this.plan.timeouts.attempt)
    this.lease = null
    this.status = 0
    this.received = 0
    this.enter('wait', now)
    this.host.pool.dispatch(this.options, this)
  }

  /** An attempt failed: again, or over. */
  private failed(named: NamedError, error: Error): void {
    const now = this.host.runtime.now()
    this.settleBreaker(named)
    if (this.phase === 'discard') return this.rest()
    this.record(named.code, named.phase, named.sent, now, named.message)
    if (this.goesAgain({ code: named.code, cause: named.cause }, named.sent, now)) {
      return this.rest()
    }
    const final = error instanceof KeepwarmError && this.attempt < 2 ? error : callFailed(this, named, error)
    this.finish(final)
  }

  /** Decides about another attempt, and pays for it. */
  private goesAgain(ending: AttemptEnding, sent: Sent, now: number, headers?: Headers): boolean {
    const { retry, idempotent } = this.plan
    const { runtime } = this.host
    if (retry.attempts <= 1) return this.decided({ again: false, because: 'attempts_used' })
    const date = headers?.['date']
    const decision = decideRetry({
      ending,
      sent,
      responseStarted: this.phase === 'body' && this.handler.collects !== true,
      method: this.options.method,
      idempotent,
      hasIdempotencyKey: hasIdempotencyKey(this.options.headers),
      replayable: isReplayable(this.options.body) || sent === 'no',
      attempt: this.attempt,
      maxAttempts: retry.attempts,
      timeLeft: this.deadline - now,
      retryAfter: parseRetryAfter(headers?.['retry-after'], runtime.wallClock(), asText(date)),
      maxRetryAfter: retry.maxRetryAfter,
      backoff: retry.backoff,
      statuses: retry.statuses,
      random: runtime.random(),
      reusedConnection: this.lease?.reused,
    })
    return this.decided(decision.again ? chargeRetry(decision, this.guard.budget, now) : decision)
  }

  private decided(decision: RetryDecision): boolean {
    if (!decision.again) {
      this.notRetried = decision.because
      return false
    }
    this.wait = decision.wait
    this.charged = !decision.free
    this.host.retried(decision.reason)
    return true
  }

  private rest(): void {
    this.lease = null
    this.host.timekeeper.holdFor(1)
    this.enter('backoff', this.host.runtime.now())
  }

  private stopDiscarding(): void {
    const { lease } = this
    this.settleBreaker({ status: this.status })
    this.rest()
    lease?.abort(new Error('the body of a response that is asked for again'))
  }

  /** Ends the attempt ourselves; whether the call goes again is decided like for any other failure. */
  private strike(error: KeepwarmError): void {
    const { lease } = this
    this.failed(nameOwnError(error, { sent: this.sent, phase: this.place }), error)
    lease?.abort(error)
  }

  /** Ends the call, whatever it is doing. */
  private giveUp(error: KeepwarmError, told: Error = error): void {
    const { lease, phase } = this
    if (phase === 'backoff' && this.charged) this.guard.budget.giveBack()
    this.settleBreaker({ code: error.code, sent: this.sent, phase: this.place })
    this.finish(error, told)
    lease?.abort(error)
  }

  private settleBreaker(ending: JudgedEnding): void {
    if (this.permit === REFUSED) return
    const { permit, host } = this
    this.permit = REFUSED
    const now = host.runtime.now()
    const verdict = judge(ending)
    const { breaker, budget } = this.guard
    if (verdict === 'success') budget.deposit(now)
    const change = breaker.settle(permit, verdict, now, isConnectFailure(ending), host.runtime.random())
    if (change !== undefined) host.breakerChanged(change)
  }

  private finish(error: KeepwarmError, told: Error = error): void {
    if (this.phase === 'over') return
    this.close({ error })
    try {
      this.handler.onResponseError?.(this, told)
    } catch (thrown) {
      process.emitWarning(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  }

  private close(outcome: Outcome): void {
    if (this.phase === 'backoff') this.host.timekeeper.holdFor(-1)
    this.phase = 'over'
    this.host.timekeeper.forget(this)
    if (this.onAbort !== undefined) this.plan.signal?.removeEventListener('abort', this.onAbort)
    this.host.ended(this, outcome)
  }

  private record(
    ending: AttemptRecord['ending'],
    phase: Phase,
    sent: Sent,
    now: number,
    reason?: string,
  ): void {
    const record = { number: this.attempt, ending, phase, sent, duration: now - this.attemptStartedAt }
    ;(this.records ??= []).push(reason === undefined ? record : { ...record, reason })
  }

  private get sent(): Sent {
    return this.lease?.sent === true ? 'maybe' : 'no'
  }

  private get place(): Phase {
    if (this.phase === 'discard') return 'body'
    return this.phase === 'backoff' || this.phase === 'over' ? 'wait' : this.phase
  }
}

function asText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
