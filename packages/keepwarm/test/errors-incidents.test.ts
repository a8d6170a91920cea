/** What an operator reads: the whole sentence of each incident, made with real sockets, and nothing that is secret. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { errorCodes } from '../src/error-codes.ts'
import { errorExamples } from '../src/error-examples.ts'
import type { ErrorCode } from '../src/errors.ts'
import { incidents, secret } from './support/incidents.ts'

const usedUp = '; not tried again: all attempts are used'
const notTwice =
  '; not tried again: the server may have processed it, and nothing says that it may be sent twice (an idempotent ' +
  'method, `idempotent: true` or an Idempotency-Key)'
const certificate = '; not tried again: a certificate was refused, and another try would meet the same one'
const ourQueue = '; not tried again: it was stuck in our own queue, to which another try would only add'
/** What its hint advises already is not said twice. */
const unreachable = (origin: string): string =>
  `; diagnosis: unreachable: cannot connect to ${origin}: N dials failed in the last TIME (ECONNREFUSED N), none succeeded`
const inUse = 'N of N connections in use'

/** In place of what differs from run to run: HOST, TIME and N. */
const sentences: Readonly<Record<string, string>> = {
  'the service is not started':
    'GET http://HOST/orders failed on attempt 3 after TIME: could not connect: connect ECONNREFUSED HOST; nothing ' +
    `listens there: is the service started, and the port right?${usedUp}${unreachable('http://HOST')}`,
  'the name is unknown':
    'GET http://ordres.internal:8080/orders failed on attempt 3 after TIME: could not connect: getaddrinfo ENOTFOUND ' +
    'ordres.internal; the name is not known: is it spelled right, and does the DNS of this machine know it?' +
    `${usedUp}; diagnosis: dns_tls: http://ordres.internal:8080 cannot be looked up: N dials failed in the last TIME ` +
    '(ENOTFOUND N), none succeeded',
  'the host does not answer':
    'GET http://10.1.2.3:8080/orders failed after TIME: could not connect: no connection to http://10.1.2.3:8080 ' +
    'within TIME (UND_ERR_CONNECT_TIMEOUT); nobody answers at that address: is it right, and the ' +
    'way to it open (firewall, route), or connectTimeout too short?',
  'the certificate is self-signed':
    'GET https://HOST/orders failed after TIME: could not connect: self-signed certificate ' +
    `(DEPTH_ZERO_SELF_SIGNED_CERT); if you trust its authority, give it with connect: { ca }; do not switch ` +
    `the check off${certificate}`,
  'the certificate has expired':
    'GET https://HOST/orders failed after TIME: could not connect: certificate has expired (CERT_HAS_EXPIRED); renew ' +
    `the certificate of the server; where it is valid, check the clock of this machine${certificate}`,
  'the proxy wants a password':
    'GET https://orders.test/orders failed after TIME: could not connect: the proxy http://HOST answered 407 Proxy ' +
    'Authentication Required to CONNECT orders.test:443; it asks for (other) credentials (UND_ERR_PRX_CONN)',
  'the proxy is not there':
    'GET https://orders.test/orders failed on attempt 3 after TIME: could not connect: no connection to the proxy ' +
    'http://HOST: connect ECONNREFUSED HOST; is the proxy http://HOST started, its address right, and is it meant to ' +
    `be used here?${usedUp}${unreachable('https://orders.test')}`,
  'the other side closes a kept connection':
    'POST http://HOST/orders failed after TIME: the connection was lost before the response: other side closed ' +
    '(UND_ERR_SOCKET); request N on connection N to HOST, open for TIME, idle for TIME: does the service crash or ' +
    `restart?${notTwice}`,
  'the answer breaks off':
    'GET http://HOST/orders failed on attempt 3 after TIME: the connection was lost in the middle of the response: ' +
    'other side closed (UND_ERR_SOCKET); it was the first request on connection N to HOST: does the service crash or ' +
    `restart?${usedUp}`,
  'something else than HTTP listens':
    'GET http://HOST/orders failed after TIME: the answer was not valid HTTP: Response does not match the HTTP/1.1 ' +
    'protocol (Expected HTTP/, RTSP/ or ICE/) (HTTPParserError); is this an HTTP server, and http:// rather than ' +
    'https:// right?',
  'a model is slower than headersTimeout':
    'POST http://HOST/orders failed after TIME: no response headers within TIME (headersTimeout); waited TIME, ' +
    'connected in TIME, sent in TIME, no headers for TIME; the service has the request and is slow: where it may take ' +
    `so long, raise headersTimeout${notTwice}`,
  'a body stops in the middle':
    'GET http://HOST/orders failed after TIME: no more of the body within TIME (bodyIdleTimeout); waited TIME, ' +
    'connected in TIME, sent in TIME, headers after TIME, in the body for TIME; the service has stopped in the middle ' +
    'of its answer: is it stuck?',
  'the time is up after failed attempts':
    'GET http://HOST/orders did not finish within TIME (timeout), it ended on attempt 2 before the response; attempt ' +
    '1 ended with reset: other side closed; TIME before this attempt, waited TIME, connected in TIME, sent in TIME, ' +
    'no headers for TIME',
  'the time is up while the service works':
    'GET http://HOST/orders did not finish within TIME (timeout), it ended before the response; waited TIME, ' +
    'connected in TIME, sent in TIME, no headers for TIME',
  'a slow service holds all connections':
    `GET http://HOST/orders failed after TIME: no connection to http://HOST within TIME (acquireTimeout): ${inUse}, N ` +
    'waiting, blocked by maxConnectionsPerOrigin; the calls before it hold the connections: is the service slow, or ' +
    `is a body not read to its end?${ourQueue}`,
  'bodies that nobody reads hold all connections':
    `GET http://HOST/orders failed after TIME: no connection to http://HOST within TIME (acquireTimeout): ${inUse}, N ` +
    `of them by responses that nobody reads on, N waiting, blocked by maxConnectionsPerOrigin${ourQueue}; diagnosis: ` +
    'pool_exhausted: nobody reads on in N responses, which hold them → Read every response to its end, or discard it, ' +
    'also where only its status is of interest. To see where they were asked for, record it for a while. ' +
    '(HTTP_CLIENT_LEAK_STACKS=on)',
  'the line is full':
    `GET http://HOST/orders failed after TIME: the line for http://HOST is full: ${inUse}, N waiting, oldest TIME, ` +
    `blocked by maxConnectionsPerOrigin${ourQueue}; diagnosis: queue_full: N of N requests in the last TIME met a full ` +
    'line → Find out why so many wait: a slow service, or a burst. Only for short bursts a longer line helps. ' +
    '(HTTP_CLIENT_MAX_QUEUE=N)',
  'the breaker is open':
    'GET http://HOST/orders was not tried: the breaker is open after status 500; the next probe is due in TIME; ' +
    'diagnosis: breaker_open: N % of N calls in its window failed → Look at the service: the breaker tries by itself, ' +
    'and closes when its probes succeed. To stop calling it altogether while it is repaired, hold the breaker open.',
  'the answer is too large':
    'GET http://HOST/orders failed after TIME: the response is larger than maxResponseBytes, 10 KiB (10240 bytes); ' +
    'raise maxResponseBytes if it is meant to be so large',
  'a web page comes in place of JSON':
    'GET http://HOST/orders did not answer with JSON (content-type text/html): <!doctype html> <title>Sign ' +
    'in</title>; is this page from the service, or from a proxy or a login before it?',
  'the JSON does not fit the schema':
    'GET http://HOST/orders answered with something else than expected: id: Invalid input: expected number, received ' +
    'string',
  'the service answers 503': 'GET http://HOST/orders answered 503 on attempt 3: {"error":"no database"}',
  'the service answers 404': 'GET http://HOST/orders answered 404: no such order',
  'the caller leaves': 'GET http://HOST/orders was cancelled before the response: the user closed the page',
  'the client is closed': 'GET http://HOST/orders was not sent: the client "orders" is closed',
  'a header cannot be sent': 'the request cannot be sent: the header "x-name" has a line break in its value',
  'a hook throws':
    'GET http://HOST/orders failed: the beforeRequest hook threw: no token: the identity service is away',
  'an option is wrong':
    '2 problems in HTTP client configuration\n' +
    '  ✗ maxQueu = (not shown)\n      expected a known option; did you mean maxQueue?\n      fix: rename it to maxQueue\n' +
    '  ✗ timeout = -1\n      expected milliseconds above 0',
}

