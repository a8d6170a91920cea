/**
 * When a second attempt is worth its load. One policy for each origin (or endpoint group), pure: time is an argument.
 *
 * Three things keep it harmless. It has a share of the requests, and pays from the budget of the retries besides. It
 * is asked last, when everybody else has had what they need. And where requests begin to wait for each other at the
 * server it stands down by itself, because there each hedge takes from others what it gives to one.
 */
import { resolveHedge, SOONEST } from './options.ts'
import type { HedgeOptions, HedgeSettings } from './options.ts'
import { MovingQuantile } from './quantile.ts'
import { forbidden, hedgeRefusals } from './refusal.ts'
import type { HedgeFacts, HedgeRefusal } from './refusal.ts'
import { Strain } from './strain.ts'

/** The budget that retries and hedges share. */
export interface SharedBudget {
  withdraw(now: number): boolean
  giveBack(): void
}

/**
 * How an attempt ended, for the latencies: `answered` in a way that says how long answers take; `broken_off` by a
 * timeout or because another was faster, so that it would have taken at least as long; `failed` says nothing, because
 * failures are fast or slow for reasons of their own.
 */
export type SampleEnding = 'answered' | 'broken_off' | 'failed'

export interface HedgeCounters {
  /** Calls whose first attempt went out. */
  readonly requests: number
  readonly sent: number
  /** Hedges whose answer was the call's. */
  readonly won: number
  readonly lost: number
  readonly refused: Readonly<Record<HedgeRefusal, number>>
}

/** Hedges that may be saved up in quiet times. */
const MOST_SAVED = 10
/** Twenty shares of 0.05 are a little less than 1 in binary. */
const ROUNDING = 1e-9

/**
 * @example
 * policy.request()
 * const delay = policy.delay()
 * // … the first attempt has been out for `delay` ms:
 * if (policy.mayHedge(facts, budget, now) === true) sendHedge()
 * // … each attempt, when it is over:
 * policy.sample('answered', elapsed, outWhenSent, now)
 */
export class HedgePolicy {
  private readonly settings: HedgeSettings
  private readonly fixed: number | undefined
  private readonly latency: MovingQuantile
  private readonly strain = new Strain()
  private known: number | undefined
  /** So many samples were there when `known` was worked out. */
  private typicalAfter: number | undefined
  private saved = 0
  private requests = 0
  private sent = 0
  private wonCount = 0
  private lostCount = 0
  private readonly refused: Record<HedgeRefusal, number>

  /** @throws ConfigError when an option cannot be used. */
  constructor(options: HedgeOptions = {}) {
    this.settings = resolveHedge(options)
    const { after } = this.settings
    this.fixed = typeof after === 'number' ? after : undefined
    this.latency = new MovingQuantile({ quantile: typeof after === 'number' ? 0.95 : after.quantile })
    this.refused = Object.fromEntries(hedgeRefusals.map((reason) => [reason, 0])) as Record<
      HedgeRefusal,
      number
    >
  }

  /** A call's first attempt goes out: that is what hedges are a share of. Retries and hedges do not count. */
  request(): void {
    this.requests++
    this.saved = Math.min(MOST_SAVED, this.saved + this.settings.share)
  }

  /** How long the first attempt has before a hedge, in ms; undefined while too little is known. */
  delay(): number | undefined {
    if (this.fixed !== undefined) return this.fixed
    const known = this.latency.value
    return known === undefined ? undefined : Math.max(SOONEST, known)
  }

  /**
   * Asks for a hedge now. On true its price is paid, from the share and from the budget; on a reason nothing is.
   * A hedge that then does not go out is given back.
   */
  mayHedge(facts: HedgeFacts, budget: SharedBudget, now: number): true | HedgeRefusal {
    const refusal = this.whyNot(facts, now) ?? this.pay(budget, now)
    if (refusal !== undefined) {
      this.refused[refusal]++
      return refusal
    }
    this.sent++
    return true
  }

  /** The hedge was allowed but never went out. */
  giveBack(budget: SharedBudget): void {
    this.sent--
    this.saved = Math.min(MOST_SAVED, this.saved + 1)
    budget.giveBack()
  }

  /** A hedge that went out is over: its answer was taken, or not. */
  settled(won: boolean): void {
    if (won) this.wonCount++
    else this.lostCount++
  }

  /**
   * An attempt is over, first or hedge.
   *
   * @param elapsed ms from sending it to its answer or its end.
   * @param crowd how many attempts were out to the origin when it was sent, itself not counted.
   */
  sample(ending: SampleEnding, elapsed: number, crowd: number, now: number): void {
    if (ending === 'failed') return
    const brokenOff = ending === 'broken_off'
    if (brokenOff) this.latency.addAtLeast(elapsed, now)
    else this.latency.add(elapsed, now)
    this.strain.add(elapsed, crowd, brokenOff, now)
  }

  /** Whether requests wait for each other at the server, so that nothing is hedged. */
  get stoodDown(): boolean {
    return this.strain.isHigh
  }

  /** What half of the attempts need, in ms, not older than 16 samples; undefined below a hundred. */
  get typical(): number | undefined {
    const { samples } = this.latency
    if (this.typicalAfter === undefined || samples - this.typicalAfter >= 16) {
      this.known = this.latency.at(0.5)
      this.typicalAfter = this.known === undefined ? undefined : samples
    }
    return this.known
  }

  get counters(): HedgeCounters {
    const { requests, sent, wonCount, lostCount, refused } = this
    return { requests, sent, won: wonCount, lost: lostCount, refused: { ...refused } }
  }

  private whyNot(facts: HedgeFacts, now: number): HedgeRefusal | undefined {
    const why = forbidden(facts, this.settings.most)
    if (why !== undefined) return why
    if (this.strain.isHigh) return 'stood_down'
    // Who names a delay has said what is slow, and need not wait until it is known.
    const isKnown = this.fixed !== undefined || (this.delay() !== undefined && this.strain.isKnown(now))
    if (!isKnown) return 'too_few_samples'
    return facts.timeLeft <= (this.typical ?? 0) ? 'no_time_left' : undefined
  }

  /** Both or none. */
  private pay(budget: SharedBudget, now: number): HedgeRefusal | undefined {
    if (this.saved < 1 - ROUNDING) return 'share_used'
    if (!budget.withdraw(now)) return 'budget_empty'
    this.saved = Math.max(0, this.saved - 1)
    return undefined
  }
}
