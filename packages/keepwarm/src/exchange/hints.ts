/** What to do about an error, where its code says enough. */
import type { ErrorCode, Phase } from '../errors.ts'
import { dialAdvice } from '../observe/diagnosis/dial-advice.ts'
import { ProxyError } from '../pool/proxy-error.ts'
import type { NamedError } from './foreign-errors.ts'

const byPhase: Readonly<Partial<Record<Phase, string>>> = {
  send: 'the service has stopped reading what is sent: is it stuck?',
  headers: 'the service has the request and is slow: where it may take so long, raise headersTimeout',
  body: 'the service has stopped in the middle of its answer: is it stuck?',
}

const byCode: Readonly<Partial<Record<ErrorCode, string>>> = {
  acquire_timeout:
    'the calls before it hold the connections: is the service slow, or is a body not read to its end?',
  queue_full: 'more is asked than the service answers: is it slow, or is a body not read to its end?',
}

/** What to do about this very error, whatever the state of things is; undefined where it does not say. */
export function hintFor({ code, cause = '', error }: NamedError): string | undefined {
  if (code === 'body_too_large') return 'raise maxResponseBytes if it is meant to be so large'
  if (code === 'acquire_timeout' || code === 'queue_full' || code === 'attempt_timeout') return undefined
  if (error instanceof ProxyError) return throughProxy(error)
  if (cause === 'UND_ERR_HEADERS_OVERFLOW')
    return 'give it a pool with a larger client.maxHeaderSize if they are meant to be so large'
  if (cause.startsWith('HPE_') || cause === 'HTTPParserError')
    return 'is this an HTTP server, and http:// rather than https:// right?'
  return dialAdvice(cause)
}

/** Where to look, as long as no diagnosis says it: a question in place of an answer. */
export function questionFor({ code, phase, message }: NamedError): string | undefined {
  if (message.includes('that nobody reads on')) return 'read each body to its end, or discard() it'
  const known = byCode[code]
  if (known !== undefined) return known
  const isOfPhase = code === 'attempt_timeout' && !message.includes('(attemptTimeout)')
  return isOfPhase ? byPhase[phase] : undefined
}

/** What its answer says is enough. */
function throughProxy({ statusCode, proxy }: ProxyError): string | undefined {
  if (statusCode !== undefined) return undefined
  return `is the proxy ${proxy} started, its address right, and is it meant to be used here?`
}
