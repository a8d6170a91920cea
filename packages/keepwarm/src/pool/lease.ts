/**
 * One request's way through the pool. The same object stands in line (a Waiter), is the handler that the connection's
 * undici Client sees, and is the controller that the caller holds ({@link Claim}) from the first moment on, so that it
 * can be aborted while it waits, without touching a socket.
 *
 *     new ──▶ waiting ──▶ leased ──onRequestStart──▶ sent ──▶ over
 *               │            └── the connection died before a byte was written: waiting again, at the front
 *               └── aborted, refused ─────────────────────────▶ over
 *
 * Two endings are kept apart: *over* is the caller's (told exactly once), *released* is the connection's.
 */
import { errors, type Dispatcher } from 'undici'
import { connectionLost, ConnectionGone, gaveBackUnsent, neverSent } from './blame.ts'
import { Claim } from './claim.ts'
import type { DispatchOptions, PoolHandler } from './dispatch-options.ts'
import type { Carrier } from './entities.ts'
import { readAsStream } from './direct-read.ts'
import { keepAliveSeconds } from './keep-alive.ts'
import type { HoldingSession, LeaseHost } from './lease-host.ts'
import { checkProtocol } from './protocol-check.ts'
import { isReplayable, maySendTwice } from './request-facts.ts'
import { streamIsFor, type StreamOwner } from './streams.ts'

export type { DispatchOptions, PoolHandler } from './dispatch-options.ts'

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]
type UpgradeSocket = Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>[3]

/** How often a request may lose a dead connection before it was written; then the error is the caller's. */
const MAX_LOSSES = 3

export class Lease extends Claim implements StreamOwner {
  /** When the pool must have found a connection. */
  readonly acquireBy: number
  /** Whether a byte may have been written. */
  sent = false
  /** Whether the connection had completed a response before. */
  reused = false
  /** undici refused it for its arguments: the connection never had it. */
  neverOccupied = false
  /** A byte of a response came. */
  answered = false
  /** When it was written, until the head of its response came; -1 otherwise, and where no limit wants to know. */
  writtenAt = -1
  /** The HTTP/2 session that has it, and may not be allowed to write it. */
  handedTo: HoldingSession | null = null
  private losses = 0
  /** The handler is being told that the request is written. */
  private written: 'not' | 'being told' | 'told' = 'not'
  private raced = false
  /** The connection has come to it, and has not written it: to throw is enough to give it back. */
  private comingUp = false
  /** Its stream was refused: undici keeps it, to send it again. */
  private kept = false

  constructor(host: LeaseHost, options: DispatchOptions, handler: PoolHandler, acquireBy: number) {
    super(host, options, handler)
    this.acquireBy = acquireBy
  }

  /** Its last byte was written. */
  get isWritten(): boolean {
    return this.written === 'told'
  }

  /** An HTTP/2 session has it, and has not come to it. */
  get isHeld(): boolean {
    return this.handedTo !== null && this.inner === null && !this.over
  }

  protected leave(reason: Error): void {
    if (this.inner !== null) {
      if (this.kept) this.handedTo?.givenUp(this)
      else if (!this.answered) this.host.unanswered(this)
      return this.letGo(this.inner, reason)
    }
    if (this.waiting) this.host.left(this)
    else if (!this.comingUp) this.handedTo?.givenUp(this)
    this.fail(reason)
  }

  /** The session that has it did not come to it in time. */
  expire(error: Error): void {
    if (this.over) return
    this.aborted = true
    this.reason = error
    this.handedTo?.givenUp(this)
    this.inner?.abort(error)
    this.fail(error)
  }

  // ── the connection's handler ───────────────────────────────────────────────────────────────────────────────

  onRequestStart(inner: Dispatcher.DispatchController): void {
    // Aborted after it was given to the connection and before it was written. To throw gives it back to the Client
    // and leaves the connection alone; to abort would close it.
    if (this.reason !== null) throw this.reason
    if (this.handedTo?.isGone === true) throw new ConnectionGone('the session is gone')
    checkProtocol(this.options, this.handedTo !== null)
    this.comingUp = true
    this.handler.onWire?.()
    this.comingUp = false
    if (this.aborted) throw this.reason as unknown as Error // it was turned away in the last moment
    this.inner = inner
    this.kept = false
    if (this.paused) inner.pause()
    if (this.lane!.limiter !== null) this.host.limiting.written(this)
    if (this.slot!.maxStreams > 1) {
      streamIsFor(this)
      this.host.wired(this)
    }
    this.sent = true // HTTP/2 may send it again on another session; the caller has its controller already
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

  refused(): void {
    if (this.over || this.aborted || this.inner === null) return
    this.kept = true
    if (this.writtenAt !== -1) this.host.limiting.refused(this)
    this.host.refused(this)
  }

  onBodySent(chunk: Buffer): void {
    this.written = 'being told'
    try {
      this.handler.onBodySent?.(chunk)
    } catch (thrown) {
      this.threw(thrown as Error)
    } finally {
      this.written = 'not'
    }
  }

  onRequestSent(): void {
    this.written = 'being told'
    try {
      this.handler.onRequestSent?.()
    } catch (thrown) {
      this.threw(thrown as Error)
    } finally {
      this.written = 'told'
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
    if (this.written !== 'being told' || this.slot?.maxStreams === 1) return inner.abort(reason)
    queueMicrotask(() => inner.abort(reason))
  }

  onResponseStart(_inner: unknown, status: number, headers: Headers, statusText?: string): void {
    if (this.writtenAt !== -1 && status >= 200)
      this.host.limiting.answered(this, status, headers['retry-after'])
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
    readAsStream(socket)
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
    if (!this.over && this.losses < MAX_LOSSES && this.isUnsent(inner, error)) {
      this.losses++
      this.sent = this.raced // nothing of this attempt was sent; of the one before, perhaps
      this.back()
      return this.host.again(this)
    }
    if (this.lostRace(error)) {
      this.raced = this.fresh = true
      this.back()
      return this.host.race(this)
    }
    if (this.writtenAt !== -1) this.host.limiting.ended(this, error)
    this.neverOccupied = inner === null
    this.host.released(this)
    this.fail(error)
  }

  /** It has no connection any more, and is to have another. */
  private back(): void {
    this.reused = false // whatever comes now is not the fault of a kept connection
    this.inner = this.handedTo = null
    this.writtenAt = -1
    this.written = 'not'
    this.handler.onBack?.()
  }

  private isUnsent(inner: object | null | undefined, error: Error): boolean {
    if (gaveBackUnsent(inner, this.sent, error)) return true
    return !this.aborted && !this.answered && neverSent(error) && isReplayable(this.options.body)
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

// For Claim.within, so that no request needs functions of its own.

export function dispatchOn(carrier: Carrier, lease: Lease): boolean {
  return carrier.dispatch(lease)
}

export function fail(lease: Lease, error: Error): void {
  lease.fail(error)
}

export function expire(lease: Lease, error: Error): void {
  lease.expire(error)
}
