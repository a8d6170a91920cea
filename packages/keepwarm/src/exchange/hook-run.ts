/** Runs the hooks of one call. There is none for a call without hooks. */
import { remaining } from '../deadline/remaining.ts'
import type { DispatchOptions } from '../pool/lease.ts'
import { asError } from './caller.ts'
import type { Course } from './course.ts'
import { connectionOf, otherAttempts, timingsOf } from './facts.ts'
import type { HookFacts, HookLists, RequestToSend, ResponseHead } from './hooks.ts'
import type { Headers, Outcome } from './host.ts'
import { RequestHeaders } from './request-headers.ts'

export class HookRun {
  /** Hedges that have a number, and did not go out so far. */
  unsent = 0
  private readonly lists: HookLists
  private readonly course: Course
  private readonly client: string
  private controller: AbortController | undefined
  /** Some headers can be read only once, and each attempt needs them. */
  private given: readonly (readonly [string, string | string[]])[] | undefined

  constructor(lists: HookLists, course: Course, client: string) {
    this.lists = lists
    this.course = course
    this.client = client
  }

  /** Whether anything runs before an attempt. */
  get prepares(): boolean {
    return this.lists.beforeRequest.length > 0
  }

  /** The headers of an attempt, before anybody changed them. */
  headers(extra: Readonly<Record<string, string>> | undefined): RequestHeaders {
    const { headers } = this.course.options
    this.given ??= Object.entries(new RequestHeaders(headers).toWire())
    const own = new RequestHeaders(this.given as unknown as DispatchOptions['headers'])
    for (const name in extra) if (!own.has(name)) own.set(name, extra[name]!)
    return own
  }

  /** Undefined when all is done at once. Throws, or rejects with, what a hook throws. */
  before(headers: RequestHeaders, origin: string, attempt: number): Promise<void> | undefined {
    const { beforeRequest } = this.lists
    for (let i = 0; i < beforeRequest.length; i++) {
      const made: unknown = beforeRequest[i]!(this.toSend(headers, origin, attempt))
      if (isPromise(made)) return this.rest(made, i + 1, headers, origin, attempt)
    }
    return undefined
  }

  private async rest(
    first: PromiseLike<unknown>,
    from: number,
    ...request: [headers: RequestHeaders, origin: string, attempt: number]
  ): Promise<void> {
    await first
    for (const hook of this.lists.beforeRequest.slice(from)) {
      if (this.course.clock.endedAt !== undefined) return // nobody waits for the others
      await hook(this.toSend(...request))
    }
  }

  /** Whether one of them asks for another try. */
  after(status: number, headers: Headers): boolean {
    let again = false
    for (const hook of this.lists.afterResponse) {
      const said: unknown = hook(this.head(status, headers))
      if (isPromise(said)) {
        said.then(undefined, () => {}) // it is told for another reason
        throw new TypeError(
          'it returned a promise, and must not be async: what takes time belongs in beforeRequest',
        )
      }
      again ||= said === 'again'
    }
    return again
  }

  /** The call is over. Nothing that happens here is its affair. */
  ended(outcome: Outcome): void {
    if ('error' in outcome) this.controller?.abort(outcome.error)
    const { afterCall } = this.lists
    if (afterCall.length === 0) return
    const { course } = this
    const call = {
      status: 'status' in outcome ? outcome.status : undefined,
      error: 'error' in outcome ? outcome.error : undefined,
      timings: timingsOf(course),
      attempts: otherAttempts(course),
    }
    for (const hook of afterCall) {
      try {
        const made: unknown = hook(
          Object.assign(this.facts(course.origin, course.ledger.stake.attempt), call),
        )
        if (isPromise(made)) made.then(undefined, warn)
      } catch (thrown) {
        warn(thrown)
      }
    }
  }

  private toSend(headers: RequestHeaders, origin: string, attempt: number): RequestToSend {
    const { path, body } = this.course.options
    const facts = this.facts(origin, attempt)
    const isPlain = typeof body === 'string' || body instanceof Uint8Array
    // A hook that prints what it was told prints no query and no body.
    Object.defineProperty(facts, 'url', { value: `${origin}${path}` })
    Object.defineProperty(facts, 'body', { value: isPlain ? body : undefined })
    return Object.assign(facts, { headers, connection: undefined }) as RequestToSend // that of the attempt before
  }

  private head(status: number, headers: Headers): ResponseHead {
    const { course } = this
    const facts = this.facts(course.origin, course.ledger.stake.attempt)
    return Object.assign(facts, { status, headers, timings: timingsOf(course) })
  }

  private facts(origin: string, attempt: number): HookFacts {
    const { course } = this
    const { clock, plan, options } = course
    const now = clock.endedAt ?? clock.now
    const made = {
      client: this.client,
      method: String(options.method),
      origin,
      path: String(options.path).split(/[?#]/, 1)[0]!,
      attempt,
      maxAttempts: plan.retry.attempts,
      elapsed: now - clock.startedAt,
      timeLeft: remaining(clock.deadline, now),
      connection: connectionOf(course),
    }
    // Made only where somebody asks for it.
    return Object.defineProperty(made, 'signal', { get: () => this.signal }) as HookFacts
  }

  private get signal(): AbortSignal {
    this.controller ??= new AbortController()
    if (this.course.aborted) this.controller.abort(this.course.reason)
    return this.controller.signal
  }
}

function isPromise(made: unknown): made is PromiseLike<unknown> {
  return typeof made === 'object' && made !== null && typeof (made as { then?: unknown }).then === 'function'
}

function warn(thrown: unknown): void {
  process.emitWarning(`the afterCall hook failed: ${asError(thrown).message}`)
}
