import type { Readable } from 'node:stream'
import type { CallTimings, ConnectionFacts } from '../call-facts.ts'
import { KeepwarmError, type AttemptRecord } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { connectionOf, otherAttempts, timingsOf } from '../exchange/facts.ts'
import type { BodyStream } from './body-stream.ts'
import { atCaller } from './caller-line.ts'
import { headerText, type ResponseHeaders } from './collect.ts'
import { charsetOf, decodeText } from './decode/charset.ts'
import { packingOf, type Reading } from './decode/reading.ts'
import { decodeStream } from './decode/stream.ts'
import { eventSettings, type EventOptions } from './events/event-options.ts'
import { EventParser, type ServerSentEvent } from './events/event-parser.ts'
import { checkEvents, eventsOf } from './events/event-stream.ts'
import { bodyJson, checked } from './json.ts'
import { parseNdjson, splitLines } from './lines.ts'
import type { StandardSchema } from './standard-schema.ts'
import { limitsOf, unreadable } from './unpack.ts'

/** A response whose headers are there and whose body is still to be read, once, by one of these methods. */
export class HttpResponse implements AsyncDisposable {
  readonly status: number
  /** As received: Content-Encoding and Content-Length speak of the body on the wire. */
  readonly headers: ResponseHeaders
  /** The body as a Node stream, decoded. Read it, or `discard()` it: unread, it holds its connection. */
  readonly body: Readable
  /** @internal */
  readonly exchange: Exchange
  private readonly what: string
  private readonly wire: BodyStream
  /** @internal Why the body is as it came, where it should be decoded and cannot be. */
  readonly undecoded: string | undefined
  private reader: string | undefined

  /** @internal */
  constructor(what: string, status: number, headers: ResponseHeaders, wire: BodyStream, reading: Reading) {
    const { exchange } = wire
    const packing = packingOf(status, headers['content-encoding'], reading)
    const isPacked = packing.length > 0 && typeof packing !== 'string'
    this.what = what
    this.wire = wire
    this.status = status
    this.headers = headers
    this.exchange = exchange
    this.undecoded = typeof packing === 'string' ? packing : undefined
    this.body = isPacked ? decodeStream(wire, packing, limitsOf(exchange, reading), what) : wire
  }

  /** Whether the status is from 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  /**
   * Where the time went, until now, or until the body was complete. In ms.
   *
   * @example
   * const response = await client.get('/orders')
   * await response.json()
   * const { queued, headers, download } = response.timings
   */
  get timings(): CallTimings {
    return timingsOf(this.exchange)
  }

  /** What carried it; undefined over a dispatcher that does not say. */
  get connection(): ConnectionFacts | undefined {
    return connectionOf(this.exchange)
  }

  /** The number of the attempt that it answers, from 1. */
  get attempt(): number {
    return this.exchange.ledger.stake.attempt
  }

  /** What came of the other attempts of the call: those before it, and a hedge that lost. */
  get attempts(): readonly AttemptRecord[] {
    return otherAttempts(this.exchange)
  }

  /** What the server sent after the body, by names in lower case; empty until the body was read to its end. */
  get trailers(): ResponseHeaders {
    return this.wire.trailers
  }

  /** The whole body, decoded; as it came where its Content-Encoding is not known. */
  bytes(): Promise<Buffer> {
    return collectBody(() => this.take('bytes()'))
  }

  /** The whole body as text, in the charset of its Content-Type, or UTF-8. */
  text(): Promise<string> {
    return this.readText('text()')
  }

  /** Parsed JSON: `unknown`, or what the schema says. */
  json(): Promise<unknown>
  json<T>(schema: StandardSchema<T>): Promise<T>
  async json<T>(schema?: StandardSchema<T>): Promise<unknown> {
    const value = bodyJson(await this.readText('json()'), this.what, this.status, this.contentType)
    return schema === undefined ? value : checked(value, schema, this.what)
  }

  /** The body's lines, without their line ends. */
  lines(): AsyncGenerator<string> {
    return splitLines(this.parts('lines()'), { what: this.what, charset: charsetOf(this.contentType) })
  }

  /** The body as newline-delimited JSON. */
  ndjson(): AsyncGenerator<unknown>
  ndjson<T>(schema: StandardSchema<T>): AsyncGenerator<T>
  ndjson<T>(schema?: StandardSchema<T>): AsyncGenerator<unknown> {
    const how = { what: this.what, charset: charsetOf(this.contentType) }
    return parseNdjson(this.parts('ndjson()'), how, schema)
  }

  /**
   * The body as server-sent events. To be connected again when it ends, ask the call: `client.get(path).events()`.
   * Rejects with `decode` when it is something else.
   */
  async *events(options?: Pick<EventOptions, 'maxEventSize'>): AsyncGenerator<ServerSentEvent> {
    const { maxEventSize, lastEventId } = eventSettings(options)
    checkEvents(this, this.what)
    yield* eventsOf(this.parts('events()'), new EventParser(this.what, lastEventId, maxEventSize))
  }

  /** Lets go of the body without reading it. */
  async discard(): Promise<void> {
    this.reader ??= 'discard()'
    this.body.on('error', () => {})
    this.body.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.body.readableEnded) await this.discard()
  }

  private get contentType(): string | undefined {
    return headerText(this.headers, 'content-type')
  }

  private async readText(reader: string): Promise<string> {
    if (this.undecoded !== undefined && !this.isSpent) throw unreadable(this.undecoded, this.what)
    return decodeText(await collectBody(() => this.take(reader)), charsetOf(this.contentType), this.what)
  }

  /** @internal For generators: what is wrong is told to who asks for the first part. */
  parts(reader: string): AsyncIterable<Uint8Array> {
    const begin = (): AsyncIterator<Uint8Array> => {
      if (this.undecoded !== undefined && !this.isSpent) throw unreadable(this.undecoded, this.what)
      return this.take(reader)[Symbol.asyncIterator]()
    }
    return { [Symbol.asyncIterator]: begin }
  }

  /** A body is read once. */
  private take(reader: string): Readable {
    if (this.isSpent) {
      const by = this.reader ?? 'its stream'
      const message = `the body of ${this.what} was read already, by ${by}: read it once, and keep what you need`
      throw new KeepwarmError('invalid_request', message, { phase: 'body', sent: 'maybe' })
    }
    this.reader = reader
    return this.body
  }

  /** A body that broke before it was read is not: who reads it hears why it broke. */
  private get isSpent(): boolean {
    const { body } = this
    return this.reader !== undefined || body.readableDidRead || (body.destroyed && body.errored === null)
  }
}

async function collectBody(take: () => Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of take()) chunks.push(chunk as Buffer)
  } catch (error) {
    throw atCaller(error, collectBody)
  }
  return Buffer.concat(chunks)
}
