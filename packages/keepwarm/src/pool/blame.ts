/** Whose fault an error of undici's Client is, and whether the request can still be sent unchanged. */
import { errors } from 'undici'
import { KeepwarmError } from '../errors.ts'

/** A Client without its socket asked for another one: all it still held had not been processed by the server. */
export class ConnectionGone extends Error {
  /** Not one of the codes for which a Client would dial again for ever. */
  readonly code = 'ERR_KEEPWARM_CONNECTION_GONE'
}

/** Nothing arrives on the session any more, not even the answer to a ping: it was given up, with all that ran on it. */
export class SessionSilent extends Error {
  /** What undici says of a lost socket, so that whoever retries knows it. */
  readonly code = 'UND_ERR_SOCKET'
}

/** The Client was closed before the request reached it. */
const GONE: ReadonlySet<unknown> = new Set(['UND_ERR_CLOSED', 'UND_ERR_DESTROYED'])

/** Refused because of what the caller asked for: the connection is as good as before. */
const CALLERS: ReadonlySet<unknown> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
])

/**
 * undici gave a request back and the server did not process it; the body is as it was, because undici touches
 * it only after `onRequestStart`, and sends again by itself only what it can replay.
 *
 * @param controller What undici passed to `onResponseError`: `null` when the Client refused the request at once,
 * `undefined` when it never came to be written.
 * @param sent Whether `onRequestStart` was called.
 */
export function gaveBackUnsent(controller: object | null | undefined, sent: boolean, error: Coded): boolean {
  if (error instanceof ConnectionGone) return true
  if (sent || controller != null) return false
  return controller === null ? GONE.has(error.code) : !CALLERS.has(error.code)
}

type Coded = Error & { code?: unknown }

/** How a connection is lost that the server closed, or that a box on the way forgot. */
const LOST: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/** The connection ended under the request, rather than the request failing on it or waiting for nothing. */
export function connectionLost(error: Coded): boolean {
  return LOST.has(error.code) && !(error instanceof SessionSilent)
}

/** What else ends a request that the server has, by its doing or that of the way to it. What an upload says is not. */
const BREAKS = /^(?:UND_ERR_HEADERS_|ETIMEDOUT$|EHOST|ENET|HPE_|ERR_HTTP2_|ERR_SSL_)/

/** The server has the request, and its answer will not come. Not where a plan of undici's, or the caller, ended it. */
export function breaksOff(error: Coded): boolean {
  if (LOST.has(error.code) || error instanceof errors.HTTPParserError) return true
  return typeof error.code === 'string' && BREAKS.test(error.code)
}

/** Whose time was up: that of the attempt, or all of it; undefined where the caller left for another reason. */
export function timeoutCode(reason: Error | null): 'attempt_timeout' | 'deadline' | undefined {
  if (reason instanceof KeepwarmError) {
    return reason.code === 'attempt_timeout' || reason.code === 'deadline' ? reason.code : undefined
  }
  return reason?.name === 'TimeoutError' ? 'deadline' : undefined // that of AbortSignal.timeout()
}

/** What node:http2 says when a session takes no more streams, or ends before this one had a number. */
const NO_STREAM: ReadonlySet<unknown> = new Set([
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_STREAM_CANCEL',
])

/** undici's words for a HEADERS frame (type 1) that did not go out, because its session is ending. */
const HEADERS_NOT_SENT = /^HTTP\/2: "frameError" received - type 1,/

/** The stream of an HTTP/2 request was made, and nothing of it was sent. Its body may have been read already. */
export function neverSent(error: Coded): boolean {
  if (error.code === 'UND_ERR_INFO') return HEADERS_NOT_SENT.test(error.message)
  return NO_STREAM.has(error.code)
}
