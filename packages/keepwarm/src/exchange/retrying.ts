import type { Phase, Sent } from '../errors.ts'
import type { DispatchOptions } from '../pool/lease.ts'
import { decideRetry, type AttemptEnding, type NotRetried } from '../retry/decide.ts'
import type { ExchangeHost, Headers } from './host.ts'
import type { Ledger } from './ledger.ts'
import type { CallPlan } from './plan.ts'
import { hasIdempotencyKey, isReplayable } from '../pool/request-facts.ts'

/** What is known of an attempt that has just ended. */
export interface EndedAttempt {
  readonly ending: AttemptEnding
  readonly number: number
  readonly sent: Sent
  readonly phase: Phase
  readonly responseStarted: boolean
  readonly reusedConnection: boolean | undefined
  /** Of a response. */
  readonly headers?: Headers | undefined
}

/** Whether a call goes again, what for, when, and if not, why. */
export class Retrying {
  /** What the next attempt makes good. */
  reason = ''
  notRetried: NotRetried | undefined
  /** The wait that the server asked for, in ms. */
  retryAfter: number | undefined
  /** What `shouldRetry` threw when it was asked last. */
  hookError: unknown
  private readonly host: ExchangeHost
  private readonly plan: CallPlan
  private readonly options: DispatchOptions
  private readonly ledger: Ledger
  /** Attempts that were no retries: hedges. */
  hedges = 0
  /** Attempts that a hook asked for. */
  private askedFors = 0
  private freeRetries = 0
  private triedTooEarly = false

  constructor(host: ExchangeHost, plan: CallPlan, options: DispatchOptions, ledger: Ledger) {
    this.host = host
    this.plan = plan
    this.options = options
    this.ledger = ledger
  }

  /** A hook asks for another attempt, which it may do once. */
  asked(reason: string): void {
    this.askedFors++
    this.reason = reason
  }

  get wasAsked(): boolean {
    return this.askedFors > 0
  }

  /** The wait before the next attempt in ms, which is paid for then; undefined when there will be none. */
  decide(ended: EndedAttempt, now: number, deadline: number): number | undefined {
    this.notRetried = this.hookError = undefined
    this.retryAfter = this.askedFor(ended, now)
    if (this.plan.retry.attempts === 1) return undefined
    const decision = this.ledger.charge(decideRetry(this.question(ended, deadline - now)), now)
    if (!decision.again) {
      this.notRetried = decision.because
      this.hookError = decision.thrown
      this.host.notRetried(decision.because)
      return undefined
    }
    this.reason = decision.reason
    if (decision.free) this.freeRetries++
    if (decision.reason === 'status_425') this.triedTooEarly = true
    return decision.wait
  }

  /** The wait that the answer asks for; of the origin itself others may have heard before. */
  private askedFor({ ending, headers }: EndedAttempt, now: number): number | undefined {
    const { guard, stake } = this.ledger
    if (headers !== undefined) stake.heard('status' in ending ? ending.status : undefined, headers, now)
    const asked = headers === undefined ? undefined : stake.retryAfter
    const paused = guard.pause.remaining(now)
    return paused > (asked ?? 0) ? paused : asked
  }

  private question(ended: EndedAttempt, timeLeft: number): Parameters<typeof decideRetry>[0] {
    const { retry } = this.plan
    const { method, headers, body, idempotent } = this.options
    return {
      ...ended,
      ending: 'code' in ended.ending ? { ...ended.ending, phase: ended.phase } : ended.ending,
      method,
      idempotent,
      hasIdempotencyKey: hasIdempotencyKey(headers),
      replayable: isReplayable(body) || ended.sent === 'no',
      bodyFactory: this.plan.makeBody !== undefined,
      usualDuration: this.usual,
      attempt: ended.number - this.freeRetries - this.askedFors - this.hedges,
      maxAttempts: retry.attempts,
      timeLeft,
      retryAfter: this.ledger.guard.endpoint === undefined ? this.retryAfter : undefined, // another may be asked at once
      maxRetryAfter: retry.maxRetryAfter,
      backoff: retry.backoff,
      throttledBase: retry.throttledBase,
      shouldRetry: retry.shouldRetry,
      triedTooEarly: this.triedTooEarly,
      statuses: retry.statuses,
      random: this.host.runtime.random(),
      freeRetries: this.freeRetries,
    }
  }

  /** What an attempt takes at least, as far as that is known. */
  private get usual(): number {
    return Math.max(this.plan.least, this.ledger.guard.hedges?.typical ?? 0)
  }
}
