/** What to do about a dial that failed, by what the platform called it: for the error of one call and for a diagnosis. */
import { dialFault } from './dial-faults.ts'

const notTls = 'does the server speak TLS on this port? If not, http:// is right'

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is the service started, and the port right?',
  ENOTFOUND: 'the name is not known: is it spelled right, and does the DNS of this machine know it?',
  EAI_AGAIN: 'the DNS server did not answer: can this machine reach it?',
  EHOSTUNREACH: 'there is no way to that host: is the address right, and the network up?',
  ENETUNREACH: 'there is no way to that network: is the address right, and the network up?',
  EMFILE: 'this process has no file descriptors left: raise its limit, or lower maxConnections',
  UND_ERR_CONNECT_TIMEOUT:
    'nobody answers at that address: is it right, and the way to it open (firewall, route), or connectTimeout too short?',
  ETIMEDOUT: 'nobody answers at that address: is it right, and the way to it open (firewall, route)?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'call the host by a name that its certificate has',
  CERT_HAS_EXPIRED: 'renew the certificate of the server; where it is valid, check the clock of this machine',
  CERT_NOT_YET_VALID: 'check the clock of this machine, and from when on the certificate is valid',
  EPROTO: notTls,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
}

/** A sentence, or undefined where the code alone says too little. */
export function dialAdvice(code: string): string | undefined {
  const known = byCode[code]
  if (known !== undefined) return known
  if (/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA/.test(code))
    return 'if you trust its authority, give it with connect: { ca }; do not switch the check off'
  return dialFault(code) === 'dns' ? 'can this machine look up names at all?' : undefined
}

/** The same where it stands by itself. */
export function asSentence(advice: string): string {
  const end = /[.?]$/.test(advice) ? '' : '.'
  return `${advice[0]!.toUpperCase()}${advice.slice(1)}${end}`
}
