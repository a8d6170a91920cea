/** The server's certificate, as far as somebody must know it. */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'

export interface Certificate {
  /** `TLSv1.3` */
  readonly tls: string
  readonly subject: string
  readonly issuer: string
  /** How many certificates the server sent or the machine found, the root included. */
  readonly chain: number
  /** Names that it is for. */
  readonly names: readonly string[]
  /** The earliest end in the chain, as a date: `2027-02-01`. */
  readonly validTo: string
  /** Whole days until then; negative when it is over. */
  readonly daysLeft: number
  /** Why it is not believed; undefined when it is. */
  readonly problem: string | undefined
}

export function certificateOf(socket: TLSSocket, now: Date = new Date()): Certificate {
  const own = socket.getPeerCertificate(true)
  const chain = chainOf(own)
  const ends = chain.map(({ valid_to }) => Date.parse(valid_to))
  const end = Math.min(...ends)
  return {
    tls: socket.getProtocol() ?? 'unknown',
    subject: nameOf(own.subject),
    issuer: nameOf(own.issuer),
    chain: chain.length,
    names: (own.subjectaltname ?? '').split(', ').filter((name) => name !== ''),
    validTo: Number.isFinite(end) ? new Date(end).toISOString().slice(0, 10) : 'unknown',
    daysLeft: Math.floor((end - now.getTime()) / 86_400_000),
    problem: socket.authorized ? undefined : problemOf(socket.authorizationError),
  }
}

/** A root is its own issuer. */
function chainOf(own: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  let next: DetailedPeerCertificate | undefined = own
  while (next?.fingerprint256 !== undefined && !chain.includes(next)) {
    chain.push(next)
    next = next.issuerCertificate
  }
  return chain
}

function nameOf(
  name: { readonly CN?: string | string[]; readonly O?: string | string[] } | undefined,
): string {
  const found = name?.CN ?? name?.O
  return Array.isArray(found) ? found.join(', ') : (found ?? 'nobody')
}

function problemOf(error: Error | string | null): string {
  return error instanceof Error ? error.message : (error ?? 'unknown')
}
