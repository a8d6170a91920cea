import type { AttemptRecord, ErrorCode } from '../errors.ts'
import type { RetryBudget } from '../retry/budget.ts'
import { chargeRetry, type RetryDecision } from '../retry/decide.ts'
import type { AttemptFacts } from './foreign-errors.ts'
import type { OriginGuard } from './host.ts'
import type { Stake } from './stake.ts'

const none: readonly AttemptRecord[] = []

/** What became of a call's attempts, and the token of the retry that it waits for: that is spent, or given back. */
export class Ledger {
  /** Of the attempt that the call listens to. */
  stake: Stake
  private records: AttemptRecord[] | undefined
  private token: RetryBudget | undefined

  constructor(stake: Stake) {
    this.stake = stake
  }

  get guard(): OriginGuard {
    return this.stake.guard
  }

  /** The attempts that came to nothing, and a last one that was answered with a status from 400. */
  get attempts(): readonly AttemptRecord[] {
    return this.records ?? none
  }

  /** Whether the breaker lets an attempt go. The token of a retry is spent, or given back. */
  admit(guard: OriginGuard, number: number, now: number): boolean {
    const admitted = this.stake.begin(guard, number, now)
    if (admitted) this.token = undefined
    else this.giveBack()
    return admitted
  }

  /** How an attempt ended. Only the first word about it counts. */
  ended(
    stake: Stake,
    ending: ErrorCode | number,
    facts: AttemptFacts,
    now: number,
    reason?: string,
    lost?: boolean,
  ): void {
    const record = stake.ended(ending, facts, now, reason, lost)
    if (record === undefined || (typeof ending === 'number' && ending < 400)) return
    ;(this.records ??= []).push(record)
  }

  /** Pays for a retry that was decided on, before the wait. */
  charge(decision: RetryDecision, now: number): RetryDecision {
    const { budget } = this.guard
    const charged = chargeRetry(decision, budget, now)
    this.token = charged.again && !charged.free ? budget : undefined
    return charged
  }

  /** The retry that a token was taken for will never go out. */
  giveBack(): void {
    this.token?.giveBack()
    this.token = undefined
  }
}
