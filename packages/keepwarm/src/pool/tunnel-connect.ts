/** The way through an HTTP proxy: one CONNECT, and what follows its answer is between us and the origin. */
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { ProxyError } from './proxy-error.ts'
import type { Destination } from './proxy.ts'

/** The most bytes of the proxy's answer. */
const MAX_HEAD = 16 * 1024

/**
 * Asks the proxy for a way. The socket is then as if it had just been connected to the destination.
 * @param headers for the proxy alone
 */
export function openByConnect(
  socket: Socket,
  to: Destination,
  proxy: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const authority = authorityOf(to)
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      path: authority,
      headers: { ...headers, host: authority, connection: 'keep-alive' },
      maxHeaderSize: MAX_HEAD,
      createConnection: () => socket,
    })
    asked.once('connect', ({ statusCode = 0, statusMessage = '' }, _socket, rest: Buffer) => {
      if (statusCode < 200 || statusCode > 299) {
        return reject(refusal(proxy, authority, statusCode, statusMessage))
      }
      if (rest.length > 0) socket.unshift(rest) // over HTTP/2 a server may speak first
      resolve()
    })
    asked.on('error', (cause) => reject(broken(proxy, authority, cause)))
    asked.end()
  })
}

function authorityOf({ host, port }: Destination): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function refusal(proxy: string, authority: string, statusCode: number, reason: string): ProxyError {
  const advice = statusCode === 407 ? '; it asks for (other) credentials' : ''
  const answer = `${statusCode} ${printable(reason)}`.trimEnd()
  const message = `the proxy ${proxy} answered ${answer} to CONNECT ${authority}${advice}`
  return new ProxyError(proxy, message, { statusCode })
}

function broken(proxy: string, authority: string, cause: Error): ProxyError {
  const message = `the proxy ${proxy} gave no usable answer to CONNECT ${authority}: ${cause.message}`
  return new ProxyError(proxy, message, { cause })
}

/** A stranger wrote it. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '·').slice(0, 100)
}
