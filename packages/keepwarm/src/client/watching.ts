/** For calls that want to know more than their answer: how far their bodies are, and what came after the answer. */
import type { Dispatcher } from 'undici'
import type { Exchange } from '../exchange/exchange.ts'
import type { CallHandler, Headers } from '../exchange/host.ts'
import type { DispatchOptions } from '../pool/dispatch-options.ts'
import { asText } from '../pool/request-facts.ts'
import type { CallOptions } from './options.ts'
import { Gauge } from './progress.ts'

/** The handler itself where nobody wants to know. */
export function watched(
  handler: CallHandler,
  wire: DispatchOptions,
  options: CallOptions | undefined,
): CallHandler {
  if (options === undefined) return handler
  const { onUploadProgress, onDownloadProgress, onTrailers } = options
  if (onUploadProgress === undefined && onDownloadProgress === undefined && onTrailers === undefined)
    return handler
  return new Watching(handler, uploadLength(wire), options)
}

function uploadLength({ body, headers }: DispatchOptions): number | undefined {
  if (body instanceof Uint8Array) return body.length
  const declared = (headers as Record<string, string>)['content-length']
  return declared === undefined ? undefined : Number(declared)
}

/** Stands before a call's handler; whatever its listeners throw ends the call. */
class Watching implements CallHandler {
  readonly collects: boolean
  private readonly handler: CallHandler
  private readonly uploadTotal: number | undefined
  private readonly upload: Gauge | undefined
  private readonly download: Gauge | undefined
  private readonly onTrailers: CallOptions['onTrailers']
  private exchange: Exchange | undefined
  /** Attempts of the exchanges before, where redirects are followed. */
  private before = 0

  constructor(
    handler: CallHandler,
    uploadTotal: number | undefined,
    { onUploadProgress, onDownloadProgress, onTrailers }: CallOptions,
  ) {
    this.handler = handler
    this.collects = handler.collects === true
    this.uploadTotal = uploadTotal
    this.upload = onUploadProgress && new Gauge(onUploadProgress)
    this.download = onDownloadProgress && new Gauge(onDownloadProgress)
    this.onTrailers = onTrailers
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: object): void {
    this.before = this.attempt
    this.exchange = controller as Exchange
    this.handler.onRequestStart?.(controller, context)
  }

  onBodySent(chunk: Buffer | string): void {
    const { upload, attempt } = this
    if (upload === undefined) return
    if (!upload.isOf(attempt)) upload.begin(attempt, this.uploadTotal)
    upload.add(Buffer.byteLength(chunk))
  }

  onRequestSent(): void {
    if (this.upload?.isOf(this.attempt) === true) this.upload.end()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Headers,
    text?: string,
  ): void {
    if (status >= 200) this.download?.begin(this.attempt, lengthIn(headers))
    this.handler.onResponseStart?.(controller, status, headers, text)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.download?.add(chunk.length)
    this.handler.onResponseData?.(controller, chunk)
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: Headers): void {
    this.download?.end()
    if (Object.keys(trailers).length > 0) this.onTrailers?.(trailers)
    this.handler.onResponseEnd?.(controller, trailers)
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.handler.onResponseError?.(controller, error)
  }

  private get attempt(): number {
    return this.before + (this.exchange?.attempt ?? 0)
  }
}

function lengthIn(headers: Headers): number | undefined {
  const length = asText(headers['content-length'])
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
}
