import type { Readable } from 'node:stream'
import type { HttpStatusError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { CallHandler } from '../exchange/host.ts'
import type { Runtime } from '../runtime.ts'
import { Streamer } from './body-stream.ts'
import { failedForCaller } from './caller-line.ts'
import { Collector, headerText, MOST_OF_ERROR, type Collected } from './collect.ts'
import { charsetOf, decodeText } from './decode/charset.ts'
import { readingOf, type Reading } from './decode/reading.ts'
import type { WireHeaders } from './headers.ts'
import type { EventOptions } from './events/event-options.ts'
import type { ServerSentEvent } from './events/event-parser.ts'
import { eventStream } from './events/event-stream.ts'
import { bodyJson, checked } from './json.ts'
import type { CallOptions } from './options.ts'
import { HttpResponse } from './response.ts'
import type { StandardSchema } from './standard-schema.ts'
import { statusError } from './status-error.ts'
import { shownTarget, type Base } from './target.ts'
import { limitsOf, unpack, unpackError, type Use } from './unpack.ts'

/** Who sends calls, as they see it: one object for all calls of a client. */
export interface CallHost {
  /** Where paths lead; for messages. */
  readonly base: Base | undefined
  readonly reading: Reading
  readonly runtime: Runtime
  /** How long an answer may take, in ms, where a call itself has no end. */
  readonly patience: () => number
  /** Sends a request; what it could not even begin is told to the handler too. */
  send(method: string, path: string, options: CallOptions | undefined, handler: CallHandler): void
}

/**
 * A call that is sent when you say what you want of it: `text()`, `json()`, `bytes()`, `stream()`, `lines()`,
 * `ndjson()`, `events()`, `discard()`; or `await` it for the {@link HttpResponse}. Say it once: each of them sends a request.
 *
 * Except for the response itself, all of them reject with {@link HttpStatusError} when the status is not from 200 to
 * 299, unless the call was made with `throwOnStatus: false`.
 *
 * @example
 * const orders = await client.get('/orders', { query: { open: true } }).json(Orders)
 * const response = await client.get('/orders/7') // whatever its status
 */
export class Call implements PromiseLike<HttpResponse> {
  private readonly host: CallHost
  private readonly method: string
  private readonly path: string
  private readonly options: CallOptions | undefined

  constructor(host: CallHost, method: string, path: string, options: CallOptions | undefined) {
    this.host = host
    this.method = method
    this.path = path
    this.options = options
  }

  /** The body as text, in the charset of its Content-Type, or UTF-8. */
  text(): Promise<string> {
    return this.collect((response) => this.textOf(response), 'text')
  }

  /** The body, decoded; as it came where its Content-Encoding is not known. */
  bytes(): Promise<Buffer> {
    return this.collect((response) => response.body, 'bytes')
  }

  /**
   * The body, parsed: `unknown`, or what the schema (zod, valibot, arktype, any Standard Schema) says.
   * Rejects with `decode` when it is no JSON (as with 204, and HEAD), `validation` when it does not fit.
   */
  json(): Promise<unknown>
  json<T>(schema: StandardSchema<T>): Promise<T>
  json<T>(schema?: StandardSchema<T>): Promise<unknown> {
    return this.collect((response) => this.jsonOf(response, schema), 'text')
  }

  /** Sends the request and throws the body away. */
  async discard(): Promise<void> {
    await this.collect(() => undefined, 'nothing')
  }

  /** The body as a Node stream, decoded. */
  async stream(): Promise<Readable> {
    return (await this.accepted()).body
  }

  /** The body's lines as they arrive. */
  async *lines(): AsyncGenerator<string> {
    yield* (await this.accepted()).lines()
  }

  /** Newline-delimited JSON as it arrives, each line checked when there is a schema. */
  ndjson(): AsyncGenerator<unknown>
  ndjson<T>(schema: StandardSchema<T>): AsyncGenerator<T>
  async *ndjson<T>(schema?: StandardSchema<T>): AsyncGenerator<unknown> {
    const response = await this.accepted()
    yield* schema === undefined ? response.ndjson() : response.ndjson(schema)
  }

  /**
   * Server-sent events (`text/event-stream`). A stream that ends or breaks is asked for again where it may be, from the
   * last event on and as late as the server says; 204 ends it. It has no `timeout` unless the call has one, which then
   * limits the whole stream, and is given up when nothing comes for a minute (`bodyIdleTimeout`).
   *
   * @example for await (const { event, data } of client.get('/prices').events()) show(event, JSON.parse(data))
   */
  events(options?: EventOptions): AsyncGenerator<ServerSentEvent> {
    const { host, method, path, what } = this
    const open = (said: CallOptions): Promise<HttpResponse> => new Call(host, method, path, said).accepted()
    return eventStream(
      {
        ...{ method, what, open },
        runtime: host.runtime,
        patience: host.patience(),
        options: this.options ?? {},
      },
      options,
    )
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

  then<A = HttpResponse, B = never>(
    fulfilled?: ((response: HttpResponse) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.response().then(fulfilled, rejected)
  }

  /** For logs. */
  toJSON(): string {
    return this.what
  }

  private collect<T>(take: (response: Collected) => T | PromiseLike<T>, use: Use): Promise<T> {
    return new Promise((resolve) => {
      const collector = new Collector(
        this.throwsOnStatus,
        (response) => resolve(this.outcome(response, collector.exchange!, use, take)),
        resolve,
      )
      this.host.send(this.method, this.path, this.options, collector)
    })
  }

  private outcome<T>(
    response: Collected,
    exchange: Exchange,
    use: Use,
    take: (response: Collected) => T | PromiseLike<T>,
  ): T | PromiseLike<T> {
    try {
      if (response.headers['content-encoding'] !== undefined)
        return this.unpacked(response, exchange, use, take)
      if (this.isRefused(response.status, exchange)) throw statusError(this.what, response, exchange)
      return take(response)
    } catch (error) {
      return failedForCaller(error)
    }
  }

  private textOf({ body, headers }: Collected): string {
    return decodeText(body, charsetOf(headerText(headers, 'content-type')), this.what)
  }

  private jsonOf<T>(response: Collected, schema: StandardSchema<T> | undefined): unknown {
    const contentType = headerText(response.headers, 'content-type')
    const text = decodeText(response.body, charsetOf(contentType), this.what)
    const value = bodyJson(text, this.what, response.status, contentType)
    return schema === undefined ? value : checked(value, schema, this.what)
  }

  /** Most responses are not packed, and do not come here. */
  private async unpacked<T>(
    response: Collected,
    exchange: Exchange,
    use: Use,
    take: (response: Collected) => T | PromiseLike<T>,
  ): Promise<T> {
    const { reading, what } = this
    const limits = limitsOf(exchange, reading)
    try {
      if (this.isRefused(response.status, exchange))
        throw statusError(what, await unpackError(response, limits, reading, what), exchange)
      return await take(await unpack(response, use, limits, reading, what))
    } catch (error) {
      return failedForCaller(error)
    }
  }

  /** 304 is what a call asks for that names the version it has. */
  private isRefused(status: number, exchange: Exchange): boolean {
    if ((status >= 200 && status <= 299) || !this.throwsOnStatus) return false
    return status !== 304 || !isConditional(exchange.options.headers as WireHeaders | undefined)
  }

  private async accepted(): Promise<HttpResponse> {
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

  /** For messages. */
  private get what(): string {
    return `${this.method} ${shownTarget(this.host.base, this.path)}`
  }
}

function isConditional(headers: WireHeaders | undefined): boolean {
  return headers?.['if-none-match'] !== undefined || headers?.['if-modified-since'] !== undefined
}

/** Its path may end with a query, which no log should hold. */
Object.defineProperty(Call.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Call): string {
    return `Call { ${this.toJSON()} }`
  },
})
