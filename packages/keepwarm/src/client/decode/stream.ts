/** Decodes a body as it arrives. */
import { Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'
import type { Coding } from './codings.ts'
import { EitherInflate } from './deflate.ts'
import { corrupt, mostDecoded, tooMuch, type DecodeLimits } from './limits.ts'

/**
 * A stream of the decoded bytes. Reading it slowly slows the source down; destroying it, or whatever breaks it, destroys
 * the source, and an error of the source is its own. It fails with `decode` when the data is broken or cut off, with
 * `body_too_large` as soon as it is more than the limits allow. A source without bytes gives none.
 *
 * @param codings what to take off, the first one first; at least one
 * @param what for messages: `GET /orders`
 */
export function decodeStream(
  source: Readable,
  codings: readonly Coding[],
  limits: DecodeLimits,
  what: string,
): Readable {
  return new DecodedBody(source, codings, limits, what)
}

class DecodedBody extends Readable {
  private readonly source: Readable
  private readonly stages: readonly Transform[]
  private readonly limits: DecodeLimits
  private readonly what: string
  private wireBytes = 0
  private decodedBytes = 0

  constructor(source: Readable, codings: readonly Coding[], limits: DecodeLimits, what: string) {
    super({ highWaterMark: 65_536 })
    this.source = source
    this.limits = limits
    this.what = what
    this.stages = codings.map(stageOf)
    // It may break before somebody reads it, who will then hear of it; unheard it would end the process.
    this.on('error', () => {})
    this.listen()
  }

  override _read(): void {
    this.stages.at(-1)!.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.source.destroy(error ?? undefined)
    for (const stage of this.stages) stage.destroy()
    done(error)
  }

  private listen(): void {
    const { source, stages } = this
    source.on('error', (error) => this.destroy(error))
    source.on('close', () => {
      if (!source.readableEnded) this.destroy()
    })
    source.on('data', (chunk: Buffer) => (this.wireBytes += chunk.length))
    let last: Readable = source
    let running = stages.length
    for (const stage of stages) {
      stage.on('error', (error) => this.broken(error))
      // A coding may end before the one around it, whose fault would then come too late.
      stage.on('end', () => {
        if (--running === 0) this.push(null)
      })
      last = last.pipe(stage)
    }
    last.on('data', (chunk: Buffer) => this.decoded(last, chunk))
  }

  private decoded(last: Readable, chunk: Buffer): void {
    const { limits } = this
    this.decodedBytes += chunk.length
    const most = mostDecoded(limits, this.wireBytes)
    if (this.decodedBytes > most) this.destroy(tooMuch(limits, most, this.what))
    else if (!this.push(chunk)) last.pause()
  }

  private broken(error: Error): void {
    if (this.wireBytes === 0) this.push(null)
    else this.destroy(corrupt(error, this.what))
  }
}

function stageOf(coding: Coding): Transform {
  if (coding === 'gzip') return createGunzip()
  if (coding === 'br') return createBrotliDecompress()
  if (coding === 'zstd') return createZstdDecompress()
  return new EitherInflate()
}
