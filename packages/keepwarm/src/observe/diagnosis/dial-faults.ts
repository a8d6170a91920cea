/** What dials died of, by where to look: at names, at certificates, or at the way and whoever should listen there. */
import { share, sum, type Counts } from './counted.ts'
import type { OriginCase } from './origin-case.ts'
import { DIAL_FAILURES, DIAL_FAILURE_SHARE } from './thresholds.ts'

export type DialFault = 'dns' | 'tls' | 'network'

const DNS = /^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL|ETIMEOUT|EBADNAME|EDNS\w*)$/
const TLS =
  /CERT|^ERR_(TLS|SSL)|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|_CRL|^CRL_|^EPROTO$/

/** @example dialFault('CERT_HAS_EXPIRED') // 'tls' */
export function dialFault(code: string): DialFault {
  if (DNS.test(code)) return 'dns'
  return TLS.test(code) ? 'tls' : 'network'
}

export interface DialFailures {
  readonly failed: number
  /** Of all dials, those that failed. */
  readonly share: number
  readonly codes: Counts
  /** Nothing opened in the same time. */
  readonly isTotal: boolean
}

/** The failures of one kind; undefined when they are too few to say anything. */
export function dialFailures({ done }: OriginCase, ...kinds: readonly DialFault[]): DialFailures | undefined {
  const codes = Object.fromEntries(
    Object.entries(done.dialsFailed).filter(
      ([code, number]) => number > 0 && kinds.includes(dialFault(code)),
    ),
  )
  const failed = sum(codes)
  const part = share(failed, failed + done.opened)
  if (failed < DIAL_FAILURES || part < DIAL_FAILURE_SHARE) return undefined
  return { failed, share: part, codes, isTotal: done.opened === 0 }
}
