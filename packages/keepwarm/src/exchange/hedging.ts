/**
 * Hedging, for one call: when its attempt has been out for longer than is usual, another may go out beside it.
 *
 *     attempt written ──delay──▶ ask ──may──▶ rival under way ──▶ its acceptable answer is first: the call goes on with it
 *                                 ▲  │                       ├──▶ the attempt is over, and not well: the same
 *                                 └──┘ not now               ├──▶ the attempt is answered first: the rival is cancelled
 *                                                            └──▶ the rival fails: the attempt is waited for
 *
 * Whoever loses is cancelled at once, so that the server can stop working for it.
 */
import { KeepwarmError } from '../errors.ts'
import type { Trail } from '../observe/trail.ts'
import type { HedgePolicy } from '../hedge/policy.ts'
import { mayChange, type HedgeFacts } from '../hedge/refusal.ts'
import type { CallClock } from './clock.ts'
import { asError } from './caller.ts'
import { nameError } from './foreign-errors.ts'
import type { ExchangeHost, Headers, OriginGuard } from './host.ts'
import type { Ledger } from './ledger.ts'
import type { CallPlan } from './plan.ts'
import { Rival, type RivalHost } from './rival.ts'
import { Stake } from './stake.ts'

/** The call, as its hedging knows it. */
export interface HedgedCall {
  readonly clock: CallClock
  readonly ledger: Ledger
  readonly trail: Trail | null
  readonly plan: CallPlan
  /** What does not change while it runs. */
  readonly mayArriveTwice: boolean
  readonly replayable: boolean
  /** How many attempts there were. */
  attempt: number
  guardBeside(guard: OriginGuard): OriginGuard
  /** Sends it on its way. */
  dispatchBeside(rival: Rival, guard: OriginGuard, now: number): void
  /** The rival's answer is better than the attempt that the call waits for. */
  rivalWon(): void
}

/** Why an attempt is cancelled that lost. */
export const FASTER = 'another attempt was faster'

/** How long after "not now" it asks again, as a share of the delay. */
const ASK_AGAIN = 0.25

export class Hedging implements RivalHost {
  rival: Rival | null = null
  /** Rivals that went out. */
  sent = 0
  private readonly call: HedgedCall
  private readonly host: ExchangeHost
  private readonly policy: HedgePolicy
  private counted = false

  constructor(call: HedgedCall, host: ExchangeHost, policy: HedgePolicy) {
    this.call = call
    this.host = host
    this.policy = policy
  }

  /** An attempt of the call is written. Sets when another is due; to be called before the clock goes on. */
  wired(now: number): void {
    if (!this.counted) this.policy.request()
    this.counted = true
    if (this.rival === null) this.call.clock.hedgeAt = now + (this.policy.delay() ?? Infinity)
  }

  /** Another attempt is due. */
  ask(now: number): void {
    const { clock, ledger } = this.call
    const { guard } = ledger
    const verdict = this.policy.mayHedge(this.facts(guard, now), guard.budget, now)
    if (verdict === true) {
      clock.hedgeAt = Infinity
      this.send(guard, now)
    } else {
      const pause = Math.max(1, ASK_AGAIN * (this.policy.delay() ?? Infinity))
      clock.hedgeAt = mayChange(verdict) ? now + pause : Infinity
    }
    if (clock.stage !== 'over') clock.rearm()
  }

  private facts(guard: OriginGuard, now: number): HedgeFacts {
    const { clock, mayArriveTwice, replayable, plan } = this.call
    const crowding = this.host.crowding(guard.origin)
    return {
      mayArriveTwice,
      replayable: replayable || plan.makeBody !== undefined,
      responseStarted: false,
      breakerClosed: guard.breaker.state(now) === 'closed',
      limitTight: crowding === 'limit_tight',
      poolBusy: crowding === 'pool_busy',
      hedges: this.sent,
      timeLeft: clock.deadline - now,
    }
  }

  private send(guard: OriginGuard, now: number): void {
    const { call, host } = this
    const beside = call.guardBeside(guard)
    const stake = new Stake(host, beside, call.plan.guarded)
    if (!stake.begin(beside, call.attempt + 1, now)) return this.policy.giveBack(guard.budget)
    call.attempt++
    this.sent++
    const { timeouts } = call.plan
    const rival = new Rival(this, stake, call.clock.deadline, timeouts, () => host.runtime.now(), call.trail)
    this.rival = rival
    try {
      call.dispatchBeside(rival, beside, now)
    } catch (thrown) {
      if (this.rival === rival) this.rivalFailed(rival, asError(thrown))
    }
  }

  rivalAnswered(rival: Rival, status: number, headers: Headers): boolean {
    if (rival !== this.rival) return false
    if (this.call.plan.retry.statuses.has(status)) {
      rival.stake.heard(status, headers, this.call.clock.now)
      this.over(rival, status)
      rival.lease?.abort(new Error('an answer that is not waited for'))
      return false
    }
    this.call.rivalWon()
    return true
  }

  rivalFailed(rival: Rival, error: Error): void {
    if (rival !== this.rival) return
    const named = nameError(error, rival.facts)
    this.over(rival, named.code, named.message)
  }

  rivalTurnedAway(rival: Rival): void {
    this.over(rival, 'breaker_open')
    rival.lease?.abort(new KeepwarmError('breaker_open', 'the breaker opened meanwhile'))
  }

  /** The call goes on with it: `won`, or because the other attempt failed. */
  taken(won: boolean): void {
    this.rival = null
    this.policy.settled(true)
    if (won) this.host.hedged('won')
  }

  /** The call has its answer, or is over: the rival is not needed any more. */
  end(now: number, why: string): void {
    const { rival } = this
    if (rival === null) return
    this.rival = null
    this.policy.settled(false)
    this.call.ledger.ended(rival.stake, 'aborted', rival.facts, now, why, true)
    rival.lease?.abort(new KeepwarmError('aborted', why))
  }

  private over(rival: Rival, ending: Parameters<Ledger['ended']>[1], reason?: string): void {
    this.rival = null
    this.policy.settled(false)
    this.call.ledger.ended(rival.stake, ending, rival.facts, this.call.clock.now, reason)
  }
}
