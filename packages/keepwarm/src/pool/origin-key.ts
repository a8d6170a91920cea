import { isIP } from 'node:net'
import { errors } from 'undici'
import { maskedUrl } from '../masked-url.ts'
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
  const servername = options.servername || hostHeader(options.headers)
  const named = servername === undefined ? key : `${key}${SERVERNAME}${servername}`
  return options.allowH2 === false ? `${named}${HTTP1_ONLY}` : named
}

/** Undefined for what is no http or https URL. */
export function httpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}

/** `scheme://host:port` without a default port, in lower case. */
export function canonicalOrigin(origin: string): string {
  const url = httpUrl(origin)
  if (url === undefined) {
    throw new errors.InvalidArgumentError(
      `"${maskedUrl(origin)}" is not an http or https origin such as http://host:8080`,
    )
  }
  return url.origin
}

/** Without the brackets of an IPv6 address. */
export function hostnameOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

/** The way back: where to dial for a key. */
export function dialTarget(key: string): DialTarget {
  const http1Only = key.endsWith(HTTP1_ONLY)
  const named = http1Only ? key.slice(0, -HTTP1_ONLY.length) : key
  const [origin, servername] = named.split(SERVERNAME)
  return { url: new URL(origin!), servername, http1Only }
}

/**
 * A Host header decides the name that undici asks TLS for; connections must not be shared across names. Headers
 * come as a flat list, an object, or something that iterates over pairs (Headers, Map).
 */
function hostHeader(headers: DispatchOptions['headers']): string | undefined {
  if (headers === null || typeof headers !== 'object') return undefined
  if (Array.isArray(headers)) {
    for (let i = 0; i < headers.length; i += 2) if (isHost(headers[i])) return tlsName(headers[i + 1])
  } else if (Symbol.iterator in headers) {
    if ('next' in headers) return undefined // can be read once, and that is for undici
    for (const [name, value] of headers as Iterable<[string, unknown]>) {
      if (isHost(name)) return tlsName(value)
    }
  } else {
    for (const name in headers) {
      if (isHost(name)) return tlsName((headers as Record<string, unknown>)[name])
    }
  }
  return undefined
}

function isHost(name: unknown): boolean {
  return typeof name === 'string' && name.length === 4 && name.toLowerCase() === 'host'
}

/** `name:port` without the port; an address is no name. */
function tlsName(host: unknown): string | undefined {
  if (typeof host !== 'string') return undefined
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.split(':', 1)[0]!
  return name === '' || isIP(name) !== 0 ? undefined : name
}
