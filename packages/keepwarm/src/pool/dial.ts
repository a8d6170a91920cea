/** Dialing: from an origin to a socket that is connected and, for https, has its TLS session and its protocol. */
import type { Socket } from 'node:net'
import { buildConnector, errors } from 'undici'
import type { Runtime } from '../runtime.ts'

/** Options of `net.connect` and `tls.connect`, or a function with undici's connector signature. */
export type ConnectOptions = buildConnector.BuildOptions | buildConnector.connector

/** The address book of one origin. */
export interface DialTarget {
  readonly url: URL
  /** Name for SNI and certificate checks, when it is not the host's own. */
  readonly servername: string | undefined
  /** Only HTTP/1.1 may be negotiated. */
  readonly http1Only: boolean
}

export interface DialResult {
  opened(socket: Socket): void
  failed(error: Error): void
}

/**
 * The connectors of a pool: one function per TLS configuration, because undici keeps the TLS sessions that make
 * later handshakes cheap inside the function. Timeouts are exact: undici's own connect timer (±0.5 s) is off.
 */
export class Dialer {
  private readonly runtime: Runtime
  private readonly timeout: number
  private readonly any: buildConnector.connector
  private readonly http1: buildConnector.connector

  constructor(runtime: Runtime, timeout: number, connect: ConnectOptions | undefined, allowH2: boolean) {
    this.runtime = runtime
    this.timeout = timeout
    if (typeof connect === 'function') {
      this.any = this.http1 = connect
      return
    }
    this.any = buildConnector({ ...connect, allowH2, timeout: 0 })
    this.http1 = allowH2 ? buildConnector({ ...connect, allowH2: false, timeout: 0 }) : this.any
  }

  /** Begins a dial and returns what cancels it. Exactly one of `opened` and `failed` is called, never at once. */
  dial(target: DialTarget, result: DialResult): () => void {
    let socket: Socket | undefined
    let ending: DialEnding | undefined
    const finish = (error: Error | null | undefined, opened: Socket | null | undefined): void => {
      if (ending !== undefined) {
        if (opened && opened !== ending.socket) opened.on('error', ignore).destroy() // too late, or a second one
        return
      }
      ending = error ? { error } : opened ? { socket: opened } : { error: noSocket() }
      timer.cancel()
      // Not at once: a connector may call back before it returns.
      queueMicrotask(() => report(ending!, result))
    }
    const cancel = (error: Error): void => {
      finish(error, null)
      const opened = socket ?? ending?.socket
      opened?.on('error', ignore).destroy()
    }
    const timer = this.runtime.after(this.timeout, () => cancel(connectTimeout(target.url, this.timeout)))
    const connector = target.http1Only ? this.http1 : this.any
    try {
      // The types say void; documented and relied upon: the socket, so that the dial can be called off.
      socket = connector(connectorOptions(target), finish) as unknown as Socket | undefined
    } catch (error) {
      finish(error instanceof Error ? error : new Error(String(error)), null)
    }
    return () => cancel(new errors.RequestAbortedError('dial called off'))
  }
}

function connectorOptions({ url, servername }: DialTarget): buildConnector.Options {
  return {
    host: url.host,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    protocol: url.protocol,
    port: url.port,
    ...(servername === undefined ? {} : { servername }),
  }
}

type DialEnding = { error: Error; socket?: never } | { error?: never; socket: Socket }

function report(ending: DialEnding, result: DialResult): void {
  const { socket } = ending
  if (socket === undefined) return result.failed(ending.error)
  if (!socket.destroyed) return result.opened(socket)
  socket.on('error', ignore)
  result.failed(socket.errored ?? new errors.SocketError('the connection ended as it was opened'))
}

function noSocket(): Error {
  return new errors.SocketError('the connector gave no socket')
}

function connectTimeout(url: URL, timeout: number): Error {
  return new errors.ConnectTimeoutError(`no connection to ${url.origin} within ${timeout} ms`)
}

function ignore(): void {}
