/** What a file of recorded traffic holds, and how it is read: without effects. */
import { isUtf8 } from 'node:buffer'
import { isObject } from '../known-options.ts'
import type { PlainHeaders } from './secrets.ts'

/** A body: as text where it is UTF-8, otherwise in base64; null for none; `streamed` for one that was a stream. */
export type RecordedBody =
  { readonly text: string } | { readonly base64: string } | { readonly streamed: true } | null

export interface RecordedRequest {
  readonly method: string
  readonly url: string
  /** Names in lower case. */
  readonly headers: PlainHeaders
  readonly body: RecordedBody
}

export interface RecordedResponse {
  readonly status: number
  /** What HTTP/1.1 says beside the status; absent where it says nothing. */
  readonly statusText?: string
  readonly headers: PlainHeaders
  readonly body: RecordedBody
  /** Absent where there were none. */
  readonly trailers?: PlainHeaders
}

/** One request that reached a server, and what it was answered: for a client that retries, one attempt. */
export interface RecordedExchange {
  readonly request: RecordedRequest
  readonly response: RecordedResponse
}

/** An exchange that could not be recorded. */
export interface Unrecorded {
  /** Its method and its URL. */
  readonly request: string
  readonly why: string
}

export interface TrafficFile {
  readonly version: 1
  /** In the order in which the requests began. */
  readonly exchanges: readonly RecordedExchange[]
  readonly unrecorded: readonly Unrecorded[]
}

export function trafficText({ version, exchanges, unrecorded }: TrafficFile): string {
  return `${JSON.stringify({ version, exchanges, unrecorded }, null, 2)}\n`
}

/**
 * @param file its name, for messages
 * @throws Error when it is not JSON, of another version, or not of this form
 */
export function readTraffic(text: string, file: string): TrafficFile {
  const parsed = parsedJson(text, file)
  const version = isObject(parsed) ? parsed['version'] : undefined
  if (version !== 1)
    throw new Error(`${file} has the version ${JSON.stringify(version)}, and 1 can be read; record it again`)
  const { exchanges, unrecorded = [] } = parsed as Partial<TrafficFile>
  if (!Array.isArray(exchanges) || !Array.isArray(unrecorded))
    throw new Error(`${file} has no list of exchanges; record it again`)
  const wrong = exchanges.findIndex((exchange) => !isExchange(exchange))
  if (wrong === -1) return { version, exchanges, unrecorded }
  const expected =
    'a request with method, url, headers and body, and a response with status, headers and body'
  throw new Error(`exchanges[${wrong}] of ${file} is none: it must have ${expected}`)
}

function parsedJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${file} is not JSON; record it again`, { cause })
  }
}

function isExchange(value: unknown): boolean {
  if (!isObject(value)) return false
  const { request, response } = value
  if (!isObject(request) || !isObject(response)) return false
  const isAsked = typeof request['method'] === 'string' && typeof request['url'] === 'string'
  return isAsked && Number.isInteger(response['status']) && [request, response].every(hasHeadersAndBody)
}

function hasHeadersAndBody({ headers, body }: Readonly<Record<string, unknown>>): boolean {
  return isObject(headers) && (body === null || (isObject(body) && isBody(body)))
}

function isBody({ text, base64, streamed }: Readonly<Record<string, unknown>>): boolean {
  return typeof text === 'string' || typeof base64 === 'string' || streamed === true
}

/** @param masked hides what is secret in a text */
export function recordedBody(bytes: Uint8Array, masked: (text: string) => string): RecordedBody {
  if (bytes.length === 0) return null
  if (!isUtf8(bytes)) return { base64: Buffer.from(bytes).toString('base64') }
  return { text: masked(Buffer.from(bytes).toString()) }
}

export function bytesOfBody(body: RecordedBody): Buffer {
  if (body === null || 'streamed' in body) return Buffer.alloc(0)
  return 'text' in body ? Buffer.from(body.text) : Buffer.from(body.base64, 'base64')
}
