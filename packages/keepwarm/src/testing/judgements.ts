/** What a test can expect of a client: whether it holds, and what there is to say. Without a test runner. */
import type { Phase, Sent } from '../errors.ts'
import { findKeepwarmError } from '../is-keepwarm-error.ts'
import type { HolderSnapshot, OriginSnapshot, PoolSnapshot } from '../observe/pool-snapshot.ts'
import type { ClientSnapshot } from '../observe/snapshot.ts'

/** A client, as far as an expectation looks at it: an `HttpClient`, whichever copy of the library it is of. */
export interface SeenClient {
  snapshot(): ClientSnapshot
  readonly pool: SeenPool
}

/** A pool, as far as an expectation looks at it. */
export interface SeenPool {
  snapshot(options?: { readonly holders?: boolean }): PoolSnapshot
}

/** What else a failure must be, besides its code. */
export interface FailureFacts {
  /** Where the call was. */
  readonly phase?: Phase
  /** Whether the server may have seen the request. */
  readonly sent?: Sent
  /** How many attempts were made. */
  readonly attempts?: number
}

export interface Judgement {
  readonly holds: boolean
  /** What was expected and what is; to be read either way. */
  readonly text: string
}

/** @param times exactly so many retries; without it at least one */
export function judgeRetries({ name, attempts }: ClientSnapshot, times?: number): Judgement {
  const { retry } = attempts
  const wanted = times === undefined ? 'have retried' : `have made ${counted(times, 'retry', 'retries')}`
  const holds = times === undefined ? retry > 0 : retry === times
  return {
    holds,
    text: `the client "${name}" was to ${wanted}; it made ${counted(retry, 'retry', 'retries')}`,
  }
}

/** @param origin whose breaker; without it any one */
export function judgeBreaker({ name, guards }: ClientSnapshot, origin?: string): Judgement {
  const wanted = origin === undefined ? undefined : new URL(origin).origin
  const own = guards.filter((guard) => wanted === undefined || guard.origin === wanted)
  const whose = wanted === undefined ? `a breaker of the client "${name}"` : `its breaker of ${wanted}`
  const states = (own.length > 0 ? own : guards).map(
    ({ origin: of, group, breaker, completions, lastFailure }) =>
      `${of}${group === null ? '' : ` (${group})`} is ${breaker} after ${counted(completions, 'call')}` +
      (lastFailure === null ? '' : `, of which the last that failed: ${lastFailure}`),
  )
  const seen = states.length === 0 ? 'there are none, for nothing was called' : states.join('; ')
  return { holds: own.some(({ breaker }) => breaker === 'open'), text: `${whose} was to be open; ${seen}` }
}

/** @param client undefined for a pool alone */
export function judgeLeaks(pool: PoolSnapshot, client?: ClientSnapshot): Judgement {
  const left: string[] = []
  const calls = client?.calls.inFlight ?? 0
  if (calls > 0) left.push(`${counted(calls, 'call')} of the client "${client?.name}" under way`)
  for (const origin of pool.origins) left.push(...leftAt(origin))
  const seen = left.length === 0 ? 'nothing is' : left.join('; ')
  return { holds: left.length === 0, text: `nothing was to be left under way; ${seen}` }
}

function leftAt({ origin, inFlight, waiting, holders = [] }: OriginSnapshot): string[] {
  const left: string[] = []
  const who = holders.length === 0 ? '' : `: ${holders.map(heldText).join(', ')}`
  if (inFlight > 0) left.push(`${counted(inFlight, 'request')} to ${origin} on a connection${who}`)
  if (waiting > 0) left.push(`${counted(waiting, 'request')} waiting for a connection to ${origin}`)
  return left
}

function heldText({ method, path, phase, heldFor, stalledFor }: HolderSnapshot): string {
  const unread = stalledFor > 0 ? `, and for ${Math.round(stalledFor)} ms nobody has read on` : ''
  return `${method} ${path} (${phase}, for ${Math.round(heldFor)} ms${unread})`
}

/** @param most connections that were opened, over the whole life of the pool */
export function judgeOpened({ counters }: PoolSnapshot, most: number): Judgement {
  const { opened, reused } = counters
  const text = `at most ${counted(most, 'connection')} were to be opened; ${opened} were`
  return {
    holds: opened <= most,
    text: `${text}, and ${counted(reused, 'request')} went out on one that had served`,
  }
}

/** @param outcome what the call came to */
export function judgeFailure(
  outcome: { readonly value: unknown } | { readonly error: unknown },
  code: string,
  facts: FailureFacts = {},
): Judgement {
  const asked = `it was to fail with ${[code, ...factsText(facts)].join(', ')}`
  if (!('error' in outcome)) return { holds: false, text: `${asked}; it succeeded` }
  const error = findKeepwarmError(outcome.error)
  if (error === undefined)
    return { holds: false, text: `${asked}; it failed otherwise: ${String(outcome.error)}` }
  const seen: Required<FailureFacts> = {
    phase: error.phase ?? 'admit',
    sent: error.sent,
    attempts: error.attempts.length,
  }
  const names = Object.keys(facts) as (keyof FailureFacts)[]
  const isAll = names.every((name) => facts[name] === undefined || facts[name] === seen[name])
  const text = `${asked}; it failed with ${[error.code, ...factsText(seen)].join(', ')}: ${error.message}`
  return { holds: error.code === code && isAll, text }
}

function factsText({ phase, sent, attempts }: FailureFacts): string[] {
  return [
    ...(phase === undefined ? [] : [`phase ${phase}`]),
    ...(sent === undefined ? [] : [`sent ${sent}`]),
    ...(attempts === undefined ? [] : [counted(attempts, 'attempt')]),
  ]
}

function counted(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`
}
