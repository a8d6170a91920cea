/** What happens between the decision for an attempt and its going out: the user's `beforeRequest`, where there is one. */
import { isTooShort, remaining } from '../deadline/remaining.ts'
import { KeepwarmError } from '../errors.ts'
import type { PoolHandler } from '../pool/lease.ts'
import { asError } from './caller.ts'
import { Course } from './course.ts'
import type { HookRun } from './hook-run.ts'
import type { OriginGuard } from './host.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { Rival } from './rival.ts'
import { hookThrew, tooShort } from './texts.ts'

export abstract class Preparing extends Course {
  /** Sends the attempt on its way. */
  protected abstract send(guard: OriginGuard, now: number, headers?: RequestHeaders): void

  /**
   * Lets the hooks run, then sends. Nothing is held meanwhile: no permit, no connection, and the attempt's time has not
   * begun. False where there are none, or the breaker would refuse it anyway.
   */
  protected prepare(guard: OriginGuard, now: number): boolean {
    const { hooks } = this
    if (hooks === undefined || !hooks.prepares) return false
    if (this.plan.guarded && guard.breaker.check(now) !== undefined) return false
    this.clock.enter('prepare', now)
    const headers = hooks.headers(this.download?.nextHeaders())
    let made: Promise<void> | undefined
    try {
      made = hooks.before(headers, guard.origin, this.attempt + 1)
    } catch (thrown) {
      this.end('hook', asError(thrown))
    }
    if (made === undefined) this.prepared(guard, headers)
    else {
      made.then(
        () => this.prepared(guard, headers),
        (thrown: unknown) => this.end('hook', asError(thrown)),
      )
    }
    return true
  }

  private prepared(guard: OriginGuard, headers: RequestHeaders): void {
    if (this.stage !== 'prepare') return
    const { now, deadline } = this.clock
    const left = remaining(deadline, now)
    if (isTooShort(left, this.plan)) return this.end('deadline', tooShort(left, this.plan.least))
    this.send(guard, now, headers)
  }

  dispatchBeside(rival: Rival, guard: OriginGuard, now: number): void {
    const { hooks } = this
    if (hooks !== undefined && hooks.prepares) return this.prepareBeside(rival, guard, hooks)
    if (this.goesOut(rival, now)) this.dispatch(rival, guard, now)
  }

  private prepareBeside(rival: Rival, guard: OriginGuard, hooks: HookRun): void {
    const number = rival.stake.attempt
    const headers = hooks.headers(undefined)
    const isWanted = (): boolean => rival.stake.underWay === number
    const spoil = (thrown: unknown): void => {
      if (isWanted()) rival.onResponseError(null as never, this.asHookError(thrown))
    }
    const go = (): void => {
      if (isWanted()) this.sendBeside(rival, guard, headers, hooks)
    }
    hooks.unsent++
    let made: Promise<void> | undefined
    try {
      made = hooks.before(headers, guard.origin, number)
    } catch (thrown) {
      return spoil(thrown)
    }
    if (made === undefined) go()
    else made.then(go, spoil)
  }

  private sendBeside(rival: Rival, guard: OriginGuard, headers: RequestHeaders, hooks: HookRun): void {
    hooks.unsent--
    const { now } = this.clock
    if (!this.goesOut(rival, now)) return
    try {
      this.dispatch(rival, guard, now, headers)
    } catch (thrown) {
      rival.onResponseError(null as never, asError(thrown))
    }
  }

  /** False when whoever was told of it ended the call. */
  private goesOut(rival: Rival, now: number): boolean {
    rival.stake.goesOut('hedge', now)
    this.host.hedged('sent')
    this.trail?.attemptGoesOut(rival.stake, 'hedge', now)
    return rival.stake.underWay !== 0
  }

  private asHookError(thrown: unknown): KeepwarmError {
    return new KeepwarmError('hook', hookThrew('beforeRequest', thrown), { phase: 'admit', cause: thrown })
  }

  /** The user's word on a response. Undefined when the call ended over it. */
  protected wantsAnother(
    status: number,
    headers: Parameters<NonNullable<PoolHandler['onResponseStart']>>[2],
  ): boolean | undefined {
    try {
      const again = this.hooks!.after(status, headers)
      return this.stage === 'over' ? undefined : again
    } catch (thrown) {
      this.end('hook', asError(thrown))
      return undefined
    }
  }

  /** Another attempt, because the user asked for it: once, and past the budget, which it cannot drain. */
  protected goesOnceMore(status: number, now: number): boolean {
    const { clock, plan, retrying } = this
    if (retrying?.wasAsked === true || this.download !== undefined || this.given) return false
    if (!this.replayable && plan.makeBody === undefined) return false
    if (isTooShort(remaining(clock.deadline, now), plan)) return false
    this.hedging?.end(now, 'another attempt was asked for')
    this.attemptEnded(status, this.facts('headers'))
    this.newRetrying().asked(`status_${status}`)
    clock.againAt = now
    this.trail?.retry()
    clock.enter('discard')
    return true
  }
}
