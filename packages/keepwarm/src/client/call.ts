import type { Readable } from 'node:stream'
import type { HttpStatusError } from '../errors.ts'
import { Streamer, type BodyStream } from './body-stream.ts'
import { failedForCaller } from './caller-line.ts'
import { checked, Collector, headerText, statusError, toJson, toText, type Collected } from './collect.ts'
import type { CallHandler } from '../exchange/host.ts'
import { parseNdjson, splitLines } from './lines.ts'
import { HttpResponse } from './response.ts'
import type { StandardSchema } from './standard-schema.ts'
import { withoutQuery } from './target.ts'

/** Sends a request; what it could not even begin is told to the handler too. */
export type Send = (handler: CallHandler) => void

/**
 * A call that is sent when you say what you want of it: `text()`, `json()`, `bytes()`, `stream()`, `lines()`,
 * `ndjson()`, `discard()`; or `await` it for the {@link HttpResponse}. Say it once: each of them sends a request.
 *
 * Except for the response itself, all of them reject with {@link HttpStatusError} when the status is not from 200 to
 * 299, unless the call was made with `throwOnStatus: false`.
 *
 * @example
 * const orders = await client.get('/orders', { query: { open: true } }).json(Orders)
 * const response = await client.get('/orders/7') // whatever its status
 */
export class Call implements PromiseLike<HttpResponse> {
  private readonly send: Send
  private readonly method: string
  private readonly path: string
  private readonly throwOnStatus: boolean

  constructor(send: Send, method: string, path: string, throwOnStatus: boolean) {
    this.send = send
    this.method = method
    this.path = path
    this.throwOnStatus = throwOnStatus
  }

  /** The body as text (UTF-8). */
  text(): Promise<string> {
    return this.collect((response) => toText(response.body))
  }

  /** The body as it came. */
  bytes(): Promise<Buffer> {
    return this.collect((response) => response.body)
  }

  /**
   * The body, parsed: `unknown`, or what the schema (zod, valibot, arktype, any Standard Schema) says.
   * Rejects with `decode` when it is no JSON, `validation` when it does not fit.
   */
  json(): Promise<unknown>
  json<T>(schema: StandardSchema<T>): Promise<T>
  json<T>(schema?: StandardSchema<T>): Promise<unknown> {
    return this.collect((response) => {
      const value = toJson(toText(response.body), this.what, headerText(response.headers, 'content-type'))
      return schema === undefined ? value : checked(value, schema, this.what)
    })
  }

  /** Sends the request and throws the body away. */
  async discard(): Promise<void> {
    await this.collect(() => undefined)
  }

  /** The body as a Node stream. */
  async stream(): Promise<Readable> {
    const response = await this.response()
    if (this.throwOnStatus && !response.ok) throw await this.refused(response)
    return response.body
  }

  /** The body's lines as they arrive. */
  async *lines(): AsyncGenerator<string> {
    yield* splitLines(await this.stream())
  }

  /** Newline-delimited JSON as it arrives, each line checked when there is a schema. */
  ndjson(): AsyncGenerator<unknown>
  ndjson<T>(schema: StandardSchema<T>): AsyncGenerator<T>
  async *ndjson<T>(schema?: StandardSchema<T>): AsyncGenerator<unknown> {
    yield* parseNdjson(await this.stream(), this.what, schema)
  }

  /** The response as soon as its headers are there, whatever its status. `await call` does the same. */
  response(): Promise<HttpResponse> {
    return new Promise((resolve) => {
      this.send(
        new Streamer(
          (status, headers, body) => resolve(new HttpResponse(this.what, status, headers, body)),
          resolve,
        ),
      )
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

  private collect<T>(take: (response: Collected) => T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve) => {
      const collector = new Collector((response) => {
        try {
          if (this.throwOnStatus && (response.status < 200 || response.status > 299)) {
            throw statusError(this.what, response, collector.exchange!)
          }
          resolve(take(response))
        } catch (error) {
          resolve(failedForCaller(error))
        }
      }, resolve)
      this.send(collector)
    })
  }

  /** For messages. */
  private get what(): string {
    return `${this.method} ${withoutQuery(this.path)}`
  }

  private async refused(response: HttpResponse): Promise<HttpStatusError> {
    const { status, headers } = response
    const { exchange } = response.body as BodyStream
    return statusError(this.what, { status, headers, body: await response.bytes() }, exchange)
  }
}

/** Its path may end with a query, which no log should hold. */
Object.defineProperty(Call.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Call): string {
    return `Call { ${this.toJSON()} }`
  },
})
