/** Expectations as plain functions, for `node:test` and whoever has no `expect`. */
import { AssertionError } from 'node:assert'
import type { ErrorCode, KeepwarmError } from '../errors.ts'
import { findKeepwarmError } from '../is-keepwarm-error.ts'
import {
  judgeBreaker,
  judgeFailure,
  judgeLeaks,
  judgeOpened,
  judgeRetries,
  type FailureFacts,
  type Judgement,
  type SeenClient,
  type SeenPool,
} from './judgements.ts'

/**
 * That nothing is left under way: no call, no request on a connection, nobody who waits. For the end of a test; of a pool
 * that others share, it looks at their requests, too. The message names the requests that hold connections.
 *
 * @throws AssertionError saying what is left
 * @example
 * afterEach(() => assertNoLeaks(client))
 */
export function assertNoLeaks(seen: SeenClient | SeenPool): void {
  assertHolds(leaksOf(seen), assertNoLeaks)
}

/**
 * That a client made so many retries since it was made (or since `resetMetrics()`); without a number, any.
 *
 * @throws AssertionError saying how many there were
 * @example assertRetried(client, 2)
 */
export function assertRetried(client: SeenClient, times?: number): void {
  assertHolds(judgeRetries(asClient(client).snapshot(), times), assertRetried)
}

/**
 * That a client's breaker of an origin is open; without an origin, any of them.
 *
 * @throws AssertionError saying how its breakers are
 * @example assertOpenBreaker(client, 'http://orders')
 */
export function assertOpenBreaker(client: SeenClient, origin?: string): void {
  assertHolds(judgeBreaker(asClient(client).snapshot(), origin), assertOpenBreaker)
}

/**
 * That a client's pool, or a pool, opened no more than so many connections since it was made: that they are reused.
 *
 * @throws AssertionError saying how many there were
 * @example assertOpenedAtMost(client, 1)
 */
export function assertOpenedAtMost(seen: SeenClient | SeenPool, most: number): void {
  assertHolds(judgeOpened(poolOf(seen).snapshot(), most), assertOpenedAtMost)
}

/**
 * That a call fails with a code; and with a phase, `sent` or a number of attempts, where they are said. Looks through what
 * `fetch` and SDKs wrap around the error. Resolves with the error; rejects with AssertionError saying what came instead.
 *
 * @example const error = await assertFailsWith(client.get('/slow').json(), 'deadline', { phase: 'headers' })
 */
export async function assertFailsWith(
  call: PromiseLike<unknown>,
  code: ErrorCode,
  facts?: FailureFacts,
): Promise<KeepwarmError> {
  const outcome = await outcomeOf(call)
  assertHolds(judgeFailure(outcome, code, facts), assertFailsWith)
  return findKeepwarmError('error' in outcome ? outcome.error : undefined)!
}

/** What a call comes to; an error stands for one that has failed. */
export async function outcomeOf(call: unknown): Promise<{ value: unknown } | { error: unknown }> {
  if (call instanceof Error) return { error: call }
  try {
    return { value: await call }
  } catch (error) {
    return { error }
  }
}

export function leaksOf(seen: unknown): Judgement {
  const client = isClient(seen) ? seen.snapshot() : undefined
  return judgeLeaks(poolOf(seen).snapshot({ holders: true }), client)
}

/** @throws TypeError for what is no client */
export function asClient(seen: unknown): SeenClient {
  if (isClient(seen)) return seen
  throw new TypeError(`what is looked at is ${typeName(seen)}; give it an HttpClient`)
}

/** @throws TypeError for what is neither a client nor a pool */
export function poolOf(seen: unknown): SeenPool {
  if (isClient(seen)) return seen.pool
  if (canShow(seen)) return seen as SeenPool
  throw new TypeError(`what is looked at is ${typeName(seen)}; give it an HttpClient or a ConnectionPool`)
}

function isClient(seen: unknown): seen is SeenClient {
  return canShow(seen) && canShow((seen as Partial<SeenClient>).pool)
}

function canShow(seen: unknown): boolean {
  return typeof (seen as Partial<SeenPool> | null | undefined)?.snapshot === 'function'
}

function typeName(seen: unknown): string {
  return seen === null
    ? 'null'
    : seen === undefined
      ? 'undefined'
      : `a ${seen.constructor?.name ?? typeof seen}`
}

/** @param asked where the stack of the error begins */
function assertHolds({ holds, text }: Judgement, asked: (...all: never[]) => unknown): void {
  if (!holds) throw new AssertionError({ message: text, stackStartFn: asked })
}
