import { REFUSED } from '../breaker/machine.ts'
import type { AttemptRecord, ErrorCode } from '../errors.ts'
import { breakerOutcome, isConnectFailure, outcomeOf, type Ending } from '../outcome.ts'
import { channels } from '../observe/channels.ts'
import type { AttemptFacts } from './foreign-errors.ts'
import type { Slot } from '../pool/entities.ts'
import { asText } from '../pool/request-facts.ts'
import { parseRetryAfter } from '../retry/retry-after.ts'
import { tellBreaker } from './breaker-events.ts'
import type { AttemptReason, ExchangeHost, Headers, OriginGuard } from './host.ts'
import type { WatchedAttempt } from './watched-attempt.ts'

/** How an attempt ends that was answered to the end. */
const answered = { phase: 'body', sent: 'maybe' } as const

/** Not written, or not answered, so far. */
export const NEVER = -1

/**
 * What one attempt owes to its origin's breaker, budget, hedges and balance: it is settled with all of them once,
 * whatever happens to it. It serves the attempts of a call in turn; those at the same time have one each.
 */
export class Stake {
  guard: OriginGuard
  /** The wait that the answer asks for, in ms. */
  retryAfter: number | undefined
  /** The number of the attempt that is under way, or was last. */
  attempt = 0
  begunAt = 0
  wiredAt: number = NEVER
  /** When its last byte was written. */
  sentAt: number = NEVER
  /** When it was over; of what is under way that is not yet known. */
  endedAt: number = NEVER
  /** What carries it, and the how-manieth request that is there; null where nobody says. */
  slot: Slot | null = null
  served = 0
  /** How long that had idled before, in ms. */
  rested = 0
  /** Tells its end, where its beginning was told: of the attempt under way, or of the last one. */
  watched: WatchedAttempt | null = null
  private readonly host: ExchangeHost
  private readonly guarded: boolean
  private permit = REFUSED
  private isOver = true
  /** It is counted among those that go out, and has to be counted among those that ended. */
  private isOut = false
  /** From the first byte written to the headers, in ms. */
  private latency = NEVER
  /** How many others were out when it was written. */
  private crowd = 0

  constructor(host: ExchangeHost, guard: OriginGuard, guarded: boolean) {
    this.host = host
    this.guard = guard
    this.guarded = guarded
  }

  /** The number of the attempt that is under way; 0 when it is over. */
  get underWay(): number {
    return this.isOver ? 0 : this.attempt
  }

  /** When the headers of its answer came. */
  get answeredAt(): number {
    return this.latency === NEVER ? NEVER : this.wiredAt + this.latency
  }

  /** Begins an attempt, before it waits for a connection. False when the breaker refuses it. */
  begin(guard: OriginGuard, number: number, now: number): boolean {
    this.guard = guard
    this.watched = null
    if (this.guarded) {
      this.permit = guard.breaker.admit(now)
      if (channels.breaker.hasSubscribers) tellBreaker(this.host.name, guard, now, undefined)
      if (this.permit === REFUSED) return false
    }
    this.attempt = number
    this.isOver = false
    this.begunAt = now
    this.wiredAt = this.sentAt = this.latency = NEVER
    this.slot = null
    this.retryAfter = undefined
    if (guard.endpoint !== undefined) this.host.balancer!.started(guard.endpoint, now)
    return true
  }

  /** It goes into the line. What is begun need not: a hedge whose hook still runs when the call is over never does. */
  goesOut(why: AttemptReason, now: number): void {
    this.isOut = true
    this.host.attemptBegan(why, now)
  }

  /** There is a connection: whether it may still go out. While it waited the breaker may have opened. */
  commit(now: number, slot: Slot | null | undefined): boolean {
    const { guard } = this
    if (this.guarded && !guard.breaker.isGood(this.permit, now)) {
      guard.breaker.release(this.permit, now)
      this.permit = guard.breaker.admit(now)
      if (this.permit === REFUSED) return false
    }
    if (this.wiredAt === NEVER && guard.hedges !== undefined) this.crowd = guard.underWay++
    this.wiredAt = now // again, when it lost a connection that had not taken it
    this.sentAt = NEVER
    this.slot = slot ?? null
    this.served = slot?.served ?? 0
    this.rested = slot?.rested ?? 0
    return true
  }

  /** The headers of its answer are there. */
  answered(now: number): void {
    if (this.wiredAt !== NEVER) this.latency = now - this.wiredAt
  }

