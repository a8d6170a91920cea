/** Which endings of calls and attempts are told to people, and in which words. */
import type { ErrorCode } from '../errors.ts'
import type { EventKind } from './event-log.ts'

export interface ToldEvent {
  readonly kind: EventKind
  readonly text: string
}

const ofAttempts: Partial<Record<ErrorCode, ToldEvent>> = {
  connect: { kind: 'dial', text: 'no connection' },
  reset: { kind: 'closed', text: 'a connection was lost' },
  protocol: { kind: 'closed', text: 'what came is not valid HTTP' },
  attempt_timeout: { kind: 'timeout', text: 'an attempt took too long' },
}

/** What befell no attempt, or did not end with one. */
const ofCalls: Partial<Record<ErrorCode, ToldEvent>> = {
  queue_full: { kind: 'refused', text: 'a call was refused: too many wait' },
  acquire_timeout: { kind: 'refused', text: 'a call got no connection in time' },
  breaker_open: { kind: 'refused', text: 'the breaker refused a call' },
  deadline: { kind: 'timeout', text: 'the time of a call was over' },
}

export function eventOfAttempt(code: ErrorCode): ToldEvent | undefined {
  return ofAttempts[code]
}

export function eventOfCall(code: ErrorCode): ToldEvent | undefined {
  return ofCalls[code]
}
