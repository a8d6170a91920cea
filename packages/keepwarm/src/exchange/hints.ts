/** What to do about an error, where its code says enough. */
import type { ErrorCode, Phase } from '../errors.ts'
import { ProxyError } from '../pool/proxy-error.ts'
import { isCertificateFault } from '../retry/certificate-faults.ts'
import type { NamedError } from './foreign-errors.ts'

const byCause: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is the service started, and the port right?',
  ENOTFOUND: 'the name is not known: is it spelled right, and does the DNS of this machine know it?',
  EAI_AGAIN: 'the DNS server did not answer: can this machine reach it?',
  EHOSTUNREACH: 'there is no way to that host: is the address right, and the network up?',
  ENETUNREACH: 'there is no way to that network: is the address right, and the network up?',
  EMFILE: 'this process has no file descriptors left: raise its limit, or lower maxConnections',
  UND_ERR_CONNECT_TIMEOUT: 'is the host reachable from here, or connectTimeout too short?',
  UND_ERR_HEADERS_OVERFLOW:
    'give it a pool with a larger client.maxHeaderSize if they are meant to be so large',
  ERR_TLS_CERT_ALTNAME_INVALID: 'call the host by a name that its certificate has',
  CERT_HAS_EXPIRED: 'the certificate of the server has to be renewed',
  EPROTO: mayNotBeTls(),
  ERR_SSL_WRONG_VERSION_NUMBER: mayNotBeTls(),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: mayNotBeTls(),
}

const byPhase: Readonly<Partial<Record<Phase, string>>> = {
  send: 'the service has stopped reading what is sent: is it stuck?',
  headers: 'the service has the request and is slow: where it may take so long, raise headersTimeout',
  body: 'the service has stopped in the middle of its answer: is it stuck?',
}

const byCode: Readonly<Partial<Record<ErrorCode, string>>> = {
  body_too_large: 'raise maxResponseBytes if it is meant to be so large',
  acquire_timeout:
    'the calls before it hold the connections: is the service slow, or is a body not read to its end?',
  queue_full: 'more is asked than the service answers: is it slow, or is a body not read to its end?',
}

/** A sentence that ends the error's text, or undefined. */
export function hintFor({ code, cause = '', phase, message, error }: NamedError): string | undefined {
  if (message.includes('that nobody reads on')) return 'read each body to its end, or discard() it'
  const known = byCode[code]
  if (known !== undefined) return known
  if (code === 'attempt_timeout') return message.includes('(attemptTimeout)') ? undefined : byPhase[phase]
  if (error instanceof ProxyError) return throughProxy(error)
  return byCause[cause] ?? byKind(cause)
}

function byKind(cause: string): string | undefined {
  if (isCertificateFault(cause)) return 'if you trust it, give its authority with connect: { ca }'
  if (cause.startsWith('HPE_') || cause === 'HTTPParserError')
    return 'is this an HTTP server, and http:// rather than https:// right?'
  return undefined
}

/** What its answer says is enough. */
function throughProxy({ statusCode, proxy }: ProxyError): string | undefined {
  if (statusCode !== undefined) return undefined
  return `is the proxy ${proxy} started, its address right, and is it meant to be used here?`
}

function mayNotBeTls(): string {
  return 'does the server speak TLS on this port? If not, http:// is right'
}
