/** What each error code means and what to do about it. docs/errors.md is made of this table and of error-examples.ts. */
import type { ErrorCode, Phase } from './errors.ts'

export interface ErrorCodeRow {
  /** Where a call can be when it ends with it: one of these, any of them, or before there is a call. */
  readonly phases: readonly Phase[] | 'any' | 'none'
  readonly what: string
  /** What to do about it, for somebody who is woken up by it. */
  readonly help: string
  /** In place of what its row in outcome.ts says, where that depends on more than the code. */
  readonly breaker?: string
  readonly again?: string
}

export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeRow>> = {
  queue_full: {
    phases: ['wait'],
    what: '`maxQueue` requests already waited for a connection to this origin, or to this endpoint group.',
    help:
      'More is asked of the service than it answers. Find out whether it is slow, or whether bodies are not read ' +
      'to their end; otherwise send less, or allow it more connections.',
  },
  acquire_timeout: {
    phases: ['wait'],
    what: 'There was no connection within `acquireTimeout`.',
    help:
      'The calls before it hold all connections. Find out whether the service is slow, or whether bodies are not ' +
      'read to their end; if both are well, raise the limit that the message names.',
  },
  breaker_open: {
    phases: ['admit'],
    what: 'The breaker lets nothing through, because too many calls failed. Nothing was sent.',
    help:
      'Look at the service, and at the failures before this one: calls go through again by themselves soon after ' +
      'it is well. `retryAfter` says when the next probe is due.',
  },
  connect: {
    phases: ['connect'],
    what: 'No connection was made: refused, an unknown host, TLS, a proxy, or none within `connectTimeout`.',
    help:
      'Nothing reached the service. Check that it runs, its name and port, and the way to it (DNS, firewall, ' +
      'proxy, certificate); `cause` has what the platform said.',
    again: 'any method; not when a certificate was refused',
  },
  reset: {
    phases: ['send', 'headers', 'body'],
    what: 'The connection was lost while the call was on it.',
    help:
      'The service, or something on the way to it, closed the connection: look there for restarts, crashes and ' +
      'idle timeouts. It may have processed the request.',
  },
  protocol: {
    phases: ['headers', 'body'],
    what: 'What came is not valid HTTP.',
    help: 'Check that the address is that of an HTTP server, and whether http:// or https:// is right.',
  },
  attempt_timeout: {
    phases: ['wait', 'connect', 'send', 'headers', 'body'],
    what:
      'An attempt took too long: `headersTimeout`, `bodyIdleTimeout`, `writeTimeout` or `attemptTimeout`, ' +
      'which the message names.',
    help:
      'The service is slower than this limit allows. If it may be, raise the limit for such calls; otherwise look ' +
      'at the service.',
    breaker: 'failure; – while it waited for a connection',
  },
  deadline: {
    phases: 'any',
    what: 'The whole call, retries included, took longer than `timeout` or than the deadline around it.',
    help:
      '`attempts` and `timings` say where the time went: into failed attempts, the queue, or a slow answer. ' +
      'Raise `timeout` only where the answer may take so long.',
    breaker: 'failure once it was sent',
  },
  aborted: {
    phases: 'any',
    what: 'The caller cancelled it, or let go of its body. `name` is `AbortError`, `cause` the reason of the signal.',
    help: 'Nothing is wrong with the service: the one who asked did not want the answer any more.',
  },
  body_too_large: {
    phases: ['body'],
    what:
      'The body, as it comes or decoded, or one line or event of it, is larger than the limit that the message names ' +
      '(`maxResponseBytes`, `maxDecompressionRatio`, `maxEventSize`), or there are more pages than `maxPages`.',
    help: 'Ask for less, read it as a stream, or raise the limit that the message names for such calls.',
  },
  decode: {
    phases: ['body'],
    what:
      'The body is not what it should be: no JSON where JSON was asked for (the message shows how it begins), broken or ' +
      'unknown compression, an unknown charset, another content type, pages that lead in a circle.',
    again: 'no',
    help:
      'Somebody else may have answered, such as a proxy or a login page, or the address is wrong: read how the ' +
      'body begins.',
  },
  validation: {
    phases: ['body'],
    what: 'The body is JSON, and does not fit the schema; the message names the fields.',
    again: 'no',
    help: 'The service and this schema do not agree: one of them has changed.',
  },
  status: {
    phases: ['body'],
    what:
      '`HttpStatusError`: a shorthand such as `.json()` met a status outside 200–299. `status`, `headers` and the ' +
      'parsed `body` are on it.',
    help: 'The service answered: what its status and body say is what is wrong.',
    breaker: 'by status',
    again: '408 429 500 502 503 504, before it is thrown',
  },
  closed: {
    phases: 'any',
    what: 'The client or the pool was closed, or ended while the call was under way.',
    help: 'This process is shutting down, or still uses a client that it has closed.',
  },
  invalid_request: {
    phases: ['admit', 'send', 'body'],
    what: 'A URL, header or body cannot be sent, or a body that was read is read once more.',
    help: 'Another try cannot mend it: correct the call. The message says what is wrong with it.',
  },
  hook: {
    phases: 'any',
    what: 'A hook of yours threw; the message names it, and `cause` is what it threw.',
    help: 'Correct the hook; the service is not to blame.',
  },
  config: {
    phases: 'none',
    what: '`ConfigError`: options or variables that cannot be used, all of them in `problems`.',
    help: 'Correct every line that the message lists: each says what came, what is allowed, and what would work.',
  },
}
