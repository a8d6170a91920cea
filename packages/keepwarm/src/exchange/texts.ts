/** The sentences that errors say: what was asked, what happened, where, after how long, what to do, why not again. */
import { KeepwarmError, type Phase, type Sent } from '../errors.ts'
import { breakerRefusalText } from '../breaker/refusal.ts'
import { diagnosisSentence } from '../observe/diagnosis/of-error.ts'
import { notRetriedText } from '../retry/decide.ts'
import { sizeText } from '../size-text.ts'
import type { Verdict } from '../verdict.ts'
import { asError } from './caller.ts'
import type { Course } from './course.ts'
import type { AttemptFacts, NamedError } from './foreign-errors.ts'
import { factsOf } from './facts.ts'

import { hintFor, questionFor } from './hints.ts'
import { duration, lostText, phasesText } from './phases.ts'
import type { CallTimeouts } from './plan.ts'

/** "GET http://host:1/path": on one line, and without the query, which may hold secrets. */
export function subject({ options, origin }: Pick<Course, 'options' | 'origin'>): string {
  const [path = ''] = String(options.path).split(/[?#]/, 1)
  return `${printable(String(options.method))} ${origin}${printable(path)}`
}

/** Nobody shall write lines of their own into a log, or colour a terminal. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '·')
}

/** The last attempt failed. */
export function callFailed(exchange: Course, named: NamedError): KeepwarmError {
  const tried = exchange.attempt > 1 ? ` on attempt ${exchange.attempt}` : ''
  const after = ` after ${duration(exchange.clock.now - exchange.clock.startedAt)}`
  const sentences = [`${subject(exchange)} failed${tried}${after}: ${whatHappened(named)}`]
  const facts = factsOf(exchange)
  if (named.code === 'reset' && facts.connection !== undefined) sentences.push(lostText(facts.connection))
  if (named.code === 'attempt_timeout') sentences.push(phasesText(facts.timings, named.phase))
  const diagnosis = exchange.explain(named.code, named.phase)
  const advice = hintFor(named)
  const hint = advice ?? (diagnosis === undefined ? questionFor(named) : undefined)
  if (hint !== undefined) sentences.push(hint)
  const notRetried = exchange.retrying?.notRetried
  if (notRetried !== undefined && notRetried !== 'not_retryable') {
    const thrown = exchange.retrying?.hookError
    const what = thrown === undefined ? '' : `: ${asError(thrown).message}`
    sentences.push(`not tried again: ${notRetriedText[notRetried]}${what}`)
  }
  if (diagnosis !== undefined) sentences.push(diagnosisSentence(diagnosis, advice))
  return new KeepwarmError(named.code, sentences.join('; '), {
    phase: named.phase,
    sent: everSent(exchange, named.sent),
    attempts: exchange.ledger.attempts,
    cause: named.error,
    diagnosis,
    ...facts,
    ...whyNotAgain(exchange),
  })
}

function whatHappened(named: NamedError): string {
  const said = withCode(named)
  if (named.code === 'connect') return `could not connect: ${said}`
  if (named.code === 'reset') return `the connection was lost ${whileText[named.phase]}: ${said}`
  if (named.code === 'protocol') return `the answer was not valid HTTP: ${said}`
  if (named.code === 'invalid_request') return `the request cannot be sent: ${said}`
  return said
}

function withCode({ cause, message }: NamedError): string {
  return cause === undefined || message.includes(cause) ? message : `${message} (${cause})`
}

const whileText: Readonly<Record<Phase, string>> = {
  admit: 'before it was sent',
  wait: 'while waiting for a connection',
  connect: 'while connecting',
  send: 'while sending',
  headers: 'before the response',
  body: 'in the middle of the response',
}

/** Why a call was ended from this side, whatever it was doing. */
export type EndedBy = 'aborted' | 'deadline' | 'closed' | 'invalid_request' | 'hook'

export function callEnded(exchange: Course, by: EndedBy, facts: AttemptFacts, cause: unknown): KeepwarmError {
  const where = facts.between ? 'between two attempts' : whileIn(exchange, facts)
  const known = factsOf(exchange)
  const isLate = by === 'deadline' && !facts.between && facts.phase !== 'admit'
  const phases = isLate ? `; ${phasesText(known.timings, facts.phase)}` : ''
  const diagnosis = exchange.explain(by, facts.between ? 'admit' : facts.phase)
  const ending = `${endedText(exchange, by, where, cause)}${phases}${because(diagnosis)}`
  return new KeepwarmError(by, `${subject(exchange)} ${ending}`, {
    phase: facts.phase,
    sent: everSent(exchange, facts.sent),
    attempts: exchange.ledger.attempts,
    cause,
    diagnosis,
    ...known,
  })
}

function because(diagnosis: Verdict | undefined): string {
  return diagnosis === undefined ? '' : `; ${diagnosisSentence(diagnosis, undefined)}`
}

function whileIn({ clock }: Course, { phase }: AttemptFacts): string {
  return clock.stage === 'prepare' ? 'in the beforeRequest hook' : whileText[phase]
}

export function hookThrew(hook: string, thrown: unknown): string {
  return `the ${hook} hook threw: ${asError(thrown).message}`
}

function endedText(exchange: Course, by: EndedBy, where: string, cause: unknown): string {
  const why = reasonIn(cause)
  if (by === 'deadline') return `${tookTooLong(exchange, where)}${why}${beforeThat(exchange)}`
  if (by === 'aborted') return `was cancelled ${where}${why}`
  if (by === 'closed') return `was ended ${where}${why}`
  if (by === 'hook')
    return `failed: ${hookThrew(exchange.clock.stage === 'prepare' ? 'beforeRequest' : 'afterResponse', cause)}`
  return `failed: its body could not be read${why}`
}

function tookTooLong({ plan, clock, attempt }: Course, where: string): string {
  const { startedAt, deadline } = clock
  const given = Math.max(0, deadline - startedAt)
  const source = deadline < startedAt + plan.timeouts.total ? 'the deadline around it' : 'timeout'
  const tried = attempt > 1 ? ` on attempt ${attempt}` : ''
  return `did not finish within ${duration(given)} (${source}), it ended${tried} ${where}`
}

/** Time that is up is told last; what it was spent on is what has to be mended. */
function beforeThat({ ledger: { attempts } }: Course): string {
  const failed = attempts.findLast(({ ending }) => ending !== 'deadline')
  if (failed === undefined) return ''
  const { number, ending, reason } = failed
  const how = typeof ending === 'number' ? `was answered ${ending}` : `ended with ${ending}`
  return `; attempt ${number} ${how}${reason === undefined ? '' : `: ${reason}`}`
}

function reasonIn(cause: unknown): string {
  if (!(cause instanceof Error) || cause.message === '') return ''
  return `: ${cause.message}`
}

export function breakerOpen(exchange: Course, now: number): KeepwarmError {
  const { breaker } = exchange.ledger.guard
  const retryAfter = breaker.retryAfter(now)
  const refusal = breaker.check(now) ?? 'probes_busy' // at the next moment it may think otherwise
  const when =
    retryAfter === undefined
      ? breakerRefusalText[refusal]
      : `the next probe is due in ${duration(retryAfter)}`
  const again = exchange.ledger.attempts.some(({ ending }) => ending !== 'breaker_open') ? ' again' : ''
  const why = breaker.lastFailure === undefined ? '' : ` after ${breaker.lastFailure}`
  const diagnosis = exchange.explain('breaker_open', 'admit')
  return new KeepwarmError(
    'breaker_open',
    `${subject(exchange)} was not tried${again}: the breaker is open${why}; ${when}${because(diagnosis)}`,
    {
      phase: 'admit',
      diagnosis,
      sent: everSent(exchange, 'no'),
      attempts: exchange.ledger.attempts,
      ...factsOf(exchange),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
  )
}

/** Why no attempt was begun; undefined where there was no time at all. */
export function tooShort(left: number, least: number): Error | undefined {
  if (left <= 0) return undefined
  return new Error(
    `${duration(left)} are left, and no attempt has less than ${duration(least)} (attemptFloor)`,
  )
}

export function tooLarge(limit: number, facts: AttemptFacts): NamedError {
  const message = `the response is larger than maxResponseBytes, ${sizeText(limit)}`
  return { code: 'body_too_large', phase: 'body', sent: facts.sent, cause: undefined, message }
}

/** Which limit of an attempt was reached, with its name and value. */
export function timedOut(
  facts: AttemptFacts,
  wholeAttempt: boolean,
  limit: number,
  timeouts: CallTimeouts,
): NamedError {
  const { phase, sent } = facts
  const what =
    limit < timeouts.attempt
      ? `the probe of the half-open breaker did not finish within ${duration(limit)} (breaker.probeTimeout)`
      : `the attempt did not finish within ${duration(limit)} (attemptTimeout)`
  const message = wholeAttempt ? `${what}, it ended ${whileText[phase]}` : phaseTimedOut(phase, timeouts)
  return { code: 'attempt_timeout', phase, sent, cause: undefined, message }
}

function phaseTimedOut(phase: Phase, { write, headers, bodyIdle }: CallTimeouts): string {
  if (phase === 'send') return `no progress in sending within ${duration(write)} (writeTimeout)`
  if (phase === 'headers') return `no response headers within ${duration(headers)} (headersTimeout)`
  return `no more of the body within ${duration(bodyIdle)} (bodyIdleTimeout)`
}

/** `no` only where no attempt at all can have reached the server. */
function everSent({ ledger: { attempts } }: Course, sent: Sent): Sent {
  return attempts.some((attempt) => attempt.sent === 'maybe') ? 'maybe' : sent
}

/** For the error of whoever reports the end of a call: how it was tried, and why not again. */
export function whyNotAgain({ retrying }: Course): { notRetried?: string; retryAfter?: number } {
  const { notRetried, retryAfter } = retrying ?? {}
  return {
    ...(notRetried === undefined ? {} : { notRetried: notRetriedText[notRetried] }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}
