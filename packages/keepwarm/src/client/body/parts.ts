import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { described } from '../described.ts'
import { bytesOf, type BodyPart } from './bytes.ts'

/** Can be read once: streams of Node and of the web, iterables, generators. */
export type BodySource = AsyncIterable<BodyPart> | Iterable<BodyPart>

/** A larger piece would be queued whole, which over HTTP/2 is memory that its session has not got. */
const PIECE = 65_536

type Reader = AsyncIterator<unknown> | Iterator<unknown>

/**
 * A source as a stream of bytes. It is read no faster than it is sent, closed with the stream, and held to its length
 * where that was promised: bytes beyond it would be read as the next request on the connection, or cost the HTTP/2 session.
 */
export class Parts extends Readable {
  private readonly source: BodySource
  private readonly length: number | undefined
  private reader: Reader | undefined
  private delivered = 0

  constructor(source: BodySource, length: number | undefined) {
    super({ highWaterMark: 65_536 })
    this.source = source
    this.length = length
    // It may fail before anybody reads it.
    if (source instanceof Readable) source.on('error', (error) => this.destroy(error))
  }

  override _read(): void {
    this.next().catch((error: unknown) => this.destroy(error as Error))
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { source, reader } = this
    if (source instanceof Readable) source.destroy()
    else if (reader !== undefined) Promise.resolve(reader.return?.()).catch(() => {})
    else if (source instanceof ReadableStream) source.cancel().catch(() => {})
    callback(error)
  }

  private async next(): Promise<void> {
    this.reader ??= readerOf(this.source)
    for (;;) {
      const { done, value } = await this.reader.next()
      if (this.destroyed) return
      if (done === true) return this.complete()
      const bytes = typeof value === 'string' ? Buffer.from(value) : bytesOf(value)
      if (bytes === undefined)
        throw new Error(`a part of it is ${described(value)}; parts are strings or bytes`)
      if (bytes.length > 0) return this.deliver(bytes)
    }
  }

  private deliver(bytes: Uint8Array): void {
    this.delivered += bytes.length
    if (this.length !== undefined && this.delivered > this.length)
      throw new Error(`it is longer than its content-length, ${this.length} bytes`)
    for (let at = 0; at < bytes.length; at += PIECE) this.push(bytes.subarray(at, at + PIECE))
  }

  private complete(): void {
    if (this.length !== undefined && this.delivered < this.length)
      throw new Error(`it ended after ${this.delivered} bytes, and its content-length is ${this.length}`)
    this.push(null)
  }
}

function readerOf(source: BodySource): Reader {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}
