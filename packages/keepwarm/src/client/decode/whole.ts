/** Decodes a body that is there as a whole. */
import { constants } from 'node:buffer'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Coding } from './codings.ts'
import { isZlib } from './deflate.ts'
import { corrupt, mostDecoded, tooMuch, type DecodeLimits } from './limits.ts'

/** Smaller ones are decoded at once: to hand them to another thread and back costs more. */
const SMALL = 16 * 1024

interface Options {
  readonly maxOutputLength: number
}

interface Decoder {
  readonly now: (body: Buffer, options: Options) => Buffer
  readonly later: (body: Buffer, options: Options) => Promise<Buffer>
}

const gunzip: Decoder = { now: zlib.gunzipSync, later: promisify(zlib.gunzip) }
const inflate: Decoder = { now: zlib.inflateSync, later: promisify(zlib.inflate) }
const inflateRaw: Decoder = { now: zlib.inflateRawSync, later: promisify(zlib.inflateRaw) }
const brotli: Decoder = { now: zlib.brotliDecompressSync, later: promisify(zlib.brotliDecompress) }
const zstd: Decoder = { now: zlib.zstdDecompressSync, later: promisify(zlib.zstdDecompress) }

/**
 * Takes the codings off, one after the other. A body of no bytes is one: answers to HEAD, 204 and 304 name the coding
 * of a body that they do not have.
 *
 * @param what for messages: `GET /orders`
 * @throws KeepwarmError `decode` when the data is broken or cut off, `body_too_large` beyond the limits
 */
export async function decodeWhole(
  body: Buffer,
  codings: readonly Coding[],
  limits: DecodeLimits,
  what: string,
): Promise<Buffer> {
  if (body.length === 0) return body
  const most = mostDecoded(limits, body.length)
  // zlib takes whole numbers, from 1 to what a buffer can hold.
  const options = { maxOutputLength: Math.min(Math.max(1, Math.floor(most)), constants.MAX_LENGTH) }
  let decoded = body
  try {
    for (const coding of codings) {
      const decoder = decoderOf(coding, decoded)
      decoded =
        decoded.length <= SMALL ? decoder.now(decoded, options) : await decoder.later(decoded, options)
    }
  } catch (error) {
    const { code } = error as Error & { code?: unknown }
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooMuch(limits, most, what) : corrupt(error as Error, what)
  }
  if (decoded.length > most) throw tooMuch(limits, most, what)
  return decoded
}

function decoderOf(coding: Coding, body: Buffer): Decoder {
  if (coding === 'gzip') return gunzip
  if (coding === 'br') return brotli
  if (coding === 'zstd') return zstd
  return isZlib(body[0]!, body[1] ?? 0) ? inflate : inflateRaw
}
