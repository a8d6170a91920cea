/** Expectations for `expect.extend()` of vitest and Jest, neither of which is needed to load this. */
import type { ErrorCode } from '../errors.ts'
import { asClient, leaksOf, outcomeOf, poolOf } from './assertions.ts'
import {
  judgeBreaker,
  judgeFailure,
  judgeOpened,
  judgeRetries,
  type FailureFacts,
  type Judgement,
} from './judgements.ts'

/** What a matcher gives to `expect`. */
export interface Matched {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * The types of {@link keepwarmMatchers}, for `expect` to know them:
 *
 * @example
 * declare module 'vitest' {
 *   interface Matchers<R, T> extends KeepwarmMatchers<R> {}
 * }
 */
export interface KeepwarmMatchers<R = void> {
  /** A client made so many retries since it was made (or since `resetMetrics()`); without a number, any. */
  toHaveRetried(times?: number): R
  /** A client's breaker of this origin is open; without an origin, any of them. */
  toHaveOpenBreaker(origin?: string): R
  /** A client, or a pool, has nothing under way: no call, no request on a connection, nobody who waits. */
  toHaveNoLeaks(): R
  /** A client's pool, or a pool, opened no more than so many connections since it was made. */
  toHaveOpenedAtMost(connections: number): R
  /** A call (or an error) fails with this code, and with these facts where they are said. To be awaited. */
  toFailWith(code: ErrorCode, facts?: FailureFacts): Promise<void>
}

/**
 * Matchers for clients, pools and calls. What they look at comes from snapshots, so that they change nothing.
 *
 * @example
 * expect.extend(keepwarmMatchers)
 *
 * await expect(client.get('/slow').json()).toFailWith('deadline', { phase: 'headers', sent: 'maybe' })
 * expect(client).toHaveRetried(2)
 * expect(client).toHaveNoLeaks()
 */
export const keepwarmMatchers: {
  toHaveRetried(received: unknown, times?: number): Matched
  toHaveOpenBreaker(received: unknown, origin?: string): Matched
  toHaveNoLeaks(received: unknown): Matched
  toHaveOpenedAtMost(received: unknown, connections: number): Matched
  toFailWith(received: unknown, code: ErrorCode, facts?: FailureFacts): Promise<Matched>
} = {
  toHaveRetried: (received, times) => matched(judgeRetries(asClient(received).snapshot(), times)),
  toHaveOpenBreaker: (received, origin) => matched(judgeBreaker(asClient(received).snapshot(), origin)),
  toHaveNoLeaks: (received) => matched(leaksOf(received)),
  toHaveOpenedAtMost: (received, connections) =>
    matched(judgeOpened(poolOf(received).snapshot(), connections)),
  toFailWith: async (received, code, facts) => matched(judgeFailure(await outcomeOf(received), code, facts)),
}

function matched({ holds, text }: Judgement): Matched {
  return { pass: holds, message: () => (holds ? `this was not to be so: ${text}` : text) }
}
