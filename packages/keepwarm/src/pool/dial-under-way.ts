/** One dial that is under way. */
import type { Socket } from 'node:net'
import { errors } from 'undici'
import type { buildConnector } from 'undici'
import type { Timer } from '../runtime.ts'
import type { DialFacts, DialSteps } from './dial-facts.ts'

export interface DialResult<Line = Socket> {
  opened(line: Line, facts?: DialFacts): void
  failed(error: Error): void
}

export class Dial {
  timer: Timer | undefined
  private readonly result: DialResult
  private readonly over: () => void
  private readonly steps: DialSteps
  private socket: Socket | undefined
  private ending: { error: Error; socket?: never } | { error?: never; socket: Socket } | undefined

  constructor(result: DialResult, over: () => void, steps: DialSteps) {
    this.result = result
    this.over = over
    this.steps = steps
  }

  begin(connector: buildConnector.connector, options: buildConnector.Options): void {
    try {
      // The types say void; documented and relied upon: the socket, so that the dial can be called off.
      const made: unknown = connector(options, (error, socket) => this.finish(error, socket))
      if (!isSocket(made)) return
      this.socket = made
      this.steps.watch(made)
    } catch (error) {
      this.finish(asError(error), null)
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

  /** A connector of the caller's own may give anything, whatever the types say. */
  private finish(error: unknown, socket: unknown): void {
    if (this.ending !== undefined) {
      // Too late, or a second one.
      if (isSocket(socket) && socket !== this.ending.socket) socket.on('error', ignore).destroy()
      return
    }
    if (error) this.ending = { error: asError(error) }
    else this.ending = isSocket(socket) ? { socket } : { error: noSocket(socket) }
    this.timer?.cancel()
    this.over()
    // Not at once: a connector may call back before it returns.
    queueMicrotask(() => this.report())
  }

  private report(): void {
    const { error, socket } = this.ending!
    if (socket === undefined) return this.result.failed(error)
    if (!socket.destroyed) return this.result.opened(socket, this.steps.facts(socket))
    socket.on('error', ignore)
    this.result.failed(socket.errored ?? new errors.SocketError('the connection ended as it was opened'))
  }
}

function isSocket(made: unknown): made is Socket {
  if (typeof made !== 'object' || made === null) return false
  return needed.every((method) => typeof (made as Record<string, unknown>)[method] === 'function')
}

/** What the pool and undici's Client call on a socket. */
const needed = ['on', 'read', 'write', 'destroy', 'ref', 'unref'] as const

function noSocket(made: unknown): Error {
  const instead =
    made == null ? '' : `, but ${typeof made === 'object' ? 'an object that is none' : `a ${typeof made}`}`
  return new errors.SocketError(`the connector gave no socket${instead}`)
}

function asError(thrown: unknown): Error {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown
    ? (thrown as Error)
    : new Error(String(thrown))
}

function ignore(): void {}
