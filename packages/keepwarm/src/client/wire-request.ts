/** From what the caller says to what is dispatched. */
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { KeepwarmError } from '../errors.ts'
import { asking } from './decode/reading.ts'
import { encodeBody, inSteps, type Encoded } from './body/encode.ts'
import { described } from './described.ts'
import { mergeHeaders, withHeader, type WireHeaders } from './headers.ts'
import { invalid } from './invalid.ts'
import type { CallOptions } from './options.ts'
import { resolveTarget, type Base } from './target.ts'

export { closeUnsent } from './body/source.ts'

export interface WireRequest {
  readonly options: Dispatcher.DispatchOptions
  /** The body, where it is a stream: it belongs to the call. */
  readonly upload: Readable | undefined
  /** Makes the body anew for each attempt, where that can be done. */
  readonly makeBody: (() => Readable) | undefined
}

/** Where a client's calls go, and what they all carry. */
export interface Defaults {
  readonly base: Base | undefined
  readonly headers: WireHeaders
}

/** @throws KeepwarmError `invalid_request`, saying what cannot be sent */
export function wireRequest(
  { base, headers: defaults }: Defaults,
  method: Dispatcher.HttpMethod,
  path: string,
  options: CallOptions = {},
): WireRequest {
  if (typeof path !== 'string') throw invalid(`its path is ${described(path)}; give a string`)
  const { origin, path: wirePath } = resolveTarget(base, path, options.query)
  const { idempotent, priority } = options
  // What is meant as no and taken for yes would be sent twice.
  if (idempotent !== undefined && typeof idempotent !== 'boolean')
    throw invalid(`its \`idempotent\` is ${described(idempotent)}; give true or false`)
  const merged = asking(mergeHeaders(defaults, options.headers), options)
  const encoded = encodedFor(options, merged)
  // undici's own timers are coarse and off: the exchange keeps the time.
  const wire = {
    origin,
    path: wirePath,
    method,
    headers: bodyHeaders(defaults, merged, encoded, options.json !== undefined),
    body: encoded.body,
    idempotent,
    priority,
    // Without a body there is nothing to wait with.
    expectContinue: options.expectContinue === true && lengthOf(encoded) !== 0 ? true : undefined,
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  const upload = encoded.body instanceof Readable ? encoded.body : undefined
  return { options: wire as Dispatcher.DispatchOptions, upload, makeBody: encoded.make }
}

function encodedFor(options: CallOptions, headers: WireHeaders): Encoded {
  const promised = promisedLength(headers)
  const whole = encodeBody(options, promised)
  const encoded = options.onUploadProgress === undefined ? whole : inSteps(whole)
  if (promised !== undefined) checkLength(promised, encoded)
  return encoded
}

/**
 * The call's own content-type is the last word. A client's default is for JSON and for bodies that say nothing of
 * themselves: a form that was called JSON could not be read.
 */
function bodyHeaders(
  defaults: WireHeaders,
  merged: WireHeaders,
  { type, length }: Encoded,
  isJson: boolean,
): WireHeaders {
  let headers = merged
  if (type !== undefined) {
    const given = merged['content-type']
    const isDefault = given === undefined || given === defaults['content-type']
    if (!isDefault && type.startsWith('multipart/form-data')) throw invalid(boundaryLost)
    if (isDefault && !(isJson && given !== undefined)) headers = { ...merged, 'content-type': type }
  }
  return length === undefined ? headers : withHeader(headers, 'content-length', String(length))
}

const boundaryLost =
  'its body is FormData, and its header "content-type" cannot name the boundary between the parts; leave the header out'

/** What the caller says that its body is long; the header's form is checked before. */
function promisedLength(headers: WireHeaders): number | undefined {
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/** A length that is not the body's would leave the connection in the middle of a message. */
function checkLength(promised: number, encoded: Encoded): void {
  const length = lengthOf(encoded)
  if (length === undefined || length === promised) return
  throw invalid(
    `the header "content-length" says ${promised}, but the body has ${length} bytes; leave the header out`,
  )
}

/** Undefined where only its end will tell. */
function lengthOf({ body, make, length }: Encoded): number | undefined {
  if (make !== undefined || body instanceof Readable) return length
  if (body === null) return 0
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length
}

/** Why a request cannot be sent, as an error of ours. */
export function asInvalid(error: unknown): KeepwarmError {
  if (error instanceof KeepwarmError) return error
  const message = error instanceof Error ? error.message : String(error)
  const facts = { phase: 'admit', sent: 'no', cause: error } as const
  return new KeepwarmError('invalid_request', `the request cannot be sent: ${message}`, facts)
}
