import type { Sent } from '../errors.ts'
import type { DispatchOptions } from '../pool/lease.ts'
import { decideRetry, type AttemptEnding, type NotRetried } from '../retry/decide.ts'
import { parseRetryAfter } from '../retry/retry-after.ts'
import type { Runtime } from '../runtime.ts'
import type { Ledger } from './ledger.ts'
import type { Headers } from './host.ts'
import type { CallPlan } from './plan.ts'
import { asText, hasIdempotencyKey, isReplayable } from '../pool/request-facts.ts'

/** What is known of an attempt that has just ended. */
export interface EndedAttempt {
  readonly ending: AttemptEnding
  readonly number: number
  readonly sent: Sent
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
  private readonly runtime: Runtime
  private readonly plan: CallPlan
  private readonly options: DispatchOptions
  private readonly ledger: Ledger
  private freeRetries = 0
  private triedTooEarly = false

  constructor(runtime: Runtime, plan: CallPlan, options: DispatchOptions, ledger: Ledger) {
    this.runtime = runtime
    this.plan = plan
    this.options = options
    this.ledger = ledger
  }

  /** The wait before the next attempt in ms, which is paid for then; undefined when there will be none. */
  decide(ended: EndedAttempt, now: number, deadline: number): number | undefined {
    const { headers } = ended
    this.notRetried = this.retryAfter = this.hookError = undefined
    if (headers?.['retry-after'] !== undefined) {
      const date = asText(headers['date'])
      this.retryAfter = parseRetryAfter(headers['retry-after'], this.runtime.wallClock(), date)
      this.ledger.retryAfter = this.retryAfter
    }
    if (this.plan.retry.attempts === 1) return undefined
    const decision = this.ledger.charge(decideRetry(this.question(ended, deadline - now)), now)
    if (!decision.again) {
      this.notRetried = decision.because
      this.hookError = decision.thrown
      return undefined
    }
    this.reason = decision.reason
    if (decision.free) this.freeRetries++
    if (decision.reason === 'status_425') this.triedTooEarly = true
    return decision.wait
  }

  private question(ended: EndedAttempt, timeLeft: number): Parameters<typeof decideRetry>[0] {
    const { retry } = this.plan
    const { method, headers, body, idempotent } = this.options
    return {
      ...ended,
      ending: this.withPhase(ended.ending),
      method,
      idempotent,
      hasIdempotencyKey: hasIdempotencyKey(headers),
      replayable: isReplayable(body) || ended.sent === 'no',
      attempt: ended.number - this.freeRetries,
      maxAttempts: retry.attempts,
      timeLeft,
      retryAfter: this.retryAfter,
      maxRetryAfter: retry.maxRetryAfter,
      backoff: retry.backoff,
      throttledBase: retry.throttledBase,
      shouldRetry: retry.shouldRetry,
      triedTooEarly: this.triedTooEarly,
      statuses: retry.statuses,
      random: this.runtime.random(),
      freeRetries: this.freeRetries,
    }
  }

  /** Where it was when it ended, which the ledger has just been told. */
  private withPhase(ending: AttemptEnding): AttemptEnding {
    return 'code' in ending ? { ...ending, phase: this.ledger.attempts.at(-1)?.phase } : ending
  }
}
