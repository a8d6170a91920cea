import type { Limiter, SampleOutcome } from './limiter.ts'
import { LimitValue, type LimitBounds } from './limit-value.ts'
import { SampleWindow } from './window.ts'

/** In ms: usually, and while it doubles. */
const [WINDOW, DOUBLING_WINDOW] = [1_000, 200]

/** What an algorithm makes of the delays of a window, where nothing else has decided already. */
export interface DelayRule {
  /** Takes the mean time of a window's successes, in ms; each window comes here once, and before the other two. */
  learn(mean: number, successes: number): void
  /** Whether what was learnt last is slower than it should be. */
  readonly slow: boolean
  /** The next limit. */
  next(limit: number): number
}

/** Goes by windows of samples and a {@link DelayRule}; the rest is {@link LimitValue}'s. */
export class WindowedLimiter implements Limiter {
  private readonly value: LimitValue
  private readonly window = new SampleWindow()
  private readonly rule: DelayRule

  constructor(bounds: LimitBounds, rule: DelayRule) {
    this.value = new LimitValue(bounds)
    this.rule = rule
  }

  get limit(): number {
    return this.value.whole
  }

  sample(rtt: number, inFlight: number, outcome: SampleOutcome, now: number, _random: number): void {
    const { window, value } = this
    if (!window.accepts(rtt, inFlight, now)) return
    window.add(rtt, inFlight, outcome, now)
    const { mean } = window
    const length = value.doubling ? Math.max(DOUBLING_WINDOW, 4 * mean) : WINDOW
    if (window.age(now) < length || !value.satisfiedBy(window)) return
    if (mean > 0) this.rule.learn(mean, window.successes)
    this.turn()
    window.open(now, mean)
  }

  private turn(): void {
    const { window, value, rule } = this
    if (value.punish(window, rule.slow) || value.unused(window)) return
    if (rule.slow) value.enough()
    if (value.double(window)) return
    const next = rule.next(value.value)
    if (next < value.value || value.reached(window)) value.set(next)
  }
}
