/** A response's body as its methods want it: the whole, or a web stream. */
import { Readable } from 'node:stream'
import type { Coding } from '../decode/codings.ts'
import type { DecodeLimits } from '../decode/limits.ts'
import { decodeStream } from '../decode/stream.ts'
import { decodeWhole } from '../decode/whole.ts'
import { bodyError } from './fetch-error.ts'
import type { BodyFeed, PartReader } from './body-feed.ts'

/** How the body is packed; undefined where it is not. */
export interface Packed {
  readonly codings: readonly Coding[]
  readonly limits: DecodeLimits
  /** For messages: "GET http://host/path". */
  readonly what: string
}

/** The whole body, and what is made of it. */
export function readAll<T>(
  feed: BodyFeed,
  packed: Packed | undefined,
  convert: (bytes: Buffer) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = (bytes: Buffer): void => {
      try {
        resolve(convert(bytes))
      } catch (error) {
        reject(error)
      }
    }
    const take =
      packed === undefined
        ? done
        : (bytes: Buffer): void =>
            void unpacked(bytes, packed).then(done, (error: unknown) => reject(bodyError(error as Error)))
    feed.all({ take, fail: reject })
  })
}

function unpacked(bytes: Buffer, { codings, limits, what }: Packed): Promise<Buffer> {
  return decodeWhole(bytes, codings, limits, what)
}

/**
 * The body as a web stream. Nothing is read ahead, and the feed does not know the stream except while a part is wanted: a
 * stream that nobody holds can be collected.
 */
export function streamOf(
  feed: BodyFeed,
  packed: Packed | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  feed.streamed = true
  return packed === undefined ? plainStream(feed) : unpackedStream(feed, packed)
}

class StreamEnd implements PartReader {
  private readonly controller: ReadableByteStreamController

  constructor(controller: ReadableByteStreamController) {
    this.controller = controller
  }

  /** Enqueuing takes the memory away, and this is a piece of what was read from the socket. */
  part(bytes: Buffer): void {
    this.controller.enqueue(new Uint8Array(bytes))
  }

  end(): void {
    closeStream(this.controller)
  }

  fail(reason: unknown): void {
    this.controller.error(reason)
  }
}

function plainStream(feed: BodyFeed): ReadableStream<Uint8Array<ArrayBuffer>> {
  let end: StreamEnd
  return new ReadableStream(
    {
      type: 'bytes',
      start(controller) {
        end = new StreamEnd(controller)
        feed.watcher = new WeakRef(end)
      },
      pull: () => feed.next(end),
      cancel: (reason) => feed.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

function unpackedStream(
  feed: BodyFeed,
  { codings, limits, what }: Packed,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const decoded = decodeStream(new FeedStream(feed), codings, limits, what)
  const parts = decoded[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        try {
          const { done, value } = (await parts.next()) as IteratorResult<Buffer, undefined>
          if (done === true) closeStream(controller)
          else controller.enqueue(new Uint8Array(value))
        } catch (error) {
          controller.error(
            ofFeed.has(error as object) ? ofFeed.get(error as object)!.reason : bodyError(error as Error),
          )
        }
      },
      cancel(reason) {
        decoded.destroy()
        feed.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Reasons that the feed failed for, by the errors that streams were destroyed with. */
const ofFeed = new WeakMap<object, { readonly reason: unknown }>()

/** The bytes as they come over the wire, for what decodes them. */
class FeedStream extends Readable implements PartReader {
  private readonly feed: BodyFeed

  constructor(feed: BodyFeed) {
    super({ highWaterMark: 65_536 })
    this.feed = feed
    feed.watcher = new WeakRef(this)
  }

  override _read(): void {
    this.feed.next(this)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.feed.cancel(error ?? undefined)
    callback(error)
  }

  part(bytes: Buffer): void {
    this.push(bytes)
  }

  end(): void {
    this.push(null)
  }

  fail(reason: unknown): void {
    const error = new Error('the body broke off')
    ofFeed.set(error, { reason })
    this.destroy(error)
  }
}

function closeStream(controller: ReadableByteStreamController): void {
  controller.close()
  controller.byobRequest?.respond(0) // otherwise a reader with a buffer of its own would wait for ever
}
