/**
 * One call's life: the handler that the pool sees, the controller that the caller holds, and the only place where
 * an attempt becomes an outcome. It asks pure policies what comes next; its {@link CallClock} keeps the time.
 *
 *     admit ─▶ prepare ─▶ wait ─▶ send ─▶ headers ─▶ body ─▶ over
 *      ▲  ▲       ┊         │       │        │         │
 *      │  │    (hooks)      └───────┴────────┴─────────┴── failed: goes again? ──▶ over
 *      │  └──────────────── backoff ◀──────────────────┘
 *      └── a status worth another try: its body is read away (discard) first
 *
 * The caller is told exactly once. What arrives from an attempt that was given up is not listened to. A second attempt
 * beside a slow one is {@link Hedging}'s.
 */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { isTooShort, remaining } from '../deadline/remaining.ts'
import type { Lease, PoolHandler } from '../pool/lease.ts'
import type { ResumableDownload } from '../retry/resume.ts'
import { asError } from './caller.ts'
import { nameError } from './foreign-errors.ts'
import { FASTER, Hedging } from './hedging.ts'
import type { Headers, OriginGuard, UpgradeSocket } from './host.ts'
import { Preparing } from './preparing.ts'
import type { RequestHeaders } from './request-headers.ts'
import { isUnderWay } from './stage.ts'
import { tie } from './ties.ts'
import { beginDownload, brokeOff, notResumed } from './downloads.ts'
import { breakerOpen, subject, timedOut, tooLarge, tooShort } from './texts.ts'
import { watch } from './watched-call.ts'

type Controller = Dispatcher.DispatchController

/** Bytes of a body that are read away to keep its connection; beyond that a new connection is cheaper. */
const MOST_DISCARDED = 65_536

export class Exchange extends Preparing implements PoolHandler {
  private status = 0

  /** Read by the pool. */
  get trailAttempt(): number {
    return this.ledger.stake.attempt
  }

  /** Read by the pool. */
  get operation(): string | undefined {
    return this.plan.operation
  }

  /** `upload`: a body that belongs to the call. When it fails the call does, and it is closed with the call. */
  start(upload?: Readable): void {
    const { signal } = this.plan
    this.trail = watch(this, this.host, this.caller.follows)
    if (signal !== undefined || upload !== undefined) this.untie = tie(this, signal, upload)
    // Already aborted: nothing is dialed, nothing is counted against the server.
    if (signal?.aborted === true) return this.end('aborted', signal.reason)
    this.caller.begin()
    if (this.stage === 'admit') this.tryOnce(this.clock.startedAt)
  }

  protected tryOnce(now: number): void {
    const { clock, ledger, host } = this
    // The very first one has its guard.
    const guard = this.attempt === 0 ? ledger.guard : host.guard(this.options, ledger.guard)
    const left = remaining(clock.deadline, now)
    if (isTooShort(left, this.plan)) return this.end('deadline', tooShort(left, this.plan.least))
    if (!this.prepare(guard, now)) this.send(guard, now)
  }

  protected send(guard: OriginGuard, now: number, headers?: RequestHeaders): void {
    const { clock, ledger, host } = this
    if (!ledger.admit(guard, this.attempt + 1, now)) return this.finish(breakerOpen(this, now))
    if (this.retrying !== undefined && this.attempt > 0) host.retried(this.retrying.reason, guard.origin, now)
    ledger.stake.goesOut(this.attempt === 0 ? 'initial' : 'retry', now)
    this.attempt++
    this.lease = null
    this.received = 0
    clock.begin(this.plan.guarded ? guard.breaker.probeLimit(now) : Infinity, now)
    this.acquireBy = Math.min(clock.deadline, clock.attemptEndsAt)
    clock.enter('wait', now)
    if (this.trail !== null) {
      this.trail.attemptGoesOut(ledger.stake, this.attempt === 1 ? 'initial' : 'retry', now)
      if (this.stage !== 'wait') return // who was told ended it
    }
    try {
      this.dispatch(this, guard, now, headers)
    } catch (thrown) {
      if (this.stage === 'wait') this.failed(nameError(asError(thrown), this.facts()))
    }
  }

  protected get asHandler(): this {
    return this
  }

  // ── an attempt, as the pool reports it ─────────────────────────────────────────────────────────────────────

  onRequestStart(lease: Controller): void {
    this.lease = lease as Lease
    if (this.paused) lease.pause()
  }

  /** Nothing is written yet: the lease can still be given back. */
  onWire(): void {
    if (!isUnderWay(this.stage)) return
    const { clock, ledger } = this
    const { now } = clock
    if (!ledger.stake.commit(now, this.lease?.slot)) return this.turnedAway(now)
    const { hedges } = ledger.guard
    if (hedges !== undefined && this.plan.hedged && this.download === undefined) {
      this.hedging ??= new Hedging(this, this.host, hedges)
      this.hedging.wired(now)
    }
    clock.enter('send', now)
  }

