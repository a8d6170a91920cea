/** From what the caller says to what is dispatched. */
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { KeepwarmError } from '../errors.ts'
import { asking } from './decode/reading.ts'
import { mergeHeaders, withHeader, type WireHeaders } from './headers.ts'
import type { CallOptions } from './options.ts'
import { resolveTarget, type Base } from './target.ts'

export interface WireRequest {
  readonly options: Dispatcher.DispatchOptions
  /** The body, where it is a stream: it belongs to the call. */
  readonly upload: Readable | undefined
  /** Makes the body anew for each attempt, where the caller gave a function. */
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
  const target = resolveTarget(base, path, options.query)
  const [body, contentType] = encodeBody(options)
  const merged = asking(mergeHeaders(defaults, options.headers), options)
  const headers = contentType === undefined ? merged : withHeader(merged, 'content-type', contentType)
  const { origin, path: wirePath } = target
  const { idempotent, priority } = options
  // undici's own timers are coarse and off: the exchange keeps the time.
  const wire = {
    origin,
    path: wirePath,
    method,
    headers,
    body,
    idempotent,
    priority,
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  const upload = body instanceof Readable ? body : undefined
  const makeBody = typeof options.body === 'function' ? bodyMaker(options.body) : undefined
  return { options: wire as Dispatcher.DispatchOptions, upload, makeBody }
}

type WireBody = readonly [body: string | Uint8Array | Readable | null, contentType?: string]

const none: WireBody = [null]

function encodeBody({ json, body }: CallOptions): WireBody {
  if (json !== undefined) {
    if (body !== undefined) throw invalid('it has both `json` and `body`; give one of them')
    return [encodeJson(json), 'application/json']
  }
  if (body === undefined || typeof body === 'function') return none
  if (body instanceof URLSearchParams) return [body.toString(), 'application/x-www-form-urlencoded']
  if (typeof body === 'string' || body instanceof Uint8Array) return [body]
  if (body instanceof Readable) return [unspent(body)]
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body) return [Readable.from(body)]
  throw notABody(body)
}

/** A body that comes in parts can be sent again only if it can be made again. */
function bodyMaker(make: () => AsyncIterable<Uint8Array | string>): () => Readable {
  return () => {
    const body: unknown = make()
    if (body instanceof Readable) return unspent(body)
    if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
      return Readable.from(body as AsyncIterable<Uint8Array>)
    throw invalid(
      `its body is a function that returned ${described(body)}; return a stream or an async iterable`,
    )
  }
}

function notABody(body: unknown): KeepwarmError {
  return invalid(
    `its body is ${described(body)}; give a string, bytes, a stream, an async iterable, a function that makes one of ` +
      'these two, or URLSearchParams, or send a value as JSON with `json`',
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

/** A stream that will not be sent has nobody else who would close it, or hear that it failed. */
export function closeUnsent(body: unknown): void {
  if (body instanceof Readable) body.on('error', () => {}).destroy()
}

function unspent(stream: Readable): Readable {
  if (!stream.readable) throw invalid('its body is a stream that was read or closed before')
  return stream
}

/** Why a request cannot be sent, as an error of ours. */
export function asInvalid(error: unknown): KeepwarmError {
  if (error instanceof KeepwarmError) return error
  const message = error instanceof Error ? error.message : String(error)
  const facts = { phase: 'admit', sent: 'no', cause: error } as const
  return new KeepwarmError('invalid_request', `the request cannot be sent: ${message}`, facts)
}

function described(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' ? `of type ${value.constructor?.name ?? 'object'}` : `a ${typeof value}`
}

function invalid(why: string, cause?: unknown): KeepwarmError {
  return new KeepwarmError('invalid_request', `the request cannot be sent: ${why}`, { phase: 'admit', cause })
}
