import { mayArriveTwice } from '../idempotent-methods.ts'
import type { DispatchOptions } from './lease.ts'

/** Whether the body can be sent again from its first byte. */
export function isReplayable(body: unknown): boolean {
  return body == null || typeof body === 'string' || body instanceof Uint8Array || body instanceof ArrayBuffer
}

/** Whether the request has a header of one of these names, in lower case. */
export function hasHeader(headers: DispatchOptions['headers'], ...wanted: readonly string[]): boolean {
  return headerNames(headers).some((name) => wanted.includes(name.toLowerCase()))
}

/** Whether the caller gave the request a key by which the server knows it again. */
export function hasIdempotencyKey(headers: DispatchOptions['headers']): boolean {
  return hasHeader(headers, 'idempotency-key', 'x-idempotency-key')
}

function headerNames(headers: DispatchOptions['headers']): readonly string[] {
  if (headers === null || headers === undefined) return []
  if (Array.isArray(headers)) {
    if (Array.isArray(headers[0])) return (headers as unknown as [string, string][]).map(([name]) => name)
    return headers.filter((_, index) => index % 2 === 0)
  }
  if (Symbol.iterator in headers) {
    return [...headers].map(([name]) => name)
  }
  return Object.keys(headers)
}

/** Scheme, host and port, without the user name and password that somebody may have put there. */
export function originOf({ origin }: DispatchOptions): string {
  if (typeof origin !== 'string') return origin?.origin ?? ''
  return origin.includes('@') && URL.canParse(origin) ? new URL(origin).origin : origin
}

/** The first of a header's values. */
export function asText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

/** Whether the server may get this request twice. */
export function maySendTwice({ method, idempotent, headers }: DispatchOptions): boolean {
  return mayArriveTwice(method, idempotent, hasIdempotencyKey(headers))
}
