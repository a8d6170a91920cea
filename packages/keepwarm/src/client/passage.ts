/**
 * One attempt's way through a dispatcher that is not ours: the exchange knows it as the lease that a pool would have
 * given it, the dispatcher as a handler.
 *
 * undici hands out its controller only when the request is written to a connection. Until then the passage is the
 * controller: what is given up while it waits is refused when its turn comes, and the connection is left alone.
 */
import { errors, type Dispatcher } from 'undici'
import { KeepwarmError } from '../errors.ts'
import { Lease, type DispatchOptions, type PoolHandler } from '../pool/lease.ts'
import { isReplayable } from '../pool/request-facts.ts'

type Controller = Dispatcher.DispatchController
type RawHeaders = NonNullable<Controller['rawHeaders']> | null
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]
type UpgradeSocket = Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>[3]

export class Passage implements PoolHandler, Controller {
  paused = false
  reason: Error | null = null
  private readonly options: DispatchOptions
  private readonly handler: PoolHandler
  private inner: Controller | null = null
  /** What a keepwarm pool beneath gave it; and whether one that it gave before may have been written. */
  private lease: Lease | null = null
  private sentBefore = false
  /** It is about to be written, and the exchange may still say no, which undici hears from us. */
  private starting = false
  private sentTold = false
  private over = false

  constructor(options: DispatchOptions, handler: PoolHandler) {
    this.options = options
    this.handler = handler
  }

  go(dispatch: Dispatcher.Dispatch): void {
    this.handler.onRequestStart?.(this, {})
    if (this.reason === null) dispatch(this.options, this)
  }

  // ── what the exchange asks and says ────────────────────────────────────────────────────────────────────────

  /** For a keepwarm pool beneath. */
  get acquireBy(): number {
    return this.handler.acquireBy ?? Infinity
  }

  get acquireTimeout(): number | undefined {
    return this.handler.acquireTimeout
  }

  get trail(): PoolHandler['trail'] {
    return this.handler.trail
  }

  get trailAttempt(): number {
    return this.handler.trailAttempt ?? 0
  }

  get operation(): string | undefined {
    return this.handler.operation
  }

  get aborted(): boolean {
    return this.reason !== null
  }

  /** Whether a byte may have been written. */
  get sent(): boolean {
    if (this.lease === null) return this.inner !== null && !this.starting
    return this.sentBefore || this.lease.sent
  }

  /** Whether its connection had served before; undefined where nobody says. */
  get reused(): boolean | undefined {
    return this.lease?.reused
  }

  /** The connection, where somebody says. */
  get slot(): Lease['slot'] {
    return this.lease?.slot ?? null
  }

  get rawHeaders(): RawHeaders {
    return this.inner?.rawHeaders ?? null
  }

  get rawTrailers(): RawHeaders {
    return this.inner?.rawTrailers ?? null
  }

  abort(reason: Error = new errors.RequestAbortedError()): void {
    if (this.reason !== null || this.over) return
    this.reason = reason
    if (!this.starting) this.inner?.abort(reason)
  }

  pause(): void {
    this.paused = true
    this.inner?.pause()
  }

  resume(): void {
    this.paused = false
    this.inner?.resume()
  }

  // ── what the dispatcher reports ────────────────────────────────────────────────────────────────────────────

  onRequestStart(inner: Controller): void {
    const { reason } = this
    if (inner instanceof Lease) this.carriedBy(inner)
    const waits = this.lease !== null // it says later, by onWire, that it is written
    if (reason !== null && waits) return inner.abort(reason)
    if (reason !== null) throw reason
    this.inner = inner
    if (this.paused) inner.pause()
    if (!waits) this.written()
  }

  /** What lies between may make several requests of it, one after the other. */
  carriedBy(lease: Lease): void {
    if (this.lease === lease) return
    this.sentBefore ||= this.lease?.sent === true
    this.lease = lease
    this.sentTold = false
  }

  onWire(): void {
    this.handler.onWire?.()
  }

  onBack(): void {
    this.sentTold = false
    this.handler.onBack?.()
  }

  onBodySent(chunk: Buffer): void {
    if (!this.isGone) this.handler.onBodySent?.(chunk)
  }

  onRequestSent(): void {
    if (this.isGone || this.sentTold) return
    this.sentTold = true
    this.handler.onRequestSent?.()
  }

  onResponseStarted(): void {
    if (!this.isGone) this.handler.onResponseStarted?.()
  }

  onResponseStart(_: Controller, status: number, headers: Headers, text?: string): void {
    this.handler.onResponseStart?.(this, status, headers, text)
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.handler.onResponseData?.(this, chunk)
  }

  onResponseEnd(_: Controller, trailers: Headers): void {
    this.over = true
    this.handler.onResponseEnd?.(this, trailers)
  }

  onRequestUpgrade(_: Controller, status: number, headers: Headers, socket: UpgradeSocket): void {
    this.over = true
    this.handler.onRequestUpgrade?.(this, status, headers, socket)
  }

  onResponseError(_: Controller | null, error: Error): void {
    this.over = true
    this.handler.onResponseError?.(this, asOurs(error))
  }

  private get isGone(): boolean {
    return this.over || this.reason !== null
  }

  /** To throw makes undici give the request up and keep the connection; to abort would close that. */
  private written(): void {
    this.starting = true
    this.sentTold = false
    this.handler.onWire?.()
    if (this.reason !== null) throw this.reason
    this.starting = false
    // Some interceptors do not pass on that it was sent; a body that is there as a whole is, by now.
    if (isReplayable(this.options.body)) queueMicrotask(() => this.onRequestSent())
  }
}

/** A test that asks a MockAgent for what it does not know has made a mistake; to ask again would not mend it. */
function asOurs(error: Error): Error {
  const { code } = error as Error & { code?: unknown }
  if (code !== 'UND_MOCK_ERR_MOCK_NOT_MATCHED') return error
  return new KeepwarmError('invalid_request', error.message, { cause: error })
}
