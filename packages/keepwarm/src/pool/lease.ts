/**
 * One request's way through the pool. The same object stands in line (a {@link Waiter}), is the handler that the
 * connection's undici Client sees, and is the controller that the caller holds from the first moment on, so that
 * it can be aborted while it waits, without touching a socket.
 *
 *     new ──▶ waiting ──▶ leased ──onRequestStart──▶ sent ──▶ over
 *               │            └── the connection died before a byte was written: waiting again, at the front
 *               └── aborted, refused ─────────────────────────▶ over
 *
 * Two endings are kept apart: *over* is the caller's (told exactly once), *released* is the connection's.
 */
import { errors, type Dispatcher } from 'undici'
import { connectionLost, ConnectionGone, gaveBackUnsent } from './blame.ts'
import type { Priority } from './lanes.ts'
import type { Stallable } from './leak-watch.ts'
import { streamIsFor, type StreamOwner } from './streams.ts'
import { Waiter } from './entities.ts'
import { isReplayable, maySendTwice } from './request-facts.ts'

export type DispatchOptions = Dispatcher.DispatchOptions & {
  signal?: unknown
  servername?: string
  allowH2?: boolean
  /** Whether it is served before or after others that wait. Default `auto`. */
  priority?: Priority
}

/** What a handler of the house may have besides. */
export interface PoolHandler extends Dispatcher.DispatchHandler {
  /** Until when it may wait, if that is sooner than the pool's own `acquireTimeout`. */
  acquireBy?: number
  /** The request is being written to a connection. Not called while it waits. */
  onWire?(): void
}

/** What the pool does for a lease. */
export interface LeaseHost {
  /** The caller left the line. */
  left(lease: Lease): void
  /** The request is over on its connection. */
  released(lease: Lease): void
  /** Its connection died before a byte was written: it goes back to the front of the line. */
  again(lease: Lease): void
  /** The server had closed its connection: it goes again on one that never served, at the front of the line. */
  race(lease: Lease): void
  /** The server said how long it keeps the connection, in ms. */
  hinted(lease: Lease, keepAlive: number): void
  /** It goes out on an HTTP/2 session, and was given up before any answer. */
  wired(lease: Lease): void
  unanswered(lease: Lease): void
  /** The reader of its response wants no more for now, or goes on. */
  stalled(lease: Lease): void
  moved(lease: Lease): void
}

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]
type RawHeaders = NonNullable<Dispatcher.DispatchController['rawHeaders']> | null
type UpgradeSocket = Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>[3]

/** How often a request may lose a dead connection before it was written; then the error is the caller's. */
const MAX_LOSSES = 3

export class Lease extends Waiter implements Dispatcher.DispatchController, StreamOwner, Stallable {
  options: DispatchOptions
  /** When the pool must have found a connection. */
  readonly acquireBy: number
  /** Whether a byte may have been written. */
  sent = false
  /** Whether the connection had completed a response before. */
  reused = false
  /** undici refused it for its arguments: the connection never had it. */
  neverOccupied = false
  aborted = false
  /** A byte of a response came. */
  answered = false
  paused = false
  reason: Error | null = null
  /** Where it was asked for, when the pool records that. */
  stack: string | undefined
  /** The HTTP/2 session that has it, and may not be allowed to write it. */
  handedTo: { givenUp(lease: Lease): void } | null = null
  private readonly host: LeaseHost
  private readonly handler: PoolHandler
  private inner: Dispatcher.DispatchController | null = null
  private over = false
  private losses = 0
  /** The handler is being told that the request is written. */
  private writing = false
  private raced = false

  constructor(host: LeaseHost, options: DispatchOptions, handler: PoolHandler, acquireBy: number) {
    super()
    this.host = host
    this.options = options
    this.handler = handler
    this.acquireBy = acquireBy
  }

  // ── the caller's controller ────────────────────────────────────────────────────────────────────────────────

  /** Hands the controller to the caller. False when the caller used it to abort at once. */
  begin(): boolean {
    this.handler.onRequestStart?.(this, {})
    return !this.aborted
  }

  abort(reason?: Error): void {
    if (this.aborted || this.over) return
    this.aborted = true
    this.reason = reason ?? new errors.RequestAbortedError()
    if (this.inner !== null) {
      if (!this.answered) this.host.unanswered(this)
      return this.letGo(this.inner, this.reason)
    }
    if (this.waiting) this.host.left(this)
    else this.handedTo?.givenUp(this)
    this.fail(this.reason)
  }

  pause(): void {
    this.paused = true
    this.host.stalled(this)
    this.inner?.pause()
  }

  resume(): void {
    this.paused = false
    this.host.moved(this)
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
    const { method, origin, path } = this.options
    return `${method} ${typeof origin === 'string' ? withoutUser(origin) : (origin?.origin ?? '')}${path.split(/[?#]/, 1)[0]}`
  }

  /** The caller was told the end. */
  get isOver(): boolean {
    return this.over
  }

  /** Ends the request with an error of the pool's own. */
  fail(error: Error): void {
    if (this.over) return
    this.over = true
    this.tellError(error)
  }

