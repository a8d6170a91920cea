/** Listens to an exchange while it passes, and tells what there is to record of it. */
import zlib from 'node:zlib'
import type { Dispatcher } from 'undici'
import { sizeText } from '../size-text.ts'
import { maskedBody, maskedHeaders, type IsSecret, type PlainHeaders } from './secrets.ts'
import { bytesOfBody, recordedBody, type RecordedResponse } from './traffic-file.ts'
import { plainHeaders, textOf } from './traffic-request.ts'

type Controller = Dispatcher.DispatchController
type Handler = Dispatcher.DispatchHandler
type Headers = Parameters<NonNullable<Handler['onResponseStart']>>[2]
type Upgraded = Parameters<NonNullable<Handler['onRequestUpgrade']>>

/** What an exchange ended with: a response, or why it cannot be recorded. */
export type Heard = (result: RecordedResponse | { readonly why: string }) => void

/** Of a connection, and not of an answer. */
const framing = ['connection', 'keep-alive', 'transfer-encoding']

export class Recording implements Handler {
  private readonly handler: Handler
  private readonly isSecret: IsSecret
  private readonly most: number
  private readonly heard: Heard
  private status = 0
  private statusText = ''
  private headers: PlainHeaders = {}
  private chunks: Buffer[] = []
  private bytes = 0

  /** @param most bytes of a body that is recorded */
  constructor(handler: Handler, isSecret: IsSecret, most: number, heard: Heard) {
    this.handler = handler
    this.isSecret = isSecret
    this.most = most
    this.heard = heard
  }

  onRequestStart(controller: Controller, context: object): void {
    this.handler.onRequestStart?.(controller, context)
  }

  onBodySent(chunk: Buffer): void {
    this.handler.onBodySent?.(chunk)
  }

  onRequestSent(): void {
    this.handler.onRequestSent?.()
  }

  onResponseStarted(): void {
    this.handler.onResponseStarted?.()
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, text?: string): void {
    if (status >= 200) {
      this.status = status
      this.statusText = text ?? ''
      this.headers = plainHeaders(headers)
    }
    this.handler.onResponseStart?.(controller, status, headers, text)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.bytes <= this.most) this.chunks.push(Buffer.from(chunk))
    else this.chunks = []
    this.handler.onResponseData?.(controller, chunk)
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    this.heard(this.result(trailers))
    this.handler.onResponseEnd?.(controller, trailers)
  }

  onRequestUpgrade(...upgraded: Upgraded): void {
    this.heard({ why: 'it was an upgrade' })
    this.handler.onRequestUpgrade?.(...upgraded)
  }

  onResponseError(controller: Controller, error: Error): void {
    this.heard({ why: `it failed: ${error.message}` })
    this.handler.onResponseError?.(controller, error)
  }

  private result(trailers: Headers): RecordedResponse | { why: string } {
    const { bytes, most, isSecret } = this
    if (bytes > most)
      return { why: `its response has ${sizeText(bytes)}, and maxBodyBytes is ${sizeText(most)}` }
    const type = textOf(this.headers['content-type'])
    const encoding = textOf(this.headers['content-encoding']).trim().toLowerCase()
    const plain = decoded(Buffer.concat(this.chunks), encoding, most)
    if (plain === undefined)
      return {
        why: `its response cannot be read: content-encoding "${encoding}", maxBodyBytes ${sizeText(most)}`,
      }
    const body = recordedBody(plain, (text) => maskedBody(text, type, isSecret))
    const headers = maskedHeaders(this.headers, isSecret)
    for (const name of framing) delete headers[name]
    if (body !== null) delete headers['content-encoding']
    // To decode and to mask change the length.
    if (body !== null && 'content-length' in headers)
      headers['content-length'] = String(bytesOfBody(body).length)
    const last = maskedHeaders(plainHeaders(trailers), isSecret)
    const { status, statusText } = this
    return {
      status,
      ...(statusText !== '' && { statusText }),
      ...{ headers, body },
      ...(Object.keys(last).length > 0 && { trailers: last }),
    }
  }
}

type Decoder = (bytes: Buffer, limit: { maxOutputLength: number }) => Buffer

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: zlib.gunzipSync,
  'x-gzip': zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
}

/**
 * Some servers compress what was asked for uncompressed; a secret in it would not be seen.
 *
 * @returns undefined for what cannot be decoded, or is too large then
 */
function decoded(bytes: Buffer, encoding: string, most: number): Buffer | undefined {
  if (bytes.length === 0 || encoding === '' || encoding === 'identity') return bytes
  try {
    return decoders[encoding]?.(bytes, { maxOutputLength: Math.max(1, most) })
  } catch {
    return undefined
  }
}
