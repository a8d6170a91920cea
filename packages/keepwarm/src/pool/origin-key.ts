import { errors } from 'undici'
import type { DispatchOptions } from './lease.ts'
import type { DialTarget } from './dial.ts'

const HTTP1_ONLY = '#h1'
const SERVERNAME = '#sni='

/**
 * What must agree for two requests to share a connection: scheme, host, port, the name that TLS asks for, and
 * whether the caller understands HTTP/2. Almost always just the origin as it came.
 */
export function originKey(options: DispatchOptions, canonical: (origin: string) => string): string {
  const { origin } = options
  if (origin === undefined || origin === null)
    throw new errors.InvalidArgumentError('the request names no origin')
  const key = canonical(typeof origin === 'string' ? origin : origin.origin)
  if (!key.startsWith('https:')) return key
  const servername = options.servername ?? hostHeader(options.headers)
  const named = servername === undefined ? key : `${key}${SERVERNAME}${servername}`
  return options.allowH2 === false ? `${named}${HTTP1_ONLY}` : named
}

/** `scheme://host:port` without a default port, in lower case. */
export function canonicalOrigin(origin: string): string {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new errors.InvalidArgumentError(
      `"${origin}" is not an http or https origin such as http://host:8080`,
    )
  }
  return url.origin
}

/** The way back: where to dial for a key. */
export function dialTarget(key: string): DialTarget {
  const http1Only = key.endsWith(HTTP1_ONLY)
  const named = http1Only ? key.slice(0, -HTTP1_ONLY.length) : key
  const [origin, servername] = named.split(SERVERNAME)
  return { url: new URL(origin!), servername, http1Only }
}

/** A Host header decides the name that undici asks TLS for; connections must not be shared across names. */
function hostHeader(headers: DispatchOptions['headers']): string | undefined {
  if (headers === null || headers === undefined || typeof headers !== 'object') return undefined
  if (Symbol.iterator in headers) {
    if (!Array.isArray(headers)) return undefined
    const flat = headers as string[]
    for (let i = 0; i < flat.length; i += 2) if (flat[i]?.toLowerCase() === 'host') return flat[i + 1]
    return undefined
  }
  const named = headers as Record<string, string | undefined>
  return named['host'] ?? named['Host']
}
