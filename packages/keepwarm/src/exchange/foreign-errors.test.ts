import { errors } from 'undici'
import { expect, test } from 'vitest'
import { KeepwarmError, type ErrorCode, type Phase } from '../errors.ts'
import { nameError, type AttemptFacts } from './foreign-errors.ts'
import { hintFor } from './hints.ts'

const unsent: AttemptFacts = { sent: 'no', phase: 'wait', reused: false, between: false, paused: false }
const sentIn = (phase: Phase): AttemptFacts => ({ ...unsent, sent: 'maybe', phase })

function foreign(code: string | undefined): Error {
  return Object.assign(new Error('said so'), code === undefined ? {} : { code })
}

test.each<[string | undefined, ErrorCode, Phase]>([
  ['ECONNREFUSED', 'connect', 'connect'],
  ['ENOTFOUND', 'connect', 'connect'],
  ['CERT_HAS_EXPIRED', 'connect', 'connect'],
  ['ECONNRESET', 'connect', 'connect'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect', 'connect'],
  [undefined, 'connect', 'connect'],
  ['UND_ERR_INVALID_ARG', 'invalid_request', 'admit'],
  ['UND_ERR_CLOSED', 'closed', 'wait'],
])('before it was sent, %s is %s', (cause, code, phase) => {
  expect(nameError(foreign(cause), unsent)).toMatchObject({ code, phase, sent: 'no', cause })
})

test('before it was sent, on a connection that had served others: the connection was lost', () => {
  const facts = { ...unsent, reused: true }
  expect(nameError(foreign('UND_ERR_SOCKET'), facts)).toMatchObject({ code: 'reset', sent: 'no' })
})

test.each<[string | undefined, Phase, ErrorCode]>([
  ['ECONNRESET', 'headers', 'reset'],
  ['EPIPE', 'send', 'reset'],
  ['UND_ERR_SOCKET', 'body', 'reset'],
  ['ETIMEDOUT', 'headers', 'reset'],
  ['HPE_INVALID_CONSTANT', 'headers', 'protocol'],
  ['HPE_INVALID_CHUNK_SIZE', 'body', 'protocol'],
  ['UND_ERR_HEADERS_OVERFLOW', 'headers', 'protocol'],
  ['ERR_HTTP2_STREAM_ERROR', 'body', 'protocol'],
  ['ERR_HTTP2_ERROR', 'headers', 'protocol'],
  ['ERR_HTTP2_SESSION_ERROR', 'headers', 'reset'],
  ['ERR_HTTP2_INVALID_SESSION', 'send', 'reset'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'body', 'protocol'],
  ['UND_ERR_HEADERS_TIMEOUT', 'headers', 'attempt_timeout'],
  ['UND_ERR_ABORTED', 'body', 'aborted'],
  ['UND_ERR_DESTROYED', 'headers', 'closed'],
  // A file or generator that is uploaded fails with codes of its own: that is not the server's doing.
  ['ENOENT', 'send', 'invalid_request'],
  ['EACCES', 'send', 'invalid_request'],
  [undefined, 'send', 'invalid_request'],
  [undefined, 'body', 'aborted'],
])('after it was sent, %s in %s is %s', (cause, phase, code) => {
  expect(nameError(foreign(cause), sentIn(phase))).toMatchObject({ code, phase, sent: 'maybe', cause })
})

test('several addresses that all failed are one failure, with the code of the first', () => {
  const error = new AggregateError([foreign('ECONNREFUSED'), foreign('ENETUNREACH')])
  expect(nameError(error, unsent)).toMatchObject({
    code: 'connect',
    cause: 'ECONNREFUSED',
    message: 'said so',
  })
})

test('the code may be that of the cause', () => {
  const error = new Error('outer', { cause: foreign('ECONNRESET') })
  expect(nameError(error, sentIn('headers'))).toMatchObject({
    code: 'reset',
    cause: 'ECONNRESET',
    message: 'outer',
  })
})

test('a fault that the parser finds has no code, and is known all the same', () => {
  const fault = new errors.HTTPParserError('Expected HTTP/')
  expect(nameError(fault, sentIn('headers'))).toMatchObject({ code: 'protocol', phase: 'headers' })
})

test('an error of ours keeps its code and phase', () => {
  const error = new KeepwarmError('queue_full', 'full', { phase: 'wait', cause: foreign('ECONNREFUSED') })
  expect(nameError(error, sentIn('headers'))).toMatchObject({
    code: 'queue_full',
    phase: 'wait',
    cause: 'ECONNREFUSED',
  })
})

test.each([
  ['ECONNREFUSED', 'is the service started'],
  ['ENOTFOUND', 'spelled right'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'connect: { ca }'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'a name that its certificate has'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'http:// is right'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connectTimeout'],
])('%s says what to do', (cause, text) => {
  expect(hintFor(nameError(foreign(cause), unsent))).toContain(text)
})

test('where the code says nothing, no advice is made up', () => {
  expect(hintFor(nameError(foreign('ECONNRESET'), sentIn('headers')))).toBeUndefined()
})
