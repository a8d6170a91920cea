/** The one place where errors of undici, Node and OpenSSL are given our names. */
import { errors } from 'undici'
import { KeepwarmError, type ErrorCode, type Phase, type Sent } from '../errors.ts'

/** What the exchange knows about the attempt that an error ended. */
export interface AttemptFacts {
  readonly sent: Sent
  readonly phase: Phase
  /** It was given a connection that had served before. */
  readonly reused: boolean
  /** No attempt is under way: the call waits for its next one. */
  readonly between: boolean
  /** The reader had paused it, so that time passed which was not the server's. */
  readonly paused: boolean
}

export interface NamedError {
  readonly code: ErrorCode
  readonly phase: Phase
  readonly sent: Sent
  /** The platform's own code, such as ECONNREFUSED. */
  readonly cause: string | undefined
  readonly message: string
  /** The error itself, when there was one. */
  readonly error?: Error
}

/** An error of the platform, or one of ours from the pool, in one shape. */
export function nameError(error: Error, facts: AttemptFacts): NamedError {
  return error instanceof KeepwarmError ? nameOwnError(error, facts) : nameForeignError(error, facts)
}

/** undici's parser means to give a code of its own (HPE_…), but does not. */
const parserFault = 'HTTPParserError'

const byForeignCode: Readonly<Record<string, ErrorCode>> = {
  UND_ERR_INVALID_ARG: 'invalid_request',
  UND_ERR_NOT_SUPPORTED: 'invalid_request',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'invalid_request',
  UND_ERR_ABORTED: 'aborted',
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
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  // The session ended, with all that ran on it: whatever the reason was, it was hardly this request.
  ERR_HTTP2_SESSION_ERROR: 'reset',
  ERR_HTTP2_INVALID_SESSION: 'reset',
  ERR_HTTP2_GOAWAY_SESSION: 'reset',
  ERR_HTTP2_STREAM_CANCEL: 'reset',
  EPROTO: 'protocol',
  [parserFault]: 'protocol',
}

/** What a socket says when the connection is lost. (Other codes with an E may come from a file that is uploaded.) */
const lostConnection: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTCONN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'EADDRNOTAVAIL',
])

function nameForeignError(error: Error, facts: AttemptFacts): NamedError {
  const cause = causeCode(error)
  const { sent } = facts
  // An attempt that lost its connection, and waits for another, may have been sent before; what fails now is the dial.
  const isDial = sent === 'no' || facts.phase === 'wait'
  const code = isDial ? codeUnsent(cause, facts.reused) : codeSent(cause, facts.phase)
  return { code, phase: placeOf(code, facts), sent, cause, message: firstMessage(error), error }
}

function placeOf(code: ErrorCode, { sent, phase }: AttemptFacts): Phase {
  if (sent === 'maybe' && phase !== 'wait') return phase
  return code === 'connect' ? 'connect' : code === 'invalid_request' ? 'admit' : phase
}

/** Before a byte was written a dial can fail, whatever the socket called it, or a kept connection turn out to be gone. */
function codeUnsent(cause: string | undefined, reused: boolean): ErrorCode {
  const known = cause === undefined ? undefined : byForeignCode[cause]
  if (known === 'invalid_request' || known === 'closed') return known
  return reused ? 'reset' : 'connect'
}

function codeSent(cause: string | undefined, phase: Phase): ErrorCode {
  const known = cause === undefined ? undefined : byForeignCode[cause]
  if (known !== undefined) return known
  if (cause !== undefined) {
    if (lostConnection.has(cause)) return 'reset'
    if (/^(HPE_|ERR_HTTP2|ERR_SSL)/.test(cause)) return 'protocol'
  }
  // Nothing that a connection says. While it is sent, its body can fail, which only the caller can mend.
  return phase === 'send' ? 'invalid_request' : 'aborted'
}

/** `net.connect` to several addresses reports all failures in one AggregateError. */
function causeCode(error: Error & { code?: unknown; errors?: unknown }): string | undefined {
  if (typeof error.code === 'string') return error.code
  if (error instanceof errors.HTTPParserError) return parserFault
  const first: unknown = Array.isArray(error.errors) ? error.errors[0] : error.cause
  return first instanceof Error ? causeCode(first) : undefined
}

/** On one line. Of OpenSSL the reason alone ("wrong version number"): what it says besides are its own source lines. */
function firstMessage(error: Error & { errors?: unknown; reason?: unknown }): string {
  if (typeof error.reason === 'string' && error.message.includes(':error:')) return error.reason
  if (error.message !== '') return error.message.trim()
  const first: unknown = Array.isArray(error.errors) ? error.errors[0] : undefined
  return first instanceof Error ? first.message : error.name
}

function nameOwnError(error: KeepwarmError, facts: AttemptFacts): NamedError {
  return {
    code: error.code,
    phase: error.phase ?? facts.phase,
    sent: facts.sent,
    cause: error.cause instanceof Error ? causeCode(error.cause) : undefined,
    message: error.message,
    error,
  }
}