function shape(message: string): string {
  return message
    .replace('; if the root CA is installed locally, try running Node.js with --use-system-ca', '')
    .replace(/127\.0\.0\.1:\d+|orders:8080|10\.0\.0\.7:8080/g, 'HOST')
    .replace(/\b\d+(?:\.\d+)? m?s\b/g, 'TIME')
    .replace(/\b\d+ of \d+ (?=connections)/g, 'N of N ')
    .replace(/\b\d+ (?=waiting|of them)/g, 'N ')
    .replace(/\b(request|connection) \d+/g, '$1 N')
    .replace(/\b\d+( %)? of \d+ (?=requests in|calls in)/g, 'N$1 of N ')
    .replace(/\b\d+ (?=dials|responses)/g, 'N ')
    .replace(/(ECONNREFUSED |ENOTFOUND |=)\d+\)/g, '$1N)')
}

test.each(incidents)('$name: $code', async ({ name, code, happens }) => {
  const error = await happens()
  expect(error.code).toBe(code)
  expect(shape(error.message)).toBe(sentences[name])
  const { phases } = errorCodes[code]
  if (Array.isArray(phases)) expect(phases).toContain(error.phase)
  if (phases === 'none') expect(error.phase).toBeUndefined()
  for (const text of [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 9 })])
    expect(text).not.toContain(secret)
})

test('every code has an incident, and each has a sentence', () => {
  const made = new Set(incidents.map(({ code }) => code))
  const codes = Object.keys(errorCodes) as ErrorCode[]
  expect(codes.filter((code) => !made.has(code))).toEqual([])
  expect(incidents.map(({ name }) => name).sort()).toEqual(Object.keys(sentences).sort())
})

test.each(Object.entries(errorExamples))(
  'the example that is shown of %s is a sentence of it',
  (code, example) => {
    const own = incidents.filter((incident) => incident.code === code).map(({ name }) => sentences[name])
    expect(own).toContain(shape(example))
  },
)
