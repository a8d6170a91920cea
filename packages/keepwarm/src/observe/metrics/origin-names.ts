import type { Attributes } from './readings.ts'

/** So many origins are told apart: whoever calls thousands shall not make a time series of each. */
export const MOST_ORIGINS = 64

/** All that are not told apart. */
export const otherServer: Attributes = { 'server.address': '_other' }

/**
 * Who a server is, as attributes. An origin that was told apart once always is, so that what is counted for it never goes
 * back: keep one of these for as long as the metrics are shown.
 */
export class OriginNames {
  private readonly known = new Map<string, Attributes>()

  /** @param key an origin, as a pool keeps it. */
  attributes(key: string): Attributes {
    let found = this.known.get(key)
    if (found !== undefined) return found
    if (this.known.size >= MOST_ORIGINS) return otherServer
    this.known.set(key, (found = serverAttributes(key)))
    return found
  }
}

/** Where a pool tells connections to one origin apart, such as by their server name, the difference is behind a `#`. */
export function serverAttributes(key: string): Attributes {
  const [origin = ''] = key.split('#', 1)
  if (!URL.canParse(origin)) return { 'server.address': origin }
  const { hostname, port, protocol } = new URL(origin)
  return { 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) }
}
