import type { Dispatcher } from 'undici'
import type { CallHandler, Headers, UpgradeSocket } from './host.ts'

/**
 * The caller's handler, held so that it cannot hurt anybody: whatever it throws ends its own call, and it hears its
 * own error, as it would with undici.
 */
export class Caller {
  private readonly handler: CallHandler
  private readonly controller: Dispatcher.DispatchController

  constructor(handler: CallHandler, controller: Dispatcher.DispatchController) {
    this.handler = handler
    this.controller = controller
  }

  /** Nobody has seen a part of the body before it is complete. */
  get collects(): boolean {
    return this.handler.collects === true
  }

  /** The call that led to this one by a redirect. */
  get follows(): number | undefined {
    return this.handler.follows
  }

  get takesUpgrades(): boolean {
    return this.handler.onRequestUpgrade !== undefined
  }

  begin(): void {
    try {
      this.handler.onRequestStart?.(this.controller, {})
    } catch (thrown) {
      this.controller.abort(asError(thrown))
    }
  }

  bodySent(chunk: Buffer): void {
    try {
      this.handler.onBodySent?.(chunk)
    } catch (thrown) {
      this.controller.abort(asError(thrown))
    }
  }

  requestSent(): void {
    try {
      this.handler.onRequestSent?.()
    } catch (thrown) {
      this.controller.abort(asError(thrown))
    }
  }

  responseStarted(): void {
    try {
      this.handler.onResponseStarted?.()
    } catch (thrown) {
      this.controller.abort(asError(thrown))
    }
  }

  headers(status: number, headers: Headers, text: string | undefined): void {
    try {
      this.handler.onResponseStart?.(this.controller, status, headers, text)
    } catch (thrown) {
      this.controller.abort(asError(thrown))
    }
  }

  data(chunk: Buffer): void {
    try {
      this.handler.onResponseData?.(this.controller, chunk)
    } catch (thrown) {
      this.controller.abort(asError(thrown))
    }
  }

  /** The call is over already; a handler whose last step fails is told, or whoever waits for it would wait for ever. */
  end(trailers: Headers): void {
    try {
      this.handler.onResponseEnd?.(this.controller, trailers)
    } catch (thrown) {
      this.fail(asError(thrown))
    }
  }

  upgraded(status: number, headers: Headers, socket: UpgradeSocket): void {
    try {
      this.handler.onRequestUpgrade?.(this.controller, status, headers, socket)
    } catch (thrown) {
      socket.destroy()
      this.fail(asError(thrown))
    }
  }

  /** There is nobody left to tell what this throws, except the process. */
  fail(error: Error): void {
    try {
      this.handler.onResponseError?.(this.controller, error)
    } catch (thrown) {
      process.emitWarning(asError(thrown))
    }
  }
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
