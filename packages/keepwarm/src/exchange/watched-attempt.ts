import { channels } from '../observe/channels.ts'
import type { AttemptEnd } from '../observe/events.ts'
import type { Trail } from '../observe/trail.ts'
import type { ErrorCode } from '../errors.ts'
import { attemptConnection, attemptTimings } from './facts.ts'
import type { AttemptFacts } from './foreign-errors.ts'
import type { Stake } from './stake.ts'

/** An attempt of which somebody was told that it began. */
export class WatchedAttempt {
  readonly trail: Trail
  /** The status of its answer. */
  status: number | undefined
  /** Of its body and of that of its answer, as they went over the wire so far. */
  sentBytes = 0
  receivedBytes = 0
  private readonly start: Omit<AttemptEnd, EndedWith>

  constructor(trail: Trail, start: Omit<AttemptEnd, EndedWith>) {
    this.trail = trail
    this.start = start
  }

  /** @param lost because another attempt of the call was faster */
  ended(
    stake: Stake,
    ending: ErrorCode | number,
    { phase, sent }: Pick<AttemptFacts, 'phase' | 'sent'>,
    now: number,
    message?: string,
    lost: boolean = false,
  ): void {
    if (!channels['attempt:end'].hasSubscribers) return
    const code = typeof ending === 'number' ? undefined : ending
    const end = {
      ...this.start,
      duration: now - stake.begunAt,
      status: typeof ending === 'number' ? ending : this.status,
      code,
      message,
      cancelled: lost || code === 'aborted',
      phase,
      sent,
      timings: attemptTimings(stake, now, phase === 'wait'),
      connection: attemptConnection(stake),
      requestBytes: this.sentBytes,
      responseBytes: this.receivedBytes,
    }
    this.trail.tell('attempt:end', Object.defineProperty(end, 'url', { value: this.start.url }) as AttemptEnd)
  }
}

type EndedWith =
  | 'duration'
  | 'status'
  | 'code'
  | 'message'
  | 'cancelled'
  | 'phase'
  | 'sent'
  | 'timings'
  | 'connection'
  | 'requestBytes'
  | 'responseBytes'
