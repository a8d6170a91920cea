import { Readable } from 'node:stream'
import { KeepwarmError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { CallHandler } from '../exchange/host.ts'
import { failedForCaller } from './caller-line.ts'
import type { ResponseHeaders } from './collect.ts'

const noTrailers: ResponseHeaders = {}

/**
 * A response's body as a Node `Readable`. Reading slowly slows the sender down; destroying it ends the exchange and
 * with it the connection, so that nothing is held by a body that nobody reads.
 */
export class BodyStream extends Readable {
  readonly exchange: Exchange
  /** What came after it; empty until its end. */
  trailers: ResponseHeaders = noTrailers
  private ended = false

  constructor(exchange: Exchange) {
    super({ highWaterMark: 65_536 })
    this.exchange = exchange
    // It may break before somebody reads it, who will then hear of it; unheard it would end the process.
    this.on('error', () => {})
  }

  override _read(): void {
    if (this.exchange.paused) this.exchange.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.ended) {
      this.ended = true
      this.exchange.abort(error ?? new KeepwarmError('aborted', 'the body was destroyed before its end'))
    }
    callback(error)
  }

  arrived(chunk: Buffer): void {
    if (!this.push(chunk)) this.exchange.pause()
  }

  complete(trailers: ResponseHeaders): void {
    this.ended = true
    this.trailers = trailers
    this.push(null)
  }

  broken(error: Error): void {
    this.ended = true
    this.destroy(error)
  }
}

/** Gives the response to the caller when its headers are there, and then its body as a stream. */
export class Streamer implements CallHandler {
  private readonly resolve: (status: number, headers: ResponseHeaders, body: BodyStream) => void
  private readonly settle: (failed: Promise<never>) => void
  private body: BodyStream | undefined

  /** @param settle resolves the caller's promise, with one that fails. */
  constructor(
    resolve: (status: number, headers: ResponseHeaders, body: BodyStream) => void,
    settle: (failed: Promise<never>) => void,
  ) {
    this.resolve = resolve
    this.settle = settle
  }

  onRequestStart(): void {}

  onResponseStart(controller: unknown, status: number, headers: ResponseHeaders): void {
    if (status < 200) return
    this.body = new BodyStream(controller as Exchange)
    this.resolve(status, headers, this.body)
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.body?.arrived(chunk)
  }

  onResponseEnd(_controller: unknown, trailers: ResponseHeaders): void {
    this.body?.complete(trailers)
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.body === undefined) this.settle(failedForCaller(error))
    else this.body.broken(error)
  }
}
