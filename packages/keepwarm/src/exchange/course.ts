/** What becomes of a call: each attempt's end, and what follows from it. What attempts report arrives in {@link Exchange}. */
import type { Readable } from 'node:stream'
import { KeepwarmError, type AttemptRecord, type ErrorCode, type Phase } from '../errors.ts'
import type { DispatchOptions, PoolHandler } from '../pool/lease.ts'
import { isReplayable, maySendTwice } from '../pool/request-facts.ts'
import { attemptOptions, makeBody } from './attempt-options.ts'
import { Caller } from './caller.ts'
import { CallClock } from './clock.ts'
import { CallController } from './controller.ts'
import type { AttemptFacts, NamedError } from './foreign-errors.ts'
import { FASTER, type Hedging, type HedgedCall } from './hedging.ts'
import type { AttemptHandler, CallHandler, ExchangeHost, Headers, OriginGuard, Outcome } from './host.ts'
import { HookRun } from './hook-run.ts'
import { Ledger } from './ledger.ts'
import type { CallPlan } from './plan.ts'
import type { ResumableDownload } from '../retry/resume.ts'
import { RequestHeaders } from './request-headers.ts'
import { Retrying, type EndedAttempt } from './retrying.ts'
import type { Rival } from './rival.ts'
import { Stake } from './stake.ts'
import { isBetween, phaseOf, type Stage } from './stage.ts'
import { breakerOpen, callEnded, callFailed, timedOut, type EndedBy } from './texts.ts'
import type { Verdict } from '../verdict.ts'
import type { WatchedCall } from './watched-call.ts'

export abstract class Course extends CallController implements HedgedCall {
  readonly options: DispatchOptions
  readonly plan: CallPlan
  readonly clock: CallClock
  readonly ledger: Ledger
  /** What was decided about going again, and why not; absent while nothing failed. */
  retrying: Retrying | undefined
  /** Read by the pool, too: tells what becomes of the call; null where nobody listens. */
  trail: WatchedCall | null = null
  /** @internal Among the calls of its client that are under way. */
  previous: Course | null = null
  next: Course | null = null
  /** How many attempts there were, the one under way included. */
  attempt = 0
  /** Read by the pool: until when this attempt may wait for a connection. */
  acquireBy: number = Infinity
  protected readonly host: ExchangeHost
  protected readonly caller: Caller
  /** Absent for a call without hooks. */
  protected readonly hooks: HookRun | undefined
  protected hedging: Hedging | undefined
  protected received = 0
  /** The caller has the headers of a response. */
  protected given = false
  /** Of which the caller has a part, and which may go on when it breaks off. */
  protected download: ResumableDownload | undefined
  /** Made for its attempts; closed with it. */
  private bodies: Readable[] | undefined
  protected untie: (() => void) | undefined

  /** @param by when it must be over at the latest, whatever its plan says. */
  constructor(
    host: ExchangeHost,
    plan: CallPlan,
    options: DispatchOptions,
    handler: CallHandler,
    by: number = Infinity,
  ) {
    super()
    this.host = host
    this.plan = plan
    this.options = options
    this.caller = new Caller(handler, this)
    this.clock = new CallClock(host.runtime, host.timekeeper, plan.timeouts, this, by)
    this.ledger = new Ledger(new Stake(host, host.guard(options, undefined), plan.guarded))
    this.hooks = plan.hooks === undefined ? undefined : new HookRun(plan.hooks, this, host.name)
  }

  /** Read by the pool: how long an attempt may wait for a connection; undefined where the pool says it. */
  get acquireTimeout(): number | undefined {
    return this.plan.timeouts.acquire
  }

  /** Attempts that went out: some hooks may still run for a hedge when the call is over. */
  get sentAttempts(): number {
    return this.attempt - (this.hooks?.unsent ?? 0)
  }

  /** Where it goes, or went last. */
  get origin(): string {
    return this.ledger.guard.origin
  }

