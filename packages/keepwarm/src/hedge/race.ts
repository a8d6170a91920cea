/**
 * The attempts of one call that run at the same time, as a pure state machine: what happened goes in, what to do comes
 * out. Attempts have numbers from 1.
 *
 * The first acceptable answer wins, not the first answer: one that fails while another attempt is still out waits for
 * that one. When none is left, an answer, however bad, is better than none.
 */

/**
 * - `wait`: nothing to do until the next event or `wakeAt`
 * - `hedge`: ask the policy; then tell `sent`, or `postpone`
 * - `settle`: the call ends with attempt `chosen`; cancel every attempt that `isOut`
 * - `over`: it had been settled before
 */
export type RaceDecision = 'wait' | 'hedge' | 'settle' | 'over'

const NONE = 0
/** Numbers are bits of a word. */
const MOST_ATTEMPTS = 31

/**
 * @example
 * race.sent(1)
 * race.postpone(now + delay)
 * if (race.time(now) === 'hedge' && policy.mayHedge(facts, budget, now) === true) race.sent(2)
 * if (race.answered(2, true) === 'settle') cancel(1)
 */
export class HedgeRace {
  /** When `time` wants to be called; Infinity for never. */
  wakeAt: number = Infinity
  /** The attempt that the call ends with, when it is settled; 0 until then. */
  chosen: number = NONE
  private out = 0
  private firstAnswer = NONE
  private firstFailure = NONE

  /** Attempt `n` goes out; the next hedge, if there may be another, is set by {@link postpone}. */
  sent(n: number): void {
    if (!(n >= 1 && n <= MOST_ATTEMPTS))
      throw new RangeError(`attempt ${n}: numbers go from 1 to ${MOST_ATTEMPTS}`)
    this.out |= bit(n)
    this.wakeAt = Infinity
  }

  /** The next hedge, or the next time to ask for one, is at `at`; Infinity for never. */
  postpone(at: number): void {
    this.wakeAt = this.chosen === NONE ? at : Infinity
  }

  /** Attempt `n` has an answer. @param acceptable whether the call may end with it while others are out. */
  answered(n: number, acceptable: boolean): RaceDecision {
    if (!this.cameBack(n)) return this.idle()
    if (this.firstAnswer === NONE) this.firstAnswer = n
    return acceptable ? this.settle(n) : this.settleIfLast()
  }

  /** Attempt `n` ended without an answer. */
  failed(n: number): RaceDecision {
    if (!this.cameBack(n)) return this.idle()
    if (this.firstFailure === NONE) this.firstFailure = n
    return this.settleIfLast()
  }

  /** A hedge is due only while another attempt is out: what comes after a failure is a retry. */
  time(now: number): RaceDecision {
    if (this.chosen !== NONE) return 'over'
    return this.out !== 0 && now >= this.wakeAt ? 'hedge' : 'wait'
  }

  /** Whether attempt `n` is still under way; once the race is settled, whether it is to be cancelled. */
  isOut(n: number): boolean {
    return (this.out & bit(n)) !== 0
  }

  /** Attempt `n` was cancelled: nothing more is heard of it. */
  cancelled(n: number): void {
    this.out &= ~bit(n)
  }

  /** False for an attempt that is not out, or a race that is over. */
  private cameBack(n: number): boolean {
    const counts = this.chosen === NONE && this.isOut(n)
    this.cancelled(n)
    return counts
  }

  private idle(): RaceDecision {
    return this.chosen === NONE ? 'wait' : 'over'
  }

  private settleIfLast(): RaceDecision {
    if (this.out !== 0) return 'wait'
    return this.settle(this.firstAnswer === NONE ? this.firstFailure : this.firstAnswer)
  }

  private settle(n: number): RaceDecision {
    this.chosen = n
    this.wakeAt = Infinity
    return 'settle'
  }
}

function bit(n: number): number {
  return 1 << (n - 1)
}
