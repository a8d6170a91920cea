/** Whether a stream of events is asked for again, and when. Pure: time and chance are arguments. */
import { HttpStatusError, KeepwarmError, type ErrorCode } from '../../errors.ts'

/** What may be better the next time. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'connect',
  'reset',
  'protocol',
  'attempt_timeout',
  'acquire_timeout',
  'queue_full',
  'breaker_open',
])

const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** Whether what a connection failed with is worth another. */
export function isPassing(error: unknown): boolean {
  if (error instanceof HttpStatusError) return passingStatuses.has(error.status)
  return error instanceof KeepwarmError && passing.has(error.code)
}

/** Waits grow no longer than this by themselves. */
export const LONGEST_WAIT = 30_000

/**
 * How long to wait before the next connection, in ms: never less than the server asks for, twice as long after each
 * connection that brought nothing, and up to a quarter longer by chance, so that all who lost the same server do not
 * come back at once.
 *
 * @param least what the server, or the caller, says
 * @param fruitless how many connections in a row brought nothing
 * @param random a number in [0, 1)
 */
export function reconnectDelay(least: number, fruitless: number, random: number): number {
  const grown = Math.min(least * 2 ** Math.min(fruitless, 30), Math.max(least, LONGEST_WAIT))
  return grown * (1 + random / 4)
}
