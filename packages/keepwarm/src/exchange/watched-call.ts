/**
 * A call to which somebody listens: tells what becomes of it, in the asynchronous context of its caller. There is none
 * for a call that began when nobody listened.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { channels, publish } from '../observe/channels.ts'
import type { AttemptStart, CallStart, EventName, Events, RetryEvent } from '../observe/events.ts'
import type { Trail } from '../observe/trail.ts'
import type { Course } from './course.ts'
import { connectionOf, timingsOf } from './facts.ts'
import type { AttemptReason, ExchangeHost, Outcome } from './host.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { Stake } from './stake.ts'
import { WatchedAttempt } from './watched-attempt.ts'

let calls = 0

/** Null when nobody listens to anything of a call. */
export function watch(course: Course, host: ExchangeHost, follows: number | undefined): WatchedCall | null {
  const isHeard =
    channels['call:start'].hasSubscribers ||
    channels['call:end'].hasSubscribers ||
    channels['attempt:start'].hasSubscribers ||
    channels['attempt:end'].hasSubscribers ||
    channels.retry.hasSubscribers ||
    channels['wait:start'].hasSubscribers ||
    channels['wait:end'].hasSubscribers ||
    channels.race.hasSubscribers ||
    channels.leak.hasSubscribers
  return isHeard ? new WatchedCall(course, host, follows) : null
}

export class WatchedCall implements Trail {
  readonly call: number = ++calls
  readonly client: string
  private readonly course: Course
  private readonly start: CallStart
  private readonly within: <Name extends EventName>(
    act: (name: Name, message: Events[Name]) => void,
    name: Name,
    message: Events[Name],
  ) => void = AsyncLocalStorage.snapshot()
  /** What listeners add to the attempt that is about to go out. */
  private added: Map<string, string> | undefined

  constructor(course: Course, host: ExchangeHost, redirectedFrom: number | undefined) {
    const { clock, options, origin, plan } = course
    this.course = course
    this.client = host.name
    this.start = withUrl(options.path, {
      call: this.call,
      client: this.client,
      ...subjectOf(course),
      origin,
      operation: plan.operation,
      isCheck: host.isCheck === true,
      redirectedFrom,
      at: clock.startedAt,
    })
    if (channels['call:start'].hasSubscribers) this.tell('call:start', this.start)
  }

  tell<Name extends EventName>(name: Name, message: Events[Name]): void {
    this.within(publish, name, message)
  }

  /** The headers that listeners added to the attempt that goes out now. */
  addTo(headers: () => RequestHeaders): RequestHeaders | undefined {
    const { added } = this
    if (added === undefined) return undefined
    this.added = undefined
    const all = headers()
    for (const [name, value] of added) all.set(name, value)
    return all
  }

  /** An attempt goes out, as soon as this is told. A listener may end the call meanwhile. */
  attemptGoesOut(stake: Stake, why: AttemptReason, at: number): void {
    const { course, call, client } = this
    if (!channels['attempt:start'].hasSubscribers && !channels['attempt:end'].hasSubscribers) return
    const { origin, group } = stake.guard
    const reason = why === 'retry' ? course.retrying?.reason : undefined
    const facts = {
      call,
      client,
      attempt: stake.attempt,
      why,
      reason,
      ...subjectOf(course),
      origin,
      group,
      at,
    }
    const start = withUrl(course.options.path, facts)
    stake.watched = new WatchedAttempt(this, start)
    if (!channels['attempt:start'].hasSubscribers) return
    this.added = undefined
    this.tell('attempt:start', this.withHeaders({ ...start }))
  }

  /** An attempt came to nothing, and another is due. */
  retry(reason: string = this.course.retrying!.reason): void {
    const { againAt, now } = this.course.clock
    this.tellRetry(true, { reason, wait: Math.max(0, againAt - now) })
  }

  /** It came to nothing, and there is no other. Where nobody would expect one there is nothing to tell. */
  noRetry(): void {
    const because = this.course.retrying?.notRetried
    if (because !== undefined && because !== 'not_retryable') this.tellRetry(false, { because })
  }

  private tellRetry(again: boolean, facts: Partial<RetryEvent>): void {
    if (!channels.retry.hasSubscribers) return
    const { course, call, client } = this
    const { attempt } = course.ledger.stake
    const made: RetryEvent = {
      ...{ call, client, attempt, again },
      ...{ reason: undefined, because: undefined, wait: undefined },
      ...facts,
      ...subjectOf(course),
      origin: course.origin,
      at: course.clock.now,
    }
    this.tell('retry', made)
  }

  ended(outcome: Outcome, now: number): void {
    if (!channels['call:end'].hasSubscribers) return
    const { course, start } = this
    const end = {
      ...start,
      duration: now - start.at,
      status: 'status' in outcome ? outcome.status : undefined,
      error: 'error' in outcome ? outcome.error : undefined,
      attempts: course.sentAttempts,
      timings: timingsOf(course),
      connection: connectionOf(course),
    }
    this.tell('call:end', withUrl(course.options.path, end))
  }

  private withHeaders(start: Omit<AttemptStart, 'setHeader' | 'url'>): AttemptStart {
    const setHeader = (name: string, value: string): void => {
      ;(this.added ??= new Map()).set(name, value)
    }
    return withUrl(
      this.course.options.path,
      Object.defineProperty(start as AttemptStart, 'setHeader', { value: setHeader }),
    )
  }
}

function subjectOf({ options: { method, path } }: Course): { method: string; path: string } {
  return { method: String(method), path: String(path).split(/[?#]/, 1)[0]! }
}

/** Whole, for those who ask for it by name: what prints or writes a message does not. */
function withUrl<Message extends { readonly origin: string }>(
  path: string,
  message: Message,
): Message & { url: string } {
  return Object.defineProperty(message, 'url', { value: `${message.origin}${path}` }) as Message & {
    url: string
  }
}
