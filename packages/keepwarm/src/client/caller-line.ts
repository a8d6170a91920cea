/**
 * An error is made where a socket reports it, and its stack shows nothing but our inside. While a promise is rejected V8
 * knows who awaits it, and writes that into a stack that is captured then: so the stack is captured again, when a call
 * has failed. What succeeds pays nothing.
 */
import { KeepwarmError } from '../errors.ts'

const turn: Promise<void> = Promise.resolve()

/**
 * Rejects with the error, when its stack names the line of whoever awaits the promise that is resolved with this one.
 * Where nobody awaits it yet, the stack is the message alone.
 *
 * @example new Promise((resolve) => onFailure((error) => resolve(failedForCaller(error))))
 */
export async function failedForCaller(error: unknown): Promise<never> {
  await turn // the promise outside takes this one as its own in the next turn only,
  await turn // and V8 can follow them from then on
  throw atCaller(error, failedForCaller)
}

/**
 * The error, its stack captured anew from `hidden` on. For the `catch` of an async function that somebody awaits.
 * Errors that are not ours are left as they are.
 */
export function atCaller(error: unknown, hidden: (...all: never[]) => unknown): unknown {
  if (error instanceof KeepwarmError) Error.captureStackTrace(error, hidden)
  return error
}
