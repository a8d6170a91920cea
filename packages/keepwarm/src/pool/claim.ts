/**
 * The caller's side of a request in the pool: the controller that the caller holds from the first moment on, and the
 * handler, which is told one end. The connection's side is {@link file://./lease.ts Lease}.
 */
import { AsyncResource } from 'node:async_hooks'
import { errors, type Dispatcher } from 'undici'
import type { Trail } from '../observe/trail.ts'
import type { DispatchOptions, PoolHandler } from './dispatch-options.ts'
import { Waiter } from './entities.ts'
import type { Stallable } from './leak-watch.ts'
import type { LeaseHost } from './lease-host.ts'

type RawHeaders = NonNullable<Dispatcher.DispatchController['rawHeaders']> | null

export abstract class Claim extends Waiter implements Dispatcher.DispatchController, Stallable {
  options: DispatchOptions
  aborted = false
  paused = false
  reason: Error | null = null
  /** Where it was asked for, when the pool records that. */
  stack: string | undefined
  protected readonly host: LeaseHost
  protected readonly handler: PoolHandler
  /** The connection's controller, once it is written. */
  protected inner: Dispatcher.DispatchController | null = null
  protected over = false
  /** The caller's asynchronous context, when it is carried on outside of it. */
  private context: AsyncResource | null = null

  constructor(host: LeaseHost, options: DispatchOptions, handler: PoolHandler) {
    super()
    this.host = host
    this.options = options
    this.handler = handler
  }

  /** Hands the controller to the caller. False when the caller used it to abort at once. */
  begin(): boolean {
    this.handler.onRequestStart?.(this, {})
    return !this.aborted
  }

  abort(reason?: Error): void {
    if (this.aborted || this.over) return
    this.aborted = true
    this.reason = reason ?? new errors.RequestAbortedError()
    this.leave(this.reason)
  }

  /** It was aborted: the line or the connection hears of it, and the handler. */
  protected abstract leave(reason: Error): void

  pause(): void {
    this.paused = true
    this.host.leaks.stalled(this)
    this.inner?.pause()
  }

  resume(): void {
    this.paused = false
    this.host.leaks.moved(this)
    this.inner?.resume()
  }

  get rawHeaders(): RawHeaders {
    return this.inner?.rawHeaders ?? null
  }

  get rawTrailers(): RawHeaders {
    return this.inner?.rawTrailers ?? null
  }

  /** Until when the caller lets it wait. */
  get callBy(): number {
    return this.handler.acquireBy ?? Infinity
  }

  /** "GET http://host/path", for messages. */
  get subject(): string {
    const { origin } = this.options
    const { method, path } = this.request
    return `${method} ${typeof origin === 'string' ? withoutUser(origin) : (origin?.origin ?? '')}${path}`
  }

  /** What may be shown of it: no query. */
  get request(): { readonly method: string; readonly path: string } {
    const { method, path } = this.options
    return { method, path: path.split(/[?#]/, 1)[0]! }
  }

  /** The call that it belongs to, where somebody watches that. */
  get trail(): Trail | null | undefined {
    return this.handler.trail
  }

  get trailAttempt(): number | undefined {
    return this.handler.trailAttempt
  }

  get operation(): string | undefined {
    return this.handler.operation
  }

  /** The caller was told the end. */
  get isOver(): boolean {
    return this.over
  }

  /** From here on somebody else's turn carries it on: the caller's context is kept for it. */
  keepContext(): void {
    this.context ??= new AsyncResource('KEEPWARM_WAIT')
  }

  /** `act(a, b)` in the context that was kept; in the present one when there is none. */
  within<A, B, T>(act: (a: A, b: B) => T, a: A, b: B): T {
    return this.context === null ? act(a, b) : this.context.runInAsyncScope(act, undefined, a, b)
  }

  /** Ends the request with an error of the pool's own. */
  fail(error: Error): void {
    if (this.over) return
    this.over = true
    this.tellError(error)
  }

  protected tellError(error: Error): void {
    try {
      this.handler.onResponseError?.(this, error)
    } catch (thrown) {
      // It can be told nothing more; and undici would make an event of it that nobody hears.
      process.emitWarning(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  }
}

function withoutUser(origin: string): string {
  return origin.replace(/\/\/[^/@]*@/, '//')
}
