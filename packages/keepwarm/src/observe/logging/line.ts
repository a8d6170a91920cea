/** What the lines say: fields for machines, a sentence for people; no query, no header, no body. */
import type { ErrorCode } from '../../errors.ts'
import type { Verdict } from '../../verdict.ts'
import type { BreakerEvent, CallEnd, RetryEvent } from '../events.ts'
import type { LeakEvent, RaceEvent } from '../pool-events.ts'

export type LogLevel = 'debug' | 'info' | 'warn'
/** Lines of one kind are limited together. */
export type LogKind = 'call' | 'retry' | 'breaker' | 'leak' | 'race' | 'refused'

export interface LogLine {
  readonly level: LogLevel
  readonly kind: LogKind
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

export function callLine(event: CallEnd): LogLine {
  const { client, method, origin, path, operation, status, error, attempts, duration, timings, connection } =
    event
  const fields = known({
    ...{ kind: 'call', client, method, origin, path, operation, status, code: error?.code, attempts },
    ...{ duration: round(duration), queued: round(timings.queued), redirectedFrom: event.redirectedFrom },
    ...{ connection: connection?.id, reused: connection?.reused, diagnosis: reasonIn(error?.diagnosis) },
  })
  const what = `${method} ${origin}${path}`
  const message = error === undefined ? `${what} ${status} in ${Math.round(duration)} ms` : error.message
  return { level: 'debug', kind: 'call', fields, message }
}

/** As `pool_exhausted leak`: the sentence is in the message. */
function reasonIn(diagnosis: Verdict | undefined): string | undefined {
  return diagnosis && `${diagnosis.kind} ${diagnosis.cause ?? ''}`.trimEnd()
}

const refusals: ReadonlySet<ErrorCode> = new Set(['queue_full', 'acquire_timeout', 'breaker_open'])

/** A call that we refused ourselves; undefined for all others. */
export function refusedLine(event: CallEnd): LogLine | undefined {
  const { error } = event
  if (error === undefined || !refusals.has(error.code)) return undefined
  const { fields, message } = callLine(event)
  return { level: 'warn', kind: 'refused', fields: { ...fields, kind: 'refused' }, message }
}

/** Reasons for no other attempt that more time, attempts or successes would have changed. */
const because: Readonly<Record<string, string>> = {
  attempts_used: 'all attempts are used',
  budget_empty: 'too few calls succeed to pay for retries',
  no_time_left: 'there is no time left',
  too_short: 'there is no time left',
  retry_after_too_long: 'the server asked for a longer wait than there is time for',
}

/** Why retries came to an end without success; undefined where another try was never an option. */
export function exhaustion({ again, because: why }: RetryEvent): string | undefined {
  return again || why === undefined || because[why] === undefined ? undefined : why
}

/** A call whose retries came to an end without success. */
export function exhaustedLine(event: CallEnd, why: string): LogLine {
  const { fields, message } = callLine(event)
  return {
    level: 'warn',
    kind: 'retry',
    fields: { ...fields, kind: 'retry', because: why },
    // An error says it by itself.
    message: event.error === undefined ? `${message}; not tried again: ${because[why]}` : message,
  }
}

export function breakerLine(event: BreakerEvent): LogLine {
  const { client, origin, group, from, to, forced, failure } = event
  const retryAfter = round(event.retryAfter)
  const fields = known({ kind: 'breaker', client, origin, group, from, to, forced, failure, retryAfter })
  const why = forced ? ', by hand' : to === 'open' && failure !== undefined ? `: ${failure}` : ''
  const where = group === undefined ? origin : `${origin} (${group})`
  const message = `the breaker of ${client} for ${where} is ${to} (was ${from})${why}`
  return { level: to === 'open' ? 'warn' : 'info', kind: 'breaker', fields, message }
}

export function leakLine(client: string, event: LeakEvent): LogLine {
  const { method, origin, path, stalledFor, connection, stack } = event
  const fields = known({
    kind: 'leak',
    client,
    method,
    origin,
    path,
    connection,
    stalledFor: round(stalledFor),
    stack,
  })
  const seconds = Math.round(stalledFor / 100) / 10
  const message = `nobody has read on in the response to ${method} ${origin}${path} for ${seconds} s; it holds a connection`
  return { level: 'warn', kind: 'leak', fields, message }
}

export function raceLine(client: string, event: RaceEvent): LogLine {
  const { method, origin, path, rested, requests, connection, kind: race } = event
  const fields = known({
    kind: 'race',
    race,
    client,
    method,
    origin,
    path,
    connection,
    rested: round(rested),
    requests,
  })
  const message =
    `the server closed a connection to ${origin} that had rested for ${Math.round(rested)} ms as ${method} ${path} ` +
    'went out; it went out again on another'
  return { level: 'warn', kind: 'race', fields, message }
}

function known(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function round(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10
}
