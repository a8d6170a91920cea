/** One dial that is under way. */
import type { Socket } from 'node:net'
import { errors } from 'undici'
import type { buildConnector } from 'undici'
import type { Timer } from '../runtime.ts'

export interface DialResult<Line = Socket> {
  opened(line: Line): void
  failed(error: Error): void
}

export class Dial {
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
      const made: unknown = connector(options, (error, socket) => this.finish(error, socket))
      if (isSocket(made)) this.socket = made
    } catch (error) {
      this.finish(error instanceof Error ? error : new Error(String(error)), null)
    }
  }

  cancel(error: Error): void {
    this.finish(error, null)
    // Two where a proxy is between: the socket to it, and TLS inside it.
    for (const socket of [this.socket, this.ending?.socket]) socket?.on('error', ignore).destroy()
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

function noSocket(): Error {
  return new errors.SocketError('the connector gave no socket')
}

function ignore(): void {}
