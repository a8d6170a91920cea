/** Connections through a proxy, for the dialer as good as any: dial the proxy, ask for the way, secure it. */
import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { ProxyError } from './proxy-error.ts'
import type { Proxy } from './proxy.ts'

export interface TunnelConnectors {
  /** Dials the proxy. */
  readonly toProxy: buildConnector.connector
  /** Begins TLS with an https origin on the socket that it is given. */
  readonly toOrigin: buildConnector.connector
  /** Does the rest for an http origin. */
  readonly plain: (socket: Socket) => void
}

/** The connector returns the socket to the proxy: whoever destroys it ends the dial, however far it is. */
export function tunnel(proxy: Proxy, connectors: TunnelConnectors): buildConnector.connector {
  const { protocol, hostname, port, label, open } = proxy
  return (origin, callback) => {
    const begin = (socket: Socket): Promise<void> =>
      open(socket, destination(origin)).then(() => {
        if (socket.destroyed)
          throw new ProxyError(label, `the proxy ${label} closed the way as it was opened`)
        if (origin.protocol === 'https:') return secure(socket, origin, connectors.toOrigin, callback)
        connectors.plain(socket)
        callback(null, socket)
      })
    const dialed: buildConnector.Callback = (error, socket) => {
      if (error !== null) return callback(unreachable(label, error), null)
      begin(socket).catch((failure: unknown) => {
        socket.destroy()
        callback(failure as Error, null)
      })
    }
    return connectors.toProxy({ protocol, hostname, host: hostname, port }, dialed)
  }
}

function destination({ hostname, port, protocol }: buildConnector.Options): { host: string; port: number } {
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }
}

function secure(
  way: Socket,
  origin: buildConnector.Options,
  toOrigin: buildConnector.connector,
  callback: buildConnector.Callback,
): void {
  toOrigin({ ...origin, httpSocket: way }, (error, socket) => {
    if (error === null) return callback(null, socket)
    way.destroy()
    callback(error, null)
  })
}

function unreachable(proxy: string, cause: Error): ProxyError {
  const said = cause.message === '' ? String((cause as { code?: unknown }).code) : cause.message
  return new ProxyError(proxy, `no connection to the proxy ${proxy}: ${said}`, { cause })
}
