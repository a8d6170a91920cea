/** The one place where errors of undici, Node and OpenSSL are given our names. */
import { KeepwarmError, type ErrorCode, type Phase, type Sent } from '../errors.ts'

/** What the exchange knows about the attempt that an error ended. */
export interface AttemptFacts {
  readonly sent: Sent
  readonly phase: Phase
}

export interface NamedError {
  readonly code: ErrorCode
  readonly phase: Phase
  readonly sent: Sent
  /** The platform's own code, such as ECONNREFUSED. */
  readonly cause: string | undefined
  readonly message: string
}

const byForeignCode: Readonly<Record<string, ErrorCode>> = {
  UND_ERR_INVALID_ARG: 'invalid_request',
  UND_ERR_NOT_SUPPORTED: 'invalid_request',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'invalid_request',
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  UND_ERR_HEADERS_TIMEOUT: 'attempt_timeout',
  UND_ERR_BODY_TIMEOUT: 'attempt_timeout',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'body_too_large',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'protocol',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_INFO: 'reset',
  UND_ERR_CLOSED: 'closed',
  UND_ERR_DESTROYED: 'closed',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
}

export function nameForeignError(error: Error, facts: AttemptFacts): NamedError {
  const cause = causeCode(error)
  const { sent, phase } = facts
  const code = foreignCode(cause, sent)
  const place: Phase = code === 'connect' ? 'connect' : code === 'invalid_request' ? 'admit' : phase
  return { code, phase: place, sent: code === 'connect' ? 'no' : sent, cause, message: firstMessage(error) }
}

function foreignCode(cause: string | undefined, sent: Sent): ErrorCode {
  const known = cause === undefined ? undefined : byForeignCode[cause]
  if (sent === 'no') {
    // Before it was sent only a dial can fail, whatever the socket called it.
    return known === 'invalid_request' || known === 'closed' ? known : 'connect'
  }
  if (known !== undefined) return known
  if (cause === undefined) return 'aborted'
  if (cause.startsWith('HPE_') || cause.startsWith('ERR_HTTP2') || cause.startsWith('ERR_SSL'))
    return 'protocol'
  return cause.startsWith('E') ? 'reset' : 'aborted'
}

/** `net.connect` to several addresses reports all failures in one AggregateError. */
function causeCode(error: Error & { code?: unknown; errors?: unknown }): string | undefined {
  if (typeof error.code === 'string') return error.code
  const first: unknown = Array.isArray(error.errors) ? error.errors[0] : error.cause
  return first instanceof Error ? causeCode(first) : undefined
}

function firstMessage(error: Error & { errors?: unknown }): string {
  if (error.message !== '') return error.message
  const first: unknown = Array.isArray(error.errors) ? error.errors[0] : undefined
  return first instanceof Error ? first.message : error.name
}

/** An error that is already ours, in the same shape. */
export function nameOwnError(error: KeepwarmError, facts: AttemptFacts): NamedError {
  return {
    code: error.code,
    phase: error.phase ?? facts.phase,
    sent: facts.sent,
    cause: error.cause instanceof Error ? causeCode(error.cause) : undefined,
    message: error.message,
  }
}
