/** `deflate` means zlib's format, but many servers send the bare deflate data inside it. */
import { Transform, type TransformCallback } from 'node:stream'
import { createInflate, createInflateRaw, type Inflate } from 'node:zlib'

/** Whether these are the first two bytes of zlib's format: method 8, and a sum that is a multiple of 31. */
export function isZlib(first: number, second: number): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
}

/** Inflates either: the first two bytes say which, and may come one by one. */
export class EitherInflate extends Transform {
  private head: Buffer | undefined
  private inner: Inflate | undefined
  /** The data said that it was over, perhaps before the body is. */
  private isOver = false

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    if (this.inner !== undefined) return this.feed(this.inner, chunk, done)
    const head = this.head === undefined ? chunk : Buffer.concat([this.head, chunk])
    this.head = head
    if (head.length < 2) return done()
    this.feed(this.begin(isZlib(head[0]!, head[1]!)), head, done)
  }

  override _flush(done: TransformCallback): void {
    const inner = this.inner ?? this.begin(false)
    if (this.isOver) return done()
    inner.once('end', () => done())
    if (this.head !== undefined && this.head.length < 2) inner.write(this.head)
    inner.end()
  }

  /** Whoever reads has room again. */
  override _read(size: number): void {
    this.inner?.resume()
    super._read(size)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.inner?.destroy()
    done(error)
  }

  private begin(isWrapped: boolean): Inflate {
    const inner = isWrapped ? createInflate() : createInflateRaw()
    inner.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inner.pause()
    })
    inner.on('end', () => (this.isOver = true))
    inner.on('error', (error) => this.destroy(error))
    this.inner = inner
    return inner
  }

  private feed(inner: Inflate, chunk: Buffer, done: TransformCallback): void {
    inner.write(chunk, () => done())
  }
}
