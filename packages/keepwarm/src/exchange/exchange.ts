/**
 * One call's life: the handler that the pool sees, the controller that the caller holds, and the only place where
 * an attempt becomes an outcome. It asks pure policies what comes next; its {@link CallClock} keeps the time.
 *
 *     admit ─▶ wait ─▶ send ─▶ headers ─▶ body ─▶ over
 *      ▲  ▲      │       │        │         │
 *      │  │      └───────┴────────┴─────────┴── failed: goes again? ──▶ over
 *      │  └───────────── backoff ◀──────────────────┘
 *      └── a status worth another try: its body is read away (discard) first
 *
 * The caller is told exactly once. What arrives from an attempt that was given up is not listened to.
 */
import type { Readable } from 'node:stream'
import { errors, type Dispatcher } from 'undici'
import type { KeepwarmError, AttemptRecord, Phase, Sent } from '../errors.ts'
import type { DispatchOptions, Lease, PoolHandler } from '../pool/lease.ts'
import { originOf } from '../pool/request-facts.ts'
import type { AttemptEnding } from '../retry/decide.ts'
import { asError, Caller } from './caller.ts'
import { CallClock } from './clock.ts'
import { nameError, type AttemptFacts, type NamedError } from './foreign-errors.ts'
import type { CallHandler, ExchangeHost, Headers, Outcome, RawHeaders, UpgradeSocket } from './host.ts'
import { Ledger } from './ledger.ts'
import type { CallPlan } from './plan.ts'
import { Retrying } from './retrying.ts'
import { isBetween, isUnderWay, phaseOf, type Stage } from './stage.ts'
import { tie } from './ties.ts'
import { breakerOpen, callEnded, callFailed, subject, timedOut, tooLarge, type EndedBy } from './texts.ts'

type Controller = Dispatcher.DispatchController

/** Bytes of a body that are read away to keep its connection; beyond that a new connection is cheaper. */
const MOST_DISCARDED = 65_536

export class Exchange implements PoolHandler, Controller {
  readonly options: DispatchOptions
  readonly origin: string
  readonly plan: CallPlan
  readonly clock: CallClock
  readonly ledger: Ledger
  /** What was decided about going again, and why not; absent while nothing failed. */
  retrying: Retrying | undefined
  /** @internal Among the calls of its client that are under way. */
  previous: Exchange | null = null
  next: Exchange | null = null
  aborted = false
  paused = false
  reason: Error | null = null
  /** Number of the attempt under way, from 1. */
  attempt = 0
  /** Read by the pool: until when this attempt may wait for a connection. */
  acquireBy: number = Infinity
  private readonly host: ExchangeHost
  private readonly caller: Caller
  private lease: Lease | null = null
  private status = 0
  private received = 0
  private untie: (() => void) | undefined

  constructor(host: ExchangeHost, plan: CallPlan, options: DispatchOptions, handler: CallHandler) {
    this.host = host
    this.plan = plan
    this.options = options
    this.origin = originOf(options)
    this.caller = new Caller(handler, this)
    this.clock = new CallClock(host.runtime, host.timekeeper, plan.timeouts, this)
    this.ledger = new Ledger(host, host.guard(this.origin), plan.guarded)
  }

  /** `upload`: a body that belongs to the call. When it fails the call does, and it is closed with the call. */
  start(upload?: Readable): void {
    const { signal } = this.plan
    if (signal !== undefined || upload !== undefined) this.untie = tie(this, signal, upload)
    // Already aborted: nothing is dialed, nothing is counted against the server.
    if (signal?.aborted === true) return this.end('aborted', signal.reason)
    this.caller.begin()
    if (this.stage === 'admit') this.tryOnce(this.clock.startedAt)
  }

  /** Ends the call, whatever it is doing. The caller hears `told`, or what we make of it. */
  end(by: EndedBy, cause?: unknown, told?: Error): void {
    if (this.stage === 'over') return
    const { lease } = this
    const facts = this.facts()
    this.ledger.giveBack()
    this.attemptEnded(by, facts)
    const error = callEnded(this, by, facts, cause)
    this.aborted = true
    this.reason = told ?? error
    this.finish(error, this.reason)
    lease?.abort(error)
  }

