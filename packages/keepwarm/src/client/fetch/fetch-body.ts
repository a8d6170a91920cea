/** Request bodies: what `fetch` takes, as something that can be sent, and if possible sent again. */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { multipart } from '../body/multipart.ts'
import { Parts } from '../body/parts.ts'

/** A request's body. It is `whole`, or made for each attempt, or comes once. */
export interface FetchBody {
  readonly whole?: string | Uint8Array
  readonly make?: () => Readable
  readonly once?: Readable
  /** In bytes, where `make` is given. */
  readonly length?: number
  /** What it is, unless the request says it. */
  readonly type?: string
}

/**
 * @param duplex as given: whoever sends a stream has to say 'half'
 * @throws TypeError
 */
export function readBody(given: unknown, duplex: unknown): FetchBody {
  if (typeof given === 'string')
    return { whole: given.isWellFormed() ? given : given.toWellFormed(), type: plainText }
  if (given instanceof URLSearchParams) return { whole: given.toString(), type: urlEncoded }
  if (ArrayBuffer.isView(given))
    return {
      whole: new Uint8Array(given.buffer.slice(given.byteOffset, given.byteOffset + given.byteLength)),
    }
  if (isAnyArrayBuffer(given)) return { whole: new Uint8Array(given.slice(0)) }
  if (isFormData(given)) return ofForm(given)
  if (isBlob(given)) return ofBlob(given, given.type)
  if (typeof given === 'object' && given !== null && Symbol.asyncIterator in given)
    return ofParts(given, duplex)
  return { whole: String(given), type: plainText }
}

const plainText = 'text/plain;charset=UTF-8'
const urlEncoded = 'application/x-www-form-urlencoded;charset=UTF-8'

function ofBlob(blob: Blob, type: string): FetchBody {
  const { size } = blob
  if (size === 0) return { whole: '', ...(type !== '' && { type }) }
  return { make: () => new Parts(blob.stream(), size), length: size, ...(type !== '' && { type }) }
}

/** Its boundary cannot be guessed, so that nobody can write a file that ends its part and begins another. */
function ofForm(form: FormData): FetchBody {
  const whole = multipart(form, `----keepwarm-${randomUUID()}`)
  const { contentType, length } = whole
  return { make: () => new Parts(whole.parts(), length), length, type: contentType }
}

function ofParts(parts: object, duplex: unknown): FetchBody {
  const stream = parts as { locked?: boolean }
  if (Readable.isDisturbed(parts as Readable) || stream.locked === true)
    throw new TypeError('fetch: the body is a stream that is being read, or was read, already')
  if (duplex === undefined)
    throw new TypeError(
      "fetch: a body that comes in parts needs the option duplex: 'half' (RequestInit: duplex option is required when sending a body.)",
    )
  if (parts instanceof ReadableStream) return { once: Readable.fromWeb(parts as never) }
  return { once: parts instanceof Readable ? parts : Readable.from(parts as AsyncIterable<Uint8Array>) }
}

function isAnyArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer
}

/** Of any make: undici's own is another than the platform's. */
function isFormData(value: unknown): value is FormData {
  return value instanceof FormData || tagOf(value) === 'FormData'
}

function isBlob(value: unknown): value is Blob {
  return (
    value instanceof Blob ||
    ((tagOf(value) === 'Blob' || tagOf(value) === 'File') && 'stream' in (value as object))
  )
}

function tagOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
    : undefined
}
