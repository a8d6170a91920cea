/** The moments of an attempt and of a call, as those who count read them; exchange/ has the objects that they are read from. */

/** On a clock that never jumps, in ms; below 0 what was not reached. A `Stake` is one. */
export interface AttemptMoments {
  /** Its number; 0 when none began. */
  readonly attempt: number
  readonly begunAt: number
  /** When it went out on a connection, was written, and was answered. */
  readonly wiredAt: number
  readonly sentAt: number
  readonly answeredAt: number
  readonly endedAt: number
  /** The connection that carried it, where that is known. */
  readonly slot: { readonly dialedAt: number; readonly openedAt: number } | null
}

/** A `Course` is one. */
export interface CallMoments {
  /** How many attempts went out. */
  readonly sentAttempts: number
  readonly origin: string
  readonly clock: { readonly startedAt: number }
  readonly plan: { readonly operation: string | undefined }
  /** Has the attempt that counted. */
  readonly ledger: { readonly stake: AttemptMoments }
}

/** How long it waited for a connection, in ms; until its end, when it got none. */
export function waitOf({ begunAt, wiredAt, endedAt }: AttemptMoments): number {
  return (wiredAt < 0 ? endedAt : wiredAt) - begunAt
}

/**
 * Where the time of a call went, in ms: `before, queued, connect, send, headers, download`, as in `CallTimings`. Allocates
 * nothing.
 */
export function readPhases(call: CallMoments, now: number, into: Float64Array): void {
  const { startedAt } = call.clock
  const { stake } = call.ledger
  into.fill(0)
  if (stake.attempt === 0) {
    into[0] = now - startedAt
    return
  }
  const { begunAt, wiredAt, slot } = stake
  into[0] = begunAt - startedAt
  into[1] = waitOf(stake)
  if (wiredAt < 0) return
  if (slot !== null && slot.dialedAt >= begunAt) into[2] = slot.openedAt - slot.dialedAt
  exchanged(stake, into)
}

/** An answer may come before the whole request was written, which is then not waited for. */
function exchanged({ wiredAt, sentAt, answeredAt, endedAt }: AttemptMoments, into: Float64Array): void {
  const written = sentAt < 0 ? Infinity : sentAt
  const sent = Math.min(written, answeredAt < 0 ? Infinity : answeredAt, endedAt)
  into[3] = sent - wiredAt
  if (answeredAt >= 0) {
    into[4] = answeredAt - sent
    into[5] = endedAt - answeredAt
  } else if (sentAt >= 0) into[4] = endedAt - sent
}