  // ── the caller's controller ────────────────────────────────────────────────────────────────────────────────

  /** The caller's handler hears the reason that it gave, as undici does it. */
  abort(reason: Error = new errors.RequestAbortedError()): void {
    this.end('aborted', reason, reason)
  }

  pause(): void {
    if (this.stage === 'over') return
    this.paused = true
    this.clock.pause(true)
    this.lease?.pause()
  }

  /** Nothing after the end: the connection may carry somebody else's response by then. */
  resume(): void {
    if (this.stage === 'over') return
    this.paused = false
    this.clock.pause(false)
    this.lease?.resume()
  }

  get rawHeaders(): RawHeaders {
    return this.lease?.rawHeaders ?? null
  }

  get rawTrailers(): RawHeaders {
    return this.lease?.rawTrailers ?? null
  }

  // ── an attempt, as the pool reports it ─────────────────────────────────────────────────────────────────────

  onRequestStart(lease: Controller): void {
    this.lease = lease as Lease
    if (this.paused) lease.pause()
  }

  onWire(): void {
    if (isUnderWay(this.stage)) this.clock.enter('send')
  }

  onBodySent(chunk: Buffer): void {
    if (this.stage === 'send') this.clock.moved()
    if (isUnderWay(this.stage)) this.caller.bodySent(chunk)
  }

  onRequestSent(): void {
    if (this.stage === 'send') this.clock.enter('headers')
    if (isUnderWay(this.stage)) this.caller.requestSent()
  }

  onResponseStarted(): void {
    if (isUnderWay(this.stage)) this.caller.responseStarted()
  }

  onResponseStart(lease: Controller, status: number, headers: Headers, text?: string): void {
    if (this.isLate(lease)) return
    if (status < 200) return this.caller.headers(status, headers, text)
    this.status = status
    if (status >= 400 && this.goesAgain({ status }, 'maybe', headers)) {
      this.attemptEnded(status, this.facts('headers'))
      return this.clock.enter('discard')
    }
    this.clock.enter('body')
    this.caller.headers(status, headers, text)
  }

  onResponseData(lease: Controller, chunk: Buffer): void {
    if (this.isLate(lease)) return
    this.received += chunk.length
    if (this.stage === 'discard') {
      if (this.received > MOST_DISCARDED) this.rest(true)
    } else if (this.received > this.plan.maxResponseBytes) {
      this.strike(tooLarge(this.plan.maxResponseBytes, this.facts()))
    } else {
      this.clock.moved()
      this.caller.data(chunk)
    }
  }

  onResponseEnd(lease: Controller, trailers: Headers): void {
    if (this.isLate(lease)) return
    if (this.stage === 'discard') return this.rest()
    const { now } = this.clock
    if (this.status < 400) this.ledger.succeeded(now)
    else this.attemptEnded(this.status, this.facts())
    this.close({ status: this.status }, now)
    this.caller.end(trailers)
  }

  onRequestUpgrade(lease: Controller, status: number, headers: Headers, socket: UpgradeSocket): void {
    if (this.isLate(lease)) return void socket.destroy()
    this.attemptEnded(status, this.facts())
    if (!this.caller.takesUpgrades) {
      socket.destroy()
      return this.end('invalid_request', new Error('the server changed to a protocol that nobody here reads'))
    }
    this.close({ status })
    this.caller.upgraded(status, headers, socket)
  }

  onResponseError(lease: Controller, error: Error): void {
    if (this.isLate(lease)) return
    const named = nameError(error, this.facts())
    if (named.code !== 'acquire_timeout') return this.failed(named)
    // The pool gave up at the moment that we gave it: what is over then is the call, or the attempt.
    const { now, deadline, attemptEndsAt } = this.clock
    if (now >= deadline) return this.end('deadline', error)
    this.failed({ ...named, code: now >= attemptEndsAt ? 'attempt_timeout' : named.code })
  }

