/** Collected bodies whose Content-Encoding is to be undone. */
import type { Exchange } from '../exchange/exchange.ts'
import type { Collected } from './collect.ts'
import { undecodable, type DecodeLimits } from './decode/limits.ts'
import { packingOf, type Reading } from './decode/reading.ts'
import { decodeWhole } from './decode/whole.ts'

/** What the caller makes of a body. Bytes that nobody can decode are given as they came, text is not. */
export type Use = 'text' | 'bytes' | 'nothing'

export function limitsOf(exchange: Exchange, { maxRatio }: Reading): DecodeLimits {
  return { maxBytes: exchange.plan.maxResponseBytes, maxRatio }
}

/**
 * The response with its body decoded.
 * @throws KeepwarmError `decode`, `body_too_large`
 */
export async function unpack(
  response: Collected,
  use: Use,
  limits: DecodeLimits,
  reading: Reading,
  what: string,
): Promise<Collected> {
  const codings = packingOf(response.status, response.headers['content-encoding'], reading)
  if (use === 'nothing' || codings.length === 0) return response
  if (typeof codings === 'string') {
    if (use === 'bytes' || response.body.length === 0) return response
    throw unreadable(codings, what)
  }
  return { ...response, body: await decodeWhole(response.body, codings, limits, what) }
}

/** The same for the body of an error, which is one whether or not its body can be read. */
export async function unpackError(
  response: Collected,
  limits: DecodeLimits,
  reading: Reading,
  what: string,
): Promise<Collected> {
  try {
    return await unpack(response, 'text', limits, reading, what)
  } catch (error) {
    return { ...response, unread: (error as Error).message }
  }
}

export function unreadable(why: string, what: string): Error {
  return undecodable(what, `${why}; read it as it came with bytes() or stream()`)
}
