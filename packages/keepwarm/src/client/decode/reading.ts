/** Whether and how a client undoes what a server packed, and what it asks for. */
import type { WireHeaders } from '../headers.ts'
import { acceptEncoding, codingsOf, type Codings } from './codings.ts'

export interface DecodeOptions {
  /**
   * Whether compressed bodies are asked for and decoded: gzip, deflate, br and zstd. A call's own Accept-Encoding counts
   * more. false asks for none and gives every body as it came. Default true.
   */
  readonly decompress?: boolean
  /** How many times larger than on the wire a body may become when it is decoded, beyond 64 KiB. Default 100. */
  readonly maxDecompressionRatio?: number
}

export interface Reading {
  readonly decompress: boolean
  readonly maxRatio: number
}

const usual: Reading = { decompress: true, maxRatio: 100 }

/** The client's with what the call says; the same object when it says nothing. */
export function readingOf(options: DecodeOptions | undefined, given: Reading = usual): Reading {
  const { decompress, maxDecompressionRatio } = options ?? {}
  if (decompress === undefined && maxDecompressionRatio === undefined) return given
  return {
    decompress: decompress ?? given.decompress,
    maxRatio: maxDecompressionRatio ?? given.maxRatio,
  }
}

const none: Codings = []

/** The codings to undo, or why they cannot be undone. */
export function packingOf(
  status: number,
  header: string | readonly string[] | undefined,
  { decompress }: Reading,
): Codings {
  if (header === undefined || !decompress) return none
  const codings = codingsOf(header)
  if (status === 206 && codings.length > 0) return 'it is a part of an encoded body'
  return codings
}

/** What a call asks for beside the headers that it has. */
export interface AskOptions extends DecodeOptions {
  readonly resume?: boolean
}

/**
 * The headers with the right Accept-Encoding: `headers` themselves, which have the client's, unless the call says
 * otherwise. The positions of ranges, and what a download that broke off is resumed with, are those of one encoding, and
 * a server that packs as it sends has none that hold: so such a call asks for the body as it is.
 */
export function asking(headers: WireHeaders, options: AskOptions): WireHeaders {
  const { decompress, resume } = options
  if (decompress === undefined && resume !== true && headers['range'] === undefined) return headers
  const own = headers['accept-encoding']
  if (own !== undefined && own !== acceptEncoding) return headers
  const { 'accept-encoding': _, ...others } = headers
  if (decompress === false) return others
  if (resume === true || headers['range'] !== undefined) return { ...others, 'accept-encoding': 'identity' }
  return { ...others, 'accept-encoding': acceptEncoding }
}
