/**
 * The three states of a breaker and the ways between them, as a pure state machine: time and chance are arguments,
 * there are no timers, and whoever looks at it moves it to the state of that moment.
 *
 *                    too many failures in the window,
 *                    or too many failed connects in a row
 *        ┌────────┐ ───────────────────────────────────────▶ ┌──────┐
 *        │ closed │                                          │ open │ ◀──┐
 *        └────────┘                                          └──────┘    │
 *             ▲                                                  │       │ a probe fails:
 *             │               its time is over: a few            ▼       │ open again,
 *             │ a ramp        probes are let through      ┌───────────┐  │ longer each time
 *             └────────────────────────────────────────── │ half-open │ ─┘ from the third on
 *               enough probes succeed                     └───────────┘
 *
 * Every permit carries a number, which grows. While closed all share one; each probe has its own. A result whose number
 * is of an earlier epoch is ignored: a call that began before the breaker tripped can neither close nor re-open it.
 * A probe that is overdue gives its permit to another, but what it tells at last still counts: otherwise a healthy
 * server that needs longer than a probe may take would stay half-open for ever.
 */
import { RecentLatency } from './latency.ts'
import type { BreakerSettings } from './options.ts'
import { ProbePermits } from './probes.ts'
import { Ramp } from './ramp.ts'
import type { BreakerRefusal } from './refusal.ts'
import type { BreakerState, SavedBreaker } from './saved.ts'
import { openTime, probeTime } from './times.ts'
import { CompletionWindow } from './window.ts'

export type Transition = 'opened' | 'closed'

export class Circuit {
  readonly window: CompletionWindow
  readonly probes: ProbePermits
  readonly ramp: Ramp
  readonly latency: RecentLatency = new RecentLatency()
  state: BreakerState = 'closed'
  reopenings = 0
  /** How often it came to each state. */
  readonly transitions: { opened: number; halfOpened: number; closed: number } = {
    opened: 0,
    halfOpened: 0,
    closed: 0,
  }
  lastFailure: string | undefined
  private readonly settings: BreakerSettings
  private lastPermit = 0
  /** Permits below this number belong to an earlier epoch. While closed it is the permit that all share. */
  private oldestGood = 0
  private failedConnects = 0
  private closedSince = -Infinity
  private openUntil = 0
  private probesSucceeded = 0

  constructor(settings: BreakerSettings) {
    this.settings = settings
    this.window = new CompletionWindow(settings.window)
    this.probes = new ProbePermits(settings.probes)
    this.ramp = new Ramp(settings.rampFor)
  }

  /** Half-open begins when the time of open is over, even before there is a probe. */
  advance(now: number): void {
    if (this.state !== 'open' || now < this.openUntil) return
    this.state = 'half-open'
    this.transitions.halfOpened++
    this.oldestGood = this.lastPermit + 1
    this.probesSucceeded = 0
    this.probes.clear()
  }

  /** Why a call may not go; undefined when it may. */
  refusal(now: number): BreakerRefusal | undefined {
    if (this.state === 'closed') return this.ramp.lets(now) ? undefined : 'ramp'
    if (this.state === 'open') return 'open'
    return this.probes.hasFree(now) ? undefined : 'probes_busy'
  }

  /** The permit of a call that is not refused. */
  take(now: number): number {
    if (this.state === 'half-open') {
      this.probes.take(++this.lastPermit, this.probeLimit(), now)
      return this.lastPermit
    }
    this.ramp.take(now)
    return this.oldestGood
  }

  /** Whether the permit is of this epoch. */
  isGood(permit: number): boolean {
    return this.state !== 'open' && permit >= this.oldestGood
  }

  /** A permit comes back; false when it is of an earlier epoch, or nothing is to be learned now. */
  giveBack(permit: number): boolean {
    if (!this.isGood(permit)) return false
    if (this.state === 'half-open') this.probes.giveBack(permit)
    else this.ramp.leave()
    return true
  }

