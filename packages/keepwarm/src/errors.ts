/**
 * One family of errors. `code` says what happened, `phase` where, `sent` whether the server may have seen the
 * request, `attempts` what was tried before, and `cause` what the platform said.
 */

import type { CallTimings, ConnectionFacts } from './call-facts.ts'

/** What happened. The table with each code's meaning is in docs/errors.md. */
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
}

/**
 * Every error that keepwarm makes.
 *
 * @example
 * try { await client.get('/orders').json() } catch (error) {
 *   if (error instanceof KeepwarmError && error.code === 'breaker_open') return cachedOrders
 *   throw error
 * }
 */
export class KeepwarmError extends Error {
  readonly code: ErrorCode
  readonly phase: Phase | undefined
  readonly sent: Sent
  readonly attempts: readonly AttemptRecord[]
  readonly retryAfter: number | undefined
  readonly notRetried: string | undefined
  /** Where the time of the call went; undefined where none was begun, and for errors of the pool alone. */
  readonly timings: CallTimings | undefined
  /** What its last attempt went out on; undefined where there was none. */
  readonly connection: ConnectionFacts | undefined

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.phase = facts.phase
    this.sent = facts.sent ?? 'no'
    this.attempts = facts.attempts ?? []
    this.retryAfter = facts.retryAfter
    this.notRetried = facts.notRetried
    this.timings = facts.timings
    this.connection = facts.connection
  }

  /** `AbortError` for a cancelled call, the name by which the platform's own are recognised. */
  override get name(): string {
    return this.code === 'aborted' ? 'AbortError' : 'KeepwarmError'
  }
}

/** The server answered with a status that the caller did not ask to see; `body` is its parsed text. */
export class HttpStatusError extends KeepwarmError {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body: parsed when it was JSON, otherwise its text. Limited like every collected body. */
  readonly body: unknown

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
    this.headers = response.headers
    this.body = response.body
  }

  override get name(): string {
    return 'HttpStatusError'
  }
}

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** The environment variable or option that is wrong. */
  readonly variable: string
  /** What came, with secrets masked. */
  readonly received: string
  /** What is allowed, in words. */
  readonly expected: string
  /** A line that would work. */
  readonly fix?: string
}

/** A configuration that cannot be used, with every problem found, not just the first. */
export class ConfigError extends KeepwarmError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super('config', renderProblems(problems))
    this.problems = problems
  }

  override get name(): string {
    return 'ConfigError'
  }
}

function renderProblems(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const lines = problems.map((problem) => {
    const fix = problem.fix === undefined ? '' : `\n      fix: ${problem.fix}`
    return `  ✗ ${problem.variable} = ${problem.received}\n      expected ${problem.expected}${fix}`
  })
  return `${count} in HTTP client configuration\n${lines.join('\n')}`
}