  /** What is wrong with its origin or its pool, where that is why it fails. */
  explain(code: ErrorCode, phase: Phase): Verdict | undefined {
    const { origin, group = null } = this.ledger.guard
    const failed = { code, phase, client: this.host.name, origin, group }
    return this.host.explain?.(failed, this.clock.now)
  }

  /** Sends the call on its way, once more. */
  protected abstract tryOnce(now: number): void

  /** Sends a second attempt on its way. */
  abstract dispatchBeside(rival: Rival, guard: OriginGuard, now: number): void

  /** Who hears of the attempt that the call listens to. */
  protected abstract get asHandler(): AttemptHandler

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

  // ── what comes next ────────────────────────────────────────────────────────────────────────────────────────

  /** The stage may last no longer. The total wins a tie. */
  onLimit(now: number): void {
    if (now >= this.clock.deadline) return this.end('deadline')
    if (this.stage === 'backoff') return this.tryOnce(now)
    if (this.stage === 'discard') return this.rest(true)
    if (now < this.clock.stopsAt) return this.hedging?.ask(now)
    this.strike(timedOut(this.facts(), this.clock.attemptIsLate, this.clock.attemptLimit, this.plan.timeouts))
  }

  /** An answer that the call does not end with, when another may be better. */
  protected isRefused(status: number, headers: Headers): boolean {
    const { lease } = this
    if (this.hedging?.rival != null && this.plan.retry.statuses.has(status)) {
      this.ledger.stake.heard(status, headers, this.clock.now)
      this.attemptEnded(status, this.facts('headers'))
      this.goOnWithRival(false)
      lease?.abort(new Error('an answer that is not waited for'))
      return true
    }
    const facts = this.facts('headers')
    if (!this.goesAgain({ ending: { status }, sent: 'maybe', phase: 'headers', headers })) return false
    this.attemptEnded(status, facts)
    this.trail?.retry()
    this.clock.enter('discard')
    return true
  }

  /** @param prepared the headers that hooks have made of it. */
  protected dispatch(handler: PoolHandler, guard: OriginGuard, now: number, prepared?: RequestHeaders): void {
    const { host, plan, clock, download } = this
    const body = plan.makeBody === undefined ? undefined : this.adopt(makeBody(plan.makeBody))
    const headers = download?.nextHeaders()
    const own = this.trail?.addTo(() => prepared ?? new RequestHeaders(this.options.headers)) ?? prepared
    const given = own === undefined ? this.options : { ...this.options, headers: own.toWire() }
    const options = attemptOptions(host, given, guard, clock.deadline, now, headers, body)
    host.pool.dispatch(options, handler)
  }

  /** It belongs to the attempt that begins. When it fails the call does, as long as it listens to that attempt. */
  private adopt(body: Readable): Readable {
    const { attempt } = this
    ;(this.bodies ??= []).push(body)
    return body.on('error', (error) => {
      if (this.ledger.stake.underWay === attempt) this.end('invalid_request', error)
    })
  }

  /** While it waited for a connection the breaker opened. */
  protected turnedAway(now: number): void {
    const { lease } = this
    this.attemptEnded('breaker_open', this.facts('wait'))
    if (this.hedging?.rival != null) {
      this.goOnWithRival(false)
      return lease?.abort(new KeepwarmError('breaker_open', 'the breaker opened meanwhile'))
    }
    if (this.mayGoElsewhere(now)) {
      this.clock.againAt = now
      this.trail?.retry('breaker_open')
      return this.rest(true)
    }
    const error = breakerOpen(this, now)
    this.finish(error)
    lease?.abort(error)
  }

  /** Nothing was sent: where there are several endpoints, another is as good as the first. */
  private mayGoElsewhere(now: number): boolean {
    const { guard } = this.ledger
    if (guard.endpoint === undefined) return false
    const other = this.host.guard(this.options, guard)
    return other !== guard && other.breaker.check(now) === undefined
  }

