/** Dialing: from an origin to a socket that is connected and, for https, has its TLS session and its protocol. */
import type { Socket } from 'node:net'
import { buildConnector, errors } from 'undici'
import type { Runtime, Timer } from '../runtime.ts'

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
  private readonly underWay = new Set<Dial>()
  private holding = true

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
    const dial = new Dial(result, () => this.underWay.delete(dial))
    this.underWay.add(dial)
    const late = (): void => dial.cancel(connectTimeout(target.url, this.timeout))
    dial.timer = this.runtime.after(this.timeout, late)
    dial.begin(target.http1Only ? this.http1 : this.any, connectorOptions(target))
    dial.hold(this.holding)
    return () => dial.cancel(new errors.RequestAbortedError('dial called off'))
  }

  /** Whether dials keep the process alive: somebody waits for them. */
  hold(alive: boolean): void {
    if (alive === this.holding) return
    this.holding = alive
    for (const dial of this.underWay) dial.hold(alive)
  }
}

class Dial {
  timer: Timer | undefined
  private readonly result: DialResult
  private readonly over: () => void
  private socket: Socket | undefined
  private ending: { error: Error; socket?: never } | { error?: never; socket: Socket } | undefined

  constructor(result: DialResult, over: () => void) {
    this.result = result
    this.over = over
  }

  begin(connector: buildConnector.connector, options: buildConnector.Options): void {
    try {
      // The types say void; documented and relied upon: the socket, so that the dial can be called off.
      const made: unknown = connector(options, ((error: Error | null, socket: Socket | null) =>
        this.finish(error, socket)) as buildConnector.Callback)
      if (isSocket(made)) this.socket = made
    } catch (error) {
      this.finish(error instanceof Error ? error : new Error(String(error)), null)
    }
  }

  cancel(error: Error): void {
    this.finish(error, null)
    const socket = this.socket ?? this.ending?.socket
    socket?.on('error', ignore).destroy()
  }

  hold(alive: boolean): void {
    if (this.ending !== undefined) return
    this.timer?.hold(alive)
    if (alive) this.socket?.ref()
    else this.socket?.unref()
  }

  private finish(error: Error | null | undefined, socket: Socket | null | undefined): void {
    if (this.ending !== undefined) {
      // Too late, or a second one.
      if (socket && socket !== this.ending.socket) socket.on('error', ignore).destroy()
      return
    }
    this.ending = error ? { error } : socket ? { socket } : { error: noSocket() }
    this.timer?.cancel()
    this.over()
    // Not at once: a connector may call back before it returns.
    queueMicrotask(() => this.report())
  }

  private report(): void {
    const { error, socket } = this.ending!
    if (socket === undefined) return this.result.failed(error)
    if (!socket.destroyed) return this.result.opened(socket)
    socket.on('error', ignore)
    this.result.failed(socket.errored ?? new errors.SocketError('the connection ended as it was opened'))
  }
}

/** A connector may return anything. */
function isSocket(made: unknown): made is Socket {
  return typeof made === 'object' && made !== null && 'destroy' in made && 'unref' in made
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

function noSocket(): Error {
  return new errors.SocketError('the connector gave no socket')
}

function connectTimeout(url: URL, timeout: number): Error {
  return new errors.ConnectTimeoutError(`no connection to ${url.origin} within ${timeout} ms`)
}

function ignore(): void {}