  onBack(): void {
    if (isUnderWay(this.stage)) this.clock.enter('wait')
  }

  onBodySent(chunk: Buffer): void {
    const { watched } = this.ledger.stake
    if (watched !== null) watched.sentBytes += chunk.length
    if (this.stage === 'send') this.clock.moved()
    if (isUnderWay(this.stage)) this.caller.bodySent(chunk)
  }

  onRequestSent(): void {
    if (this.stage === 'send') {
      const { now } = this.clock
      this.ledger.stake.sentAt = now
      this.clock.enter('headers', now)
    }
    if (isUnderWay(this.stage)) this.caller.requestSent()
  }

  onResponseStarted(): void {
    if (isUnderWay(this.stage)) this.caller.responseStarted()
  }

  onResponseStart(lease: Controller, status: number, headers: Headers, text?: string): void {
    if (this.isLate(lease)) return
    if (status < 200) return this.caller.headers(status, headers, text)
    const { now } = this.clock
    this.status = status
    const { stake } = this.ledger
    stake.answered(now)
    if (stake.watched !== null) stake.watched.status = status
    const again = this.hooks === undefined ? false : this.wantsAnother(status, headers)
    if (again === undefined) return
    if (status >= 400 && this.isRefused(status, headers)) return
    if (again && this.goesOnceMore(status, now)) return
    this.hedging?.end(now, FASTER)
    if (this.download !== undefined) return this.goesOn(this.download, status, headers, now)
    if (this.announcesTooMuch(headers)) return this.strike(tooLarge(this.plan.maxResponseBytes, this.facts()))
    if (this.plan.resumed) this.download = beginDownload(this.options, status, headers)
    this.given = true
    this.clock.enter('body', now)
    this.caller.headers(status, headers, text)
  }

  /** A body that is to be collected whole need not come before it is known to be too large. Those of errors are cut. */
  private announcesTooMuch({ 'content-length': length }: Headers): boolean {
    if (length === undefined || Number(length) <= this.plan.maxResponseBytes) return false
    return this.caller.collects && this.status < 300 && this.options.method !== 'HEAD'
  }

  /** The answer to a request for the rest of a download. */
  private goesOn(download: ResumableDownload, status: number, headers: Headers, now: number): void {
    const { lease } = this
    const verdict = download.answered(status, headers)
    if (verdict === 'go_on' || verdict === 'start_over') {
      this.received = download.position
      return this.clock.enter('body', now)
    }
    if (verdict === 'complete') {
      this.ledger.stake.succeeded(now, status)
      this.close({ status: 200 }, now)
      this.caller.end({})
      return lease?.abort(new Error('the end of a download that was complete'))
    }
    this.download = undefined // it cannot go on
    this.strike(notResumed(verdict, status, download.position))
  }

  onResponseData(lease: Controller, chunk: Buffer): void {
    if (this.isLate(lease)) return
    this.received += chunk.length
    const { watched } = this.ledger.stake
    if (watched !== null) watched.receivedBytes += chunk.length
    if (this.stage === 'discard') {
      if (this.received > MOST_DISCARDED) this.rest(true)
    } else if (this.received > this.plan.maxResponseBytes) {
      this.strike(tooLarge(this.plan.maxResponseBytes, this.facts()))
    } else if (this.download?.received(chunk.length) === false) {
      const { position } = this.download
      this.download = undefined
      this.strike(notResumed('wrong_range', this.status, position))
    } else {
      this.clock.moved()
      this.caller.data(chunk)
    }
  }

  onResponseEnd(lease: Controller, trailers: Headers): void {
    if (this.isLate(lease)) return
    if (this.stage === 'discard') return this.rest()
    if (this.download?.isWhole === false) return this.failed(brokeOff(this.download.position))
    const { now } = this.clock
    if (this.status < 400) this.ledger.stake.succeeded(now, this.status)
    else this.ledger.ended(this.ledger.stake, this.status, this.facts(), now)
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
    const { now, deadline, attemptEndsAt, attemptLimit } = this.clock
    if (now >= deadline) return this.end('deadline', error)
    if (now < attemptEndsAt) return this.failed(named)
    const late = timedOut(this.facts(), true, attemptLimit, this.plan.timeouts)
    this.failed({ ...late, message: `${late.message}: ${named.message}`, error })
  }

  private isLate(lease: Controller): boolean {
    return lease !== this.lease || this.stage === 'over'
  }
}

/** Its headers and its body may hold what no log should. */
Object.defineProperty(Exchange.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Exchange): string {
    return `Exchange { ${subject(this)}, ${this.clock.stage}, attempt ${this.attempt} }`
  },
})
