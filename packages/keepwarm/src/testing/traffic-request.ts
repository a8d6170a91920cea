/** A request on its way through an interceptor, as it is recorded. */
import type { Dispatcher } from 'undici'
import { isReplayable, originOf } from '../pool/request-facts.ts'
import { maskedBody, maskedHeaders, maskedPath, type IsSecret, type PlainHeaders } from './secrets.ts'
import { recordedBody, type RecordedBody, type RecordedRequest } from './traffic-file.ts'

type Options = Dispatcher.DispatchOptions

export function recordedRequest(options: Options, isSecret: IsSecret): RecordedRequest {
  const headers = plainHeaders(options.headers)
  return {
    method: String(options.method),
    url: originOf(options) + maskedPath(pathOf(options), isSecret),
    headers: maskedHeaders(headers, isSecret),
    body: bodyOf(options.body, textOf(headers['content-type']), isSecret),
  }
}

/** With the query that undici's own functions give beside it. */
function pathOf({ path, query }: Options): string {
  if (query === undefined || query === null) return path
  const pairs = Object.entries(query as Record<string, unknown>).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  )
  return `${path}?${new URLSearchParams(pairs).toString()}`
}

function bodyOf(body: unknown, contentType: string, isSecret: IsSecret): RecordedBody {
  if (body === null || body === undefined) return null
  if (!isReplayable(body)) return { streamed: true }
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body as Uint8Array | ArrayBuffer)
  return recordedBody(bytes, (text) => maskedBody(text, contentType, isSecret))
}

/** Headers in any of the forms in which undici takes them; names in lower case. */
export function plainHeaders(headers: Options['headers']): PlainHeaders {
  const plain: PlainHeaders = {}
  for (const [name, value] of pairsOf(headers ?? {})) {
    if (value === undefined || value === null) continue
    const key = name.toLowerCase()
    const values = typeof value === 'object' ? [...value] : String(value)
    const before = plain[key]
    plain[key] = before === undefined ? values : [before, values].flat()
  }
  return plain
}

type Pair = readonly [name: string, value: string | number | readonly string[] | null | undefined]

function pairsOf(headers: NonNullable<Options['headers']>): Iterable<Pair> {
  if (Array.isArray(headers) && !Array.isArray(headers[0]))
    return headers.flatMap((name, index): Pair[] => (index % 2 === 0 ? [[name, headers[index + 1]]] : []))
  if (Symbol.iterator in headers) return headers as Iterable<Pair>
  return Object.entries(headers)
}

/** The first value of a header; an empty text where there is none. */
export function textOf(value: string | readonly string[] | undefined): string {
  return (typeof value === 'string' ? value : value?.[0]) ?? ''
}