  /** A permit comes back whose request never went out. */
  release(permit: number, now: number): void {
    if (this.giveBack(permit) && this.state === 'closed') this.ramp.refund(now)
  }

  /** A success or a failure, of a permit that {@link giveBack} knew. `mayTrip`: otherwise it is only counted. */
  learn(
    failed: boolean,
    now: number,
    connectFailure: boolean,
    random: number,
    retryAfter: number | undefined,
    mayTrip: boolean,
  ): Transition | undefined {
    if (this.state === 'half-open') return this.probed(failed, now, random, retryAfter)
    this.window.add(failed, now)
    this.failedConnects = failed && connectFailure ? this.failedConnects + 1 : 0
    // A success never trips it, even where it completes the twenty: it is the best news there is.
    if (!failed || !mayTrip || !this.isTooMuch(now)) return undefined
    const healthyIntervals = Math.floor((now - this.closedSince) / this.settings.window)
    this.reopenings = Math.max(0, this.reopenings + 1 - healthyIntervals)
    return this.open(now, random, retryAfter)
  }

  /** Milliseconds that a probe may take. */
  probeLimit(): number {
    return probeTime(this.settings, this.latency.p99(), this.reopenings)
  }

  /** Milliseconds until it is half-open; 0 when it is not open. */
  openFor(now: number): number {
    return this.state === 'open' ? this.openUntil - now : 0
  }

  close(now: number): 'closed' {
    this.state = 'closed'
    this.transitions.closed++
    this.closedSince = now
    this.oldestGood = ++this.lastPermit
    this.failedConnects = 0
    this.window.clear()
    this.ramp.begin(now)
    return 'closed'
  }

  save(now: number): SavedBreaker {
    const elapsed = this.state === 'closed' ? this.ramp.elapsed(now) : undefined
    return {
      version: 1,
      state: this.state,
      openFor: this.openFor(now),
      reopenings: this.reopenings,
      probesSucceeded: this.state === 'half-open' ? this.probesSucceeded : 0,
      failedConnects: this.failedConnects,
      closedFor: this.closedSince === -Infinity ? null : Math.max(0, now - this.closedSince),
      ramp: elapsed === undefined ? null : { elapsed, credit: this.ramp.saved },
      window: this.window.save(now),
      p99: this.latency.p99() ?? null,
      lastFailure: this.lastFailure ?? null,
    }
  }

  /** What is under way here began in another life. */
  restore(saved: SavedBreaker, now: number): void {
    this.state = saved.state
    this.oldestGood = ++this.lastPermit
    this.openUntil = now + Math.min(saved.openFor, this.settings.maxOpenFor)
    this.reopenings = saved.reopenings
    this.probesSucceeded = Math.min(saved.probesSucceeded, this.settings.probes - 1)
    this.failedConnects = saved.failedConnects
    this.closedSince = saved.closedFor === null ? -Infinity : now - saved.closedFor
    this.probes.clear()
    if (saved.ramp === null) this.ramp.skip()
    else this.ramp.restore(saved.ramp.elapsed, saved.ramp.credit, now)
    this.window.restore(saved.window, now)
    this.latency.restore(saved.p99 ?? undefined)
    this.lastFailure = saved.lastFailure ?? undefined
  }

  private probed(
    failed: boolean,
    now: number,
    random: number,
    retryAfter: number | undefined,
  ): Transition | undefined {
    if (failed) {
      this.reopenings++
      return this.open(now, random, retryAfter)
    }
    return ++this.probesSucceeded >= this.settings.probes ? this.close(now) : undefined
  }

  private isTooMuch(now: number): boolean {
    if (this.failedConnects >= this.settings.connectFailures) return true
    const completions = this.window.completions(now)
    return (
      completions >= this.settings.minimumCompletions &&
      this.window.failures(now) / completions >= this.settings.failureRatio
    )
  }

  private open(now: number, random: number, retryAfter: number | undefined): 'opened' {
    this.state = 'open'
    this.transitions.opened++
    this.openUntil = now + openTime(this.settings, this.reopenings, random, retryAfter)
    return 'opened'
  }
}
