/**
 * What has arrived of a response's body, between the exchange and whoever reads: all of it at once (`json()`), part by
 * part (`body`), or nobody.
 *
 *     holding ──all()──▶ collecting ──▶ taken
 *        │ ▲   ──next()──▶ one part is wanted ─▶ holding
 *        │ └── more than HIGH_WATER is held: the connection rests until somebody reads
 *        └── ended or failed, at any time
 */
import { KeepwarmError } from '../../errors.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { bodyError } from './fetch-error.ts'

/** Bytes that are held for somebody who does not read; then the connection rests. */
export const HIGH_WATER = 65_536

/** Who reads part by part. */
export interface PartReader {
  part(bytes: Buffer): void
  end(): void
  fail(reason: unknown): void
}

interface WholeReader {
  take(bytes: Buffer): void
  fail(reason: unknown): void
}

export class BodyFeed {
  /** The last byte has come. */
  ended = false
  /** Who hears of the end at once, wanted or not; it must not be kept alive by a body that nobody reads. */
  watcher: WeakRef<PartReader> | undefined
  /** Somebody holds the body's stream, and not only the response. */
  streamed = false
  private readonly exchange: Exchange
  private readonly signal: AbortSignal | undefined
  private first: Buffer | undefined
  private more: Buffer[] | undefined
  private held = 0
  private failure: { readonly reason: unknown } | undefined
  private whole: WholeReader | undefined
  private wanting: PartReader | undefined

  constructor(exchange: Exchange, signal: AbortSignal | undefined) {
    this.exchange = exchange
    this.signal = signal
  }

  // ── what the exchange reports ──────────────────────────────────────────────────────────────────────────────

  arrived(chunk: Buffer): void {
    if (chunk.length === 0 || this.failure !== undefined) return
    const { wanting } = this
    if (wanting !== undefined) {
      this.wanting = undefined
      return wanting.part(chunk)
    }
    if (this.first === undefined) this.first = chunk
    else if (this.more === undefined) this.more = [this.first, chunk]
    else this.more.push(chunk)
    this.held += chunk.length
    if (this.held >= HIGH_WATER && this.whole === undefined) this.exchange.pause()
  }

  complete(): void {
    if (this.failure !== undefined) return
    this.ended = true
    const { whole } = this
    this.whole = undefined
    if (whole !== undefined) whole.take(this.takeAll())
    if (this.first === undefined) this.reader()?.end()
  }

  broke(error: Error): void {
    this.fail(this.signal?.aborted === true ? this.signal.reason : bodyError(error))
  }

  // ── what readers ask for ───────────────────────────────────────────────────────────────────────────────────

  /** The whole body; it must be asked for once. */
  all(reader: WholeReader): void {
    this.heedSignal()
    if (this.failure !== undefined) return reader.fail(this.failure.reason)
    if (this.ended) return reader.take(this.takeAll())
    this.whole = reader
    this.flow()
  }

  /** What is held already, or the next part, or the end. */
  next(reader: PartReader): void {
    this.heedSignal()
    if (this.failure !== undefined) return reader.fail(this.failure.reason)
    if (this.first !== undefined) {
      const parts = this.more ?? [this.first]
      this.forget()
      for (const part of parts) reader.part(part)
      if (this.ended) return reader.end()
    } else if (this.ended) return reader.end()
    else this.wanting = reader
    this.flow()
  }

  /** Nobody will read on. */
  cancel(reason: unknown): void {
    this.wanting = undefined
    this.forget()
    if (this.ended || this.failure !== undefined) return
    this.failure = { reason }
    this.exchange.abort(
      reason instanceof Error
        ? reason
        : new KeepwarmError('aborted', 'the body was cancelled before its end'),
    )
  }

  /** The response is gone. Whoever reads, or holds the stream, does without it. */
  abandoned(): void {
    if (this.whole !== undefined || this.streamed) return
    this.cancel(new KeepwarmError('aborted', 'the response was garbage collected before its body was read'))
  }

  /** Its user left: what has arrived and was not read is not for them any more. */
  private heedSignal(): void {
    if (this.signal?.aborted === true && this.failure === undefined) this.fail(this.signal.reason)
  }

  private fail(reason: unknown): void {
    if (this.failure !== undefined) return
    this.failure = { reason }
    this.forget()
    const { whole } = this
    this.whole = undefined
    whole?.fail(reason)
    this.reader()?.fail(reason)
  }

  private reader(): PartReader | undefined {
    const reader = this.wanting ?? this.watcher?.deref()
    this.wanting = undefined
    return reader
  }

  private flow(): void {
    if (this.exchange.paused) this.exchange.resume()
  }

  private takeAll(): Buffer {
    const { first = empty, more } = this
    this.forget()
    return more === undefined ? first : Buffer.concat(more)
  }

  private forget(): void {
    this.first = this.more = undefined
    this.held = 0
  }
}

const empty = Buffer.alloc(0)
