import type { Dispatcher } from 'undici'
import type { Exchange } from '../exchange/exchange.ts'
import type { CallHandler, Headers } from '../exchange/host.ts'
import type { DispatchOptions } from '../pool/dispatch-options.ts'
import { asText } from '../pool/request-facts.ts'
import type { CallOptions } from './options.ts'

/** How far a body is, in bytes on the wire. */
export interface Progress {
  readonly transferred: number
  /** Undefined where only the end will tell. */
  readonly total: number | undefined
  /** From 0 to 1; undefined while the total is. */
  readonly percent: number | undefined
  /** Of which attempt, numbered from 1: each begins at 0. */
  readonly attempt: number
}

export type OnProgress = (progress: Progress) => void

/** What one direction has come to. */
class Gauge {
  private readonly tell: OnProgress
  private attempt = 0
  private transferred = 0
  private total: number | undefined

  constructor(tell: OnProgress) {
    this.tell = tell
  }

  isOf(attempt: number): boolean {
    return this.attempt === attempt
  }

  begin(attempt: number, total: number | undefined): void {
    this.attempt = attempt
    this.transferred = 0
    this.total = total
    this.say()
  }

  add(bytes: number): void {
    this.transferred += bytes
    this.say()
  }

  /** Nothing follows; said once. */
  end(): void {
    if (this.attempt === 0 || this.total === this.transferred) return
    this.total = this.transferred
    this.say()
  }

  private say(): void {
    const { transferred, total, attempt } = this
    const percent = total === undefined ? undefined : total === 0 ? 1 : transferred / total
    this.tell({ transferred, total, percent, attempt })
  }
}

/** The handler itself where nobody wants to know. */
export function withProgress(
  handler: CallHandler,
  { body, headers }: DispatchOptions,
  options: CallOptions | undefined,
): CallHandler {
  const { onUploadProgress, onDownloadProgress } = options ?? none
  if (onUploadProgress === undefined && onDownloadProgress === undefined) return handler
  const declared = (headers as Record<string, string>)['content-length']
  const total =
    body instanceof Uint8Array ? body.length : declared === undefined ? undefined : Number(declared)
  return new ProgressHandler(handler, onUploadProgress, onDownloadProgress, total)
}

const none: CallOptions = {}

/** Stands before a call's handler and tells how far its bodies are; whatever its listeners throw ends the call. */
export class ProgressHandler implements CallHandler {
  readonly collects: boolean
  private readonly handler: CallHandler
  private readonly upload: Gauge | undefined
  private readonly uploadTotal: number | undefined
  private readonly download: Gauge | undefined
  private exchange: Exchange | undefined

  constructor(
    handler: CallHandler,
    onUpload: OnProgress | undefined,
    onDownload: OnProgress | undefined,
    uploadTotal: number | undefined,
  ) {
    this.handler = handler
    this.collects = handler.collects === true
    this.upload = onUpload && new Gauge(onUpload)
    this.download = onDownload && new Gauge(onDownload)
    this.uploadTotal = uploadTotal
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: object): void {
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
    this.handler.onResponseEnd?.(controller, trailers)
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.handler.onResponseError?.(controller, error)
  }

  private get attempt(): number {
    return this.exchange?.attempt ?? 1
  }
}

function lengthIn(headers: Headers): number | undefined {
  const length = asText(headers['content-length'])
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
}
