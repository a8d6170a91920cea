import type { Readable } from 'node:stream'
import { atCaller } from './caller-line.ts'
import { checked, headerText, toJson, toText, type ResponseHeaders } from './collect.ts'
import { parseNdjson, splitLines } from './lines.ts'
import type { StandardSchema } from './standard-schema.ts'

/** A response whose headers are there and whose body is still to be read, once, by one of these methods. */
export class HttpResponse implements AsyncDisposable {
  readonly status: number
  readonly headers: ResponseHeaders
  /** The body as a Node stream. Read it, or `discard()` it: unread, it holds its connection. */
  readonly body: Readable
  private readonly what: string

  constructor(what: string, status: number, headers: ResponseHeaders, body: Readable) {
    this.what = what
    this.status = status
    this.headers = headers
    this.body = body
  }

  /** Whether the status is from 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  bytes(): Promise<Buffer> {
    return readWhole(this.body)
  }

  async text(): Promise<string> {
    return toText(await this.bytes())
  }

  /** Parsed JSON: `unknown`, or what the schema says. */
  json(): Promise<unknown>
  json<T>(schema: StandardSchema<T>): Promise<T>
  async json<T>(schema?: StandardSchema<T>): Promise<unknown> {
    const value = toJson(await this.text(), this.what, headerText(this.headers, 'content-type'))
    return schema === undefined ? value : checked(value, schema, this.what)
  }

  /** The body's lines, without their line ends. */
  lines(): AsyncGenerator<string> {
    return splitLines(this.body)
  }

  /** The body as newline-delimited JSON. */
  ndjson(): AsyncGenerator<unknown>
  ndjson<T>(schema: StandardSchema<T>): AsyncGenerator<T>
  ndjson<T>(schema?: StandardSchema<T>): AsyncGenerator<unknown> {
    return parseNdjson(this.body, this.what, schema)
  }

  /** Lets go of the body without reading it. */
  async discard(): Promise<void> {
    this.body.on('error', () => {})
    this.body.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.body.readableEnded) await this.discard()
  }
}

async function readWhole(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of body) chunks.push(chunk as Buffer)
  } catch (error) {
    throw atCaller(error, readWhole)
  }
  return Buffer.concat(chunks)
}
