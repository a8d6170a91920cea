import { Baseline } from './baseline.ts'
import type { Limiter, SampleOutcome } from './limiter.ts'
import { LimitValue, type LimitBounds } from './limit-value.ts'
import { Probe } from './probe.ts'
import { SampleWindow } from './window.ts'

/** In ms: usually, and at least while it doubles. There it is four mean times, or only the quick answers would count. */
const [WINDOW, DOUBLING_WINDOW] = [1_000, 200]
/** Samples of a mean that is a reason to shrink. */
const MANY = 50
/** What is learnt first must be good: so many samples, or what came in so many ms. */
const [FIRST_SAMPLES, FIRST_TIME] = [100, 1_500]
/** More than so many times as slow as an idle server ends the doubling. */
const SLOW = 1.35
/** Our own limit leaves no such line: something else has changed, and a probe shows what. */
const STRANGE = 1.8
/** Up to so many times as slow, the word of a server that says when it is too much is enough. */
const BEARABLE = 2.5
/** By so much it then grows in a window, whatever it is: that is what makes the limits of several clients equal. */
const TOLD_STEP = 1
/** How long that word is remembered, in ms. */
const WORD = 20_000
/** In ms between probes: usually, and at first when something is strange. */
const [USUAL_INTERVAL, SHORTEST_INTERVAL] = [20_000, 2_000]
/** Requests that may stand in the server's line, as a multiple of the root of the limit. */
const HEADROOM = 1.5
/** It never shrinks faster in one window. */
const STEEPEST = 0.7

/**
 * A limit that leaves a short line at the server, about 1.5 × √limit, and now and then lets half of the requests out for
 * a moment to see how long one takes when nobody waits.
 *
 *     each second   limit ← limit × (time of an idle server ÷ mean time) + 1.5 × √limit
 *                   growing only when the limit was reached, unchanged when less than half of it was in flight
 *     each 20 s     a probe, give or take a quarter by chance; sooner when times are stranger than our own line could
 *                   make them; none while less than half is in flight or no line is to be seen: that is as good
 *     overload      while the server says so now and then, and its line is bearable, delays are left out: additive growth
 *                   and multiplicative shrinking, by a word that all its clients hear, make their limits equal
 *
 * What it can know, and what it cannot: see {@link Baseline}. What losses do: see {@link LimitValue}.
 */
export class HalfProbeLimiter implements Limiter {
  private readonly value: LimitValue
  private readonly window = new SampleWindow()
  private readonly baseline = new Baseline()
  private readonly probe = new Probe()
  private probedAt = -Infinity
  private interval = USUAL_INTERVAL
  private strangeInterval = SHORTEST_INTERVAL
  private overloadedAt = -Infinity

  constructor(bounds: LimitBounds) {
    this.value = new LimitValue(bounds)
  }

  get limit(): number {
    return this.probe.limit === 0 ? this.value.whole : this.probe.limit
  }

  sample(rtt: number, inFlight: number, outcome: SampleOutcome, now: number, random: number): void {
    const { window, probe } = this
    if (!window.accepts(rtt, inFlight, now)) return
    if (probe.limit > 0) {
      const stage = probe.sample(rtt, inFlight, outcome, now)
      if (stage !== 'under way') this.endProbe(stage === 'measured', now, random)
      return
    }
    window.add(rtt, inFlight, outcome, now)
    if (!this.isOver(now)) return
    const { mean } = window
    this.turn(mean, now)
    window.open(now, mean)
  }

  private isOver(now: number): boolean {
    const { window, value, baseline } = this
    const age = window.age(now)
    const length = value.doubling ? Math.max(DOUBLING_WINDOW, 4 * window.mean) : WINDOW
    if (age < length || !value.satisfiedBy(window)) return false
    if (window.badShare > 0) return true
    if (!baseline.known) return window.samples >= FIRST_SAMPLES || age >= FIRST_TIME
    // Few samples are enough to grow, for what is wrong then soon shows; to shrink by delays takes more. Where the server
    // says when it is too much, who has a small part must grow as often as who has a large one.
    if (now - this.overloadedAt < WORD) return true
    return window.samples >= MANY || (value.doubling && baseline.ratio(window.mean) <= SLOW)
  }

  private turn(mean: number, now: number): void {
    const { value, window, baseline } = this
    if (mean > 0 && !baseline.known) baseline.observe(window)
    const ratio = baseline.ratio(mean)
    if (window.overloads > 0) this.overloadedAt = now
    if (value.punish(window, ratio > SLOW)) return
    if (value.unused(window)) return this.rest(now)
    if (value.doubling && ratio <= SLOW) {
      baseline.observe(window)
      if (value.double(window)) return
    }
    if (ratio > SLOW) value.enough()
    this.steer(ratio, mean, now)
  }

  /** As good as a probe. */
  private rest(now: number): void {
    this.baseline.observe(this.window)
    this.probedAt = now
  }

  private steer(ratio: number, mean: number, now: number): void {
    const { value, window } = this
    const told = now - this.overloadedAt < WORD && ratio < BEARABLE
    const calm = now - this.probedAt >= this.interval / 2 && this.baseline.resembles(window)
    if (calm) this.rest(now)
    else if (this.isTimeToProbe(ratio > STRANGE && !told, now)) return this.beginProbe(mean, now)
    const next = told
      ? value.value + TOLD_STEP
      : Math.max(STEEPEST * value.value, value.value / Math.max(1, ratio) + HEADROOM * Math.sqrt(value.value))
    if (next < value.value || value.reached(window)) value.set(next)
  }

  private isTimeToProbe(strange: boolean, now: number): boolean {
    if (this.probedAt === -Infinity) this.probedAt = now
    return now - this.probedAt >= (strange ? Math.min(this.strangeInterval, this.interval) : this.interval)
  }

  /** A quarter where half left it open: a small part in a long line is hard to see. */
  private beginProbe(mean: number, now: number): void {
    const { value, window, baseline, probe } = this
    const part = baseline.doubtful ? 4 : 2
    const limit = Math.max(value.bounds.min, 2, Math.floor(Math.min(value.whole, window.peak) / part))
    this.probedAt = now
    if (limit < value.whole) probe.begin(limit, mean, now)
    else baseline.judge(window, mean) // there is nothing below: fewer than this cannot stand in line
  }

  private endProbe(measured: boolean, now: number, random: number): void {
    const { probe, baseline } = this
    if (measured) {
      const clear = baseline.judge(probe.window, probe.before)
      this.strangeInterval = clear ? SHORTEST_INTERVAL : Math.min(USUAL_INTERVAL, 2 * this.strangeInterval)
    }
    probe.end()
    this.probedAt = now
    this.interval = USUAL_INTERVAL * (0.75 + random / 2)
    this.window.open(now, probe.before)
  }
}
