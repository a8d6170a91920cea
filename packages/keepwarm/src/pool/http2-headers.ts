/**
 * Headers that HTTP/2 has no place for. undici passes them on, and node:http2 then refuses to open the stream, which undici
 * takes for the end of the session: everybody's requests on it would be lost for one header.
 */
import type { DispatchOptions } from './dispatch-options.ts'

/** The first of them, in lower case; undefined where there is none. What can be read once, undici has read by then. */
export function refusedOverHttp2(headers: DispatchOptions['headers']): string | undefined {
  if (headers === null || typeof headers !== 'object') return undefined
  if (Array.isArray(headers)) {
    for (let at = 0; at < headers.length; at += 2)
      if (isRefused(headers[at], headers[at + 1])) return lower(headers[at])
  } else if (Symbol.iterator in headers) {
    if ('next' in headers) return undefined
    for (const [name, value] of headers as Iterable<[string, unknown]>)
      if (isRefused(name, value)) return lower(name)
  } else {
    for (const name in headers) if (isRefused(name, headers[name])) return lower(name)
  }
  return undefined
}

function isRefused(name: unknown, value: unknown): boolean {
  if (typeof name !== 'string') return false
  if (name.length === 2) return lower(name) === 'te' && value !== undefined && value !== 'trailers'
  if (name.length !== 14 && name.length !== 16) return false
  return value !== undefined && (lower(name) === 'http2-settings' || lower(name) === 'proxy-connection')
}

function lower(name: unknown): string {
  return String(name).toLowerCase()
}
