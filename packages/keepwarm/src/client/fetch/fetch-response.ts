/** The platform's `Response` over an exchange: whoever tests for it finds it, and only what is asked for is made. */
import { Readable } from 'node:stream'
import { toText, type ResponseHeaders as WireHeaders } from '../collect.ts'
import type { BodyFeed } from './body-feed.ts'
import { readAll, streamOf, type Packed } from './body-source.ts'
import { ResponseHeaders } from './response-headers.ts'
import { watchResponse, watchStream } from './unread.ts'

type WebBody = ReadableStream<Uint8Array<ArrayBuffer>>

/** What a response is made of. */
export interface ResponseFacts {
  readonly status: number
  readonly statusText: string
  readonly headers: WireHeaders
  /** Without its fragment. */
  readonly url: string
  readonly redirected: boolean
  /** Whether a redirect led to another origin. */
  readonly abroad: boolean
  /** Undefined where there is no body, not even an empty one. */
  readonly feed: BodyFeed | undefined
  /** How the body is packed. */
  readonly packed: Packed | undefined
}

/** The platform's types have fields where there are getters. */
const PlatformResponse = Response as unknown as new () => object

class FetchResponse extends PlatformResponse {
  readonly #facts: ResponseFacts
  #headers: Headers | undefined
  #stream: WebBody | undefined
  #used = false
  /** A platform's response around the stream, for what is seldom asked for; from then on the body is its. */
  #plain: Response | undefined

  constructor(facts: ResponseFacts) {
    super()
    this.#facts = facts
  }

  get status(): number {
    return this.#facts.status
  }

  get ok(): boolean {
    const { status } = this.#facts
    return status >= 200 && status <= 299
  }

  get statusText(): string {
    return this.#facts.statusText
  }

  get url(): string {
    return this.#facts.url
  }

  get redirected(): boolean {
    return this.#facts.redirected
  }

  get type(): Response['type'] {
    return this.#facts.abroad ? 'cors' : 'basic'
  }

  get headers(): Headers {
    return (this.#headers ??= new ResponseHeaders(this.#facts.headers) as unknown as Headers)
  }

  get body(): WebBody | null {
    const { feed, packed } = this.#facts
    if (feed === undefined) return null
    if (this.#plain !== undefined) return this.#plain.body as WebBody | null
    if (this.#stream === undefined) {
      this.#stream = streamOf(feed, packed)
      watchStream(this.#stream, feed)
      if (this.#used) void this.#stream.getReader() // somebody reads it
    }
    return this.#stream
  }

  get bodyUsed(): boolean {
    if (this.#plain !== undefined) return this.#plain.bodyUsed
    return this.#used || (this.#stream !== undefined && isDisturbed(this.#stream))
  }

  text(): Promise<string> {
    return this.#read(toText, (plain) => plain.text())
  }

  json(): Promise<unknown> {
    return this.#read(parse, (plain) => plain.json())
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#read(copied, (plain) => plain.bytes() as Promise<Uint8Array<ArrayBuffer>>)
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read(
      (bytes) => copied(bytes).buffer,
      (plain) => plain.arrayBuffer(),
    )
  }

  blob(): Promise<Blob> {
    return this.#delegate((plain) => plain.blob())
  }

  formData(): Promise<FormData> {
    return this.#delegate((plain) => plain.formData())
  }

  clone(): FetchResponse {
    if (this.#unusable) throw new TypeError('Response.clone: Body has already been consumed.')
    const twin = new FetchResponse(this.#facts)
    if (this.#facts.feed !== undefined) twin.#plain = this.#asPlain().clone()
    return twin
  }

  /** For what the platform's responses can besides. */
  static asPlatform(response: FetchResponse): Response {
    return response.#asPlain()
  }

  #read<T>(convert: (bytes: Buffer) => T, byPlatform: (plain: Response) => Promise<T>): Promise<T> {
    if (this.#plain !== undefined) return byPlatform(this.#plain)
    const { feed, packed } = this.#facts
    try {
      if (feed === undefined) return Promise.resolve(convert(empty))
      if (this.#unusable) throw new TypeError('Body is unusable: Body has already been read')
    } catch (error) {
      return Promise.reject(error)
    }
    // What decodes may hold a part already: the rest is read from there.
    if (packed !== undefined && this.#stream !== undefined) return byPlatform(this.#asPlain())
    this.#used = true
    void this.#stream?.getReader() // it is read from here on, and by nobody else
    return readAll(feed, packed, convert)
  }

  #delegate<T>(read: (plain: Response) => Promise<T>): Promise<T> {
    try {
      if (this.#unusable) throw new TypeError('Body is unusable: Body has already been read')
      return read(this.#asPlain())
    } catch (error) {
      return Promise.reject(error)
    }
  }

  get #unusable(): boolean {
    if (this.#plain !== undefined) return this.#plain.bodyUsed || this.#plain.body?.locked === true
    return this.bodyUsed || this.#stream?.locked === true
  }

  #asPlain(): Response {
    const type = this.headers.get('content-type')
    const init = type === null ? {} : { headers: { 'content-type': type } }
    return (this.#plain ??= new Response(this.body, init))
  }
}

/**
 * @param isWatched whether its connection is to be let go when neither the response nor its stream is held by anybody; a
 * body that is held as a whole needs none.
 */
export function newResponse(facts: ResponseFacts, isWatched: boolean): Response {
  const response = new FetchResponse(facts)
  if (isWatched && facts.feed !== undefined) watchResponse(response, facts.feed)
  return response as unknown as Response
}

const empty = Buffer.alloc(0)

function parse(bytes: Buffer): unknown {
  return JSON.parse(toText(bytes))
}

/** Memory of its own: the socket's buffers hold what comes after, too. */
function copied(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}

function isDisturbed(stream: WebBody): boolean {
  return Readable.isDisturbed(stream as never)
}

/** Whoever makes new ones of the same kind wants ordinary ones. */
Object.defineProperty(FetchResponse.prototype, 'constructor', { value: Response })

/** Newer platforms can more (`textStream`): that is theirs to do. */
for (const name of Object.getOwnPropertyNames(Response.prototype)) {
  const { value } = Object.getOwnPropertyDescriptor(Response.prototype, name)!
  if (Object.hasOwn(FetchResponse.prototype, name) || typeof value !== 'function') continue
  const method = value as (this: Response, ...given: unknown[]) => unknown
  Object.defineProperty(FetchResponse.prototype, name, {
    configurable: true,
    writable: true,
    value(this: FetchResponse, ...given: unknown[]): unknown {
      return method.apply(FetchResponse.asPlatform(this), given)
    },
  })
}