  /** An attempt failed: again, or over. */
  protected failed(named: NamedError): void {
    if (this.stage === 'discard') return this.rest()
    this.attemptEnded(named.code, { ...this.facts(named.phase), sent: named.sent }, named.message)
    if (this.hedging?.rival != null) return this.goOnWithRival(false)
    const { code, cause, sent, phase } = named
    if (!this.goesAgain({ ending: { code, cause }, sent, phase })) return this.finish(callFailed(this, named))
    this.trail?.retry()
    this.rest()
  }

  private goesAgain(ended: Pick<EndedAttempt, 'ending' | 'sent' | 'phase' | 'headers'>): boolean {
    const { clock, attempt: number, lease } = this
    const responseStarted = this.given && !this.caller.collects && this.download === undefined
    const all = { ...ended, number, responseStarted, reusedConnection: lease?.reused }
    const wait = this.newRetrying().decide(all, clock.now, clock.deadline)
    if (wait !== undefined) clock.againAt = clock.now + wait
    else this.trail?.noRetry()
    return wait !== undefined
  }

  protected newRetrying(): Retrying {
    this.retrying ??= new Retrying(this.host, this.plan, this.options, this.ledger)
    this.retrying.hedges = this.hedging?.sent ?? 0
    return this.retrying
  }

  /** Until the next attempt. `abandon`: the rest of an answer's body is not worth reading. */
  protected rest(abandon: boolean = false): void {
    const { lease } = this
    this.lease = null
    this.clock.enter('backoff')
    if (abandon) lease?.abort(new Error('the body of a response that is asked for again'))
  }

  /** Ends the attempt ourselves; whether the call goes again is decided like for any other failure. */
  protected strike(named: NamedError): void {
    const { lease } = this
    this.failed(named)
    lease?.abort(new KeepwarmError(named.code, named.message))
  }

  // ── an attempt beside ──────────────────────────────────────────────────────────────────────────────────────

  get mayArriveTwice(): boolean {
    return maySendTwice(this.options)
  }

  get replayable(): boolean {
    return isReplayable(this.options.body)
  }

  guardBeside(guard: OriginGuard): OriginGuard {
    return this.host.guard(this.options, guard)
  }

  rivalWon(): void {
    const { lease } = this
    this.ledger.ended(this.ledger.stake, 'aborted', this.facts(), this.clock.now, FASTER, true)
    this.goOnWithRival(true)
    lease?.abort(new KeepwarmError('aborted', FASTER))
    this.caller.responseStarted()
  }

  protected goOnWithRival(won: boolean): void {
    const rival = this.hedging!.rival!
    this.hedging!.taken(won)
    this.lease = rival.lease
    this.ledger.stake = rival.stake
    this.received = 0
    rival.heir = this.asHandler
    if (this.paused) rival.lease?.pause()
    this.clock.goOnWith(rival)
  }

  protected attemptEnded(ending: AttemptRecord['ending'], facts: AttemptFacts, reason?: string): void {
    this.ledger.ended(this.ledger.stake, ending, facts, this.clock.now, reason)
  }

  protected finish(error: KeepwarmError, told: Error = error): void {
    this.close({ error })
    this.caller.fail(told)
  }

  protected close(outcome: Outcome, now: number = this.clock.now): void {
    this.hedging?.end(now, 'the call was over')
    this.clock.enter('over', now)
    this.untie?.()
    if (this.bodies !== undefined) for (const body of this.bodies) body.destroy()
    this.host.ended(this, outcome, now)
    this.trail?.ended(outcome, now)
    this.hooks?.ended(outcome)
  }

  protected get stage(): Stage {
    return this.clock.stage
  }

  protected facts(phase: Phase = phaseOf(this.stage)): AttemptFacts {
    const { lease, stage, paused } = this
    const sent = lease?.sent === true ? 'maybe' : 'no'
    return { sent, phase, reused: lease?.reused === true, between: isBetween(stage), paused }
  }
}
