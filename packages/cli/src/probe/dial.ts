/** One connection, and how long each part of it took. */
import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { certificateOf, type Certificate } from './certificate.ts'
import type { ProbePlan } from './target.ts'

export interface DialFacts {
  /** In ms. */
  readonly tcp: number
  /** In ms; undefined without TLS. */
  readonly tls: number | undefined
  /** Whether a TLS session was taken up again. */
  readonly resumed: boolean
}

export interface Dialed {
  readonly socket: net.Socket | tls.TLSSocket
  readonly facts: DialFacts
  /** As agreed by ALPN; without TLS or ALPN it is HTTP/1.1. */
  readonly protocol: 'h2' | 'http/1.1'
  readonly certificate: Certificate | undefined
  /** What TLS can be taken up with again, as soon as the server has given it. */
  readonly session: () => Buffer | undefined
}

/** The server's certificate is not believed; nothing was sent. */
export class Untrusted extends Error {
  readonly certificate: Certificate

  constructor(certificate: Certificate) {
    super(`the certificate is not trusted: ${certificate.problem}`)
    this.certificate = certificate
  }
}

/**
 * @param address where to, as the name was looked up
 * @param session of an earlier connection, to be taken up again
 */
export async function dial(plan: ProbePlan, address: string, session?: Buffer): Promise<Dialed> {
  const { url, timeout } = plan
  const began = performance.now()
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port)
  const signal = AbortSignal.timeout(timeout)
  const plain = net.connect({ host: address, port, noDelay: true })
  try {
    await once(plain, 'connect', { signal })
    const tcp = performance.now() - began
    if (url.protocol === 'http:') return plainDialed(plain, tcp)
    const socket = tls.connect({ ...tlsOptions(plan), socket: plain, ...(session && { session }) })
    let latest: Buffer | undefined
    socket.on('session', (given) => (latest = given))
    await once(socket, 'secureConnect', { signal })
    const facts = { tcp, tls: performance.now() - began - tcp, resumed: socket.isSessionReused() }
    const certificate = certificateOf(socket)
    if (certificate.problem !== undefined && plan.trust.rejectUnauthorized !== false)
      throw new Untrusted(certificate)
    const protocol = socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1'
    return { socket, facts, protocol, certificate, session: () => latest }
  } catch (error) {
    plain.destroy()
    throw signal.aborted
      ? new Error(`no connection to ${address}:${port} within ${timeout} ms`, { cause: error })
      : error
  }
}

function plainDialed(socket: net.Socket, tcp: number): Dialed {
  const facts = { tcp, tls: undefined, resumed: false }
  return { socket, facts, protocol: 'http/1.1', certificate: undefined, session: () => undefined }
}

/** Any certificate is let in here: whether it may be believed is looked at before a request is sent. */
function tlsOptions({ url, trust, http1 }: ProbePlan): tls.ConnectionOptions {
  const name = url.hostname.replace(/^\[|\]$/g, '')
  return {
    ...(trust.ca !== undefined && { ca: trust.ca }),
    ...(net.isIP(name) === 0 && { servername: name }),
    host: name,
    rejectUnauthorized: false,
    ALPNProtocols: http1 ? ['http/1.1'] : ['h2', 'http/1.1'],
  }
}
