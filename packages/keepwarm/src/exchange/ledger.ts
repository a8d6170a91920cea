import { REFUSED } from '../breaker/machine.ts'
import type { AttemptRecord, ErrorCode } from '../errors.ts'
import { breakerOutcome, isConnectFailure, outcomeOf } from '../outcome.ts'
import { chargeRetry, type RetryDecision } from '../retry/decide.ts'
import type { AttemptFacts } from './foreign-errors.ts'
import type { ExchangeHost, OriginGuard } from './host.ts'

const none: readonly AttemptRecord[] = []

/**
 * What became of a call's attempts, and what they owe the origin's breaker and budget: every permit is settled once,
 * every token spent or given back.
 */
export class Ledger {
  readonly guard: OriginGuard
  private readonly host: ExchangeHost
  private readonly guarded: boolean
  private records: AttemptRecord[] | undefined
  private permit = REFUSED
  private admittedAt = 0
  /** The wait that the answer of the open attempt asks for, in ms. */
  retryAfter: number | undefined
  /** The number of the attempt that is under way, 0 for none. */
  private open = 0
  private holdsToken = false

  constructor(host: ExchangeHost, guard: OriginGuard, guarded: boolean) {
    this.host = host
    this.guard = guard
    this.guarded = guarded
  }

  /** The attempts that came to nothing, and a last one that was answered with a status from 400. */
  get attempts(): readonly AttemptRecord[] {
    return this.records ?? none
  }

  /** Whether the breaker lets an attempt go; it is open then. The token of a retry is spent, or given back. */
  admit(number: number, now: number): boolean {
    if (this.guarded) {
      this.permit = this.guard.breaker.admit(now)
      if (this.permit === REFUSED) {
        this.giveBack()
        return false
      }
    }
    this.open = number
    this.admittedAt = now
    this.retryAfter = undefined
    this.holdsToken = false
    return true
  }

  /** How the open attempt ended. Only the first word about it counts. */
  ended(
    ending: ErrorCode | number,
    facts: AttemptFacts,
    startedAt: number,
    now: number,
    reason?: string,
  ): void {
    if (this.open === 0) return
    if (typeof ending !== 'number' || ending >= 400) {
      const { phase, sent } = facts
      const record = { number: this.open, ending, phase, sent, duration: now - startedAt }
      ;(this.records ??= []).push(reason === undefined ? record : { ...record, reason })
    }
    this.open = 0
    this.settle(ending, facts, now - startedAt, now, reason)
  }

  /** The open attempt was answered below 400. */
  succeeded(now: number): void {
    const { open, permit, guard, host } = this
    if (open === 0) return
    this.open = 0
    guard.budget.deposit(now)
    if (permit === REFUSED) return
    this.permit = REFUSED
    guard.breaker.timed(now - this.admittedAt)
    const change = guard.breaker.settle(permit, 'success', now, false, 0)
    if (change !== undefined) host.breakerChanged(change)
  }

  private settle(
    ending: ErrorCode | number,
    facts: AttemptFacts,
    elapsed: number,
    now: number,
    reason: string | undefined,
  ): void {
    const { permit, guard, host, retryAfter } = this
    const answered = typeof ending === 'number'
    const judged = answered ? { status: ending, retryAfter } : { code: ending, ...facts, elapsed }
    if (outcomeOf(judged) === 'success') guard.budget.deposit(now)
    if (permit === REFUSED) return
    this.permit = REFUSED
    const { breaker } = guard
    const outcome = breakerOutcome(judged, breaker.slowAfter)
    const failure = reason ?? (answered ? `status ${ending}` : ending)
    const chance = host.runtime.random()
    const change = breaker.settle(
      permit,
      outcome,
      now,
      isConnectFailure(judged),
      chance,
      failure,
      answered ? retryAfter : undefined,
    )
    if (change !== undefined) host.breakerChanged(change)
  }

  /** Pays for a retry that was decided on, before the wait. */
  charge(decision: RetryDecision, now: number): RetryDecision {
    const charged = chargeRetry(decision, this.guard.budget, now)
    this.holdsToken = charged.again && !charged.free
    return charged
  }

  /** The retry that a token was taken for will never go out. */
  giveBack(): void {
    if (!this.holdsToken) return
    this.holdsToken = false
    this.guard.budget.giveBack()
  }
}
