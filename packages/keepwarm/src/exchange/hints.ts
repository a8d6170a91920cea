/** What to do about an error, where its code says enough. */
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

/** A sentence that ends the error's text, or undefined. */
export function hintFor({ code, cause = '' }: NamedError): string | undefined {
  if (code === 'body_too_large') return 'raise maxResponseBytes if it is meant to be so large'
  const known = byCause[cause]
  if (known !== undefined) return known
  if (isCertificateFault(cause)) return 'if you trust it, give its authority with connect: { ca }'
  if (cause.startsWith('HPE_') || cause === 'HTTPParserError')
    return 'is this an HTTP server, and http:// rather than https:// right?'
  return undefined
}

function mayNotBeTls(): string {
  return 'does the server speak TLS on this port? If not, http:// is right'
}
