import type { Readable } from 'node:stream'
import { headerText, type Collected } from './collect.ts'
import { charsetOf, decodeText, plainText } from './decode/charset.ts'
import type { EventOptions } from './events/event-options.ts'
import type { ServerSentEvent } from './events/event-parser.ts'
import { eventStream } from './events/event-stream.ts'
import { bodyJson, checked } from './json.ts'
import type { CallOptions } from './options.ts'
import type { PageOptions } from './pages/page-options.ts'
import type { Step } from './pages/next-page.ts'
import { pagesOf, type OpenPage } from './pages/pages.ts'
import type { HttpResponse } from './response.ts'
import { Sending } from './sending.ts'
import type { StandardSchema } from './standard-schema.ts'

/**
 * A call that is sent when you say what you want of it: `text()`, `json()`, `bytes()`, `stream()`, `lines()`,
 * `ndjson()`, `events()`, `pages()`, `discard()`; or `await` it for the {@link HttpResponse}. Say it once: each of them
 * sends a request.
 *
 * Except for the response itself, all of them reject with `HttpStatusError` when the status is not from 200 to
 * 299, unless the call was made with `throwOnStatus: false`.
 *
 * @example
 * const orders = await client.get('/orders', { query: { open: true } }).json(Orders)
 * const response = await client.get('/orders/7') // whatever its status
 */
export class Call extends Sending implements PromiseLike<HttpResponse> {
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
    const open = (said: CallOptions): Promise<HttpResponse> =>
      new Sending(host, method, path, said).accepted()
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

  /**
   * Pages of JSON, one after the other, each when it is asked for and as a call of its own. The next one is where the
   * Link header says (`rel="next"`), or what `next` answers; another origin is refused.
   *
   * @example
   * for await (const orders of client.get('/orders').pages(Orders)) save(orders)
   * client.get('/orders').pages(Orders, { next: ({ body }) => body.cursor && { query: { cursor: body.cursor } } })
   */
  pages(options?: PageOptions<unknown>): AsyncGenerator<unknown>
  pages<T>(schema: StandardSchema<T>, options?: PageOptions<T>): AsyncGenerator<T>
  pages<T>(first?: StandardSchema<T> | PageOptions<T>, second?: PageOptions<T>): AsyncGenerator<unknown> {
    const { host, method, path, what } = this
    const isSchema = first !== undefined && first !== null && '~standard' in first
    const open = (step: Step): Promise<OpenPage<T>> =>
      new Call(host, method, step.path, step.options).page(isSchema ? first : undefined)
    const call = { what, first: { path, options: this.options ?? {} }, origins: host.endpoints, open }
    return pagesOf(call, isSchema ? second : first)
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

  private textOf({ body, headers }: Collected): string {
    const charset = charsetOf(headerText(headers, 'content-type'))
    return plainText(body, charset) ?? decodeText(body, charset, this.what)
  }

  private jsonOf<T>(response: Collected, schema: StandardSchema<T> | undefined): unknown {
    const text = this.textOf(response)
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // Once more, by what says why there is none: what the call is called is not put together before.
      value = bodyJson(text, this.what, response.status, headerText(response.headers, 'content-type'))
    }
    return schema === undefined ? value : checked(value, schema, this.what)
  }

  private page<T>(schema: StandardSchema<T> | undefined): Promise<OpenPage<T>> {
    return this.collect(async (response, exchange) => {
      const body = (await this.jsonOf(response, schema)) as T
      return { body, status: response.status, headers: response.headers, exchange }
    }, 'text')
  }
}

/** Its path may end with a query, which no log should hold. */
Object.defineProperty(Call.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Call): string {
    return `Call { ${this.toJSON()} }`
  },
})
