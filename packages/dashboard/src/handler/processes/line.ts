/** One way of talking to another process or thread, whatever Node calls its methods. */
import type { EventEmitter } from 'node:events'

type Method = (...given: never[]) => unknown

/**
 * A `ChildProcess`, a worker of `cluster`, `process` itself in a child; or a `Worker` or `MessagePort` of
 * `node:worker_threads`. Known by their shape.
 */
export interface Port {
  readonly on: Method
  readonly off: Method
  readonly send?: Method | undefined
  readonly postMessage?: Method
  readonly connected?: boolean
}

interface Calls extends Pick<EventEmitter, 'on' | 'off'> {
  readonly connected?: boolean
  send?(message: object, sent: (error: Error | null) => void): void
  postMessage?(message: object): void
}

/** Without it Node makes an event of a failure, which ends the process. */
const ignored = (): void => {}
const endings = ['exit', 'close', 'disconnect']

export class Line {
  private readonly port: Calls
  private readonly listener: (message: unknown) => void
  private readonly gone: (() => void) | undefined

  constructor(port: Port, listener: (message: unknown) => void, gone?: () => void) {
    this.port = port as unknown as Calls
    this.listener = listener
    this.gone = gone
    this.port.on('message', listener)
    if (gone !== undefined) for (const event of endings) this.port.on(event, gone)
  }

  /** A channel that is gone takes nothing, and says so by its own events. */
  send(message: object): void {
    try {
      if (this.port.postMessage !== undefined) this.port.postMessage(message)
      else if (this.port.connected !== false) this.port.send?.(message, ignored)
    } catch {
      this.gone?.()
    }
  }

  close(): void {
    this.port.off('message', this.listener)
    if (this.gone !== undefined) for (const event of endings) this.port.off(event, this.gone)
  }
}
