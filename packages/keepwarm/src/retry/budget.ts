import { ConfigError } from '../errors.ts'
import { namesOf } from '../known-options.ts'

/** How a {@link RetryBudget} fills. */
export interface BudgetOptions {
  /** What one success pays in; a retry takes 1. From 0 to 1. Default 0.1: one retry for ten successes. */
  readonly perSuccess?: number
  /** What is there at the beginning. Default 5. Keep it small: many clients with a full bucket each are a storm. */
  readonly start?: number
  /** The most it holds. Default 100. */
  readonly cap?: number
  /**
   * How long savings above `start` last, in ms: after so long a third of them is left. What is saved in good times
   * is then about what so long a time pays in, and no store that feeds a storm. Default 10000; Infinity for ever.
   */
  readonly memory?: number
  /** What flows in with time, per second, so that a client that calls seldom can retry at all. Default 0.5. */
  readonly perSecond?: number
}

export const budgetOptionNames: ReadonlySet<string> = namesOf<BudgetOptions>({
  perSuccess: true,
  start: true,
  cap: true,
  memory: true,
  perSecond: true,
})

/** Ten deposits of 0.1 are a little less than 1 in binary; they shall buy a retry all the same. */
const ROUNDING = 1e-9

/** What flows in or fades within a millisecond can wait for the next look. */
const LEAST_FLOW = 1

/**
 * Tokens for retries and hedges. Successes pay in, so that retries stay a small share of what works: when everything
 * fails, nothing pays in, and the retries stop instead of keeping the outage alive. (Paid by requests, as is often
 * done, a budget lets an overloaded server drown for ever.)
 *
 * Withdraw before the wait, not after it, and give back what was not used: otherwise a thousand calls that fail
 * together all pass. Times are milliseconds on a clock that never jumps.
 *
 * A budget may have a parent, as those of a client's origins have the client's: what goes in and out goes in and out
 * of both, and a token is taken from both or from none.
 *
 * @example
 * if (budget.withdraw(now)) waitAndTryAgain()
 * else fail('budget_empty')
 */
export class RetryBudget {
  private readonly perSuccess: number
  private readonly perMillisecond: number
  private readonly start: number
  /** The most it holds. */
  readonly cap: number
  private readonly memory: number
  private readonly parent: RetryBudget | undefined
  private tokens: number
  private filledAt: number | undefined

  /**
   * @param parent that has to have a token too.
   * @throws ConfigError when a number is negative, not finite, or `perSuccess` above 1.
   */
  constructor(options: BudgetOptions = {}, parent?: RetryBudget) {
    const { perSuccess = 0.1, start = 5, cap = 100, memory = 10_000, perSecond = 0.5 } = options
    check({ perSuccess, start, cap, perSecond }, memory)
    this.perSuccess = perSuccess
    this.perMillisecond = perSecond / 1_000
    this.start = start
    this.cap = cap
    this.memory = memory
    this.tokens = Math.min(start, cap)
    this.parent = parent
  }

  /** A call succeeded. */
  deposit(now: number): void {
    this.trickle(now)
    this.tokens = Math.min(this.cap, this.tokens + this.perSuccess)
    this.parent?.deposit(now)
  }

  /** Takes a token for one retry or hedge, here and from the parent; false, and nothing taken, when one has none. */
  withdraw(now: number): boolean {
    this.trickle(now)
    if (this.tokens < 1 - ROUNDING) return false
    if (this.parent?.withdraw(now) === false) return false
    this.tokens = Math.max(0, this.tokens - 1)
    return true
  }

  /** The retry that a token was taken for was never sent. */
  giveBack(): void {
    this.tokens = Math.min(this.cap, this.tokens + 1)
    this.parent?.giveBack()
  }

  /** The tokens there are now, without asking the parent. */
  level(now: number): number {
    this.trickle(now)
    return this.tokens
  }

  private trickle(now: number): void {
    this.filledAt ??= now
    const elapsed = now - this.filledAt
    if (elapsed < LEAST_FLOW) return
    this.filledAt = now
    const saved = this.tokens - this.start
    if (saved > 0) this.tokens = this.start + saved * Math.exp(-elapsed / this.memory)
    this.tokens = Math.min(this.cap, this.tokens + elapsed * this.perMillisecond)
  }
}

function check(numbers: Readonly<Record<string, number>>, memory: number): void {
  const problems = Object.entries(numbers)
    .filter(
      ([name, value]) => !(value >= 0 && Number.isFinite(value) && (name !== 'perSuccess' || value <= 1)),
    )
    .map(([name, value]) => ({
      variable: `budget.${name}`,
      received: String(value),
      expected: name === 'perSuccess' ? 'a number from 0 to 1' : 'a number from 0',
    }))
  if (!(memory > 0)) {
    problems.push({
      variable: 'budget.memory',
      received: String(memory),
      expected: 'milliseconds above 0, or Infinity',
    })
  }
  if (problems.length > 0) throw new ConfigError(problems)
}
