import type { HttpStatusError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { CallHandler } from '../exchange/host.ts'
import type { Runtime } from '../runtime.ts'
import { Streamer } from './body-stream.ts'
import { failedForCaller } from './caller-line.ts'
import { Collector, MOST_OF_ERROR, type Collected, type Settle, type Take } from './collect.ts'
import { readingOf, type Reading } from './decode/reading.ts'
import type { WireHeaders } from './headers.ts'
import type { CallOptions } from './options.ts'
import { HttpResponse } from './response.ts'
import { statusError } from './status-error.ts'
import { shownTarget, type Base } from './target.ts'
import { limitsOf, unpack, unpackError, type Use } from './unpack.ts'

/** @internal Who sends calls, as they see it: one object for all calls of a client. */
export interface CallHost {
  /** Where paths lead; for messages. */
  readonly base: Base | undefined
  /** The endpoints that a base URL names. */
  readonly endpoints: readonly string[]
  readonly reading: Reading
  readonly runtime: Runtime
  /** How long an answer may take, in ms, where a call itself has no end. */
  readonly patience: () => number
  /** Sends a request; what it could not even begin is told to the handler too. */
  send(method: string, path: string, options: CallOptions | undefined, handler: CallHandler): void
}

/** Sends the request of a call, and judges the answer. What becomes of it is `Call`'s. */
export class Sending {
  /** @internal */
  protected readonly host: CallHost
  /** @internal */
  protected readonly method: string
  /** @internal */
  protected readonly path: string
  /** @internal */
  protected readonly options: CallOptions | undefined

  /** @internal */
  constructor(host: CallHost, method: string, path: string, options: CallOptions | undefined) {
    this.host = host
    this.method = method
    this.path = path
    this.options = options
  }

  /** The response as soon as its headers are there, whatever its status. `await call` does the same. */
  response(): Promise<HttpResponse> {
    return new Promise((resolve) => {
      const streamer = new Streamer(
        (status, headers, body) => resolve(new HttpResponse(this.what, status, headers, body, this.reading)),
        resolve,
      )
      this.host.send(this.method, this.path, this.options, streamer)
    })
  }

  /** @internal */
  protected collect<T>(take: Take<T>, use: Use): Promise<T> {
    return new Promise((resolve) => {
      const collector = new Collector(this.throwsOnStatus, this, take, use, resolve as Settle)
      this.host.send(this.method, this.path, this.options, collector)
    })
  }

  /** @internal What the caller gets for a whole response. */
  outcome<T>(response: Collected, exchange: Exchange, use: Use, take: Take<T>): T | PromiseLike<T> {
    try {
      if (response.headers['content-encoding'] !== undefined)
        return this.unpacked(response, exchange, use, take)
      if (this.isRefused(response.status, exchange)) throw statusError(this.what, response, exchange)
      return take(response, exchange)
    } catch (error) {
      return failedForCaller(error)
    }
  }

  /** Most responses are not packed, and do not come here. */
  private async unpacked<T>(response: Collected, exchange: Exchange, use: Use, take: Take<T>): Promise<T> {
    const { reading, what } = this
    const limits = limitsOf(exchange, reading)
    try {
      if (this.isRefused(response.status, exchange))
        throw statusError(what, await unpackError(response, limits, reading, what), exchange)
      return await take(await unpack(response, use, limits, reading, what), exchange)
    } catch (error) {
      return failedForCaller(error)
    }
  }

  /** 304 is what a call asks for that names the version it has. */
  private isRefused(status: number, exchange: Exchange): boolean {
    if ((status >= 200 && status <= 299) || !this.throwsOnStatus) return false
    return status !== 304 || !isConditional(exchange.options.headers as WireHeaders | undefined)
  }

  /** @internal The response, when its status is not refused. */
  async accepted(): Promise<HttpResponse> {
    const response = await this.response()
    if (this.isRefused(response.status, response.exchange)) throw await this.refused(response)
    return response
  }

  private async refused(response: HttpResponse): Promise<HttpStatusError> {
    const { status, headers, exchange } = response
    const parts: Buffer[] = []
    let size = 0
    let unread = response.undecoded
    try {
      for await (const part of response.body) {
        parts.push(part as Buffer)
        size += (part as Buffer).length
        if (size > MOST_OF_ERROR) break
      }
    } catch (error) {
      unread = (error as Error).message
    }
    const body = Buffer.concat(parts)
    return statusError(
      this.what,
      { status, headers, body, ...(unread !== undefined && { unread }) },
      exchange,
    )
  }

  private get reading(): Reading {
    return readingOf(this.options, this.host.reading)
  }

  private get throwsOnStatus(): boolean {
    return this.options?.throwOnStatus ?? true
  }

  /** @internal For messages. */
  protected get what(): string {
    return `${this.method} ${shownTarget(this.host.base, this.path)}`
  }
}

function isConditional(headers: WireHeaders | undefined): boolean {
  return headers?.['if-none-match'] !== undefined || headers?.['if-modified-since'] !== undefined
}
