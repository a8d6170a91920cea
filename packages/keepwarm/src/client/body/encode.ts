/** From what the caller gives as a body to what goes out, attempt by attempt. */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { described } from '../described.ts'
import { invalid } from '../invalid.ts'
import type { CallOptions } from '../options.ts'
import { encodeQuery } from '../query.ts'
import { bytesOf } from './bytes.ts'
import { multipart } from './multipart.ts'
import { Parts, type BodySource } from './parts.ts'
import { openSource } from './source.ts'

export interface Encoded {
  /** In one piece, or a stream that can be sent once. */
  readonly body: string | Uint8Array | Readable | null
  /** Makes the body anew for each attempt; then `body` is null. */
  readonly make?: () => Readable
  /** Unless the caller gives another. */
  readonly type?: string | undefined
  /** Bytes of a body that `make` makes, where they are known. */
  readonly length?: number
}

/** Bytes of a body in one piece, up to which there is nothing to see of its progress. */
const ONE_STEP = 65_536

/**
 * @param promised the content-length that the caller gives, for a body whose length only it knows.
 * @throws KeepwarmError `invalid_request`, saying what cannot be sent
 */
export function encodeBody(options: CallOptions, promised: number | undefined): Encoded {
  const { json, form, body } = options
  const given = Number(json !== undefined) + Number(form !== undefined) + Number(body !== undefined)
  if (given === 0) return none
  if (given > 1) throw invalid(`it has ${severalOf(options)}; give one of them`)
  if (json !== undefined) return { body: encodeJson(json), type: 'application/json' }
  if (form !== undefined) return encodeForm(form)
  return encodeGiven(body, promised)
}

const none: Encoded = { body: null }

function severalOf({ json, form, body }: CallOptions): string {
  const names = Object.entries({ json, form, body }).filter(([, value]) => value !== undefined)
  return names.length === 3
    ? 'all of `json`, `form` and `body`'
    : `both ${names.map(([name]) => `\`${name}\``).join(' and ')}`
}

function encodeGiven(body: unknown, promised: number | undefined): Encoded {
  if (typeof body === 'string') return { body }
  const bytes = bytesOf(body)
  if (bytes !== undefined) return { body: bytes }
  if (body instanceof URLSearchParams) return encodeForm(body)
  if (body instanceof Blob) return encodeBlob(body)
  if (isFormData(body)) return encodeFormData(body)
  if (typeof body === 'function') return { body: null, make: maker(body as () => unknown, promised) }
  if (Array.isArray(body)) return { body: Buffer.concat(body.map(partOfList)) }
  const source = openSource(body, promised)
  if (source !== undefined) return { body: source }
  throw invalid(
    `its body is ${described(body)}; give a string, bytes, a Blob, FormData, a stream, an iterable, or a function that ` +
      'makes one of the last two for each attempt, or send a value with `json` or `form`',
  )
}

function partOfList(part: unknown): Uint8Array {
  const bytes = typeof part === 'string' ? Buffer.from(part) : bytesOf(part)
  if (bytes !== undefined) return bytes
  throw invalid(
    `its body is a list with ${described(part)} in it; parts are strings or bytes, and \`json\` sends values`,
  )
}

function encodeForm(form: NonNullable<CallOptions['form']>): Encoded {
  if (isFormData(form))
    throw invalid(
      'its `form` is FormData, which may have files; give it as `body`, and it is sent as multipart/form-data',
    )
  return { body: encodeQuery(form, 'form'), type: 'application/x-www-form-urlencoded' }
}

function encodeBlob(blob: Blob): Encoded {
  const type = blob.type === '' ? undefined : blob.type
  if (blob.size === 0) return { body: null, type }
  return { body: null, make: () => new Parts(blob.stream(), blob.size), type, length: blob.size }
}

/** Its boundary cannot be guessed, so that nobody can write a file that ends its part and begins another. */
function encodeFormData(form: FormData): Encoded {
  const whole = multipart(form, `keepwarm-${randomUUID()}`)
  const { contentType, length } = whole
  return { body: null, make: () => new Parts(whole.parts(), length), type: contentType, length }
}

/** That of the platform, or of the undici package, which is another class. */
function isFormData(value: unknown): value is FormData {
  return (
    Object.prototype.toString.call(value) === '[object FormData]' &&
    typeof (value as Partial<FormData>).entries === 'function'
  )
}

/** A body that comes in parts can be sent again only if it can be made again. */
function maker(make: () => unknown, promised: number | undefined): () => Readable {
  return () => {
    const made = make()
    return made instanceof Promise ? new Parts(later(made), promised) : openMade(made, promised)
  }
}

async function* later(made: Promise<unknown>): BodySource & AsyncGenerator<Uint8Array> {
  yield* openMade(await made, undefined)
}

function openMade(made: unknown, promised: number | undefined): Readable {
  const bytes = typeof made === 'string' ? made : bytesOf(made)
  const body = bytes === undefined ? made : [bytes]
  const source = isFormData(made)
    ? undefined
    : openSource(made instanceof Blob ? made.stream() : body, promised)
  if (source !== undefined) return source
  throw invalid(
    `its body is a function that returned ${described(made)}; return a stream, an iterable, a Blob, a string or bytes`,
  )
}

function encodeJson(json: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(json)
  } catch (cause) {
    throw invalid(`\`json\` cannot be written as JSON: ${(cause as Error).message.split('\n', 1)[0]}`, cause)
  }
  if (text === undefined) throw invalid(`\`json\` is ${described(json)}, which JSON cannot say`)
  return text
}

/** The same in small steps, for a caller who wants to see how far it is. */
export function inSteps({ body, ...rest }: Encoded): Encoded {
  if (body === null || body instanceof Readable) return { body, ...rest }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  if (bytes.length <= ONE_STEP) return { body: bytes, ...rest }
  return { ...rest, body: null, make: () => new Parts(steps(bytes), bytes.length), length: bytes.length }
}

function* steps(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += ONE_STEP) yield bytes.subarray(at, at + ONE_STEP)
}