  /** The wait that it asks for. Of the origin itself, others that go again hear of it too. */
  heard(status: number | undefined, headers: Headers, now: number): void {
    const asked = headers['retry-after']
    if (asked === undefined) return
    this.retryAfter = parseRetryAfter(asked, this.host.runtime.wallClock(), asText(headers['date']))
    if (status !== undefined) this.guard.pause.answered(status, this.retryAfter, now)
  }

  /** It ended, with a status below 400. */
  succeeded(now: number, status: number): void {
    if (this.isOver) return
    this.isOver = true
    this.tellEnd(status, answered, now)
    this.cameIn(status, true, now)
    const { guard, permit, host } = this
    guard.budget.deposit(now)
    guard.pause.lift()
    if (guard.hedges !== undefined) this.tellHedges('answered', now)
    if (guard.endpoint !== undefined) {
      host.balancer!.ended(guard.endpoint, 'success', this.rtt(now), now, 0)
    }
    if (permit === REFUSED) return
    this.permit = REFUSED
    guard.breaker.timed(now - this.begunAt)
    const change = guard.breaker.settle(permit, 'success', now, false, 0)
    if (change !== undefined) this.changed(change, now)
  }

  /**
   * It ended otherwise. Only the first word about it counts.
   *
   * @param lost because another attempt of the call was faster.
   * @returns what is kept about it; undefined when it had ended before.
   */
  ended(
    ending: ErrorCode | number,
    facts: AttemptFacts,
    now: number,
    reason?: string,
    lost: boolean = false,
  ): AttemptRecord | undefined {
    if (this.isOver) return undefined
    const { phase, sent } = facts
    const duration = now - this.begunAt
    const record = { number: this.attempt, ending, phase, sent, duration }
    this.isOver = true
    this.tellEnd(ending, facts, now, reason, lost)
    this.cameIn(ending, sent === 'maybe', now, reason)
    const { retryAfter } = this
    const judged: Ending =
      typeof ending === 'number'
        ? { status: ending, retryAfter }
        : { code: ending, ...facts, elapsed: duration, lost }
    this.settle(judged, now, reason ?? (typeof ending === 'number' ? `status ${ending}` : ending))
    const { origin, endpoint } = this.guard
    return {
      ...record,
      ...(reason === undefined ? {} : { reason }),
      ...(endpoint === undefined ? {} : { origin }),
    }
  }

  private cameIn(ending: ErrorCode | number, sent: boolean, now: number, reason?: string): void {
    this.endedAt = now
    if (!this.isOut) return
    this.isOut = false
    this.host.attemptEnded(this, ending, sent, reason)
  }

  private settle(ending: Ending, now: number, failure: string): void {
    const { permit, guard, host } = this
    const outcome = outcomeOf(ending)
    const chance = host.runtime.random()
    if (outcome === 'success') guard.budget.deposit(now)
    if (guard.hedges !== undefined) {
      const brokenOff = 'code' in ending && (ending.lost === true || ending.code === 'attempt_timeout')
      this.tellHedges(outcome === 'success' ? 'answered' : brokenOff ? 'broken_off' : 'failed', now)
    }
    const connectFailure = isConnectFailure(ending)
    if (guard.endpoint !== undefined) {
      const known = 'code' in ending && ending.lost === true ? 'slow' : outcome
      host.balancer!.ended(guard.endpoint, known, this.rtt(now), now, chance, connectFailure)
    }
    if (permit === REFUSED) return
    this.permit = REFUSED
    const { breaker } = guard
    const seen = breakerOutcome(ending, breaker.slowAfter)
    const retryAfter = 'status' in ending ? ending.retryAfter : undefined
    const change = breaker.settle(permit, seen, now, connectFailure, chance, failure, retryAfter)
    if (change !== undefined) this.changed(change, now)
  }

  private changed(change: 'opened' | 'closed', now: number): void {
    const { host, guard, watched } = this
    host.breakerChanged(change, guard)
    if (channels.breaker.hasSubscribers) tellBreaker(host.name, guard, now, watched?.trail)
  }

  private tellEnd(
    ending: ErrorCode | number,
    facts: Pick<AttemptFacts, 'phase' | 'sent'>,
    now: number,
    reason?: string,
    lost?: boolean,
  ): void {
    if (this.watched !== null) this.watched.ended(this, ending, facts, now, reason, lost)
  }

  private tellHedges(ending: 'answered' | 'broken_off' | 'failed', now: number): void {
    if (this.wiredAt === NEVER) return
    this.guard.underWay--
    this.guard.hedges!.sample(ending, this.rtt(now), this.crowd, now)
  }

  private rtt(now: number): number {
    if (this.latency !== NEVER) return this.latency
    return now - (this.wiredAt === NEVER ? this.begunAt : this.wiredAt)
  }
}