  private tellError(error: Error): void {
    try {
      this.handler.onResponseError?.(this, error)
    } catch (thrown) {
      // It can be told nothing more; and undici would make an event of it that nobody hears.
      process.emitWarning(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  }

  // ── the connection's handler ───────────────────────────────────────────────────────────────────────────────

  onRequestStart(inner: Dispatcher.DispatchController): void {
    // Aborted after it was given to the connection and before it was written. To throw gives it back to the Client
    // and leaves the connection alone; to abort would close it.
    if (this.reason !== null) throw this.reason
    this.inner = inner
    if (this.paused) inner.pause()
    if (this.slot!.maxStreams > 1) {
      streamIsFor(this)
      this.host.wired(this)
    }
    this.sent = true // HTTP/2 may send it again on another session; the caller has its controller already
    this.handler.onWire?.()
  }

  /**
   * HTTP/2: the server did not process this and will take no more. undici would send it again itself, but only when
   * the last of the session's other streams is over.
   */
  turnedAway(): void {
    const { inner } = this
    queueMicrotask(() => {
      if (inner !== null && inner === this.inner && !this.over)
        inner.abort(new ConnectionGone('turned away by a GOAWAY'))
    })
  }

  onBodySent(chunk: Buffer): void {
    this.writing = true
    try {
      this.handler.onBodySent?.(chunk)
    } catch (thrown) {
      this.threw(thrown as Error)
    } finally {
      this.writing = false
    }
  }

  onRequestSent(): void {
    this.writing = true
    try {
      this.handler.onRequestSent?.()
    } catch (thrown) {
      this.threw(thrown as Error)
    } finally {
      this.writing = false
    }
  }

  onResponseStarted(): void {
    this.answered = true
    try {
      this.handler.onResponseStarted?.()
    } catch (thrown) {
      this.threw(thrown as Error)
    }
  }

  /** undici makes an error of what these three throw over HTTP/1.1 alone; over HTTP/2 it could end the process. */
  private threw(error: Error): void {
    if (this.inner === null || this.slot?.maxStreams === 1) throw error
    this.aborted = true
    this.reason = error
    this.letGo(this.inner, error)
  }

  /**
   * An HTTP/2 request that is aborted while it is being written is counted wrong by undici, whose Client then never
   * closes. It is aborted right after.
   */
  private letGo(inner: Dispatcher.DispatchController, reason: Error): void {
    if (!this.writing || this.slot?.maxStreams === 1) return inner.abort(reason)
    queueMicrotask(() => inner.abort(reason))
  }

  onResponseStart(_inner: unknown, status: number, headers: Headers, statusText?: string): void {
    const keepAlive = headers['keep-alive']
    if (keepAlive !== undefined) {
      const seconds = keepAliveSeconds(keepAlive)
      if (seconds !== undefined) this.host.hinted(this, seconds * 1_000)
    }
    this.handler.onResponseStart?.(this, status, headers, statusText)
  }

  onResponseData(_inner: unknown, chunk: Buffer): void {
    this.handler.onResponseData?.(this, chunk)
  }

  onResponseEnd(_inner: unknown, trailers: Headers): void {
    this.host.released(this)
    if (this.over) return
    this.over = true
    try {
      this.handler.onResponseEnd?.(this, trailers)
    } catch (thrown) {
      this.tellError(thrown as Error) // as undici does it: its retry interceptor refuses an answer in this way
    }
  }

  onRequestUpgrade(_inner: unknown, status: number, headers: Headers, socket: UpgradeSocket): void {
    // Over HTTP/2 the tunnel is a stream of a session that lives on: it counts until it is closed.
    if (this.slot !== null && this.slot.maxStreams > 1) socket.once('close', () => this.host.released(this))
    else this.host.released(this)
    if (!this.over && this.handler.onRequestUpgrade !== undefined) {
      this.over = true
      try {
        return this.handler.onRequestUpgrade(this, status, headers, socket)
      } catch (thrown) {
        socket.destroy()
        return this.tellError(thrown as Error)
      }
    }
    socket.destroy()
    this.fail(new errors.InvalidArgumentError('the handler has no onRequestUpgrade method'))
  }

  onResponseError(inner: object | null | undefined, error: Error): void {
    if (!this.over && this.losses < MAX_LOSSES && gaveBackUnsent(inner, this.sent, error)) {
      this.losses++
      this.sent = this.raced // nothing of this attempt was sent; of the one before, perhaps
      this.reused = false // whatever comes now is not the fault of a kept connection
      this.inner = this.handedTo = null
      return this.host.again(this)
    }
    if (this.lostRace(error)) {
      this.raced = this.fresh = true
      this.inner = this.handedTo = null
      return this.host.race(this)
    }
    this.neverOccupied = inner === null
    this.host.released(this)
    this.fail(error)
  }

  /**
   * The keep-alive race: the server closed an idle connection just as the request went out on it, and said nothing.
   * Once, and only where the server may get the request twice and it can be sent again from its first byte.
   */
  private lostRace(error: Error): boolean {
    return (
      !this.over &&
      !this.aborted &&
      !this.answered &&
      !this.raced &&
      this.sent &&
      this.reused &&
      connectionLost(error) &&
      isReplayable(this.options.body) &&
      maySendTwice(this.options)
    )
  }
}

function withoutUser(origin: string): string {
  return origin.replace(/\/\/[^/@]*@/, '//')
}

/** `timeout` of a Keep-Alive header, in seconds. */
export function keepAliveSeconds(header: string | string[]): number | undefined {
  const match = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(
    Array.isArray(header) ? header.join(',') : header,
  )
  return match === null ? undefined : Number(match[1])
}
