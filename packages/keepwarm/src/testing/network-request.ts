import type { DispatchOptions } from '../pool/lease.ts'
import type { SentRequest } from './network-server-end.ts'

/** What goes over the wire of a dispatched request. */
export function sentRequest(options: DispatchOptions, body: string): SentRequest {
  const { method, path, headers } = options
  return { method, path, headers: Object.fromEntries(pairsOf(headers)), body }
}

/** A body that can be sent again from its first byte, as text. A stream is none yet. */
export function textOf(body: unknown): string {
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  return body instanceof ArrayBuffer ? Buffer.from(new Uint8Array(body)).toString() : ''
}

function pairsOf(headers: DispatchOptions['headers']): [string, string][] {
  if (headers === null || headers === undefined) return []
  const pairs: Iterable<readonly [unknown, unknown]> = Array.isArray(headers)
    ? pairsOfList(headers)
    : Symbol.iterator in headers
      ? (headers as Iterable<[unknown, unknown]>)
      : Object.entries(headers)
  return Array.from(pairs, ([name, value]) => [String(name).toLowerCase(), String(value)])
}

/** A flat list of names and values, or a list of pairs. */
function* pairsOfList(list: readonly unknown[]): Generator<[unknown, unknown]> {
  if (Array.isArray(list[0])) return yield* list as [unknown, unknown][]
  for (let i = 0; i + 1 < list.length; i += 2) yield [list[i], list[i + 1]]
}
