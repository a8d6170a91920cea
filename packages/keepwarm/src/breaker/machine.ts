import type { OutcomeKind } from '../outcome.ts'
import { Circuit, type Transition } from './circuit.ts'
import { Forcing, type Forced, type ForceHandle } from './forcing.ts'
import { resolveBreaker } from './options.ts'
import type { BreakerOptions, BreakerSettings } from './options.ts'
import { RefusalCounts, type BreakerRefusal } from './refusal.ts'
import { readSaved, type BreakerState, type SavedBreaker } from './saved.ts'
import type { BreakerSnapshot } from './snapshot.ts'

export type { BreakerState } from './saved.ts'

/** What {@link Breaker.admit} returns instead of a permit. */
export const REFUSED = -1

/**
 * One breaker guards one origin. Whoever is admitted must settle or release exactly once, whatever happens to the call.
 * Its states are those of {@link Circuit}; hands may hold it open or closed.
 *
 * @example
 * const permit = breaker.admit(now)
 * if (permit === REFUSED) throw tooEarly(breaker.retryAfter(now))
 * …
 * const change = breaker.settle(permit, breakerOutcome(ending), now, isConnectFailure(ending), random)
 */
export class Breaker {
  private readonly settings: BreakerSettings
  private readonly circuit: Circuit
  private readonly forcing = new Forcing()
  private readonly refusals = new RefusalCounts()

  /** @throws ConfigError when an option cannot be used. */
  constructor(options: BreakerOptions = {}) {
    this.settings = resolveBreaker(options)
    this.circuit = new Circuit(this.settings)
  }

  /**
   * Whether a call would be admitted, for a first look before it queues. Takes nothing and counts nothing; when the call
   * is turned away because of it, say so with {@link turnAway}.
   *
   * @returns why not, or undefined.
   */
  check(now: number): BreakerRefusal | undefined {
    this.advance(now)
    const forced = this.forcing.to
    if (forced === 'open') return 'forced_open'
    return forced === 'closed' ? undefined : this.circuit.refusal(now)
  }

  /**
   * Asks whether a call may go. Allocates nothing.
   *
   * @returns the permit to settle with, 0 or more, or {@link REFUSED}; then `retryAfter` says for how long.
   */
  admit(now: number): number {
    const refusal = this.check(now)
    if (refusal === undefined) return this.circuit.take(now)
    this.turnAway(refusal, now)
    return REFUSED
  }

  /** Whether a permit is still good for a call that waited: since it was given the breaker may have opened. */
  isGood(permit: number, now: number): boolean {
    this.advance(now)
    return this.forcing.to !== 'open' && this.circuit.isGood(permit)
  }

  /** Counts a call that {@link check} has refused; {@link admit} counts by itself. */
  turnAway(refusal: BreakerRefusal, now: number): void {
    this.refusals.add(refusal)
    if (refusal === 'ramp') this.circuit.ramp.turnAway(now)
  }

  /** Gives back the permit of a request that never went out: another gate refused it. */
  release(permit: number, now: number): void {
    this.advance(now)
    this.circuit.release(permit, now)
  }

  /**
   * Gives the permit back, with what the call told about the server. `ignored` only returns the permit.
   *
   * @param connectFailure whether the failure was that no connection came about.
   * @param random a number in [0, 1), used when this opens the breaker.
   * @param failure the failure in a few words, kept as `lastFailure`.
   * @param retryAfter the wait that the answer asks for, in ms; the breaker that it opens stays open for as long.
   * @returns the transition that this caused, once for each transition, or undefined.
   */
  settle(
    permit: number,
    outcome: OutcomeKind,
    now: number,
    connectFailure: boolean,
    random: number,
    failure?: string,
    retryAfter?: number,
  ): Transition | undefined {
    this.advance(now)
    if (!this.circuit.giveBack(permit)) return undefined
    const failed = this.isFailure(outcome)
    if (!failed && outcome !== 'success') return undefined
    if (failed) this.circuit.lastFailure = failure
    const mayTrip = this.forcing.to !== 'closed'
    return this.circuit.learn(failed, now, connectFailure, random, retryAfter, mayTrip)
  }

  /** How long an attempt took that succeeded, in ms: it says how long a probe may take. */
  timed(latency: number): void {
    this.circuit.latency.add(latency)
  }

  /** How long an attempt may take that is admitted now, in ms: a probe has less time than others. Infinity if it is none. */
  probeLimit(now: number): number {
    return this.state(now) === 'half-open' ? this.circuit.probeLimit() : Infinity
  }

  /**
   * Holds it open or closed until the handle is disposed of. Several may; open wins over closed. While it is held closed,
   * results are counted but do not trip it; one that was open or half-open begins anew as closed, and without a ramp.
   *
   * @example
   * using _ = breaker.force('open') // nothing is sent while the server is moved
   */
  force(to: Forced): ForceHandle {
    return this.forcing.take(to)
  }

  state(now: number): BreakerState {
    this.advance(now)
    return this.forcing.to ?? this.circuit.state
  }

  /** Milliseconds until it may admit again; undefined when closed, or when that depends on probes or on a hand. */
  retryAfter(now: number): number | undefined {
    this.advance(now)
    const waits = this.circuit.state === 'open' && this.forcing.to === undefined
    return waits ? this.circuit.openFor(now) : undefined
  }

  /** How often it has opened. */
  get opened(): number {
    return this.circuit.transitions.opened
  }

  /** How often it came to each state; half-open is noticed when somebody looks. */
  get transitions(): Readonly<Record<'opened' | 'halfOpened' | 'closed', number>> {
    return this.circuit.transitions
  }

  /** How many calls it has refused. */
  get rejected(): number {
    return this.refusals.total
  }

  /** What the last failure said that counted. */
  get lastFailure(): string | undefined {
    return this.circuit.lastFailure
  }

  /** After how long an attempt that is given up counts as slow, in ms; for `breakerOutcome`. */
  get slowAfter(): number {
    return this.settings.slowAfter
  }

  snapshot(now: number): BreakerSnapshot {
    const state = this.state(now)
    const { window, probes, ramp, reopenings, state: own } = this.circuit
    const completions = window.completions(now)
    return {
      state,
      forced: this.forcing.to ?? null,
      completions,
      failureRatio: completions === 0 ? 0 : window.failures(now) / completions,
      retryAfter: this.retryAfter(now) ?? null,
      reopenings,
      opened: this.opened,
      probesUnderWay: own === 'half-open' ? probes.underWay(now) : 0,
      admittedShare: state === 'closed' ? ramp.share(now) : 0,
      rejected: this.refusals.byReason(),
      lastFailure: this.lastFailure ?? null,
    }
  }

  /** What it knows, as plain JSON, for {@link importState} in another process. Its counters stay here. */
  exportState(now: number): SavedBreaker {
    this.advance(now)
    return this.circuit.save(now)
  }

  /**
   * Goes on where another left off. What is under way here is not listened to any more.
   *
   * @throws ConfigError when it is not what {@link exportState} returned.
   */
  importState(saved: SavedBreaker, now: number): void {
    this.circuit.restore(readSaved(saved), now)
  }

  private advance(now: number): void {
    this.circuit.advance(now)
    if (this.circuit.state === 'closed' || this.forcing.to !== 'closed') return
    this.circuit.close(now)
    this.circuit.ramp.skip()
  }

  private isFailure(outcome: OutcomeKind): boolean {
    if (outcome === 'slow') return this.settings.slowAfter !== Infinity
    return outcome === 'failure' || (outcome === 'overload' && this.settings.overloadIsFailure)
  }
}
