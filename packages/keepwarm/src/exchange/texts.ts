/** The sentences that errors say: what was asked, what happened, where, after how long, and why not again. */
import type { Breaker } from '../breaker/machine.ts'
import { KeepwarmError, type Phase } from '../errors.ts'
import { notRetriedText } from '../retry/decide.ts'
import type { Exchange } from './exchange.ts'
import type { NamedError } from './foreign-errors.ts'
import type { CallTimeouts } from './plan.ts'

/** "GET http://host:1/path": without the query, which may hold secrets. */
function subject({ options, origin }: Exchange): string {
  const path = options.path.split(/[?#]/, 1)[0]!.replace(/[^\x21-\x7e]/g, '·')
  return `${options.method} ${origin}${path}`
}

export function callFailed(exchange: Exchange, named: NamedError, cause: Error): KeepwarmError {
  const code = named.cause === undefined ? '' : ` (${named.cause})`
  const tried = exchange.attempt > 1 ? ` on attempt ${exchange.attempt}` : ''
  const why = exchange.notRetried
  const end = why === undefined ? '' : `; not tried again: ${notRetriedText[why]}`
  return new KeepwarmError(
    named.code,
    `${subject(exchange)} failed: ${whatHappened(named)}${code}${tried}${end}`,
    { phase: named.phase, sent: named.sent, attempts: exchange.attempts, cause, ...because(exchange) },
  )
}

function whatHappened({ code, phase, message }: NamedError): string {
  if (code === 'connect') return `could not connect: ${message}`
  if (code === 'reset') return `the connection was lost ${whileText[phase]}: ${message}`
  if (code === 'protocol') return `the answer was not valid HTTP: ${message}`
  if (code === 'invalid_request') return `the request cannot be sent: ${message}`
  return message
}

const whileText: Readonly<Record<Phase, string>> = {
  admit: 'before it was sent',
  wait: 'while waiting for a connection',
  connect: 'while connecting',
  send: 'while sending',
  headers: 'before the response',
  body: 'in the middle of the response',
}

export function cancelled(exchange: Exchange, reason: unknown): KeepwarmError {
  return new KeepwarmError('aborted', `${subject(exchange)} was cancelled`, {
    attempts: exchange.attempts,
    cause: reason,
  })
}

export function breakerOpen(exchange: Exchange, breaker: Breaker, now: number): KeepwarmError {
  const retryAfter = breaker.retryAfter(now)
  const when =
    retryAfter === undefined ? 'probes are under way' : `the next probe is due in ${duration(retryAfter)}`
  return new KeepwarmError(
    'breaker_open',
    `${subject(exchange)} was not tried: the breaker is open, ${when}`,
    {
      phase: 'admit',
      attempts: exchange.attempts,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(exchange.attempts.length === 0 ? {} : { cause: exchange.attempts.at(-1)?.reason }),
    },
  )
}

export function tooLarge(exchange: Exchange, limit: number): KeepwarmError {
  return new KeepwarmError(
    'body_too_large',
    `${subject(exchange)} failed: the response is larger than maxResponseBytes (${limit})`,
    { phase: 'body', sent: 'maybe', attempts: exchange.attempts },
  )
}

/** Which limit was reached, with its name and value. The total wins a tie. */
export function tooLate(
  exchange: Exchange,
  phase: Phase,
  now: number,
  deadline: number,
  timeouts: CallTimeouts,
): KeepwarmError {
  if (now >= deadline) {
    return new KeepwarmError(
      'deadline',
      `${subject(exchange)} did not finish within ${duration(timeouts.total)} (timeout), it ended ${whileText[phase]}`,
      { phase, attempts: exchange.attempts, sent: phase === 'wait' ? 'no' : 'maybe' },
    )
  }
  const [option, limit, what] = phaseLimit(phase, timeouts)
  return new KeepwarmError(
    'attempt_timeout',
    `${subject(exchange)} failed: ${what} within ${duration(limit)} (${option})`,
    {
      phase,
      attempts: exchange.attempts,
      sent: phase === 'wait' ? 'no' : 'maybe',
    },
  )
}

function phaseLimit(phase: Phase, timeouts: CallTimeouts): [string, number, string] {
  const { write, headers, bodyIdle, attempt } = timeouts
  if (phase === 'send' && write <= attempt) return ['writeTimeout', write, 'no progress in sending']
  if (phase === 'headers' && headers <= attempt) return ['headersTimeout', headers, 'no response headers']
  if (phase === 'body' && bodyIdle <= attempt) return ['bodyIdleTimeout', bodyIdle, 'no more of the body']
  return ['attemptTimeout', attempt, `the attempt did not finish, it ended ${whileText[phase]},`]
}

function because({ notRetried }: Exchange): { notRetried?: string } {
  return notRetried === undefined ? {} : { notRetried: notRetriedText[notRetried] }
}

export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(1))} s`
}
