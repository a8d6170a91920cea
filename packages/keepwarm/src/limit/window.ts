import type { SampleOutcome } from './limiter.ts'

/** A request that takes longer than so many times the mean of the window before counts as if it took that. */
const LONGEST = 10
/** In ms; what is longer tells nothing more. */
const EVER = 600_000
/** In ms. Logarithms need a number above 0. */
const SHORTEST = 0.01

/** The samples since it was opened, as sums. Allocates nothing. */
export class SampleWindow {
  successes = 0
  overloads = 0
  losses = 0
  /** The most requests that were in flight. */
  peak = 0
  private since = NaN
  private sum = 0
  private logs = 0
  private squares = 0
  /** One sample of an hour must not be the mean of fifty. */
  private longest = EVER

  /** Forgets everything. @param usual the mean that is expected, in ms; 0 where nobody knows */
  open(now: number, usual: number): void {
    this.successes = this.overloads = this.losses = this.peak = 0
    this.sum = this.logs = this.squares = 0
    this.longest = usual > 0 ? Math.min(EVER, LONGEST * usual) : EVER
    this.since = now
  }

  /** Whether it can be a sample at all. */
  accepts(rtt: number, inFlight: number, now: number): boolean {
    return rtt >= 0 && rtt < Infinity && inFlight >= 0 && inFlight < Infinity && Math.abs(now) < Infinity
  }

  add(rtt: number, inFlight: number, outcome: SampleOutcome, now: number): void {
    if (!(now >= this.since)) this.since = now // the first, or the clock went back
    if (inFlight > this.peak) this.peak = inFlight
    if (outcome === 'overload') this.overloads++
    else if (outcome === 'lost') this.losses++
    else this.addTime(Math.max(SHORTEST, Math.min(rtt, this.longest)))
  }

  private addTime(time: number): void {
    const log = Math.log(time)
    this.successes++
    this.sum += time
    this.logs += log
    this.squares += log * log
  }

  /** All of them. */
  get samples(): number {
    return this.successes + this.overloads + this.losses
  }

  /** In ms. */
  age(now: number): number {
    return now - this.since
  }

  /** Mean time of the successes, in ms; 0 without any. */
  get mean(): number {
    return this.successes === 0 ? 0 : this.sum / this.successes
  }

  /**
   * The standard deviation of the logarithm of the times: how much they differ, by factors. It stays when all times grow
   * by one factor, and falls when the same wait is added to all.
   */
  get spread(): number {
    if (this.successes < 2) return 0
    const middle = this.logs / this.successes
    return Math.sqrt(Math.max(0, this.squares / this.successes - middle * middle))
  }

  /** Share of the samples that were no success. */
  get badShare(): number {
    return this.samples === 0 ? 0 : (this.overloads + this.losses) / this.samples
  }

  /** Share of the samples in which the server said that it is too much. */
  get overloadShare(): number {
    return this.samples === 0 ? 0 : this.overloads / this.samples
  }
}