  private isLate(lease: Controller): boolean {
    return lease !== this.lease || this.stage === 'over'
  }

  // ── what comes next ────────────────────────────────────────────────────────────────────────────────────────

  /** The stage may last no longer. The total wins a tie. */
  onLimit(now: number): void {
    if (now >= this.clock.deadline) return this.end('deadline')
    if (this.stage === 'backoff') return this.tryOnce(now)
    if (this.stage === 'discard') return this.rest(true)
    this.strike(timedOut(this.facts(), this.clock.attemptIsLate, this.plan.timeouts))
  }

  private tryOnce(now: number): void {
    if (!this.ledger.admit(this.attempt + 1, now)) return this.finish(breakerOpen(this, now))
    if (this.retrying !== undefined && this.attempt > 0) this.host.retried(this.retrying.reason)
    this.attempt++
    this.lease = null
    this.received = 0
    this.clock.attemptStartedAt = now
    this.acquireBy = Math.min(this.clock.deadline, this.clock.attemptEndsAt)
    this.clock.enter('wait', now)
    try {
      this.host.pool.dispatch(this.options, this)
    } catch (thrown) {
      if (this.stage === 'wait') this.failed(nameError(asError(thrown), this.facts()))
    }
  }

  /** An attempt failed: again, or over. */
  private failed(named: NamedError): void {
    if (this.stage === 'discard') return this.rest()
    this.attemptEnded(named.code, { ...this.facts(named.phase), sent: named.sent }, named.message)
    if (this.goesAgain({ code: named.code, cause: named.cause }, named.sent)) this.rest()
    else this.finish(callFailed(this, named))
  }

  private goesAgain(ending: AttemptEnding, sent: Sent, headers?: Headers): boolean {
    const { clock, attempt: number, lease } = this
    const responseStarted = this.stage === 'body' && !this.caller.collects
    const ended = { ending, number, sent, responseStarted, headers, reusedConnection: lease?.reused }
    this.retrying ??= new Retrying(this.host.runtime, this.plan, this.options, this.ledger)
    const wait = this.retrying.decide(ended, clock.now, clock.deadline)
    if (wait !== undefined) clock.againAt = clock.now + wait
    return wait !== undefined
  }

  /** Until the next attempt. `abandon`: the rest of an answer's body is not worth reading. */
  private rest(abandon: boolean = false): void {
    const { lease } = this
    this.lease = null
    this.clock.enter('backoff')
    if (abandon) lease?.abort(new Error('the body of a response that is asked for again'))
  }

  /** Ends the attempt ourselves; whether the call goes again is decided like for any other failure. */
  private strike(named: NamedError): void {
    const { lease } = this
    this.failed(named)
    lease?.abort(new Error(named.message))
  }

  private attemptEnded(ending: AttemptRecord['ending'], facts: AttemptFacts, reason?: string): void {
    this.ledger.ended(ending, facts, this.clock.attemptStartedAt, this.clock.now, reason)
  }

  private finish(error: KeepwarmError, told: Error = error): void {
    this.close({ error })
    this.caller.fail(told)
  }

  private close(outcome: Outcome, now: number = this.clock.now): void {
    this.clock.enter('over', now)
    this.untie?.()
    this.host.ended(this, outcome, now)
  }

  private get stage(): Stage {
    return this.clock.stage
  }

  private facts(phase: Phase = phaseOf(this.stage)): AttemptFacts {
    const { lease, stage, paused } = this
    const sent = lease?.sent === true ? 'maybe' : 'no'
    return { sent, phase, reused: lease?.reused === true, between: isBetween(stage), paused }
  }
}

/** Its headers and its body may hold what no log should. */
Object.defineProperty(Exchange.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Exchange): string {
    return `Exchange { ${subject(this)}, ${this.clock.stage}, attempt ${this.attempt} }`
  },
})
