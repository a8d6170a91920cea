/**
 * A circuit breaker as a pure state machine: time and chance are arguments, there are no timers, and whoever looks at
 * it moves it to the state of that moment.
 *
 *                    too many failures in the window,
 *                    or too many failed connects in a row
 *        ┌────────┐ ───────────────────────────────────────▶ ┌──────┐
 *        │ closed │                                          │ open │ ◀──┐
 *        └────────┘                                          └──────┘    │
 *             ▲                                                  │       │ a probe fails:
 *             │               its time is over: a few            ▼       │ open again,
 *             │               probes are let through      ┌───────────┐  │ longer each time
 *             └────────────────────────────────────────── │ half-open │ ─┘ from the third on
 *               enough probes succeed                     └───────────┘
 *
 * Every permit carries a number, which grows. While closed all share one; each probe has its own. A result whose number
 * is of an earlier epoch is ignored: a call that began before the breaker tripped can neither close nor re-open it.
 * A probe that is overdue gives its permit to another, but what it tells at last still counts: otherwise a healthy
 * server that needs longer than `probeTimeout` for an answer would stay half-open for ever.
 */
import type { Verdict } from './judge.ts'
import { resolveBreaker } from './options.ts'
import type { BreakerOptions, BreakerSettings } from './options.ts'
import { ProbePermits } from './probes.ts'
import { CompletionWindow } from './window.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

/** What {@link Breaker.admit} returns instead of a permit. */
export const REFUSED = -1

/**
 * One breaker guards one origin. Whoever is admitted must settle exactly once, whatever happens to the call.
 *
 * @example
 * const permit = breaker.admit(now)
 * if (permit === REFUSED) throw tooEarly(breaker.retryAfter(now))
 * …
 * const change = breaker.settle(permit, judge(ending), now, isConnectFailure(ending), random)
 */
export class Breaker {
  private readonly settings: BreakerSettings
  private readonly window: CompletionWindow
  private readonly probes: ProbePermits
  private current: BreakerState = 'closed'
  private lastPermit = 0
  /** Permits below this number belong to an earlier epoch. While closed it is the permit that all share. */
  private oldestGood = 0
  private failedConnects = 0
  private closedSince = -Infinity
  private openUntil = 0
  private reopenings = 0
  private probesSucceeded = 0
  private openedCount = 0
  private rejectedCount = 0
  private lastFailureText: string | undefined

  /** @throws ConfigError when an option cannot be used. */
  constructor(options: BreakerOptions = {}) {
    this.settings = resolveBreaker(options)
    this.window = new CompletionWindow(this.settings.window)
    this.probes = new ProbePermits(this.settings.probes, this.settings.probeTimeout)
  }

  /**
   * Asks whether a call may go. Allocates nothing.
   *
   * @returns the permit to settle with, 0 or more, or {@link REFUSED}; then `retryAfter` says for how long.
   */
  admit(now: number): number {
    this.advance(now)
    if (this.current === 'closed') return this.oldestGood
    if (this.current === 'half-open' && this.probes.take(this.lastPermit + 1, now)) return ++this.lastPermit
    this.rejectedCount++
    return REFUSED
  }

  /**
   * Gives the permit back, with what the call told about the server. `ignored` only returns the permit.
   *
   * @param connectFailure whether the failure was that no connection came about.
   * @param random a number in [0, 1), used when this opens the breaker.
   * @param failure the failure in a few words, kept as `lastFailure`.
   * @returns the transition that this caused, once for each transition, or undefined.
   */
  settle(
    permit: number,
    verdict: Verdict,
    now: number,
    connectFailure: boolean,
    random: number,
    failure?: string,
  ): 'opened' | 'closed' | undefined {
    this.advance(now)
    if (this.current === 'open' || permit < this.oldestGood) return undefined
    if (this.current === 'half-open') this.probes.giveBack(permit)
    if (verdict === 'ignored') return undefined
    if (verdict === 'failure') this.lastFailureText = failure
    if (this.current === 'half-open') return this.settleProbe(verdict, now, random)
    return this.count(verdict, now, connectFailure, random)
  }

  /** Half-open begins when the time of open is over, even before there is a probe. */
  state(now: number): BreakerState {
    this.advance(now)
    return this.current
  }

  /** Milliseconds until it may admit again; undefined when closed, or when that depends on probes under way. */
  retryAfter(now: number): number | undefined {
    this.advance(now)
    return this.current === 'open' ? this.openUntil - now : undefined
  }

  /** How often it has opened. */
  get opened(): number {
    return this.openedCount
  }

  /** How many calls it has refused. */
  get rejected(): number {
    return this.rejectedCount
  }

  /** What the last failure said that counted. */
  get lastFailure(): string | undefined {
    return this.lastFailureText
  }

  private advance(now: number): void {
    if (this.current !== 'open' || now < this.openUntil) return
    this.current = 'half-open'
    this.oldestGood = this.lastPermit + 1
    this.probesSucceeded = 0
    this.probes.clear()
  }

  private count(
    verdict: 'success' | 'failure',
    now: number,
    connectFailure: boolean,
    random: number,
  ): 'opened' | undefined {
    const failed = verdict === 'failure'
    this.window.add(failed, now)
    this.failedConnects = failed && connectFailure ? this.failedConnects + 1 : 0
    // A success never trips it, even where it completes the twenty: it is the best news there is.
    if (!failed || !this.isTooMuch(now)) return undefined
    const healthyIntervals = Math.floor((now - this.closedSince) / this.settings.window)
    this.reopenings = Math.max(0, this.reopenings + 1 - healthyIntervals)
    return this.open(now, random)
  }

  private isTooMuch(now: number): boolean {
    if (this.failedConnects >= this.settings.connectFailures) return true
    const completions = this.window.completions(now)
    return (
      completions >= this.settings.minimumCompletions &&
      this.window.failures(now) / completions >= this.settings.failureRatio
    )
  }

  private settleProbe(
    verdict: 'success' | 'failure',
    now: number,
    random: number,
  ): 'opened' | 'closed' | undefined {
    if (verdict === 'failure') {
      this.reopenings++
      return this.open(now, random)
    }
    this.probesSucceeded++
    return this.probesSucceeded >= this.settings.probes ? this.close(now) : undefined
  }

  /** The first three probes come soon; only then does waiting longer help more than it hurts. */
  private open(now: number, random: number): 'opened' {
    const { openFor, maxOpenFor } = this.settings
    const longest = Math.min(maxOpenFor, openFor * 2 ** Math.max(0, this.reopenings - 2))
    this.current = 'open'
    this.openUntil = now + longest * (0.75 + random / 4)
    this.openedCount++
    return 'opened'
  }

  private close(now: number): 'closed' {
    this.current = 'closed'
    this.closedSince = now
    this.oldestGood = ++this.lastPermit
    this.failedConnects = 0
    this.window.clear()
    return 'closed'
  }
}
