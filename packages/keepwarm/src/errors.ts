/**
 * One family of errors. `code` says what happened, `phase` where, `sent` whether the server may have seen the
 * request, `attempts` what was tried before, and `cause` what the platform said.
 */

import type { CallTimings, ConnectionFacts } from './call-facts.ts'
import { renderProblems, type ConfigProblem } from './config-problem.ts'
import { brandErrors, isInstance } from './error-brand.ts'
import { errorCodes } from './error-codes.ts'
import { errorToJson, inspectError, type KeepwarmErrorJson } from './error-json.ts'
import { problemOf, type Problem } from './problem.ts'
import type { Verdict } from './verdict.ts'

export type { ConfigProblem } from './config-problem.ts'
export type { ErrorJson, KeepwarmErrorJson } from './error-json.ts'

/** What happened. {@link errorCodes} has what each means and what to do, docs/errors.md the same to read. */
export type ErrorCode =
  | 'queue_full'
  | 'acquire_timeout'
  | 'breaker_open'
  | 'connect'
  | 'reset'
  | 'protocol'
  | 'attempt_timeout'
  | 'deadline'
  | 'aborted'
  | 'body_too_large'
  | 'decode'
  | 'validation'
  | 'status'
  | 'closed'
  | 'invalid_request'
  | 'hook'
  | 'config'

/** Where a call was when it ended. */
export type Phase = 'admit' | 'wait' | 'connect' | 'send' | 'headers' | 'body'

/** Whether the server may have seen the request: `no` means provably not. */
export type Sent = 'no' | 'maybe'

/** One try of a call, as kept on the error and in the facts of a response. */
export interface AttemptRecord {
  /** Numbered from 1, the first included. */
  readonly number: number
  /** How it ended: an error code, or the status that was judged worth another try. */
  readonly ending: ErrorCode | number
  readonly phase: Phase
  readonly sent: Sent
  /** Milliseconds from the start of the attempt to its end. */
  readonly duration: number
  /** What the platform said, in a few words. */
  readonly reason?: string
  /** Where it went, for a client that has several endpoints. */
  readonly origin?: string
}

export interface ErrorFacts {
  readonly phase?: Phase
  readonly sent?: Sent
  readonly attempts?: readonly AttemptRecord[]
  readonly cause?: unknown
  /** Milliseconds after which another try makes sense, where somebody said so. */
  readonly retryAfter?: number
  /** Why the call was not tried again. */
  readonly notRetried?: string
  /** Where its time went. */
  readonly timings?: CallTimings
  /** What its last attempt went out on. */
  readonly connection?: ConnectionFacts | undefined
  /** What is wrong with its origin or its pool, where that is why. */
  readonly diagnosis?: Verdict | undefined
}

/**
 * Every error that keepwarm makes. It is the same class for every copy of this library: `instanceof` knows the errors of
 * another one, too.
 *
 * @example
 * try { await client.get('/orders').json() } catch (error) {
 *   if (error instanceof KeepwarmError && error.code === 'breaker_open') return cachedOrders
 *   throw error
 * }
 */
export class KeepwarmError extends Error {
  readonly code: ErrorCode
  declare readonly phase: Phase | undefined
  readonly sent: Sent
  readonly attempts: readonly AttemptRecord[]
  declare readonly retryAfter: number | undefined
  declare readonly notRetried: string | undefined
  /** Where the time of the call went; undefined where none was begun, and for errors of the pool alone. */
  declare readonly timings: CallTimings | undefined
  /** What its last attempt went out on; undefined where there was none. */
  declare readonly connection: ConnectionFacts | undefined
  /**
   * What is wrong with the origin or the pool of the call, where that is why it failed: as `diagnose()` has it, of the
   * second in which it failed. Undefined where nothing is, or what is wrong concerns this call alone.
   */
  declare readonly diagnosis: Verdict | undefined

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    if (facts.phase !== undefined) this.phase = facts.phase
    this.sent = facts.sent ?? 'no'
    this.attempts = facts.attempts ?? []
    // What nobody knows is undefined on the prototype: so it is not printed.
    if (facts.retryAfter !== undefined) this.retryAfter = facts.retryAfter
    if (facts.notRetried !== undefined) this.notRetried = facts.notRetried
    if (facts.timings !== undefined) this.timings = facts.timings
    if (facts.connection !== undefined) this.connection = facts.connection
    if (facts.diagnosis !== undefined) this.diagnosis = facts.diagnosis
  }

  /** `AbortError` for a cancelled call, the name by which the platform's own are recognised. */
  override get name(): string {
    return this.code === 'aborted' ? 'AbortError' : 'KeepwarmError'
  }

  /** What to do about an error of this code, in a sentence or two. The message knows this very case. */
  get help(): string {
    return errorCodes[this.code].help
  }

  /**
   * What a log should have of it, as plain JSON: what happened, where, and why; causes by name, code and message. Without
   * the headers and the body of a response; its message may quote how a body began.
   */
  toJSON(): KeepwarmErrorJson {
    return errorToJson(this)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, 'KeepwarmError', value)
  }
}

/**
 * The server answered with a status that the caller did not ask to see; `body` is its parsed text. Neither that nor the
 * headers are listed by loggers, `console.log` or `JSON.stringify`: they may hold what no log should.
 */
export class HttpStatusError extends KeepwarmError {
  declare readonly code: 'status'
  readonly status: number
  declare readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body: parsed when it was JSON, otherwise its text. Of a long one the first MiB. */
  declare readonly body: unknown

  constructor(
    message: string,
    response: {
      status: number
      headers: Readonly<Record<string, string | string[] | undefined>>
      body: unknown
    },
    facts: ErrorFacts = {},
  ) {
    super('status', message, { phase: 'body', sent: 'maybe', ...facts })
    this.status = response.status
    hide(this, 'headers', response.headers)
    hide(this, 'body', response.body)
  }

  override get name(): string {
    return 'HttpStatusError'
  }

  /** The body as problem details (RFC 9457), where the server says that it is `application/problem+json`. */
  get problem(): Problem | undefined {
    const contentType = this.headers['content-type']
    return problemOf(Array.isArray(contentType) ? contentType[0] : contentType, this.body)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, 'HttpStatusError', value)
  }
}

/** A configuration that cannot be used, with every problem found, not just the first. */
export class ConfigError extends KeepwarmError {
  declare readonly code: 'config'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super('config', renderProblems(problems))
    this.problems = problems
  }

  override get name(): string {
    return 'ConfigError'
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, 'ConfigError', value)
  }
}

for (const fact of ['phase', 'retryAfter', 'notRetried', 'timings', 'connection', 'diagnosis'])
  Object.defineProperty(KeepwarmError.prototype, fact, { value: undefined, writable: true })

brandErrors(KeepwarmError.prototype, ['KeepwarmError'])
brandErrors(HttpStatusError.prototype, ['KeepwarmError', 'HttpStatusError'])
brandErrors(ConfigError.prototype, ['KeepwarmError', 'ConfigError'])

Object.defineProperty(KeepwarmError.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: KeepwarmError, ...how: Inspecting): string {
    return inspectError(this, ...how)
  },
})

type Inspecting = [depth: number, options: object, inspect: (value: unknown, options: object) => string]

/** To be asked for, and not to be listed. */
function hide(error: HttpStatusError, name: 'headers' | 'body', value: unknown): void {
  Object.defineProperty(error, name, { value, enumerable: false })
}
