/** What the messages look like. A test makes each of them with real sockets, so that they are what is really said. */
import type { ErrorCode } from './errors.ts'

export const errorExamples: Readonly<Record<ErrorCode, string>> = {
  queue_full:
    'GET http://orders:8080/orders failed after 0 ms: the line for http://orders:8080 is full: 20 of ' +
    '20 connections in use, 100 waiting, oldest 4.8 s, blocked by maxConnectionsPerOrigin; not ' +
    'tried again: it was stuck in our own queue, to which another try would only add; diagnosis: ' +
    'queue_full: 62 of 480 requests in the last 10 s met a full line → Find out why so many wait: a ' +
    'slow service, or a burst. Only for short bursts a longer line helps. (HTTP_CLIENT_MAX_QUEUE=200)',
  acquire_timeout:
    'GET http://orders:8080/orders failed after 5 s: no connection to http://orders:8080 within 5.0 s ' +
    '(acquireTimeout): 20 of 20 connections in use, 14 of them by responses that nobody reads on, 31 ' +
    'waiting, blocked by maxConnectionsPerOrigin; not tried again: it was stuck in our own queue, to ' +
    'which another try would only add; diagnosis: pool_exhausted: nobody reads on in 14 responses, ' +
    'which hold them → Read every response to its end, or discard it, also where only its status is ' +
    'of interest. To see where they were asked for, record it for a while. (HTTP_CLIENT_LEAK_STACKS=on)',
  breaker_open:
    'GET http://orders:8080/orders was not tried: the breaker is open after status 500; the next ' +
    'probe is due in 4.4 s; diagnosis: breaker_open: 64 % of 37 calls in its window failed → Look at ' +
    'the service: the breaker tries by itself, and closes when its probes succeed. To stop calling it ' +
    'altogether while it is repaired, hold the breaker open.',
  connect:
    'GET http://orders:8080/orders failed on attempt 3 after 312 ms: could not connect: connect ' +
    'ECONNREFUSED 10.0.0.7:8080; nothing listens there: is the service started, and the port right?; ' +
    'not tried again: all attempts are used; diagnosis: unreachable: cannot connect to ' +
    'http://orders:8080: 42 dials failed in the last 10 s (ECONNREFUSED 42), none succeeded',
  reset:
    'POST http://orders:8080/orders failed after 3 ms: the connection was lost before the response: ' +
    'other side closed (UND_ERR_SOCKET); request 34 on connection 7 to 10.0.0.7:8080, open for 61 s, ' +
    'idle for 120 ms: does the service crash or restart?; not tried again: the server may have ' +
    'processed it, and nothing says that it may be sent twice (an idempotent method, `idempotent: ' +
    'true` or an Idempotency-Key)',
  protocol:
    'GET http://orders:8080/orders failed after 8 ms: the answer was not valid HTTP: Response does ' +
    'not match the HTTP/1.1 protocol (Expected HTTP/, RTSP/ or ICE/) (HTTPParserError); is this an ' +
    'HTTP server, and http:// rather than https:// right?',
  attempt_timeout:
    'POST http://orders:8080/orders failed after 30 s: no response headers within 30 s ' +
    '(headersTimeout); waited 0 ms, connected in 2 ms, sent in 1 ms, no headers for 30 s; the service ' +
    'has the request and is slow: where it may take so long, raise headersTimeout; not tried again: ' +
    'the server may have processed it, and nothing says that it may be sent twice (an idempotent ' +
    'method, `idempotent: true` or an Idempotency-Key)',
  deadline:
    'GET http://orders:8080/orders did not finish within 30 s (timeout), it ended on attempt 2 before ' +
    'the response; attempt 1 ended with reset: other side closed; 12.1 s before this attempt, waited ' +
    '0 ms, connected in 2 ms, sent in 1 ms, no headers for 17.9 s',
  aborted: 'GET http://orders:8080/orders was cancelled before the response: the user closed the page',
  body_too_large:
    'GET http://orders:8080/orders failed after 40 ms: the response is larger than maxResponseBytes, ' +
    '10 KiB (10240 bytes); raise maxResponseBytes if it is meant to be so large',
  decode:
    'GET http://orders:8080/orders did not answer with JSON (content-type text/html): <!doctype html> ' +
    '<title>Sign in</title>; is this page from the service, or from a proxy or a login before it?',
  validation:
    'GET http://orders:8080/orders answered with something else than expected: id: Invalid input: ' +
    'expected number, received string',
  status: 'GET http://orders:8080/orders answered 503 on attempt 3: {"error":"no database"}',
  closed: 'GET http://orders:8080/orders was not sent: the client "orders" is closed',
  invalid_request: 'the request cannot be sent: the header "x-name" has a line break in its value',
  hook: 'GET http://orders:8080/orders failed: the beforeRequest hook threw: no token: the identity service is away',
  config:
    '2 problems in HTTP client configuration\n' +
    '  ✗ maxQueu = (not shown)\n' +
    '      expected a known option; did you mean maxQueue?\n' +
    '      fix: rename it to maxQueue\n' +
    '  ✗ timeout = -1\n' +
    '      expected milliseconds above 0',
}
