import { codingsOf, MOST_CODINGS } from '../decode/codings.ts'
import type { Packed } from './body-source.ts'
import type { FetchRequest } from './fetch-request.ts'
import type { FetchHost } from './fetch-host.ts'

/**
 * How a body is packed; undefined where it is not. A coding that is not known leaves the body as it is, as the standard
 * says. As a text, why it is refused.
 */
export function packing(
  header: string | string[] | undefined,
  { method, url }: FetchRequest,
  { plan, reading }: FetchHost,
): Packed | string | undefined {
  if (header === undefined || !reading.decompress) return undefined
  const codings = codingsOf(header)
  if (typeof codings === 'string')
    return String(header).split(',').length > MOST_CODINGS ? codings : undefined
  if (codings.length === 0) return undefined
  const limits = { maxBytes: plan.maxResponseBytes, maxRatio: reading.maxRatio }
  return { codings, limits, what: `${method} ${url.pathname}` }
}
